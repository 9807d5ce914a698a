#include <limits>
#include <support/optimizers.hpp>
#include <typenet/optimizers/nadam.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/nadam") {
    TEST_CASE("20 steps are PyTorch's") {
        support::check_golden(Nadam{}, golden::nadam::plain);
        support::check_golden(Nadam{.learning_rate = 0.02, .weight_decay = 0.1}, golden::nadam::weight_decay);
        support::check_golden(
            Nadam{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .momentum_decay = 0.1},
            golden::nadam::betas);
    }

    TEST_CASE("two steps by hand") {
        // Without momentum_decay mu is beta1 / 2 = 0.25 in all steps; v / c2 is 4 in both, so that the root and epsilon
        // come to 4.
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

    TEST_CASE("it keeps two numbers for each parameter and three for all") {
        CHECK(Nadam{}.state_vectors() == 2);
        CHECK(Nadam::state_numbers == 3);
    }

    TEST_CASE("options out of range are refused") {
        CHECK_NOTHROW(
            Nadam{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .epsilon = 1, .weight_decay = 1, .momentum_decay = 0}
                .validate());
        for (const double bad :
             {-0.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
            CHECK_THROWS_AS(Nadam{.learning_rate = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Nadam{.beta1 = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Nadam{.beta2 = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Nadam{.epsilon = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Nadam{.weight_decay = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Nadam{.momentum_decay = bad}.validate(), OptionError);
        }
        CHECK_THROWS_AS(Nadam{.epsilon = 0}.validate(), OptionError);
        CHECK_THROWS_WITH(Nadam{.momentum_decay = -1}.validate(),
                          "Nadam: momentum_decay is -1; it must be finite and at least 0");
    }

    TEST_CASE("it describes all that its steps depend on") {
        CHECK(
            Nadam{}.describe() ==
            "Nadam(learning_rate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-08, weight_decay 0, momentum_decay 0.004)");
    }
}
