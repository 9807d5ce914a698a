#include <support/optimizers.hpp>
#include <typenet/optimizers/sgd.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/sgd") {
    TEST_CASE("20 steps, plain, with momentum, Nesterov and weight decay, agree with PyTorch") {
        support::check_golden(Sgd{.learning_rate = 0.1}, golden::sgd::plain);
        support::check_golden(Sgd{.learning_rate = 0.1, .weight_decay = 0.1}, golden::sgd::weight_decay);
        support::check_golden(Sgd{.learning_rate = 0.1, .momentum = 0.9}, golden::sgd::momentum);
        support::check_golden(Sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true},
                              golden::sgd::nesterov);
    }

    TEST_CASE("two steps by hand") {
        const auto w = support::steps_of_one(Sgd{.learning_rate = 0.25, .momentum = 0.5}, 2);
        CHECK(w[0] == 0.5);    // v = 2
        CHECK(w[1] == -0.25);  // v = 3
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(Sgd{.learning_rate = 0.1, .weight_decay = 0.01});
        support::check_slicing(Sgd{.learning_rate = 0.1, .momentum = 0.9});
        support::check_slicing(Sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true});
    }

    TEST_CASE("only momentum needs state") {
        CHECK(Sgd{}.state_vectors() == 0);
        CHECK(Sgd{.momentum = 0.9}.state_vectors() == 1);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<Sgd>({&Sgd::learning_rate, &Sgd::momentum, &Sgd::weight_decay});
        CHECK_NOTHROW(Sgd{.learning_rate = 0, .momentum = 0, .weight_decay = 0}.validate());
        CHECK_NOTHROW(Sgd{.learning_rate = 2, .weight_decay = 2}.validate());
        CHECK_THROWS_WITH(Sgd{.momentum = 1}.validate(),
                          "Sgd: momentum is 1; it must be at least 0 and below 1, as a float too");
        CHECK_THROWS_WITH(Sgd{.nesterov = true}.validate(), "Sgd: momentum is 0; nesterov needs it above 0");
        CHECK_NOTHROW(Sgd{.momentum = 0.9, .nesterov = true}.validate());
    }

    TEST_CASE("the description names all options") {
        CHECK(Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}.describe() ==
              "Sgd(learning_rate 0.1, momentum 0.9, weight_decay 0, nesterov 1)");
    }
}
