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
