#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <support/comma_locale.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/text.hpp>

using typenet::detail::decimals;
using typenet::detail::exact_text;
using typenet::detail::is_utf8;
using typenet::detail::join;
using typenet::detail::join_list;
using typenet::detail::number_text;
using typenet::detail::shown;
using typenet::detail::significant_digits;
using typenet::detail::too_large_label;
using typenet::detail::utf8_length;
using typenet::detail::with_exponent;

TEST_SUITE("core/text") {
    TEST_CASE("numbers are shown with six digits, and an exponent where they need one") {
        CHECK(number_text(0.5) == "0.5");
        CHECK(number_text(1234567) == "1.23457e+06");
        CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-inf");
    }

    TEST_CASE("each format is that of printf") {
        const auto printed = [](const char* format, int digits, double value) {
            std::string text(400, '\0');
            text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), format, digits, value)));
            return text;
        };
        std::vector<double> values{0.0, -0.0, 0.5, 1, 9.995, 0.04, -2.5, 1e15, std::numeric_limits<double>::min()};
        values.push_back(std::numeric_limits<double>::infinity());
        values.push_back(std::numeric_limits<double>::lowest());
        for (int power = -12; power < 12; ++power) values.push_back(std::pow(10, power) * 2 / 3);
        for (const double value : values) {
            CHECK(number_text(value) == printed("%.*g", 6, value));
            for (int digits = 0; digits < 8; ++digits) {
                CAPTURE(value);
                CAPTURE(digits);
                CHECK(number_text(value, decimals(digits)) == printed("%.*f", digits, value));
                CHECK(number_text(value, with_exponent(digits)) == printed("%.*e", digits, value));
                CHECK(number_text(value, significant_digits(digits)) == printed("%.*g", digits, value));
            }
        }
        for (const double value : {typenet::detail::nan<double>, -typenet::detail::nan<double>}) {
            CHECK(number_text(value) == "nan");  // printf may write a sign
            CHECK(number_text(value, decimals(2)) == "nan");
        }
    }

    TEST_CASE("numbers have a decimal point in every locale") {
        const support::CommaLocale locale;
        if (!locale.is_set()) return;
        CHECK(number_text(0.5) == "0.5");
        CHECK(number_text(1234.5, decimals(2)) == "1234.50");
        CHECK(number_text(0.25, with_exponent(1)) == "2.5e-01");
        CHECK(join({0.5, " ", 0.1F, " ", 12345}) == "0.5 0.1 12345");
        CHECK(exact_text(0.1) == "0.1");
        CHECK(typenet::detail::parse_decimal<double>("0.5") == 0.5);
    }

    TEST_CASE("exact_text returns as many digits as reading back needs") {
        CHECK(exact_text(0.1) == "0.1");
        CHECK(exact_text(0.1F) == "0.1");
        CHECK(exact_text(static_cast<double>(0.1F)) == "0.10000000149011612");
        CHECK(exact_text(-0.0F) == "-0");
        CHECK(exact_text(std::numeric_limits<double>::lowest()) == "-1.7976931348623157e+308");
    }

    TEST_CASE("a text from a file is shown on one line, and a long one shortened") {
        CHECK(shown("0.weight") == "0.weight");
        CHECK(shown("a\n\x1B[31m\x7F\xC3\xA9") == "a??[31m?\xC3\xA9");
        CHECK(shown(std::string(200, 'a')) == std::string(200, 'a'));
        CHECK(shown(std::string(201, 'a')) == std::string(200, 'a') + "...");
    }

    TEST_CASE("join puts its parts one after the other, unchanged") {
        const std::string text = "text";
        CHECK(join({"a ", text, std::string_view(" b\0", 3), std::string("c")}) == std::string("a text b\0c", 10));
        CHECK(join({}).empty());
        CHECK(join({"", std::string()}).empty());
    }

    TEST_CASE("whole numbers of any type are decimal digits") {
        CHECK(join({0, " ", -7, " ", std::size_t{42}}) == "0 -7 42");
        CHECK(join({std::uint8_t{255}}) == "255");
        CHECK(join({std::numeric_limits<std::uint64_t>::max()}) == "18446744073709551615");
        CHECK(join({std::numeric_limits<std::int64_t>::min()}) == "-9223372036854775808");
    }

    TEST_CASE("other numbers have six digits, as everywhere in messages") {
        CHECK(join({0.5, " ", 0.1F, " ", 1e-30}) == "0.5 0.1 1e-30");
    }

    TEST_CASE("a list of texts or numbers has commas between its items, also where one is empty") {
        CHECK(join_list(std::vector<std::string>{"Adam", "Sgd"}) == "Adam, Sgd");
        CHECK(join_list(std::vector<std::size_t>{28, 28, 1}) == "28, 28, 1");
        CHECK(join_list(std::vector<double>{0.5}) == "0.5");
        CHECK(join_list(std::vector<std::string>{"", "a"}) == ", a");
        CHECK(join_list(std::vector<int>{}).empty());
    }

    TEST_CASE("a label that is too large is told the range, and a suspicion") {
        CHECK(too_large_label(3, false) == "is too large for 3 classes; labels count from 0 to 2");
        CHECK(too_large_label(3, true) ==
              "is too large for 3 classes; labels count from 0 to 2, but these seem to count from 1");
    }

    TEST_CASE("a character of UTF-8 has one to four bytes, and is refused where it is none") {
        CHECK(utf8_length("a\x80") == 1);
        CHECK(utf8_length("\xC3\xA9z") == 2);
        CHECK(utf8_length("\xE2\x82\xAC") == 3);
        CHECK(utf8_length("\xF0\x9F\x98\x80!") == 4);
        // Nothing, a continuation alone, a character cut off, a longer form than needed, a surrogate, one above
        // U+10FFFF.
        for (const std::string_view none : {"", "\x80", "\xE2\x82", "\xC1\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
            CHECK(utf8_length(none) == 0);
        }
        CHECK(is_utf8(""));
        CHECK(is_utf8("na\xC3\xAFve"));
        CHECK_FALSE(is_utf8("na\xEFve"));
    }
}
