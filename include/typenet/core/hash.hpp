#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace typenet {

/// A 64-bit number for a sequence of bytes or words, by which equal ones are known; not against malice. Any change of
/// one byte or one word changes it. Source: Fowler, Noll, Vo, FNV-1a (draft-eastlake-fnv).
class Hash {
public:
    void add(std::uint64_t word) noexcept { value_ = (value_ ^ word) * prime; }
    void add(std::span<const std::byte> bytes) noexcept {
        for (const std::byte byte : bytes) add(std::to_integer<std::uint64_t>(byte));
    }

    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    static constexpr std::uint64_t prime = 0x100000001b3U;

    std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace typenet
