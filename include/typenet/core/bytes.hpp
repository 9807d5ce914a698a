#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

namespace TYPENET {

// Numbers in files are little-endian. These functions are the only ones that know the order of the processor.

namespace detail {
template <class T>
concept Number = std::is_arithmetic_v<T>;

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

/// Exchanges the order of the processor and that of files in numbers of `size` bytes.
inline void exchange_order([[maybe_unused]] char* bytes, [[maybe_unused]] std::size_t size,
                           [[maybe_unused]] std::size_t count) noexcept {
    if constexpr (std::endian::native == std::endian::big) {
        for (std::size_t i = 0; i < count; ++i) std::reverse(bytes + i * size, bytes + (i + 1) * size);
    }
}
}  // namespace detail

/// Writes numbers as files have them.
template <detail::Number T>
void store_numbers(char* to, const T* numbers, std::size_t count) noexcept {
    if (count == 0) return;
    std::memcpy(to, numbers, count * sizeof(T));
    detail::exchange_order(to, sizeof(T), count);
}

/// Reads numbers as files have them.
template <detail::Number T>
void load_numbers(const char* from, T* numbers, std::size_t count) noexcept {
    if (count == 0) return;
    std::memcpy(numbers, from, count * sizeof(T));
    detail::exchange_order(reinterpret_cast<char*>(numbers), sizeof(T), count);
}
/// Returns the number whose little-endian bytes begin at `from`.
template <detail::Number T>
[[nodiscard]] T load_number(const char* from) noexcept {
    T number;
    load_numbers(from, &number, 1);
    return number;
}

/// Turns numbers, texts and arrays into bytes, such as a checkpoint's. A ByteReader reads them in the same order.
class ByteWriter {
public:
    /// Appends the bytes of a number.
    template <detail::Number T>
    void add(T number) {
        char bytes[sizeof number];
        store_numbers(bytes, &number, 1);
        bytes_.append(bytes, sizeof number);
    }
    /// Appends whether there is a number, and the number or 0.
    template <detail::Number T>
    void add(const std::optional<T>& number) {
        add(number.has_value());
        if (number) add(*number);
    }
    /// Writes the length, then the characters.
    void add(std::string_view text) {
        add(std::uint64_t{text.size()});
        bytes_ += text;
    }
    /// Writes these bytes without their length.
    void append(std::string_view bytes) { bytes_ += bytes; }
    /// Writes the array's size in bytes, then its numbers.
    template <detail::Number T, std::size_t Extent>
    void add(std::span<const T, Extent> numbers) {
        add(std::uint64_t{numbers.size_bytes()});
        const std::size_t before = bytes_.size();
        bytes_.resize(before + numbers.size_bytes());
        store_numbers(bytes_.data() + before, numbers.data(), numbers.size());
    }

    /// Returns what has been added.
    [[nodiscard]] const std::string& bytes() const& noexcept { return bytes_; }
    /// Returns what has been added.
    [[nodiscard]] std::string bytes() && noexcept { return std::move(bytes_); }

private:
    std::string bytes_;
};

/// Copies an array of a file to its numbers. Throws DataError, and copies nothing, unless both have the same size.
template <detail::Number T, std::size_t Extent>
void copy_bytes(std::string_view bytes, std::span<T, Extent> out) {
    if (bytes.size() != out.size_bytes()) {
        throw DataError(detail::join({"an array has ", bytes.size(), " bytes; it should have ", out.size_bytes()}));
    }
    load_numbers(bytes.data(), out.data(), out.size());
}

/// Reads what a ByteWriter wrote, from bytes that it refers to. Each function throws DataError where too few are left.
class ByteReader {
public:
    /// Reads `bytes`, which must stay where they are.
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    /// Reads a number.
    template <detail::Number T>
    [[nodiscard]] T number() {
        if constexpr (std::is_same_v<T, bool>) {
            return number<char>() != 0;
        } else {
            return load_number<T>(take(sizeof(T)).data());
        }
    }
    /// Reads what `add` wrote of such a value.
    template <detail::Number T>
    void read(T& value) {
        value = number<T>();
    }
    /// Reads a number that may be missing.
    template <detail::Number T>
    void read(std::optional<T>& value) {
        value = number<bool>() ? std::optional<T>(number<T>()) : std::nullopt;
    }
    /// Reads a text; the view is into the bytes themselves.
    [[nodiscard]] std::string_view text() { return take(number<std::uint64_t>()); }
    /// Returns the next `count` bytes, such as those that `append` wrote.
    std::string_view take(const std::uint64_t count) {
        if (count > rest_.size()) throw DataError("there are fewer bytes than announced");
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    /// Reads an array. Throws DataError also where it has another size than `out`.
    template <detail::Number T, std::size_t Extent>
    void array(std::span<T, Extent> out) {
        copy_bytes(text(), out);
    }

    /// Returns the bytes that are still to be read.
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
    /// Returns whether all bytes have been read.
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace TYPENET
