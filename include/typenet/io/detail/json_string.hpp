#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// JSON written from texts: what a model file's metadata and header are made of.
namespace TYPENET::detail {

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

constexpr bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Returns a text, which must be UTF-8, as a JSON string with its quotes.
inline std::string json_string(std::string_view text) {
    constexpr std::string_view escaped = "\"\\\b\t\n\f\r";
    constexpr std::string_view letters = "\"\\btnfr";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char c : text) {
        if (const std::size_t found = escaped.find(c); found != std::string_view::npos) {
            quoted += '\\';
            quoted += letters[found];
        } else if (static_cast<unsigned char>(c) < ' ') {
            quoted += "\\u00";
            quoted += digits[static_cast<std::size_t>(c) >> 4];
            quoted += digits[static_cast<std::size_t>(c) & 15];
        } else {
            quoted += c;
        }
    }
    return quoted += '"';
}

/// Returns texts, which must be UTF-8, as a JSON object.
inline std::string json_object(const std::map<std::string, std::string>& texts) {
    std::vector<std::string> entries;
    entries.reserve(texts.size());
    for (const auto& [key, value] : texts) entries.push_back(join({json_string(key), ":", json_string(value)}));
    return join({"{", join_list(entries), "}"});
}

}  // namespace TYPENET::detail
