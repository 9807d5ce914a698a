#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// Texts, numbers, elements and tables of HTML. What is written is well-formed XML as well. Numbers don't depend on the
/// locale.
namespace TYPENET::detail::html {

/// Returns a text as the content of an element or of an attribute in double quotes. Control characters, and bytes that
/// are not UTF-8, become U+FFFD.
inline std::string escaped(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char first = text.front();
        if (length == 0 || (length == 1 && (static_cast<unsigned char>(first) < ' ' || first == '\x7F'))) {
            safe += first == '\n' || first == '\t' ? " " : "\xEF\xBF\xBD";
        } else if (first == '&') {
            safe += "&amp;";
        } else if (first == '<') {
            safe += "&lt;";
        } else if (first == '>') {
            safe += "&gt;";
        } else if (first == '"') {
            safe += "&quot;";
        } else {
            safe += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return safe;
}

/// Returns <tag attributes>content</tag>; `start` is the tag with its attributes, such as "th scope=\"row\"".
inline std::string element(std::string_view start, std::string_view content) {
    std::string text = "<";
    text.append(start).append(">").append(content).append("</");
    return text.append(start.substr(0, start.find(' '))).append(">");
}

/// Returns a number that isn't finite as text.
inline std::string not_finite(double value) { return is_nan(value) ? "NaN" : value > 0 ? "∞" : "−∞"; }

/// Returns a number with so many digits after the point.
inline std::string fixed(double value, int digits) {
    if (!is_finite(value)) return not_finite(value);
    const std::string number = number_text(value, decimals(std::abs(value) >= 1e15 ? 0 : digits));
    const bool is_zero = number.find_first_not_of("-0.") == std::string::npos;
    return is_zero && number[0] == '-' ? number.substr(1) : number;
}

/// Returns a number with at most so many significant digits, and an exponent where it needs one: 0.0123, 1.5e-7.
inline std::string significant(double value, int digits = 4) {
    if (!is_finite(value)) return not_finite(value);
    std::string number = number_text(value, significant_digits(digits));
    if (const std::size_t e = number.find('e'); e != std::string::npos) {
        if (number[e + 2] == '0') number.erase(e + 2, 1);  // e-07
        if (number[e + 1] == '+') number.erase(e + 1, 1);
    }
    return number == "-0" ? "0" : number;
}

/// Returns a share of 1 in percent.
inline std::string percent(double share, int decimals = 2) {
    return is_finite(share) ? fixed(100 * share, decimals) + " %" : not_finite(share);
}

/// Returns a count with its digits in groups: 60,000. A sum of weights that isn't whole has two decimals.
inline std::string count(double value) {
    if (!is_finite(value)) return not_finite(value);
    std::string digits = fixed(value, value == std::floor(value) ? 0 : 2);
    std::size_t end = digits.find('.');
    if (end == std::string::npos) end = digits.size();
    for (std::size_t i = end; i > 3; i -= 3) digits.insert(i - 3, ",");
    return digits;
}
inline std::string count(std::size_t value) { return count(static_cast<double>(value)); }

/// Returns a count of things: "1 row", "2 rows".
inline std::string count_of(std::size_t number, std::string_view thing) {
    return count(number) + " " + std::string(thing) + (number == 1 ? "" : "s");
}

/// Returns a time in a unit that suits it.
inline std::string duration(double seconds) {
    if (!is_finite(seconds)) return not_finite(seconds);
    if (seconds < 1) return significant(1000 * seconds, 3) + " ms";
    if (seconds < 120) return significant(seconds, 3) + " s";
    if (seconds < 7200) return fixed(seconds / 60, 1) + " min";
    return fixed(seconds / 3600, 1) + " h";
}

/// A table in a box of its own, in which it scrolls where it is wider than the page. The first cell of each row is the
/// row's heading.
class Table {
public:
    /// `caption` is text, `headings` and what `add_row` takes is HTML.
    Table(std::string_view caption, const std::vector<std::string>& headings) : caption_(escaped(caption)) {
        std::string cells;
        for (const std::string& heading : headings) cells += element("th scope=\"col\"", heading);
        rows_ = element("thead", element("tr", cells)) + "<tbody>";
    }

    void add_row(const std::vector<std::string>& cells) {
        std::string row;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            row += i == 0 ? element("th scope=\"row\"", cells[i]) : element("td", cells[i]);
        }
        rows_ += element("tr", row) + "\n";
    }
    /// Adds a row of cells that are whole elements.
    void add_elements(std::string_view cells) { rows_ += element("tr", cells) + "\n"; }

    /// Returns the table. `kind` is its class for the style, such as "confusion".
    [[nodiscard]] std::string text(std::string_view kind = "numbers") const {
        std::string table = "table class=\"";
        table.append(kind).append("\"");
        return element(R"(div class="scroll" tabindex="0" role="region" aria-label=")" + caption_ + "\"",
                       element(table, element("caption", caption_) + rows_ + "</tbody>")) +
               "\n";
    }

private:
    std::string caption_;
    std::string rows_;
};

}  // namespace TYPENET::detail::html
