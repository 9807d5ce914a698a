#include <vector>

#include <typenet/data/detail/large_numbers.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using detail::are_few_floats;
using detail::LargeNumbers;

TEST_SUITE("data/detail/large_numbers") {
    TEST_CASE("few floats are fewer than 65,536 steps") {
        CHECK(are_few_floats(20'240'101, 20'240'131));
        CHECK(are_few_floats(-20'240'131, -20'240'101));
        CHECK(are_few_floats(1 << 24, (1 << 24) + 131'071));
        CHECK_FALSE(are_few_floats(1 << 24, (1 << 24) + 131'072));
        CHECK_FALSE(are_few_floats(-16'777'217, 0));
        // The steps are those at the larger end.
        CHECK(are_few_floats(16'700'000, 16'800'000));
        CHECK(are_few_floats(-16'800'000, -16'700'000));
        CHECK_FALSE(are_few_floats(16'777'217, 16'777'217));
    }

    TEST_CASE("a number is compared with the last one as a float") {
        LargeNumbers numbers;
        CHECK_FALSE(numbers.meets_its_like(16'777'216, {}));
        CHECK_FALSE(numbers.meets_its_like(16'777'216, {}));
        CHECK(numbers.inexact() == 0);
        CHECK(numbers.meets_its_like(16'777'217, {7, 2}));
        CHECK(numbers.inexact() == 16'777'217);
        CHECK_FALSE(numbers.meets_its_like(-16'777'217, {8, 2}));
        CHECK_FALSE(numbers.meets_its_like(3e38, {9, 2}));
        CHECK(numbers.inexact() == 16'777'217);
        CHECK(numbers.position().line == 7);
        CHECK(numbers.position().column == 2);
    }

    TEST_CASE("numbers are lost where one was rounded, and its column has a small range") {
        const std::vector<float> matrix{20'240'104, 0, 20'240'300, 30'000'000, 20'240'104, 5};
        LargeNumbers numbers;
        CHECK_FALSE(numbers.are_lost(matrix, 2, 0));
        (void)numbers.meets_its_like(20'240'105, {});
        CHECK(numbers.are_lost(matrix, 2, 0));
        CHECK_FALSE(numbers.are_lost(matrix, 2, 1));
        // The last row counts.
        CHECK_FALSE(numbers.are_lost(std::vector<float>{20'240'104, 20'240'300, 50'000'000}, 1, 0));
        CHECK(numbers.are_lost(std::vector<float>{20'240'104, 20'240'300, 20'240'106}, 1, 0));
    }
}
