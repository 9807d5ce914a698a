#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace typenet::detail {

/// A number as a message shows it: six digits, and an exponent where it needs one.
inline std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

/// The fewest digits that read back as the same number.
template <std::floating_point Float>
std::string exact_text(Float value) {
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// A text of a file as a message shows it: on one line, and not too long.
inline std::string shown(std::string_view text) {
    constexpr std::size_t longest = 200;
    std::string line(text.substr(0, longest));
    for (char& c : line) {
        if ((c >= 0 && c < ' ') || c == '\x7F') c = '?';
    }
    if (text.size() > longest) line += "...";
    return line;
}

/// A part of a message: text, or a whole number. Refers to the text.
class TextPart {
public:
    TextPart(const char* text) noexcept : text_(text) {}
    TextPart(std::string_view text) noexcept : text_(text) {}
    TextPart(const std::string& text) noexcept : text_(text) {}
    template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>) TextPart(Number number)
    noexcept {
        if constexpr (std::signed_integral<Number>) {
            write("%lld", static_cast<long long>(number));
        } else {
            write("%llu", static_cast<unsigned long long>(number));
        }
    }

    [[nodiscard]] std::string_view view() const noexcept {
        return length_ == 0 ? text_ : std::string_view(digits_, static_cast<std::size_t>(length_));
    }

private:
    template <class Number>
    [[gnu::noinline]] void write(const char* format, Number number) noexcept {
        length_ = std::snprintf(digits_, sizeof digits_, format, number);
    }

    std::string_view text_;
    char digits_[24];  // enough for 64 bits
    int length_ = 0;
};

/// A message from its parts. One call, where a sum of strings is code for each + and for giving its memory back when
/// the next one throws.
[[gnu::noinline]] inline std::string join(std::initializer_list<TextPart> parts) {
    std::string text;
    for (const TextPart& part : parts) text += part.view();
    return text;
}

/// "Name(first 1, second 0.5)": a type's name and options, such as an optimizer's.
inline std::string describe_options(std::string_view name,
                                    std::initializer_list<std::pair<std::string_view, double>> options) {
    std::string text(name);
    const char* before = "(";
    for (const auto& [option, value] : options) {
        text += join({before, option, " ", exact_text(value)});
        before = ", ";
    }
    return text += options.size() == 0 ? "" : ")";
}

}  // namespace typenet::detail
