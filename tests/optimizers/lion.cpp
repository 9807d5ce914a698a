#include <support/optimizers.hpp>
#include <typenet/optimizers/lion.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/lion") {
    TEST_CASE("20 steps agree with an independent computation of the rule") {
        support::check_golden(Lion{}, golden::lion::plain);
        support::check_golden(Lion{.learning_rate = 0.02, .weight_decay = 0.5}, golden::lion::weight_decay);
        support::check_golden(Lion{.learning_rate = 0.02, .beta1 = 0.7, .beta2 = 0.8}, golden::lion::betas);
    }

    TEST_CASE("two steps by hand") {
        const auto w = support::steps_of_one(Lion{.learning_rate = 0.25, .weight_decay = 1}, 2);
        CHECK(w[0] == 0.5);    // 1 - (1 + 1) / 4
        CHECK(w[1] == 0.125);  // 0.5 - (1 + 0.5) / 4
    }

    TEST_CASE("the average by beta1 gives the direction, the average by beta2 is stored") {
        support::OptimizerRun<float, Lion> run(Lion{.learning_rate = 1, .beta1 = 0.75, .beta2 = 0.5}, {0.0F});
        run.step({-2});
        CHECK(run.w[0] == 1);
        CHECK(run.state[0] == -1);
        run.step({2.5});  // 0.75 (-1) + 0.25 2.5 is below 0
        CHECK(run.w[0] == 2);
        CHECK(run.state[0] == 0.75);
    }

    TEST_CASE("a parameter whose gradients were all 0 keeps its value") {
        support::OptimizerRun<float, Lion> run(Lion{}, {0.5F});
        run.step({0});
        CHECK(run.w[0] == 0.5F);
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(Lion{.learning_rate = 0.1, .weight_decay = 0.3});
    }

    TEST_CASE("the state is one number for each parameter and none for the network") {
        CHECK(Lion{}.state_vectors() == 1);
        CHECK(detail::state_numbers<Lion> == 0);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<Lion>({&Lion::learning_rate, &Lion::beta1, &Lion::beta2, &Lion::weight_decay});
        CHECK_NOTHROW(Lion{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .weight_decay = 0}.validate());
        CHECK_NOTHROW(Lion{.learning_rate = 2, .weight_decay = 2}.validate());
        CHECK_THROWS_WITH(Lion{.beta1 = 1}.validate(),
                          "Lion: beta1 is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(Lion{.beta2 = 1}.validate(),
                          "Lion: beta2 is 1; it must be at least 0 and below 1, as a float too");
    }

    TEST_CASE("the description names all options") {
        CHECK(Lion{}.describe() == "Lion(learning_rate 1e-04, beta1 0.9, beta2 0.99, weight_decay 0)");
    }
}
