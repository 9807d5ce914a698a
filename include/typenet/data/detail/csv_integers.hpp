#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

/// The fast path of `load_csv`, for the fields that make up nearly all of a CSV file of images: integers of one to
/// three digits, each followed by the delimiter.
namespace TYPENET::detail {

/// Reads such integers from eight bytes of text at a time, without a branch for each digit: four fields when all are
/// "0", otherwise two. Stops at any other field and leaves it to CsvReader.
class CsvIntegers {
public:
    static constexpr std::size_t shortest_run = 4;  ///< of fewer fields, `read` reads none

    explicit CsvIntegers(char delimiter) noexcept : delimiters_(bytes(static_cast<unsigned char>(delimiter))) {
        const char fields[8] = {'0', delimiter, '0', delimiter, '0', delimiter, '0', delimiter};
        zeros_ = word_at(fields);
    }

    /// How far reading has come: the next byte of the text, and where its value goes.
    template <class T>
    struct Place {
        const char* text;
        T* out;
    };

    /// Reads fields from the front of `text` and writes their values to `out`. Stops before the first field that isn't
    /// such an integer or is above `limit`. Otherwise stops after `count` fields, or after as many as there are whole 4
    /// bytes of text, or up to 3 fields earlier. It may have written zeros to the places of `out` from there on.
    /// Returns the place after the last delimiter and the last value.
    template <class T>
    [[nodiscard]] Place<T> read(std::string_view text, T* out, std::size_t count, std::uint32_t limit) const noexcept {
        Place<T> place{text.data(), out};
        if constexpr (std::endian::native == std::endian::little) {
            // A field takes at most 4 bytes, so 8 bytes can be read wherever two fields are left.
            const T* const last = out + std::min(count, text.size() / 4);
            const CsvIntegers self = *this;  // a local copy, which writes to `out` can't change: it stays in registers
            do {
                self.read_zeros(place, last);
            } while (self.read_others(place, last, limit));
        }
        return place;
    }

private:
    /// Returns the byte, repeated eight times.
    static constexpr std::uint64_t bytes(std::uint64_t byte) noexcept { return byte * 0x0101010101010101U; }

    static std::uint64_t word_at(const char* text) noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        return word;
    }

    /// Reads fields of "0", four at a time, until fewer are left or one isn't "0".
    template <class T>
    void read_zeros(Place<T>& place, const T* last) const noexcept {
        while (last - place.out >= std::ptrdiff_t{shortest_run}) {
            const std::uint64_t others = word_at(place.text) ^ zeros_;
            std::fill_n(place.out, 4, T{0});
            if (others != 0) {
                const int zeros = std::countr_zero(others) / 16;
                place.text += 2 * zeros;
                place.out += zeros;
                return;
            }
            place.text += 8;
            place.out += 4;
        }
    }

    /// Reads other fields, two at a time. Returns true at two fields of "0", which more may follow; false when fewer
    /// than four fields are left or at a field that this class can't read.
    template <class T>
    bool read_others(Place<T>& place, const T* last, std::uint32_t limit) const noexcept {
        while (last - place.out >= std::ptrdiff_t{shortest_run}) {
            const std::uint64_t word = word_at(place.text);
            if (static_cast<std::uint32_t>(word ^ zeros_) == 0) return true;
            const std::size_t length = read_two(word, place.out, limit);
            if (length == 0) return false;
            place.text += length;
            place.out += 2;
        }
        return false;
    }

    /// Returns the value of the first `length` digits, 1 to 3. Each digit is a byte from 0 to 9.
    static std::uint32_t value_of(std::uint64_t digits, unsigned length) noexcept {
        const std::uint32_t aligned = static_cast<std::uint32_t>(digits) << (32 - 8 * length);
        return (aligned >> 24) + 10 * (aligned >> 16 & 0xFF) + 100 * (aligned >> 8 & 0xFF);
    }

    /// Reads the two fields at the front of a word and returns how many bytes they take with their delimiters. Returns
    /// 0 and writes nothing when one of them isn't an integer of one to three digits or is above the limit.
    template <class T>
    std::size_t read_two(std::uint64_t word, T* out, std::uint32_t limit) const noexcept {
        // Digits become 0 to 9; of `others`, each byte that isn't a digit has its high bit set.
        const std::uint64_t digits = word ^ bytes('0');
        const std::uint64_t others = (((digits & bytes(0x7F)) + bytes(0x76)) | digits) & bytes(0x80);
        const auto first = static_cast<unsigned>(std::countr_zero(others)) / 8;  // the length of the first field
        const auto second = static_cast<unsigned>(std::countr_zero(others & (others - 1))) / 8;
        if (first - 1 > 2 || second - first - 2 > 2) return 0;  // not 1 to 3 digits each
        const std::uint64_t not_delimiters = word ^ delimiters_;
        if (((not_delimiters >> (8 * first) | not_delimiters >> (8 * second)) & 0xFF) != 0) return 0;
        const std::uint32_t a = value_of(digits, first);
        const std::uint32_t b = value_of(digits >> (8 * (first + 1)), second - first - 1);
        if (a > limit || b > limit) return 0;
        out[0] = static_cast<T>(a);
        out[1] = static_cast<T>(b);
        return second + 1;
    }

    std::uint64_t delimiters_;
    std::uint64_t zeros_ = 0;
};

}  // namespace TYPENET::detail
