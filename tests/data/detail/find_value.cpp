#include <array>
#include <cstddef>
#include <string_view>

#include <typenet/data/detail/find_value.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using detail::find_value;

TEST_SUITE("data/detail/find_value") {
    TEST_CASE("a value is found by its text first, then as a number") {
        constexpr std::array<std::string_view, 4> values{"1.0", "1", "x", "-2"};
        CHECK(find_value(values, "1") == 1);
        CHECK(find_value(values, "1.00") == 0);
        CHECK(find_value(values, "-2,0", ',') == 3);
        CHECK(find_value(values, "-2,0", '.') == 4);
        CHECK(find_value(values, "x ") == 4);
        CHECK(find_value(values, "") == 4);
        constexpr std::array<std::string_view, 1> nothing{"nan"};
        CHECK(find_value(nothing, "NaN") == 1);
    }

    TEST_CASE("a number may be written in any of the ways that programs write numbers") {
        constexpr std::array<std::string_view, 5> values{"0", "1", "-1", "0.05", "100000"};
        for (const char* zero : {"0.0", "-0", "+0.", ".0", "0.000000000000000000e+00", "0e-05"}) {
            CAPTURE(zero);
            CHECK(find_value(values, zero) == 0);
        }
        for (const char* one : {"+1", "1.", "1.0", "1.000000000000000000e+00", "10.0e-1", ".1e+1", "1E+00"}) {
            CAPTURE(one);
            CHECK(find_value(values, one) == 1);
        }
        CHECK(find_value(values, "-1.0") == 2);
        CHECK(find_value(values, ".05") == 3);
        CHECK(find_value(values, "0.050") == 3);
        CHECK(find_value(values, "5e-02") == 3);
        CHECK(find_value(values, "1e+05") == 4);
        for (const char* other :
             {"10", "0.1", "-", "+", ".", "1e", "1e+", "1e+0x", "1.0x", "--1", "1e+1000000", "0.5"}) {
            CAPTURE(other);
            CHECK(find_value(values, other) == values.size());
        }
    }

    TEST_CASE("codes of digits are texts") {
        constexpr std::array<std::string_view, 5> values{"1234", "0e1234", "100000", "12345678901234567890", "01"};
        for (const char* code : {"01234", "0e5678", "0", "1E5", "12345678901234567891", "1", "1.0"}) {
            CAPTURE(code);
            CHECK(find_value(values, code) == values.size());
        }
        CHECK(find_value(values, "12345678901234567890.0") == 3);
        CHECK(find_value(values, "01") == 4);
    }
}
