#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <typenet/optimizers/detail/adam_step.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

struct Options {
    static constexpr std::string_view name = "Options";
    double learning_rate = 0.5;
    double beta1 = 0.5;
    double beta2 = 0.75;
    double epsilon = 2;
    double weight_decay = 0;
};

}  // namespace

TEST_SUITE("optimizers/detail/adam_step") {
    TEST_CASE_TEMPLATE("a step takes both kinds of decay", T, float, double) {
        std::array<T, 1> w{2};
        std::array<T, 2> state{1, 4};  // m, v
        const std::array<T, 1> d_w{1};
        const std::array<double, 2> numbers{0.5, 0.25};
        // g = 1 + 0.5 2 = 2, m = 1.5, v = 4, m / c1 = 3, sqrt(v / c2) = 4
        detail::adam_step(Options{}, 0.5, 0.25, std::span<T>(w), std::span<const T>(d_w),
                          OptimizerState<T>{state.data(), 1, 0, numbers}, 0.5);
        CHECK(state[0] == T(1.5));
        CHECK(state[1] == 4);
        CHECK(w[0] == T(0.75 * 2 - 0.5 * 3 / (4 + 2)));
    }

    TEST_CASE("the rules name the owner and the option") {
        CHECK_NOTHROW(detail::validate_adam(Options{}));
        CHECK_THROWS_WITH_AS(detail::validate_adam(Options{.beta1 = 1}),
                             "Options: beta1 is 1; it must be at least 0 and below 1", OptionError);
    }

    TEST_CASE("the text has all five options") {
        CHECK(detail::describe_adam(Options{}) ==
              "Options(learning_rate 0.5, beta1 0.5, beta2 0.75, epsilon 2, weight_decay 0)");
    }
}
