#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include <typenet/data/detail/csv_number.hpp>

using typenet::detail::number_remedy;
using typenet::detail::parse_number;

TEST_SUITE("data/detail/csv_number") {
    TEST_CASE("reads every form of a decimal number") {
        CHECK(parse_number("0") == 0);
        CHECK(parse_number("007") == 7);
        CHECK(parse_number("+5") == 5);
        CHECK(parse_number("-5") == -5);
        CHECK(parse_number("1.5") == 1.5);
        CHECK(parse_number(".5") == 0.5);
        CHECK(parse_number("5.") == 5);
        CHECK(parse_number("1e3") == 1000);
        CHECK(parse_number("1E+3") == 1000);
        CHECK(parse_number("-25e-1") == -2.5);
        CHECK(parse_number("16777217") == 16777217);
    }

    TEST_CASE("gives the nearest double") {
        CHECK(parse_number("0.1") == 0.1);
        CHECK(parse_number("123456789.123456789") == 123456789.123456789);
        // As many digits as a double holds exactly, and more; beside a power of ten that it holds exactly, and not.
        std::uint64_t state = 1;
        for (int i = 0; i < 2000; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            std::string text = std::to_string(state >> (i % 40));
            text.insert(static_cast<std::size_t>(state >> 20) % (text.size() + 1), ".");
            CAPTURE(text);
            CHECK(parse_number(text) == std::strtod(text.c_str(), nullptr));
        }
        CHECK(parse_number("1.7976931348623157e308") == std::numeric_limits<double>::max());
    }

    TEST_CASE("refuses any other text") {
        for (const char* text : {"",
                                 "+",
                                 "-",
                                 ".",
                                 "e5",
                                 "1e",
                                 "1e+",
                                 "abc",
                                 "1.2.3",
                                 "0x10",
                                 "1 2",
                                 "1,5",
                                 "--1",
                                 "+-1",
                                 "- 1",
                                 " 1",
                                 "1 ",
                                 "1f",
                                 "1_000",
                                 "nano",
                                 "infinite",
                                 "in",
                                 "\xEF\xBB\xBF"
                                 "1"}) {
            CAPTURE(text);
            CHECK_FALSE(parse_number(text));
        }
    }

    TEST_CASE("recognises the words for NaN and infinity") {
        for (const char* text : {"nan", "NaN", "-nan", "+NAN"}) {
            CAPTURE(text);
            REQUIRE(parse_number(text));
            CHECK(std::isnan(*parse_number(text)));
        }
        CHECK(parse_number("inf") == std::numeric_limits<double>::infinity());
        CHECK(parse_number("-Infinity") == -std::numeric_limits<double>::infinity());
    }

    TEST_CASE("a number too large for a double becomes infinite") {
        const double infinity = std::numeric_limits<double>::infinity();
        CHECK(parse_number("1e309") == infinity);
        CHECK(parse_number("-1e309") == -infinity);
        CHECK(parse_number("1e99999999999999999999") == infinity);
        CHECK(parse_number("0.001e400") == infinity);
        CHECK(parse_number(std::string(400, '9')) == infinity);
        CHECK(parse_number(std::string(400, '9').append("e-50")) == infinity);
    }

    TEST_CASE("a number too small for a double becomes zero") {
        CHECK(parse_number("1e-400") == 0);
        CHECK(parse_number("1e-99999999999999999999") == 0);
        CHECK(parse_number("10000e-400") == 0);
        CHECK(parse_number("0." + std::string(400, '0') + "1") == 0);
        CHECK(parse_number("0e999999") == 0);
        CHECK(parse_number(std::string("0.").append(std::string(400, '0')).append("1e50")) == 0);
    }

    TEST_CASE("a text that is nearly a number has a remedy") {
        const std::string thousands = ". Separators of thousands must be removed from the file";
        const std::string comma = ". If the comma is the decimal point, set the option decimal_point";
        const std::string point = ". If the point is the decimal point, set the option decimal_point";
        CHECK(number_remedy("1,234", '.', ';') == thousands + comma);
        CHECK(number_remedy("-12,234", '.', '\t') == thousands + comma);
        CHECK(number_remedy("1,234", '.', ',') == thousands + ". Its decimal point must be '.'");
        CHECK(number_remedy("1,5", '.', ',') == ". Its decimal point must be '.'");
        CHECK(number_remedy("1.234", ',', ';') == thousands + point);
        for (const char* text : {"1,5", "1234,567", "0,25", "12,34"}) {
            CAPTURE(text);
            CHECK(number_remedy(text, '.', ';') == comma);
        }
        for (const char* text : {"1,234,567", "1,234.5", "1.234,5", "1.234.567", "-1,234,567"}) {
            CAPTURE(text);
            CHECK(number_remedy(text, '.', ';') == thousands);
            CHECK(number_remedy(text, ',', ';') == thousands);
        }
        for (const char* text : {"45%", "$45",
                                 "\xC2\xA0"
                                 "45",
                                 "\xE2\x88\x92"
                                 "5",
                                 "1,234 $", "$4", "4%"}) {
            CAPTURE(text);
            CHECK(number_remedy(text, '.', ';').starts_with(". Around the number is something else"));
        }
        for (const char* text :
             {"", "x", "3rd", "12:30", "2024-01-03", "1,23,4567", "%", "?", "1,2345,678", "NA", "(45)"}) {
            CAPTURE(text);
            CHECK(number_remedy(text, '.', ';').empty());
        }
    }
}
