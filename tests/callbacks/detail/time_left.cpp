#include <cmath>
#include <typenet/callbacks/detail/time_left.hpp>

#include <doctest/doctest.h>

using typenet::detail::TimeLeft;

TEST_SUITE("callbacks/detail/time_left") {
    TEST_CASE("in the first epoch it goes by the steps so far") {
        CHECK(TimeLeft(5).seconds_left(3, 0.25, 2) == doctest::Approx(12 * 2.75));
    }

    TEST_CASE("after the second epoch it is right within a fifth, validation and callbacks included") {
        // The first epoch is slow; the others take 10 seconds of training and 6 of other things, and vary by a tenth.
        constexpr int epochs = 10;
        const auto training = [](int epoch) { return (epoch == 1 ? 25.0 : 10.0) * (epoch % 2 == 0 ? 1 : 1.1); };
        const auto rest = [](int epoch) { return epoch % 3 == 0 ? 6.0 : 5.5; };
        double end = 100;
        for (int epoch = 1; epoch <= epochs; ++epoch) end += training(epoch) + rest(epoch);
        double now = 100;
        TimeLeft left(now);
        for (int epoch = 1; epoch <= epochs; ++epoch) {
            for (int step = 1; step <= 100 && epoch > 2 && epoch < epochs; ++step) {
                const double done = step / 100.0;
                const double estimate = left.seconds_left(training(epoch) * done, done, epochs - epoch);
                const double truth = end - now - training(epoch) * done;
                CAPTURE(epoch);
                CAPTURE(step);
                CHECK(std::abs(estimate - truth) < 0.2 * truth);
            }
            now += training(epoch) + rest(epoch);
            left.epoch_ends(now, training(epoch));
        }
    }

    TEST_CASE("an epoch that was resumed counts with what it took before") {
        TimeLeft left(0);
        left.epoch_ends(2, 8);
        CHECK(left.seconds_left(0.1, 0.5, 1) == doctest::Approx(8 * 1.5));
    }
}
