#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace typenet::detail {

/// Reads the fields that nearly all of an image's CSV file consists of: integers of one to three digits with the
/// delimiter right behind them. Eight bytes of text are looked at in one piece, which are four fields of "0" or two
/// others; neither is taken apart by a branch for each digit. Anything else is left to the caller.
class CsvIntegers {
public:
    explicit CsvIntegers(char delimiter) noexcept : delimiters_(bytes(static_cast<unsigned char>(delimiter))) {
        const char fields[8] = {'0', delimiter, '0', delimiter, '0', delimiter, '0', delimiter};
        zeros_ = word_at(fields);
    }

    /// A place in a text and in the values that are read from it.
    template <class T>
    struct Place {
        const char* text;
        T* out;
    };

    /// Reads fields off the front of `text` and writes their values to `out`, up to the first that isn't such an
    /// integer or is above `limit`, but no more than `count`, or than one for every 4 bytes of text. May leave out the
    /// last 3 of these, where it may write zeros. Returns the place behind the last delimiter and the last value.
    template <class T>
    [[nodiscard]] Place<T> read(std::string_view text, T* out, std::size_t count, std::uint32_t limit) const noexcept {
        Place<T> place{text.data(), out};
        if constexpr (std::endian::native == std::endian::little) {
            // A field takes 4 bytes at most, so there is a whole word wherever two fields are still to come.
            const T* const last = out + std::min(count, text.size() / 4);
            const CsvIntegers self = *this;  // a copy that writing bytes to `out` can't change
            do {
                self.read_zeros(place, last);
            } while (self.read_others(place, last, limit));
        }
        return place;
    }

private:
    static constexpr std::uint64_t bytes(std::uint64_t byte) noexcept { return byte * 0x0101010101010101U; }

    static std::uint64_t word_at(const char* text) noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        return word;
    }

    /// Four fields at a time, until less than that are left or one isn't "0".
    template <class T>
    void read_zeros(Place<T>& place, const T* last) const noexcept {
        while (last - place.out >= 4) {
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

    /// Two fields at a time, until there are two of "0": true, there may be more of them. False, when less than four
    /// fields are left or one can't be read here.
    template <class T>
    bool read_others(Place<T>& place, const T* last, std::uint32_t limit) const noexcept {
        while (last - place.out >= 4) {
            const std::uint64_t word = word_at(place.text);
            if (static_cast<std::uint32_t>(word ^ zeros_) == 0) return true;
            const std::size_t length = read_two(word, place.out, limit);
            if (length == 0) return false;
            place.text += length;
            place.out += 2;
        }
        return false;
    }

    /// The value of the first `length` bytes, 1 to 3, each of them 0 to 9.
    static std::uint32_t value_of(std::uint64_t digits, unsigned length) noexcept {
        const std::uint32_t aligned = static_cast<std::uint32_t>(digits) << (32 - 8 * length);
        return (aligned >> 24) + 10 * (aligned >> 16 & 0xFF) + 100 * (aligned >> 8 & 0xFF);
    }

    /// Reads the two fields at the front of a word and returns their length; 0, and writes nothing, where they are
    /// none that can be read here.
    template <class T>
    std::size_t read_two(std::uint64_t word, T* out, std::uint32_t limit) const noexcept {
        // Digits become 0 to 9; a byte that is no digit gets its high bit set.
        const std::uint64_t digits = word ^ bytes('0');
        const std::uint64_t others = (((digits & bytes(0x7F)) + bytes(0x76)) | digits) & bytes(0x80);
        const auto first = static_cast<unsigned>(std::countr_zero(others)) / 8;  // where the first field ends
        const auto second = static_cast<unsigned>(std::countr_zero(others & (others - 1))) / 8;
        if (first - 1 > 2 || second - first - 2 > 2) return 0;  // with lengths other than 1 to 3
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

}  // namespace typenet::detail
