#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <version>

#include <typenet/core/compiler.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>

#if !defined(__cpp_lib_to_chars)
#    include <iomanip>
#    include <limits>
#    include <locale>
#    include <sstream>
#endif

namespace TYPENET::detail {

/// How a number is written for people. The notations fixed, scientific and general are those of printf's %f, %e and %g.
struct NumberFormat {
    std::chars_format notation = std::chars_format::general;
    int digits = 6;  ///< after the point; in the general notation, significant digits at most

    friend bool operator==(const NumberFormat&, const NumberFormat&) = default;
};
constexpr NumberFormat decimals(int digits) noexcept { return {std::chars_format::fixed, digits}; }
constexpr NumberFormat with_exponent(int digits) noexcept { return {std::chars_format::scientific, digits}; }
constexpr NumberFormat significant_digits(int digits) noexcept { return {std::chars_format::general, digits}; }

/// Writes a number as printf does in the C locale, whatever the program's locale is, but NaN without a sign. Returns
/// the end of the text.
[[gnu::noinline]] inline char* write_number(char* first, char* last, double value, NumberFormat format = {}) {
    if (is_nan(value)) return std::copy_n("nan", 3, first);
#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000  // its to_chars is for whole numbers only
    std::ostringstream stream;
    stream.imbue(std::locale::classic());
    if (format.notation == std::chars_format::fixed) stream << std::fixed;
    if (format.notation == std::chars_format::scientific) stream << std::scientific;
    stream << std::setprecision(format.digits) << value;
    const std::string text = stream.str();
    return std::copy_n(text.data(), std::min(text.size(), static_cast<std::size_t>(last - first)), first);
#else
    return std::to_chars(first, last, value, format.notation, format.digits).ptr;
#endif
}

/// The text that `write_number` gives. Allocates nothing, but with libc++ before 14.
class NumberText {
public:
    explicit NumberText(double value, NumberFormat format = {})
        : length_(static_cast<std::size_t>(write_number(text_, text_ + sizeof text_, value, format) - text_)) {}

    operator std::string_view() const noexcept { return {text_, length_}; }

private:
    char text_[400];  // the largest double has 309 digits before the point
    std::size_t length_;
};

/// Returns a number as messages show it: up to six digits, and an exponent where it needs one; or in another format.
inline std::string number_text(double value, NumberFormat format = {}) {
    return std::string(NumberText(value, format));
}

/// Returns the number nearest to a decimal text, independent of the locale. Returns nothing unless all of `text` is a
/// number, without spaces and without a plus before it, that is neither too large nor too small for T.
template <class T>
std::optional<T> parse_decimal(std::string_view text) {
    T value{};
#if !defined(__cpp_lib_to_chars)
    if constexpr (std::floating_point<T>) {
        std::istringstream stream{std::string(text)};
        stream.imbue(std::locale::classic());
        if (text.starts_with('+') || !(stream >> std::noskipws >> value)) return {};
        return stream.peek() == std::istringstream::traits_type::eof() ? std::optional(value) : std::nullopt;
    } else
#endif
    {
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, value);
        return error == std::errc() && end == last ? std::optional(value) : std::nullopt;
    }
}

/// Returns the fewest digits that read back as the same number.
template <std::floating_point Float>
std::string exact_text(Float value) {
#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000  // its to_chars is for whole numbers only
    for (int digits = 1;; ++digits) {
        const std::string text = number_text(static_cast<double>(value), significant_digits(digits));
        if (digits == std::numeric_limits<Float>::max_digits10 || parse_decimal<Float>(text) == value) return text;
    }
#else
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
#endif
}

/// Returns a text from a file as messages show it: at most `longest` characters, tabs as \t, other control characters
/// as '?'.
inline std::string shown(std::string_view text, std::size_t longest = 200) {
    std::string line;
    for (const char c : text.substr(0, longest)) {
        if (c == '\t') {
            line += "\\t";
        } else {
            line += static_cast<unsigned char>(c) < ' ' || c == '\x7F' ? '?' : c;
        }
    }
    if (text.size() > longest) line += "...";
    return line;
}

/// A type that messages show as digits: whole numbers, but neither bool nor char.
template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

/// One piece of a message for `join`: a text, to which it refers, or a number, written as `number_text` does.
class TextPart {
public:
    TextPart(const char* text) noexcept : text_(text) {}
    TextPart(std::string_view text) noexcept : text_(text) {}
    TextPart(const std::string& text) noexcept : text_(text) {}
    template <WholeNumber Number>
    TextPart(Number number) noexcept {
        if constexpr (std::signed_integral<Number>) {
            write(static_cast<long long>(number));
        } else {
            write(static_cast<unsigned long long>(number));
        }
    }
    template <std::floating_point Number>
    TextPart(Number number) noexcept {
        write(static_cast<double>(number));
    }

    [[nodiscard]] std::string_view view() const noexcept {
        return length_ == 0 ? text_ : std::string_view(digits_, static_cast<std::size_t>(length_));
    }

private:
    template <std::integral Number>
    [[gnu::noinline]] void write(Number number) noexcept {
        length_ = std::to_chars(digits_, digits_ + sizeof digits_, number).ptr - digits_;
    }
    void write(double number) noexcept { length_ = write_number(digits_, digits_ + sizeof digits_, number) - digits_; }

    std::string_view text_;
    char digits_[24];  // enough for 64 bits
    std::ptrdiff_t length_ = 0;
};

/// Returns the parts, one after the other: join({"row ", 3, " is empty"}). It is one call, where a sum of strings
/// compiles to code for each + and for freeing its memory when a later + throws.
[[gnu::noinline]] inline std::string join(std::initializer_list<TextPart> parts) {
    std::string text;
    for (const TextPart& part : parts) text += part.view();
    return text;
}

/// Returns a range's texts or numbers as a list: "28, 28, 1".
template <class Range>
std::string join_list(const Range& items) {
    std::string text;
    const char* before = "";
    for (const auto& item : items) {
        text += join({before, item});
        before = ", ";
    }
    return text;
}

/// Returns the end of a message about a label that is too large: "is too large for 3 classes; labels count from 0 to
/// 2". `from_1`: whether the labels seem to count from 1, since the largest equals `classes` and none is 0.
inline std::string too_large_label(std::size_t classes, bool from_1) {
    return join({"is too large for ", classes, " classes; labels count from 0 to ", classes - 1,
                 from_1 ? ", but these seem to count from 1" : ""});
}

/// Returns the length of the UTF-8 character that `text` begins with, 1 to 4 bytes; 0 where it begins with none (RFC
/// 3629): a stray or missing continuation byte, a longer form than needed, a surrogate, a code above U+10FFFF.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return 0;
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const unsigned second = byte(1);
    const bool is_wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                          (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return is_wrong ? 0 : length;
}

/// Says whether all of a text is UTF-8.
constexpr bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace TYPENET::detail
