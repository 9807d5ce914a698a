#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <typenet/core/hash.hpp>
#include <utility>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

std::uint64_t hash_of(std::string_view text) {
    Hash hash;
    hash.add(std::as_bytes(std::span(text.data(), text.size())));
    return hash.value();
}

}  // namespace

TEST_SUITE("core/hash") {
    TEST_CASE("CRC-32 has the published values") {
        CHECK(crc32("123456789") == 0xCBF43926U);
        CHECK(crc32("") == 0);
        CHECK(crc32(std::string_view("\xFF\x00\x80", 3)) == 0xAC616EDFU);
    }

    TEST_CASE("CRC-32C has the published values") {
        // RFC 3720, appendix B.4: 32 bytes of zeros, of ones, rising and falling, and a SCSI command.
        std::array<char, 32> rising{};
        std::iota(rising.begin(), rising.end(), '\0');
        std::array<char, 32> falling = rising;
        std::reverse(falling.begin(), falling.end());
        std::string command(48, '\0');
        for (const auto& [place, byte] :
             {std::pair(0, 0x01), {1, 0xC0}, {16, 0x14}, {22, 0x04}, {27, 0x14}, {31, 0x18}, {32, 0x28}, {40, 0x02}}) {
            command[static_cast<std::size_t>(place)] = static_cast<char>(byte);
        }
        CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
        CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
        CHECK(crc32c({rising.data(), rising.size()}) == 0x46DD794EU);
        CHECK(crc32c({falling.data(), falling.size()}) == 0x113FDB5CU);
        CHECK(crc32c(command) == 0xD9963A56U);
        CHECK(crc32c("123456789") == 0xE3069283U);
        CHECK(crc32c("") == 0);
    }

    TEST_CASE("bytes give the published values of FNV-1a") {
        // draft-eastlake-fnv, test vectors for 64 bits.
        CHECK(hash_of("") == 0xcbf29ce484222325U);
        CHECK(hash_of("a") == 0xaf63dc4c8601ec8cU);
        CHECK(hash_of("foobar") == 0x85944171f73967e8U);
    }

    TEST_CASE("any change of one byte changes the hash") {
        std::array<char, 9> text{'c', 'h', 'e', 'c', 'k', 'p', 'o', 'i', 'n'};
        const std::uint64_t whole = hash_of({text.data(), text.size()});
        for (char& byte : text) {
            const char kept = byte;
            for (int change = 1; change < 256; ++change) {
                byte = static_cast<char>(kept ^ change);
                CHECK(hash_of({text.data(), text.size()}) != whole);
            }
            byte = kept;
        }
    }

    TEST_CASE("words are hashed as a whole, and their order matters") {
        Hash a;
        Hash b;
        a.add(std::uint64_t{1} << 60);
        a.add(2);
        b.add(2);
        b.add(std::uint64_t{1} << 60);
        CHECK(a.value() != b.value());
        CHECK(a.value() != hash_of(""));
    }
}
