#pragma once

#include <cctype>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reads a CSV file as simply as possible, by the rules in the comment of load_csv: what the library's reader is
/// compared with.
namespace fuzz {

/// What the simple reader throws for a file that load_csv must refuse.
struct Refused {};

/// Reads the fields of a file, one character at a time.
class SimpleReader {
public:
    SimpleReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
        if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) throw Refused{};
        if (text.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    }

    std::vector<std::vector<std::string>> rows() {
        std::vector<std::vector<std::string>> rows;
        while (text_.find_first_not_of("\r\n") != std::string_view::npos) {
            if (next() == '\n' || next() == '\r') throw Refused{};  // a blank line before a row
            rows.emplace_back();
            do {
                rows.back().push_back(field());
            } while (take(delimiter_));
            take('\r');
            take('\n');
        }
        return rows;
    }

private:
    /// Returns the next character; 0 at the end, since a NUL byte is refused.
    [[nodiscard]] char next() const { return text_.empty() ? '\0' : text_.front(); }

    [[nodiscard]] bool at_end_of_field() const {
        return text_.empty() || next() == delimiter_ || next() == '\n' || text_ == "\r" || text_.starts_with("\r\n");
    }

    bool take(char c) {
        if (text_.empty() || next() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    char take_character() {
        const char c = next();
        if (c == '\0') throw Refused{};
        text_.remove_prefix(1);
        return c;
    }

    void skip_spaces() {
        while ((delimiter_ != ' ' && take(' ')) || (delimiter_ != '\t' && take('\t'))) {
        }
    }

    std::string field() {
        std::string value;
        skip_spaces();
        if (take('"')) {
            while (!take('"') || next() == '"') value += take_character();
            skip_spaces();
            if (!at_end_of_field()) throw Refused{};
            return value;
        }
        while (!at_end_of_field()) {
            if (next() == '\r') throw Refused{};
            value += take_character();
        }
        while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
        return value;
    }

    std::string_view text_;
    char delimiter_;
};

/// Returns the value of a decimal number, or of a word such as "nan"; nothing for any other text.
inline std::optional<double> number(const std::string& text) {
    std::string small = text;
    for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::string unsigned_text = small.substr(small.starts_with('-') || small.starts_with('+') ? 1 : 0);
    if (unsigned_text != "nan" && unsigned_text != "inf" && unsigned_text != "infinity") {
        // strtod also reads spaces, hexadecimal numbers and "nan(...)". What it reads to the end is else a number.
        if (small.find_first_not_of("0123456789+-.e") != std::string::npos) return {};
    }
    char* end = nullptr;
    const double value = std::strtod(small.c_str(), &end);
    if (small.empty() || end != small.c_str() + small.size()) return {};
    return value;
}

}  // namespace fuzz
