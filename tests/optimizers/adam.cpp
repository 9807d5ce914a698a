#include <array>
#include <span>
#include <support/optimizers.hpp>
#include <typenet/optimizers/adam.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/adam") {
    TEST_CASE("20 steps agree with PyTorch") {
        support::check_golden(Adam{}, golden::adam::plain);
        support::check_golden(Adam{.learning_rate = 0.02, .weight_decay = 0.1}, golden::adam::weight_decay);
        support::check_golden(Adam{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4},
                              golden::adam::betas);
    }

    TEST_CASE("two steps by hand") {
        // In both steps m / c1 is 2 and v / c2 is 4.
        const auto w = support::steps_of_one(Adam{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2}, 2);
        CHECK(w[0] == doctest::Approx(0.75).epsilon(1e-15));
        CHECK(w[1] == doctest::Approx(0.5).epsilon(1e-15));
    }

    TEST_CASE_TEMPLATE("adam_step applies coupled and decoupled decay", T, float, double) {
        std::array<T, 1> w{2};
        std::array<T, 2> state{1, 4};  // m, v
        const std::array<T, 1> d_w{1};
        const std::array<double, 2> numbers{0.5, 0.25};
        // g = 1 + 0.5 2 = 2, m = 1.5, v = 4, m / c1 = 3, sqrt(v / c2) = 4
        detail::adam_step(Adam{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2}, 0.5, 0.25,
                          std::span<T>(w), std::span<const T>(d_w), OptimizerState<T>{state.data(), 1, 0, numbers},
                          0.5);
        CHECK(state[0] == T(1.5));
        CHECK(state[1] == 4);
        CHECK(w[0] == T(0.75 * 2 - 0.5 * 3 / (4 + 2)));
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(Adam{.learning_rate = 0.1, .weight_decay = 0.01});
    }

    TEST_CASE("the state is two numbers for each parameter and two for the network") {
        CHECK(Adam{}.state_vectors() == 2);
        CHECK(Adam::state_numbers == 2);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<Adam>(
            {&Adam::learning_rate, &Adam::beta1, &Adam::beta2, &Adam::epsilon, &Adam::weight_decay});
        CHECK_NOTHROW(Adam{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .weight_decay = 0}.validate());
        CHECK_NOTHROW(Adam{.learning_rate = 2, .epsilon = 2, .weight_decay = 2}.validate());
        CHECK_THROWS_WITH(Adam{.beta1 = 1}.validate(),
                          "Adam: beta1 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(Adam{.beta2 = 1}.validate(),
                          "Adam: beta2 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(Adam{.epsilon = 0}.validate(),
                          "Adam: epsilon is 0; it must be above 0 and finite, as a float too");
    }

    TEST_CASE("the description names all options") {
        CHECK(Adam{.weight_decay = 0.5}.describe() ==
              "Adam(learning_rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-08, weight_decay 0.5)");
    }
}
