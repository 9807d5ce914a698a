#include <array>
#include <cmath>
#include <limits>
#include <typenet/optimizers/sgd.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// The formulas, number by number, in double.
struct Reference {
    Sgd sgd;
    double w;
    double v = 0;

    void step(double d_w) {
        const double g = d_w + sgd.weight_decay * w;
        v = sgd.momentum * v + g;
        w -= sgd.learning_rate * (sgd.nesterov ? g + sgd.momentum * v : v);
    }
};

void check_against_formula(const Sgd& sgd) {
    constexpr std::size_t count = 37;
    std::vector<double> w(count);
    std::vector<double> state(count * sgd.state_vectors(), 0.0);
    std::vector<Reference> references;
    for (std::size_t i = 0; i < count; ++i) {
        w[i] = 0.1 * static_cast<double>(i) - 1;
        references.push_back({sgd, w[i]});
    }
    for (int step = 0; step < 20; ++step) {
        std::vector<double> d_w(count);
        for (std::size_t i = 0; i < count; ++i) d_w[i] = std::sin(static_cast<double>(i) + step);
        sgd.update(std::span<double>(w), std::span<const double>(d_w), OptimizerState<double>{state.data(), count});
        for (std::size_t i = 0; i < count; ++i) {
            references[i].step(d_w[i]);
            CHECK(std::abs(w[i] - references[i].w) < 1e-13);
        }
    }
}

}  // namespace

TEST_SUITE("optimizers/sgd") {
    TEST_CASE("plain, momentum, Nesterov and weight decay follow their formulas over 20 steps") {
        check_against_formula({.learning_rate = 0.1});
        check_against_formula({.learning_rate = 0.1, .weight_decay = 0.01});
        check_against_formula({.learning_rate = 0.1, .momentum = 0.9});
        check_against_formula({.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01});
        check_against_formula({.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true});
    }

    TEST_CASE("two steps by hand") {
        std::array<float, 1> w{1};
        std::array<float, 1> v{0};
        const std::array<float, 1> d_w{2};
        const Sgd sgd{.learning_rate = 0.25, .momentum = 0.5};
        sgd.update(std::span<float>(w), std::span<const float>(d_w), OptimizerState<float>{v.data(), 1});
        CHECK(w[0] == 0.5F);  // v = 2
        sgd.update(std::span<float>(w), std::span<const float>(d_w), OptimizerState<float>{v.data(), 1});
        CHECK(w[0] == -0.25F);  // v = 3
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        constexpr std::size_t count = 41;
        const Sgd sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true};
        const auto run = [&](std::size_t middle) {
            std::vector<float> w(count, 0.7F);
            std::vector<float> v(count, 0.3F);
            std::vector<float> d_w(count);
            for (std::size_t i = 0; i < count; ++i) d_w[i] = std::sin(static_cast<float>(i));
            const auto part = [&](std::size_t first, std::size_t size) {
                sgd.update(std::span(w).subspan(first, size), std::span<const float>(d_w).subspan(first, size),
                           OptimizerState<float>{v.data() + first, count});
            };
            part(0, middle);
            part(middle, count - middle);
            w.insert(w.end(), v.begin(), v.end());
            return w;
        };
        const auto whole = run(0);
        for (std::size_t middle = 1; middle < count; ++middle) CHECK(run(middle) == whole);
    }

    TEST_CASE("state is kept only for momentum") {
        CHECK(Sgd{}.state_vectors() == 0);
        CHECK(Sgd{.momentum = 0.9}.state_vectors() == 1);
    }

    TEST_CASE("options out of range are refused") {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const double infinity = std::numeric_limits<double>::infinity();
        CHECK_NOTHROW(Sgd{.learning_rate = 0, .momentum = 0.99, .weight_decay = 1, .nesterov = true}.validate());
        for (const double bad : {-0.1, nan, infinity}) {
            CHECK_THROWS_AS(Sgd{.learning_rate = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Sgd{.momentum = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Sgd{.weight_decay = bad}.validate(), OptionError);
        }
        CHECK_THROWS_AS(Sgd{.momentum = 1}.validate(), OptionError);
        CHECK_THROWS_AS(Sgd{.nesterov = true}.validate(), OptionError);
        CHECK_THROWS_WITH(Sgd{.learning_rate = nan}.validate(),
                          "Sgd: learning_rate is nan; it must be finite and at least 0");
    }

    TEST_CASE("it describes all that its steps depend on") {
        CHECK(Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}.describe() ==
              "Sgd(learning_rate 0.1, momentum 0.9, weight_decay 0, nesterov 1)");
    }
}
