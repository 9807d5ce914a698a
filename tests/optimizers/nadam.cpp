#include <support/optimizers.hpp>
#include <typenet/optimizers/nadam.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/nadam") {
    TEST_CASE("20 steps agree with PyTorch") {
        support::check_golden(Nadam{}, golden::nadam::plain);
        support::check_golden(Nadam{.learning_rate = 0.02, .weight_decay = 0.1}, golden::nadam::weight_decay);
        support::check_golden(
            Nadam{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .momentum_decay = 0.1},
            golden::nadam::betas);
    }

    TEST_CASE("two steps by hand") {
        // Without momentum_decay, mu is beta1 / 2 = 0.25 in every step. In both steps v / c2 is 4, so the denominator
        // sqrt(v / c2) + epsilon is 4.
        const auto w = support::steps_of_one(
            Nadam{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2, .momentum_decay = 0}, 2);
        // p1 = 3/4, p2 = 15/16, m = 1: 3/4 2 / (3/4) + 1/4 / (15/16) = 34/15
        CHECK(w[0] == doctest::Approx(1 - 0.5 * 34 / 15 / 4).epsilon(1e-15));
        // p2 = 15/16, p3 = 63/64, m = 3/2: 3/4 2 / (15/16) + 1/4 3/2 / (63/64) = 8/5 + 8/21
        CHECK(w[0] - w[1] == doctest::Approx(0.5 * (8.0 / 5 + 8.0 / 21) / 4).epsilon(1e-14));
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(Nadam{.learning_rate = 0.1, .weight_decay = 0.01});
    }

    TEST_CASE("the state is two numbers for each parameter and three for the network") {
        CHECK(Nadam{}.state_vectors() == 2);
        CHECK(Nadam::state_numbers == 3);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<Nadam>({&Nadam::learning_rate, &Nadam::beta1, &Nadam::beta2, &Nadam::epsilon,
                                      &Nadam::weight_decay, &Nadam::momentum_decay});
        CHECK_NOTHROW(
            Nadam{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .weight_decay = 0, .momentum_decay = 0}.validate());
        CHECK_NOTHROW(Nadam{.learning_rate = 2, .epsilon = 2, .weight_decay = 2, .momentum_decay = 2}.validate());
        CHECK_THROWS_WITH(Nadam{.beta1 = 1}.validate(),
                          "Nadam: beta1 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(Nadam{.beta2 = 1}.validate(),
                          "Nadam: beta2 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(Nadam{.epsilon = 0}.validate(),
                          "Nadam: epsilon is 0; it must be above 0 and finite, as a float too");
    }

    TEST_CASE("the description names all options") {
        CHECK(
            Nadam{}.describe() ==
            "Nadam(learning_rate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-08, weight_decay 0, momentum_decay 0.004)");
    }
}
