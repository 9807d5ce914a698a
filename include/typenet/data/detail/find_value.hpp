#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <typenet/core/namespace.hpp>
#include <typenet/data/detail/csv_number.hpp>

/// Which of a column's values a text stands for, where the values are texts that a type or an option names.
namespace TYPENET::detail {

/// A decimal number, exactly: 0.d1d2d3... times 10^exponent, with the digits d1 to the last that isn't 0.
struct ExactDecimal {
    bool is_negative = false;
    std::string digits = {};  ///< none for 0
    long exponent = 0;

    friend bool operator==(const ExactDecimal&, const ExactDecimal&) = default;
};

/// Returns the number that a text is. Returns nothing for a text that is a name rather than a number: a zero before
/// other digits, as in the postal code 01234, or an exponent without a sign, as in 12E5.
inline std::optional<ExactDecimal> exact_decimal(std::string_view text, char point) {
    ExactDecimal number{.is_negative = take_sign(text)};
    const std::string_view whole = take_digits(text);
    std::string_view fraction;
    if (text.starts_with(point)) {
        text.remove_prefix(1);
        fraction = take_digits(text);
    }
    if (whole.empty() && fraction.empty()) return {};
    if (whole.size() > 1 && whole.front() == '0') return {};
    if (!text.empty()) {
        if (text.front() != 'e' && text.front() != 'E') return {};
        text.remove_prefix(1);
        if (!text.starts_with('+') && !text.starts_with('-')) return {};
        const bool is_small = take_sign(text);
        const std::string_view exponent = take_digits(text);
        if (exponent.empty() || exponent.size() > 6 || !text.empty()) return {};
        for (const char c : exponent) number.exponent = 10 * number.exponent + (c - '0');
        if (is_small) number.exponent = -number.exponent;
    }
    number.exponent += static_cast<long>(whole.size());
    number.digits.append(whole).append(fraction);
    const std::size_t zeros = std::min(number.digits.find_first_not_of('0'), number.digits.size());
    number.digits.erase(0, zeros);
    number.exponent -= static_cast<long>(zeros);
    number.digits.erase(number.digits.find_last_not_of('0') + 1);
    if (number.digits.empty()) return ExactDecimal{};
    return number;
}

/// Returns the index of a value: that of the text itself, or else of the same number in other digits, such as "1.0" or
/// "1e+00" for "1". Returns the number of values when there is none. `point` is the text's decimal point; that of the
/// values is '.'.
inline std::size_t find_value(std::span<const std::string_view> values, std::string_view text, char point = '.') {
    const auto found = std::find(values.begin(), values.end(), text);
    if (found != values.end()) return static_cast<std::size_t>(found - values.begin());
    const std::optional<ExactDecimal> number = exact_decimal(text, point);
    for (std::size_t i = 0; number && i < values.size(); ++i) {
        if (exact_decimal(values[i], '.') == number) return i;
    }
    return values.size();
}

}  // namespace TYPENET::detail
