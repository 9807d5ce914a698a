#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <typenet/data/detail/csv_reader.hpp>

using namespace typenet;
using typenet::detail::CsvReader;

TEST_SUITE("data/detail/csv_reader") {
    TEST_CASE("read_small_integers stops at the end of the text, whatever the memory after it contains") {
        const std::string_view memory = "1,22,3,0,0,0,0,0,0,0,0,4,5,6,7";
        for (std::size_t length = 1; length < memory.size(); ++length) {
            CAPTURE(length);
            const std::string_view text = memory.substr(0, length);
            CsvReader reader(text, "file");
            std::array<int, 32> values{};
            const std::size_t read = reader.read_small_integers(values.data(), values.size(), 255);
            CHECK(reader.remaining() <= length);
            CHECK(reader.position().column == read + 1);
        }
    }

    TEST_CASE("read_small_integers moves exactly past the integers that it reads") {
        for (const std::string_view stop : {"256,", "1000,", "x,", "-1,", "1.5,", ",", " 1,", "2\n,", "\"3\","}) {
            CAPTURE(stop);
            const std::string text = "3,10,255,25," + std::string(stop) + "4,5,6,7,8,9,10,11,12,13,14,15,16";
            CsvReader reader(text, "file");
            std::array<int, 32> values{};
            REQUIRE(reader.read_small_integers(values.data(), values.size(), 255) == 4);
            CHECK(values[0] == 3);
            CHECK(values[1] == 10);
            CHECK(values[2] == 255);
            CHECK(values[3] == 25);
            CHECK(values[4] == 0);
            CHECK(reader.remaining() == text.size() - 12);
            CHECK(reader.position().column == 5);
        }
    }

    TEST_CASE("read_small_integers reads at most `count` integers") {
        CsvReader reader("0,0,0,0,0,0,0,0,0,0,0,0", "file");
        std::array<int, 32> values{};
        values.fill(-1);
        CHECK(reader.read_small_integers(values.data(), 5, 255) == 4);
        CHECK(values[3] == 0);
        CHECK(values[4] == -1);
        CHECK(reader.position().column == 5);
    }

    TEST_CASE("a field of digits only ends like any other field") {
        for (const std::string_view end : {",", "\n", "\r\n", "\r", ""}) {
            for (const std::string_view digits : {"0", "007", "123456789"}) {
                CAPTURE(end);
                CAPTURE(digits);
                const std::string text = std::string(digits).append(end);
                CsvReader reader(text, "file");
                CHECK(reader.read_number() == std::stod(text));
                CHECK(reader.shown() == '"' + std::string(digits) + '"');
                CHECK(reader.next_field() == (end == ","));
            }
        }
        CsvReader reader("1,2345678901\n", "file");
        CHECK(reader.read_number() == 1);
        CHECK(reader.next_field());
        CHECK(reader.read_number() == 2345678901.0);
        CHECK_THROWS_AS((void)CsvReader("1\r2", "file").read_number(), FileError);
    }

    TEST_CASE("reads field by field and row by row") {
        CsvReader reader("a,\"b\nc\"\r\nd", "file");
        CHECK(reader.read_field() == "a");
        CHECK(reader.next_field());
        CHECK(reader.read_field() == "b\nc");
        CHECK_FALSE(reader.next_field());
        reader.end_row();
        CHECK(reader.position().line == 3);
        CHECK(reader.position().column == 1);
        CHECK_FALSE(reader.at_end());
        CHECK(reader.read_field() == "d");
        reader.end_row();
        CHECK(reader.at_end());
    }

    TEST_CASE("returns to a saved position") {
        CsvReader reader("1,2\n3,4\n", "file");
        const CsvReader::Mark start = reader.mark();
        (void)reader.read_field();
        (void)reader.next_field();
        CHECK(reader.position().column == 2);
        reader.go_back(start);
        CHECK(reader.position().column == 1);
        (void)reader.read_field();
        (void)reader.next_field();
        (void)reader.read_field();
        reader.end_row();
        reader.go_back(start);
        CHECK(reader.position().line == 1);
        CHECK(reader.read_number() == 1);
    }
}
