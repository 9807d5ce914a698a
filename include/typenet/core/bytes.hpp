#pragma once

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
#include <typenet/core/text.hpp>

namespace typenet {

static_assert(std::endian::native == std::endian::little,
              "typenet runs on little-endian processors only: numbers in files have their byte order");

namespace detail {
template <class T>
concept Number = std::is_arithmetic_v<T>;
}

/// Turns numbers, texts and arrays into bytes, such as a checkpoint's. A ByteReader reads them in the same order.
class ByteWriter {
public:
    template <detail::Number T>
    void add(T number) {
        char bytes[sizeof number];
        std::memcpy(bytes, &number, sizeof number);
        bytes_.append(bytes, sizeof number);
    }
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
    /// Writes the array's size in bytes, then its memory.
    template <detail::Number T, std::size_t Extent>
    void add(std::span<const T, Extent> numbers) {
        add(std::uint64_t{numbers.size_bytes()});
        bytes_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
    }

    [[nodiscard]] const std::string& bytes() const& noexcept { return bytes_; }
    [[nodiscard]] std::string bytes() && noexcept { return std::move(bytes_); }

private:
    std::string bytes_;
};

/// Copies the bytes into the array's memory. Throws DataError, and copies nothing, unless both have the same size.
template <detail::Number T, std::size_t Extent>
void copy_bytes(std::string_view bytes, std::span<T, Extent> out) {
    if (bytes.size() != out.size_bytes()) {
        throw DataError(detail::join({"an array has ", bytes.size(), " bytes; it should have ", out.size_bytes()}));
    }
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
}

/// Reads what a ByteWriter wrote, from bytes that it refers to. Each function throws DataError where too few are left.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    template <detail::Number T>
    [[nodiscard]] T number() {
        if constexpr (std::is_same_v<T, bool>) {
            return number<char>() != 0;
        } else {
            T value;
            std::memcpy(&value, take(sizeof value).data(), sizeof value);
            return value;
        }
    }
    /// Reads what `add` wrote of such a value.
    template <detail::Number T>
    void read(T& value) {
        value = number<T>();
    }
    template <detail::Number T>
    void read(std::optional<T>& value) {
        value = number<bool>() ? std::optional<T>(number<T>()) : std::nullopt;
    }
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
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace typenet
