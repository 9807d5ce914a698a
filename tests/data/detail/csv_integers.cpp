#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/data/detail/csv_integers.hpp>

using typenet::detail::CsvIntegers;

namespace {

constexpr int untouched = -1;

struct Reading {
    std::size_t bytes;
    std::vector<int> values;
    std::vector<int> behind;  // the output after the values that were read, up to `count`
};

/// Reads a copy of `text` that fills its allocation, so that a sanitizer finds any read past the end.
Reading read(std::string_view text, std::size_t count, std::uint32_t limit = 255, char delimiter = ',') {
    const std::vector<char> alone(text.begin(), text.end());
    std::vector<int> out(count, untouched);
    const auto end = CsvIntegers(delimiter).read({alone.data(), alone.size()}, out.data(), count, limit);
    const auto done = end.out - out.data();
    return {static_cast<std::size_t>(end.text - alone.data()),
            {out.begin(), out.begin() + done},
            {out.begin() + done, out.end()}};
}

std::string repeat(std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
}

}  // namespace

TEST_SUITE("data/detail/csv_integers") {
    TEST_CASE("reads all pairs of integers of one to three digits, also with leading zeros") {
        std::vector<std::string> fields;
        for (int value = 0; value < 1000; ++value) {
            const std::string digits = std::to_string(value);
            for (std::size_t width = digits.size(); width <= 3; ++width) {
                fields.push_back(std::string(width - digits.size(), '0') + digits);
            }
        }
        for (const std::string neighbour : {"0", "7", "00", "42", "999"}) {
            for (const std::string& field : fields) {
                for (const bool first : {true, false}) {
                    CAPTURE(field);
                    CAPTURE(neighbour);
                    const std::string text = (first ? field + ',' + neighbour : neighbour + ',' + field) + ',';
                    const Reading reading = read(text + repeat("0,", 12), 8, 999);
                    REQUIRE(reading.values.size() >= 4);
                    CHECK(reading.values[first ? 0 : 1] == std::stoi(field));
                    CHECK(reading.values[first ? 1 : 0] == std::stoi(neighbour));
                }
            }
        }
    }

    TEST_CASE("a run of zeros of any length ends at the right field") {
        for (int zeros = 0; zeros < 40; ++zeros) {
            for (const std::string number : {"1", "00", "10", "100"}) {
                CAPTURE(zeros);
                CAPTURE(number);
                const std::string text = repeat("0,", zeros) + repeat(number + ',', 8);
                const Reading reading = read(text + repeat("9,", 99), 64);
                REQUIRE(reading.values.size() >= static_cast<std::size_t>(zeros) + 8);
                for (int i = 0; i < zeros + 8; ++i) {
                    CHECK(reading.values[static_cast<std::size_t>(i)] == (i < zeros ? 0 : std::stoi(number)));
                }
            }
        }
    }

    TEST_CASE("leaves at most the last three fields unread") {
        for (std::size_t count = 0; count < 40; ++count) {
            CAPTURE(count);
            for (const char* field : {"0,", "9,", "99,", "255,"}) {
                const Reading reading = read(repeat(field, 99), count);
                CHECK(reading.values.size() <= count);
                CHECK(reading.values.size() + 3 >= count);
                CHECK(reading.bytes == reading.values.size() * std::string_view(field).size());
            }
        }
    }

    TEST_CASE("stops at other fields and at values above the limit") {
        for (const std::string stop :
             {"256,", "300,", "999,",  "1000,",  "0255,", "x,",     "-1,", "+1,", "1.5,", ",",    " 1,",
              "1 ,",  "2\n",  "2\r\n", "\"3\",", "1;",    "1\xFF,", "1/,", "1:,", ":,",   "\xB0,"}) {
            for (int before = 0; before < 12; ++before) {
                for (const char* field : {"0,", "7,", "255,"}) {
                    CAPTURE(stop);
                    CAPTURE(before);
                    const std::string start = repeat(field, before);
                    const Reading reading = read(start + stop + repeat("5,", 99), 30);
                    const auto done = static_cast<int>(reading.values.size());
                    CHECK(done <= before);
                    CHECK(done + 1 >= before);
                    CHECK(reading.bytes == start.size() / static_cast<std::size_t>(std::max(before, 1)) *
                                               static_cast<std::size_t>(done));
                }
            }
        }
    }

    TEST_CASE("writes values and zeros, and nothing else") {
        const Reading reading = read("7,0,0,0,0,0,0,88,999," + repeat("5,", 99), 20);
        CHECK(reading.values == std::vector<int>{7, 0, 0, 0, 0, 0, 0});
        CHECK(
            std::all_of(reading.behind.begin(), reading.behind.end(), [](int v) { return v == 0 || v == untouched; }));
    }

    TEST_CASE("never reads past the end of the text, for any length and delimiter") {
        const std::string text = "1,22,3,0,0,0,0,0,0,0,0,4,5,6,7,255,255,255,0,0,0,0,";
        for (const char delimiter : {',', ';', '\t', ' ', '|', '\x7F', '\xFE'}) {
            std::string delimited = text;
            std::replace(delimited.begin(), delimited.end(), ',', delimiter);
            const std::vector<int> all{1, 22, 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 7, 255, 255, 255, 0, 0, 0, 0};
            for (std::size_t length = 0; length <= text.size(); ++length) {
                CAPTURE(length);
                const Reading reading = read(std::string_view(delimited).substr(0, length), 30, 255, delimiter);
                CHECK(reading.bytes <= length);
                CHECK(std::equal(reading.values.begin(), reading.values.end(), all.begin()));
            }
            CHECK(read(delimited + delimited, 30, 255, delimiter).values.size() > 20);
        }
    }
}
