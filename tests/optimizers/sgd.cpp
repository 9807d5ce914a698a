#include <limits>
#include <support/optimizers.hpp>
#include <typenet/optimizers/sgd.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/sgd") {
    TEST_CASE("20 steps, plain, with momentum, Nesterov and weight decay, are PyTorch's") {
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
