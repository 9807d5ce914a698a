#include <cstdint>
#include <string>
#include <support/gzip.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/detail/gzip.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("data/detail/gzip") {
    TEST_CASE("a gzip file is recognised by its first two bytes") {
        CHECK(detail::is_gzip("\x1F\x8B\x08"));
        CHECK_FALSE(detail::is_gzip("\x1F"));
        CHECK_FALSE(detail::is_gzip(""));
        CHECK_FALSE(detail::is_gzip("label,1x1"));
    }

#if TYPENET_USE_ZLIB
    TEST_CASE("GzipReader inflates in pieces of any size, also two consecutive streams") {
        const std::string packed = support::gzip("the first") + support::gzip(" and the second");
        detail::GzipReader reader(packed, "f.gz");
        std::vector<std::uint8_t> bytes(100);
        std::string text;
        for (std::size_t got = 4; got == 4;) {
            got = reader.read(bytes.data(), 4);
            text.append(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(got));
        }
        CHECK(text == "the first and the second");
        CHECK(reader.read(bytes.data(), 1) == 0);
    }

    TEST_CASE("a truncated or damaged file is an error that names the file") {
        const std::string packed = support::gzip("some text that is long enough");
        std::vector<std::uint8_t> bytes(100);
        for (std::size_t size = 2; size < packed.size(); ++size) {
            detail::GzipReader reader(std::string_view(packed).substr(0, size), "cut.gz");
            CHECK_THROWS_WITH_AS((void)reader.read(bytes.data(), 100), doctest::Contains("cut.gz: "), FileError);
        }
        std::string damaged = packed;
        damaged[packed.size() - 6] ^= 1;  // in the checksum
        detail::GzipReader reader(damaged, "bad.gz");
        std::string message = "bad.gz: the gzip file is damaged after ";
        message.append(std::to_string(packed.size() - 4)).append(" bytes (incorrect data check)");
        CHECK_THROWS_WITH_AS((void)reader.read(bytes.data(), 100), message.c_str(), FileError);
    }
#endif
}
