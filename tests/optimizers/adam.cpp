#include <limits>
#include <support/optimizers.hpp>
#include <typenet/optimizers/adam.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/adam") {
    TEST_CASE("20 steps are PyTorch's") {
        support::check_golden(Adam{}, golden::adam::plain);
        support::check_golden(Adam{.learning_rate = 0.02, .weight_decay = 0.1}, golden::adam::weight_decay);
        support::check_golden(Adam{.learning_rate = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4},
                              golden::adam::betas);
    }

    TEST_CASE("two steps by hand") {
        // m / c1 is 2 and v / c2 is 4 in both.
        const auto w = support::steps_of_one(Adam{.learning_rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2}, 2);
        CHECK(w[0] == doctest::Approx(0.75).epsilon(1e-15));
        CHECK(w[1] == doctest::Approx(0.5).epsilon(1e-15));
    }

    TEST_CASE("any slicing of the parameters gives the same bits") {
        support::check_slicing(Adam{.learning_rate = 0.1, .weight_decay = 0.01});
    }

    TEST_CASE("it keeps two numbers for each parameter and two for all") {
        CHECK(Adam{}.state_vectors() == 2);
        CHECK(Adam::state_numbers == 2);
    }

    TEST_CASE("options out of range are refused") {
        CHECK_NOTHROW(Adam{.learning_rate = 0, .beta1 = 0, .beta2 = 0, .epsilon = 1, .weight_decay = 1}.validate());
        for (const double bad :
             {-0.1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
            CHECK_THROWS_AS(Adam{.learning_rate = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Adam{.beta1 = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Adam{.beta2 = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Adam{.epsilon = bad}.validate(), OptionError);
            CHECK_THROWS_AS(Adam{.weight_decay = bad}.validate(), OptionError);
        }
        CHECK_THROWS_AS(Adam{.epsilon = 0}.validate(), OptionError);
        CHECK_THROWS_WITH(Adam{.beta2 = 1}.validate(), "Adam: beta2 is 1; it must be at least 0 and below 1");
    }

    TEST_CASE("it describes all that its steps depend on") {
        CHECK(Adam{.weight_decay = 0.5}.describe() ==
              "Adam(learning_rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-08, weight_decay 0.5)");
    }
}
