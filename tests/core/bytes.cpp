#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using namespace std::string_view_literals;

TEST_SUITE("core/bytes") {
    TEST_CASE("the lowest byte of a number comes first, whatever the processor") {
        const std::array<double, 2> two{1, -2};
        ByteWriter writer;
        writer.add(std::uint32_t{0x04030201});
        writer.add(std::span<const double>(two));
        CHECK(writer.bytes() == "\1\2\3\4\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\xF0\x3F\0\0\0\0\0\0\0\xC0"sv);
        CHECK(load_number<std::uint32_t>("\1\2\3\4") == 0x04030201);
        double numbers[2] = {};
        load_numbers(writer.bytes().data() + 12, numbers, 2);
        CHECK(numbers[0] == 1);
        CHECK(numbers[1] == -2);
    }

    TEST_CASE("a reader returns what was written, bit for bit") {
        const std::array<float, 3> floats{1.5F, -0.0F, std::numeric_limits<float>::infinity()};
        ByteWriter writer;
        writer.add(std::uint64_t{0xfedcba9876543210U});
        writer.add(true);
        writer.add(false);
        writer.add(0.1);
        writer.add(std::numeric_limits<double>::quiet_NaN());
        writer.add(std::optional<double>(2.5));
        writer.add(std::optional<double>());
        writer.add("text with a \0 inside"sv);
        writer.add(""sv);
        writer.add(std::span<const float>(floats));
        writer.add(std::span<const double>());

        ByteReader reader(writer.bytes());
        CHECK(reader.number<std::uint64_t>() == 0xfedcba9876543210U);
        CHECK(reader.number<bool>());
        CHECK_FALSE(reader.number<bool>());
        CHECK(reader.number<double>() == 0.1);
        CHECK(std::isnan(reader.number<double>()));
        std::optional<double> optional;
        reader.read(optional);
        CHECK(optional == 2.5);
        reader.read(optional);
        CHECK(optional == std::nullopt);
        CHECK(reader.text() == "text with a \0 inside"sv);
        CHECK(reader.text().empty());
        std::array<float, 3> read{};
        reader.array(std::span(read));
        CHECK(read == floats);
        CHECK(std::signbit(read[1]));
        CHECK_FALSE(reader.at_end());
        reader.array(std::span<double>());
        CHECK(reader.at_end());
    }

    TEST_CASE("numbers are little-endian, and a text's length precedes it") {
        ByteWriter writer;
        writer.add(std::uint16_t{0x0102});
        writer.add("ab"sv);
        CHECK(writer.bytes() == "\x02\x01\x02\0\0\0\0\0\0\0ab"sv);
    }

    TEST_CASE("append writes bytes without their length") {
        ByteWriter writer;
        writer.append("\x01\0z"sv);
        writer.append(""sv);
        writer.add('c');
        CHECK(writer.bytes() == "\x01\0zc"sv);
        ByteReader reader(writer.bytes());
        CHECK(reader.take(3) == "\x01\0z"sv);
        CHECK(reader.take(0).empty());
        CHECK_THROWS_WITH_AS(reader.take(2), "there are fewer bytes than announced", DataError);
        CHECK(reader.rest() == "c");
        CHECK(reader.take(1) == "c");
        CHECK(reader.rest().empty());
        CHECK(reader.at_end());
    }

    TEST_CASE("too few bytes are an error, wherever they end") {
        const std::array<float, 2> floats{1, 2};
        ByteWriter writer;
        writer.add(7);
        writer.add("text"sv);
        writer.add(std::optional<double>(1));
        writer.add(std::span<const float>(floats));
        const std::string& bytes = writer.bytes();
        const auto read = [](std::string_view part) {
            ByteReader reader(part);
            std::array<float, 2> out{};
            (void)reader.number<int>();
            (void)reader.text();
            std::optional<double> optional;
            reader.read(optional);
            reader.array(std::span(out));
        };
        CHECK_NOTHROW(read(bytes));
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(size);
            CHECK_THROWS_WITH_AS(read(std::string_view(bytes).substr(0, size)), "there are fewer bytes than announced",
                                 DataError);
        }
    }

    TEST_CASE("a length beyond all memory is an error") {
        ByteWriter writer;
        writer.add(std::numeric_limits<std::uint64_t>::max());
        ByteReader reader(writer.bytes());
        CHECK_THROWS_AS((void)reader.text(), DataError);
    }

    TEST_CASE("an array of another size is an error, and stays unchanged") {
        const std::array<float, 2> floats{1, 2};
        ByteWriter writer;
        writer.add(std::span<const float>(floats));
        std::array<float, 3> out{5, 6, 7};
        ByteReader reader(writer.bytes());
        CHECK_THROWS_WITH_AS(reader.array(std::span(out)), "an array has 8 bytes; it should have 12", DataError);
        CHECK(out == std::array<float, 3>{5, 6, 7});
    }
}
