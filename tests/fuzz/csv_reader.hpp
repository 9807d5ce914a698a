#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/data/csv_options.hpp>

/// Reads a CSV file as simply as possible, by the rules in the comment of load_csv: what the library's reader is
/// compared with.
namespace fuzz {

/// What the simple reader throws for a file that load_csv must refuse.
struct Refused {};

/// Reads the fields of a file, one character at a time.
class SimpleReader {
public:
    SimpleReader(std::string_view text, const typenet::CsvOptions& options) : text_(text), options_(options) {
        if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) throw Refused{};
        if (text.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
        for (std::size_t i = 0; i < options.skip_lines; ++i) drop_line();
    }

    std::vector<std::vector<std::string>> rows() {
        std::vector<std::vector<std::string>> rows;
        for (bool after_blank = false;;) {
            while (!text_.empty() && options_.comment == next()) drop_line();
            const std::size_t content = text_.find_first_not_of(is_run() ? "\r \t" : "\r");
            if (content == std::string_view::npos) return rows;
            if (text_[content] == '\n') {
                text_.remove_prefix(content + 1);
                after_blank = true;
                continue;
            }
            if (after_blank) throw Refused{};  // a blank line before a row
            rows.push_back(row());
        }
    }

private:
    /// Returns the next character; 0 at the end, since a NUL byte is refused.
    [[nodiscard]] char next() const { return text_.empty() ? '\0' : text_.front(); }
    [[nodiscard]] bool is_run() const { return options_.delimiter == ' '; }
    [[nodiscard]] bool at_delimiter() const {
        return !text_.empty() && (next() == options_.delimiter || (is_run() && next() == '\t'));
    }
    [[nodiscard]] bool at_end_of_row() const {
        return text_.empty() || next() == '\n' || text_ == "\r" || text_.starts_with("\r\n");
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

    void drop_line() {
        while (!text_.empty() && next() != '\n') text_.remove_prefix(1);
        take('\n');
    }

    /// Takes blanks that aren't delimiters.
    void skip_spaces() {
        while (!at_delimiter() && (take(' ') || take('\t'))) {
        }
    }

    /// Takes a delimiter and returns whether a field follows.
    bool next_field() {
        if (!is_run()) return take(options_.delimiter);
        bool found = false;
        while (take(' ') || take('\t')) found = true;
        return found && !at_end_of_row();
    }

    std::vector<std::string> row() {
        std::vector<std::string> fields;
        if (is_run()) next_field();
        do {
            fields.push_back(field());
        } while (next_field());
        take('\r');
        take('\n');
        return fields;
    }

    std::string field() {
        std::string value;
        skip_spaces();
        if (take('"')) {
            while (!take('"') || next() == '"') value += take_character();
            skip_spaces();
            if (!at_delimiter() && !at_end_of_row()) throw Refused{};
            return value;
        }
        while (!at_delimiter() && !at_end_of_row()) {
            if (next() == '\r') throw Refused{};
            value += take_character();
        }
        while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.pop_back();
        return value;
    }

    std::string_view text_;
    const typenet::CsvOptions& options_;
};

/// Returns the value of a decimal number, or of a word such as "nan"; nothing for any other text.
inline std::optional<double> number(const std::string& text, char point = '.') {
    std::string small = text;
    if (point != '.') {
        if (text.find('.') != std::string::npos) return {};
        std::replace(small.begin(), small.end(), point, '.');
    }
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
