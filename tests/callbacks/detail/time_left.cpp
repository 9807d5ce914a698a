#include <cmath>
#include <cstddef>
#include <support/larger_or_nan.hpp>
#include <typenet/callbacks/detail/time_left.hpp>
#include <vector>

#include <doctest/doctest.h>

using typenet::detail::TimeLeft;

namespace {

/// What an epoch's steps took, and what else it took.
struct Epoch {
    double training;
    double rest;
};

/// Replays a training. Returns by which fraction of the truth the estimate is wrong at worst, at 100 steps of each
/// epoch from the third to the one before the last.
double worst_error(const std::vector<Epoch>& epochs) {
    double end = 100;
    for (const Epoch& epoch : epochs) end += epoch.training + epoch.rest;
    double now = 100;
    double worst = 0;
    TimeLeft left(now);
    for (std::size_t i = 0; i < epochs.size(); ++i) {
        const auto [training, rest] = epochs[i];
        for (int step = 1; step <= 100 && i >= 2 && i + 1 < epochs.size(); ++step) {
            const double done = step / 100.0;
            const double truth = end - now - training * done;
            const double estimate =
                left.seconds_left(training * done, done, static_cast<double>(epochs.size() - i - 1));
            worst = support::larger_or_nan(worst, std::abs(estimate - truth) / truth);
        }
        now += training + rest;
        left.epoch_ends(now, training);
    }
    return worst;
}

}  // namespace

TEST_SUITE("callbacks/detail/time_left") {
    TEST_CASE("in the first epoch it goes by the steps so far") {
        CHECK(TimeLeft(5).seconds_left(3, 0.25, 2) == doctest::Approx(12 * 2.75));
    }

    // Milliseconds, as they were measured on two cores that other programs used as well: 784-128-64-10 on MNIST.
    TEST_CASE("after the second epoch it is right within a fifth in trainings that were measured") {
        // All digits in batches of 64, on one thread, with 10,000 validation rows.
        CHECK(worst_error({{742, 49}, {768, 35}, {782, 48}, {791, 27}, {757, 29}, {801, 30}}) < 0.2);
        // 20,000 digits in batches of 32, on two threads, with 10,000 validation rows and a checkpoint each epoch.
        CHECK(worst_error({{292, 38}, {304, 64}, {297, 68}, {277, 63}, {307, 83}, {355, 90}, {365, 71}, {354, 65},
                           {303, 68}, {362, 61}, {358, 69}, {352, 91}, {279, 67}, {265, 73}, {337, 70}, {321, 71},
                           {324, 75}, {228, 68}, {367, 76}, {314, 74}, {255, 67}, {350, 72}, {291, 69}, {303, 66},
                           {282, 70}, {282, 66}, {306, 70}, {308, 68}, {299, 83}, {318, 76}}) < 0.2);
        // 30,000 digits that are turned, stretched and bent, with validation, on two threads.
        CHECK(worst_error({{1055, 63},
                           {920, 46},
                           {888, 37},
                           {873, 47},
                           {1025, 56},
                           {1050, 51},
                           {1051, 61},
                           {943, 50},
                           {931, 40},
                           {940, 36}}) < 0.2);
        // 10,000 of them, without validation.
        CHECK(worst_error({{232, 0}, {245, 0}, {318, 0}, {282, 0}, {263, 0}, {255, 0}}) < 0.2);
    }

    TEST_CASE("a slow first epoch has no influence after the second") {
        std::vector<Epoch> epochs(10, {10, 6});
        epochs[0] = {25, 20};
        CHECK(worst_error(epochs) < 1e-12);
    }

    TEST_CASE("one slow epoch sways it little") {
        TimeLeft left(0);
        double now = 0;
        for (int i = 0; i < 20; ++i) left.epoch_ends(now += 10, 10);
        left.epoch_ends(now += 30, 30);
        CHECK(left.seconds_left(1, 0.1, 0) == doctest::Approx((10 + 20.0 / 8) * 0.9));
    }

    TEST_CASE("it follows epochs that have become slower for good") {
        TimeLeft left(0);
        double now = 0;
        for (int i = 0; i < 10; ++i) left.epoch_ends(now += 10, 10);
        for (int i = 0; i < 16; ++i) left.epoch_ends(now += 20, 20);
        CHECK(left.seconds_left(2, 0.1, 9) == doctest::Approx(20 * 9.9).epsilon(0.1));
    }

    TEST_CASE("an epoch that was resumed counts with what it took before") {
        TimeLeft left(0);
        left.epoch_ends(2, 8);
        CHECK(left.seconds_left(0.1, 0.5, 1) == doctest::Approx(8 * 1.5));
    }
}
