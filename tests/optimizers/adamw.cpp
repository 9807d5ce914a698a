#include <support/optimizers.hpp>
#include <typenet/optimizers/adamw.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/adamw") {
    TEST_CASE("20 steps agree with PyTorch") {
        support::check_golden(AdamW{}, golden::adamw::plain);
        support::check_golden(AdamW{.learning_rate = 0.02, .weight_decay = 0.5}, golden::adamw::weight_decay);
        support::check_golden(
            AdamW{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .weight_decay = 0},
            golden::adamw::betas);
    }

    TEST_CASE("two steps by hand") {
        // In both steps m / c1 is 2 and v / c2 is 4; 1 - learning_rate weight_decay is 0.5.
        const auto w = support::steps_of_one(
            AdamW{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2, .weight_decay = 1}, 2);
        CHECK(w[0] == doctest::Approx(0.25).epsilon(1e-15));
        CHECK(w[1] == doctest::Approx(-0.125).epsilon(1e-15));
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(AdamW{.learning_rate = 0.1, .weight_decay = 0.3});
    }

    TEST_CASE("the state is two numbers for each parameter and two for the network") {
        CHECK(AdamW{}.state_vectors() == 2);
        CHECK(AdamW::state_numbers == 2);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<AdamW>(
            {&AdamW::learning_rate, &AdamW::beta1, &AdamW::beta2, &AdamW::epsilon, &AdamW::weight_decay});
        CHECK_NOTHROW(AdamW{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .weight_decay = 0}.validate());
        CHECK_NOTHROW(AdamW{.learning_rate = 2, .epsilon = 2, .weight_decay = 2}.validate());
        CHECK_THROWS_WITH(AdamW{.beta1 = 1}.validate(),
                          "AdamW: beta1 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(AdamW{.beta2 = 1}.validate(),
                          "AdamW: beta2 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(AdamW{.epsilon = 0}.validate(),
                          "AdamW: epsilon is 0; it must be above 0 and finite, as a float too");
    }

    TEST_CASE("the description names all options") {
        CHECK(AdamW{.beta2 = 0.95}.describe() ==
              "AdamW(learning_rate 0.001, beta1 0.9, beta2 0.95, epsilon 1e-08, weight_decay 0.01)");
    }
}
