#include <support/optimizers.hpp>
#include <typenet/optimizers/adagrad.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/adagrad") {
    TEST_CASE("20 steps agree with PyTorch") {
        support::check_golden(Adagrad{}, golden::adagrad::plain);
        support::check_golden(Adagrad{.learning_rate = 0.05, .epsilon = 1e-4, .weight_decay = 0.1},
                              golden::adagrad::weight_decay);
        support::check_golden(Adagrad{.learning_rate = 0.05, .learning_rate_decay = 0.1},
                              golden::adagrad::learning_rate_decay);
        support::check_golden(Adagrad{.learning_rate = 0.05, .initial_sum = 0.1}, golden::adagrad::initial_sum);
    }

    TEST_CASE("two steps by hand") {
        // initial_sum + v is 9, then 13.
        const auto w = support::steps_of_one(
            Adagrad{.learning_rate = 0.5, .learning_rate_decay = 1, .epsilon = 1, .initial_sum = 5}, 2);
        CHECK(w[0] == doctest::Approx(0.75).epsilon(1e-15));
        CHECK(w[1] == doctest::Approx(0.75 - 0.25 * 2 / (std::sqrt(13.0) + 1)).epsilon(1e-15));
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(Adagrad{.learning_rate = 0.1, .weight_decay = 0.01, .initial_sum = 0.3});
    }

    TEST_CASE("the state is one number for each parameter and one for the network") {
        CHECK(Adagrad{}.state_vectors() == 1);
        CHECK(Adagrad::state_numbers == 1);
    }

    TEST_CASE("options out of range are refused") {
        support::check_ranges<Adagrad>({&Adagrad::learning_rate, &Adagrad::learning_rate_decay, &Adagrad::epsilon,
                                        &Adagrad::weight_decay, &Adagrad::initial_sum});
        CHECK_NOTHROW(
            Adagrad{.learning_rate = 0, .learning_rate_decay = 0, .weight_decay = 0, .initial_sum = 0}.validate());
        CHECK_NOTHROW(
            Adagrad{.learning_rate = 2, .learning_rate_decay = 2, .epsilon = 2, .weight_decay = 2, .initial_sum = 2}
                .validate());
        CHECK_THROWS_WITH(Adagrad{.epsilon = 0}.validate(),
                          "Adagrad: epsilon is 0; it must be above 0 and finite, as a float too");
    }

    TEST_CASE("the description names all options") {
        CHECK(Adagrad{.initial_sum = 0.1}.describe() ==
              "Adagrad(learning_rate 0.01, learning_rate_decay 0, epsilon 1e-10, weight_decay 0, initial_sum 0.1)");
    }
}
