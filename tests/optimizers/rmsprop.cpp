#include <cmath>
#include <support/optimizers.hpp>
#include <typenet/optimizers/rmsprop.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/rmsprop") {
    TEST_CASE("20 steps agree with PyTorch") {
        support::check_golden(RmsProp{}, golden::rmsprop::plain);
        support::check_golden(RmsProp{.learning_rate = 0.02, .decay = 0.9, .epsilon = 1e-4, .weight_decay = 0.1},
                              golden::rmsprop::weight_decay);
        support::check_golden(RmsProp{.learning_rate = 0.002, .momentum = 0.8}, golden::rmsprop::momentum);
        support::check_golden(RmsProp{.centered = true}, golden::rmsprop::centered);
        support::check_golden(
            RmsProp{.learning_rate = 0.002, .decay = 0.9, .weight_decay = 0.1, .momentum = 0.8, .centered = true},
            golden::rmsprop::centered_momentum);
    }

    TEST_CASE("two steps by hand") {
        // v is 1 in the first step and 1.75 in the second.
        const auto plain = support::steps_of_one(RmsProp{.learning_rate = 0.5, .decay = 0.75, .epsilon = 1}, 2);
        CHECK(plain[0] == 0.5);
        CHECK(plain[1] == doctest::Approx(0.5 - 0.5 * 2 / (std::sqrt(1.75) + 1)).epsilon(1e-15));
        // v - a^2 is 2 - 1 in the first step and 3 - 2.25 in the second; u is 1, then 2 / (sqrt(0.75) + 1).
        const auto both = support::steps_of_one(
            RmsProp{.learning_rate = 0.5, .decay = 0.5, .epsilon = 1, .momentum = 0.5, .centered = true}, 2);
        CHECK(both[0] == 0.5);
        CHECK(both[1] == doctest::Approx(0.5 - 0.5 * (0.5 + 2 / (std::sqrt(0.75) + 1))).epsilon(1e-15));
    }

    TEST_CASE("a variance that rounding makes negative counts as 0") {
        for (int k = 1; k < 200; ++k) {
            support::OptimizerRun<float, RmsProp> run(RmsProp{.decay = 0.5, .centered = true}, {0.0F});
            for (int step = 0; step < 100; ++step) run.step({static_cast<float>(k) / 7});
            CHECK(std::isfinite(run.w[0]));
        }
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        for (const double momentum : {0.0, 0.8}) {
            for (const bool centered : {false, true}) {
                support::check_slicing(
                    RmsProp{.decay = 0.9, .weight_decay = 0.01, .momentum = momentum, .centered = centered});
            }
        }
    }

    TEST_CASE("the size of the state depends on the options") {
        CHECK(RmsProp{}.state_vectors() == 1);
        CHECK(RmsProp{.momentum = 0.5}.state_vectors() == 2);
        CHECK(RmsProp{.centered = true}.state_vectors() == 2);
        CHECK(RmsProp{.momentum = 0.5, .centered = true}.state_vectors() == 3);
        CHECK(detail::state_numbers<RmsProp> == 0);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<RmsProp>(
            {&RmsProp::learning_rate, &RmsProp::decay, &RmsProp::epsilon, &RmsProp::weight_decay, &RmsProp::momentum});
        CHECK_NOTHROW(RmsProp{.learning_rate = 0, .decay = 0, .weight_decay = 0, .momentum = 0}.validate());
        CHECK_NOTHROW(RmsProp{.learning_rate = 2, .epsilon = 2, .weight_decay = 2}.validate());
        CHECK_THROWS_WITH(RmsProp{.decay = 1}.validate(),
                          "RmsProp: decay is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(RmsProp{.momentum = 1}.validate(),
                          "RmsProp: momentum is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(RmsProp{.epsilon = 0}.validate(),
                          "RmsProp: epsilon is 0; it must be above 0 and finite, as a float too");
    }

    TEST_CASE("the description names all options") {
        CHECK(RmsProp{.centered = true}.describe() ==
              "RmsProp(learning_rate 0.01, decay 0.99, epsilon 1e-08, weight_decay 0, momentum 0, centered 1)");
    }
}
