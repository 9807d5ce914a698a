#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// Decimal numbers in CSV files, independent of the locale.
namespace TYPENET::detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Removes the digits at the front of `text` and returns them.
constexpr std::string_view take_digits(std::string_view& text) noexcept {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

/// Removes a sign at the front of `text` and returns whether it is a minus.
constexpr bool take_sign(std::string_view& text) noexcept {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    return negative;
}

/// Returns what "nan", "inf" or "infinity" means, in capitals or not; nothing for any other text.
inline std::optional<double> parse_non_finite(std::string_view unsigned_text) {
    if (unsigned_text.size() != 3 && unsigned_text.size() != 8) return {};
    std::string word(unsigned_text);
    for (char& c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (word == "nan") return nan<double>;
    if (word == "inf" || word == "infinity") return infinity<double>;
    return {};
}

/// Returns the value of a number with these digits before and behind the point, where all digits together and the power
/// of ten are exact in a double, so that their quotient is the nearest double (Clinger, "How to read floating point
/// numbers accurately", 1990). Returns nothing for any other number.
inline std::optional<double> short_decimal(std::string_view whole, std::string_view fraction) noexcept {
    constexpr double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    if (whole.size() + fraction.size() > 15) return {};
    std::uint64_t digits = 0;
    for (const char c : whole) digits = 10 * digits + static_cast<std::uint64_t>(c - '0');
    for (const char c : fraction) digits = 10 * digits + static_cast<std::uint64_t>(c - '0');
    return static_cast<double>(digits) / powers[fraction.size()];
}

/// Returns the value of a decimal number: a sign, digits, a decimal point, an exponent, and no spaces. `point` is the
/// character that the file writes for the decimal point. Returns nothing when `text` as a whole isn't one. The words
/// for NaN and infinity are numbers. A number that is too large for a double gives an infinity, one that is too small
/// gives 0.
inline std::optional<double> parse_number(std::string_view text, char point = '.') {
    const bool negative = take_sign(text);
    const auto with_sign = [negative](double magnitude) { return negative ? -magnitude : magnitude; };

    std::string_view rest = text;
    std::string_view whole = take_digits(rest);
    std::string_view fraction;
    if (rest.starts_with(point)) {
        rest.remove_prefix(1);
        fraction = take_digits(rest);
    }
    if (whole.empty() && fraction.empty()) {
        const std::optional<double> word = parse_non_finite(text);
        return word ? std::optional(with_sign(*word)) : std::nullopt;
    }
    if (rest.empty()) {
        if (const std::optional<double> value = short_decimal(whole, fraction)) return with_sign(*value);
    }
    bool negative_exponent = false;
    std::string_view exponent;
    if (rest.starts_with('e') || rest.starts_with('E')) {
        rest.remove_prefix(1);
        negative_exponent = take_sign(rest);
        exponent = take_digits(rest);
        if (exponent.empty()) return {};
    }
    if (!rest.empty()) return {};
    std::string with_point;
    if (point != '.') {
        with_point = text;
        std::replace(with_point.begin(), with_point.end(), point, '.');
        text = with_point;
    }
    if (const std::optional<double> value = parse_decimal<double>(text)) return with_sign(*value);

    // Too large or too small: the position of the first digit other than 0, relative to the point, tells which.
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    auto place = static_cast<double>(whole.size());
    if (whole.empty()) place = -static_cast<double>(std::min(fraction.find_first_not_of('0'), fraction.size()));
    double shift = 0;
    for (const char c : exponent) shift = std::min(shift * 10 + (c - '0'), 1e18);
    place += negative_exponent ? -shift : shift;
    return with_sign(place > 0 ? infinity<double> : 0.0);
}

/// Returns whether `text` has groups of three digits with a separator between them, such as 1,234 or 1.234.567,8.
inline bool has_groups(std::string_view text, char separator) {
    (void)take_sign(text);
    const std::size_t first = take_digits(text).size();
    if (first == 0 || first > 3 || !text.starts_with(separator)) return false;
    while (text.starts_with(separator)) {
        text.remove_prefix(1);
        if (take_digits(text).size() != 3) return false;
    }
    return text.empty() || text.front() == '.' || text.front() == ',';
}

/// Returns what to do about a text that isn't a number, but nearly one, for messages: it has separators of thousands,
/// the other decimal point, or a sign before or after it, such as that of a currency. Returns nothing for other texts.
inline std::string number_remedy(std::string_view text, char point, char delimiter) {
    const char other = point == '.' ? ',' : '.';
    const std::string name = point == '.' ? "comma" : "point";
    const bool is_decimal = parse_number(text, other).has_value();
    if (is_decimal || has_groups(text, other) || has_groups(text, point)) {
        std::string remedy;
        if (!is_decimal || has_groups(text, other)) {
            remedy = ". Separators of thousands must be removed from the file";
        }
        if (is_decimal && other == delimiter) remedy += ". Its decimal point must be '.'";
        if (is_decimal && other != delimiter) {
            remedy.append(". If the ").append(name).append(" is the decimal point, set the option decimal_point");
        }
        return remedy;
    }
    const auto is_strange = [](char c) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !is_letter && !is_digit(c) && std::string_view("+-.,()").find(c) == std::string_view::npos;
    };
    std::string_view rest = text;
    while (!rest.empty() && is_strange(rest.front())) rest.remove_prefix(1);
    while (!rest.empty() && is_strange(rest.back())) rest.remove_suffix(1);
    if (rest.size() == text.size() || !(parse_number(rest, point) || has_groups(rest, other))) return {};
    return ". Around the number is something else, such as a unit, a minus other than - or a no-break space; remove it "
           "from the file";
}

}  // namespace TYPENET::detail
