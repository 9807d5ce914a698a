#include <doctest/doctest.h>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <typenet/core/finite.hpp>

using namespace typenet::detail;

TEST_SUITE("core/finite") {
    TEST_CASE_TEMPLATE("numbers are finite, infinite or NaN, whatever their sign", T, float, double) {
        using Limits = std::numeric_limits<T>;
        for (const T sign : {T(1), T(-1)}) {
            for (const T x : {T(0), T(1), Limits::min(), Limits::denorm_min(), Limits::max()}) {
                CHECK(is_finite(sign * x));
                CHECK_FALSE(is_nan(sign * x));
            }
            CHECK_FALSE(is_finite(sign * Limits::infinity()));
            CHECK_FALSE(is_nan(sign * Limits::infinity()));
            for (const T x : {Limits::quiet_NaN(), Limits::signaling_NaN()}) {
                CHECK_FALSE(is_finite(std::copysign(x, sign)));
                CHECK(is_nan(std::copysign(x, sign)));
            }
        }
    }

    TEST_CASE_TEMPLATE("infinity and NaN are those of the standard library", T, float, double) {
        CHECK(infinity<T> == std::numeric_limits<T>::infinity());
        CHECK(std::isnan(typenet::detail::nan<T>));
        CHECK_FALSE(loses_nan);
    }
}
