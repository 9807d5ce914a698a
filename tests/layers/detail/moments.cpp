#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <typenet/layers/detail/moments.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

/// Returns the means and deviations of two columns, given row by row.
std::array<double, 4> moments_of(const std::vector<float>& numbers) {
    const detail::Moments<2> moments("set", "column", numbers.size() / 2, [&](std::size_t row, float* x) {
        x[0] = numbers[2 * row];
        x[1] = numbers[2 * row + 1];
    });
    std::array<double, 4> parameters{};
    moments.write(parameters.data());
    return parameters;
}

}  // namespace

TEST_SUITE("layers/detail/moments") {
    TEST_CASE("each column has its mean and the square root of its mean squared difference from it") {
        const auto [mean, other_mean, deviation, other_deviation] = moments_of({1, 100, 3, 300, 5, 200});
        CHECK(mean == 3);
        CHECK(other_mean == 200);
        CHECK(deviation == doctest::Approx(std::sqrt(8.0 / 3)));
        CHECK(other_deviation == doctest::Approx(std::sqrt(20000.0 / 3)));
    }

    TEST_CASE("NaN is left out, also in the first row") {
        const auto [mean, other_mean, deviation, other_deviation] = moments_of({missing, 4, 1e8F, missing, 1e8F, 8});
        CHECK(mean == 1e8);
        CHECK(deviation == 1);  // of a constant column
        CHECK(other_mean == 6);
        CHECK(other_deviation == 2);
    }

    TEST_CASE("a deviation that rounds to 0 is written as 1") {
        const detail::Moments<1> moments("set", "column", 100, [](std::size_t row, float* x) {
            x[0] = row == 0 ? std::numeric_limits<float>::denorm_min() : 0;
        });
        std::array<float, 2> parameters{};
        moments.write(parameters.data());
        CHECK(parameters[1] == 1);
        std::array<double, 2> in_double{};
        moments.write(in_double.data());
        CHECK(in_double[1] < 1e-40);
    }

    TEST_CASE("no rows, an infinite number and a column without a number are errors in the function's name") {
        CHECK_THROWS_WITH_AS(moments_of({}), "set: the dataset has no rows to take means and deviations from",
                             DataError);
        CHECK_THROWS_WITH_AS(moments_of({1, std::numeric_limits<float>::infinity()}),
                             "set: column 1 has a value that isn't finite; columns count from 0", DataError);
        CHECK_THROWS_WITH_AS(moments_of({missing, 1, missing, 2}),
                             "set: column 0 is missing in every row; leave it out (columns count from 0)", DataError);
    }
}
