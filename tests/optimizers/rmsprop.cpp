#include <cmath>
#include <limits>
#include <support/optimizers.hpp>
#include <typenet/optimizers/rmsprop.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/rmsprop") {
    TEST_CASE("20 steps are PyTorch's") {
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
        // v is 1, then 1.75.
        const auto plain = support::steps_of_one(RmsProp{.learning_rate = 0.5, .decay = 0.75, .epsilon = 1}, 2);
        CHECK(plain[0] == 0.5);
        CHECK(plain[1] == doctest::Approx(0.5 - 0.5 * 2 / (std::sqrt(1.75) + 1)).epsilon(1e-15));
        // v - a^2 is 2 - 1, then 3 - 2.25; u is 1, then 2 / (sqrt(0.75) + 1).
        const auto both = support::steps_of_one(
            RmsProp{.learning_rate = 0.5, .decay = 0.5, .epsilon = 1, .momentum = 0.5, .centered = true}, 2);
        CHECK(both[0] == 0.5);
        CHECK(both[1] == doctest::Approx(0.5 - 0.5 * (0.5 + 2 / (std::sqrt(0.75) + 1))).epsilon(1e-15));
    }

    TEST_CASE("a variance that rounds to less than 0 counts as 0") {
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

    TEST_CASE("it keeps what its options need") {
        CHECK(RmsProp{}.state_vectors() == 1);
        CHECK(RmsProp{.momentum = 0.5}.state_vectors() == 2);
        CHECK(RmsProp{.centered = true}.state_vectors() == 2);
        CHECK(RmsProp{.momentum = 0.5, .centered = true}.state_vectors() == 3);
        CHECK(detail::state_numbers<RmsProp> == 0);
    }

    TEST_CASE("options out of range are refused") {
        CHECK_NOTHROW(
            RmsProp{.learning_rate = 0, .decay = 0, .epsilon = 1, .weight_decay = 1, .momentum = 0.99}.validate());
        for (const double bad :
             {-0.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
            CHECK_THROWS_AS(RmsProp{.learning_rate = bad}.validate(), OptionError);
            CHECK_THROWS_AS(RmsProp{.decay = bad}.validate(), OptionError);
            CHECK_THROWS_AS(RmsProp{.epsilon = bad}.validate(), OptionError);
            CHECK_THROWS_AS(RmsProp{.weight_decay = bad}.validate(), OptionError);
            CHECK_THROWS_AS(RmsProp{.momentum = bad}.validate(), OptionError);
        }
        CHECK_THROWS_AS(RmsProp{.epsilon = 0}.validate(), OptionError);
        CHECK_THROWS_AS(RmsProp{.momentum = 1}.validate(), OptionError);
        CHECK_THROWS_WITH(RmsProp{.decay = 1}.validate(), "RmsProp: decay is 1; it must be at least 0 and below 1");
    }

    TEST_CASE("it describes all that its steps depend on") {
        CHECK(RmsProp{.centered = true}.describe() ==
              "RmsProp(learning_rate 0.01, decay 0.99, epsilon 1e-08, weight_decay 0, momentum 0, centered 1)");
    }
}
