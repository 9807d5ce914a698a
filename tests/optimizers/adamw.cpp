#include <limits>
#include <support/optimizers.hpp>
#include <typenet/optimizers/adamw.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/adamw") {
    TEST_CASE("20 steps are PyTorch's") {
        support::check_golden(AdamW{}, golden::adamw::plain);
        support::check_golden(AdamW{.learning_rate = 0.02, .weight_decay = 0.5}, golden::adamw::weight_decay);
        support::check_golden(
            AdamW{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .weight_decay = 0},
            golden::adamw::betas);
    }

    TEST_CASE("two steps by hand") {
        // m / c1 is 2 and v / c2 is 4 in both; 1 - learning_rate weight_decay is 0.5.
        const auto w = support::steps_of_one(
            AdamW{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2, .weight_decay = 1}, 2);
        CHECK(w[0] == doctest::Approx(0.25).epsilon(1e-15));
        CHECK(w[1] == doctest::Approx(-0.125).epsilon(1e-15));
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(AdamW{.learning_rate = 0.1, .weight_decay = 0.3});
    }

    TEST_CASE("it keeps two numbers for each parameter and two for all") {
        CHECK(AdamW{}.state_vectors() == 2);
        CHECK(AdamW::state_numbers == 2);
    }

    TEST_CASE("options out of range are refused") {
        CHECK_NOTHROW(AdamW{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .epsilon = 1, .weight_decay = 0}.validate());
        for (const double bad :
             {-0.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
            CHECK_THROWS_AS(AdamW{.learning_rate = bad}.validate(), OptionError);
            CHECK_THROWS_AS(AdamW{.beta1 = bad}.validate(), OptionError);
            CHECK_THROWS_AS(AdamW{.beta2 = bad}.validate(), OptionError);
            CHECK_THROWS_AS(AdamW{.epsilon = bad}.validate(), OptionError);
            CHECK_THROWS_AS(AdamW{.weight_decay = bad}.validate(), OptionError);
        }
        CHECK_THROWS_AS(AdamW{.beta1 = 1}.validate(), OptionError);
        CHECK_THROWS_WITH(AdamW{.epsilon = 0}.validate(), "AdamW: epsilon is 0; it must be finite and above 0");
    }

    TEST_CASE("it describes all that its steps depend on") {
        CHECK(AdamW{.beta2 = 0.95}.describe() ==
              "AdamW(learning_rate 0.001, beta1 0.9, beta2 0.95, epsilon 1e-08, weight_decay 0.01)");
    }
}
