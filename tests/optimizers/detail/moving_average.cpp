#include <cmath>
#include <typenet/optimizers/detail/moving_average.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/detail/moving_average") {
    TEST_CASE_TEMPLATE("an update weighs the old average by beta and the new value by 1 - beta", T, float, double) {
        using V = simd::Pack<T>;
        const detail::MovingAverage<V> average(0.75);
        V a(T(4));
        average(a, V(T(8)));
        CHECK(simd::reduce_max(a) == 5);
        CHECK(simd::reduce_add(a) == 5 * static_cast<T>(simd::width<T>));
    }

    TEST_CASE("with one beta the total weight is 1 - beta^t") {
        double sum = 0;
        for (int t = 1; t <= 1000; ++t) {
            detail::add_to_sum(sum, 0.99);
            CHECK(sum == doctest::Approx(1 - std::pow(0.99, t)).epsilon(1e-13));
        }
    }

    TEST_CASE("with several betas the total weight is 1 minus their product") {
        double sum = 0;
        for (const double beta : {0.5, 0.25, 0.5}) detail::add_to_sum(sum, beta);
        CHECK(sum == 1 - 0.5 * 0.25 * 0.5);
        detail::add_to_sum(sum, 0);
        CHECK(sum == 1);
    }

    TEST_CASE("after one step an average divided by its total weight is the first value") {
        double a = 0;
        double sum = 0;
        const detail::MovingAverage<double> average(0.9);
        average(a, 3.0);
        detail::add_to_sum(sum, 0.9);
        CHECK(a / sum == doctest::Approx(3).epsilon(1e-15));
    }
}
