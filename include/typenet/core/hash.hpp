#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

/// Checksums: `Hash` for parameters, data, model files and checkpoints, `crc32` for ZIP archives, and `crc32c` for
/// TensorBoard's event files.
namespace TYPENET {

/// A 64-bit hash of a sequence of bytes or 64-bit words, such as a network's parameters. A change of a single byte or
/// word always changes it; it doesn't protect against forgery. Source: Fowler, Noll, Vo, FNV-1a (draft-eastlake-fnv).
class Hash {
public:
    /// Adds a word.
    void add(std::uint64_t word) noexcept { value_ = (value_ ^ word) * prime; }
    /// Adds bytes, one after another.
    void add(std::span<const std::byte> bytes) noexcept {
        for (const std::byte byte : bytes) add(std::to_integer<std::uint64_t>(byte));
    }

    /// Returns the hash of what has been added.
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    static constexpr std::uint64_t prime = 0x100000001b3U;

    std::uint64_t value_ = 0xcbf29ce484222325U;
};

namespace detail {

/// Returns the cyclic redundancy check of a generator polynomial, whose highest coefficient is the lowest bit.
template <std::uint32_t polynomial>
constexpr std::uint32_t crc(std::string_view bytes) noexcept {
    constexpr auto remainders = [] {
        std::array<std::uint32_t, 256> table{};
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            table[byte] = byte;
            for (int bit = 0; bit < 8; ++bit) table[byte] = table[byte] >> 1 ^ (table[byte] & 1) * polynomial;
        }
        return table;
    }();
    std::uint32_t crc = ~0U;
    for (const char byte : bytes) crc = crc >> 8 ^ remainders[(crc ^ static_cast<unsigned char>(byte)) & 255];
    return ~crc;
}

}  // namespace detail

/// Returns the CRC-32 of ISO 3309, which ZIP archives and PNG images use.
constexpr std::uint32_t crc32(std::string_view bytes) noexcept { return detail::crc<0xEDB88320U>(bytes); }

/// Returns the CRC-32C of RFC 3720, which TensorBoard's event files use.
constexpr std::uint32_t crc32c(std::string_view bytes) noexcept { return detail::crc<0x82F63B78U>(bytes); }

}  // namespace TYPENET
