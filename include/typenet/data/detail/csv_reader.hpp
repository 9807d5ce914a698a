#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/csv_integers.hpp>
#include <typenet/data/detail/csv_number.hpp>

namespace typenet::detail {

/// A field as an error message shows it: in quotes, on one line, not too long.
inline std::string show_field(std::string_view text) {
    constexpr std::size_t longest = 40;
    std::string shown(text.substr(0, longest));
    for (char& c : shown) {
        if ((c >= 0 && c < ' ') || c == 0x7F) c = '?';
    }
    return join({"\"", shown, text.size() > longest ? "...\"" : "\""});
}

/// Walks through the fields of a CSV text from its first to its last. Keeps count of lines and columns, and throws
/// FileError with the place for whatever is wrong with the text. The text must outlive the reader.
///
/// The cursor stands at the start of a field; `field` or `number` takes it to the delimiter or line end after it, and
/// `next_field` or `end_row` past that.
class CsvReader {
public:
    /// A place to come back to.
    struct Mark {
        const char* cursor;
        FilePosition position;
    };

    CsvReader(std::string_view text, std::string file, char delimiter)
        : file_(std::move(file)),
          delimiter_(delimiter),
          integers_(delimiter),
          cursor_(text.data()),
          end_(text.data() + text.size()) {
        if (text.starts_with("\xEF\xBB\xBF")) cursor_ += 3;
        if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail({"this is UTF-16 text; expected UTF-8"});
    }

    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    [[nodiscard]] FilePosition position() const noexcept { return {line_, column_}; }
    [[nodiscard]] Mark mark() const noexcept { return {cursor_, position()}; }

    void go_back(const Mark& mark) noexcept {
        cursor_ = mark.cursor;
        line_ = mark.position.line;
        column_ = mark.position.column;
    }

    /// The number of bytes from the cursor to the end.
    [[nodiscard]] std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - cursor_); }

    /// At the start of a row: true when there are no more rows. Blank lines are right only after the last row.
    [[nodiscard]] bool at_end() const {
        const char* next = cursor_;
        while (next != end_ && (*next == '\n' || *next == '\r')) ++next;
        if (next != end_ && next != cursor_) fail({"the line is blank; expected a row"}, position());
        return next == end_;
    }

    /// The text of this field without quotes and without spaces around it. Valid until the next call.
    [[nodiscard]] std::string_view field() {
        field_start_ = position();
        skip_spaces();
        if (cursor_ != end_ && *cursor_ == '"') return text_ = quoted_field();
        const char* const first = cursor_;
        while (cursor_ != end_ && *cursor_ != delimiter_ && *cursor_ != '\n') {
            if (*cursor_ == '\0') fail({"a NUL byte; expected text"});
            if (*cursor_ == '\r' && !at_row_end()) fail({"a carriage return alone; lines end in LF or CRLF"});
            ++cursor_;
        }
        const char* last = cursor_;
        if (last != first && last[-1] == '\r') --last;
        while (last != first && is_space(last[-1])) --last;
        return text_ = std::string_view(first, static_cast<std::size_t>(last - first));
    }

    /// The value of this field, finite and within the range of float.
    [[nodiscard]] double number() {
        if (const std::optional<std::uint32_t> value = plain_integer()) return *value;
        const std::string_view text = field();
        const std::optional<double> value = parse_number(text);
        if (text.empty()) fail({"the field is empty; expected a number"});
        if (!value) fail({shown(), " isn't a number"});
        if (!(std::abs(*value) <= double{std::numeric_limits<float>::max()})) {
            const bool is_finite = std::isfinite(*value) || is_digit(text.back());
            fail({shown(), is_finite ? " is too large for a float" : " isn't a finite number"});
        }
        return *value;
    }

    /// Reads fields while they are plain integers from 0 to `limit` (at most 999) with a delimiter right behind them,
    /// but no more than `count`, and perhaps not the last few of them. Writes their values to `out`, goes past their
    /// delimiters and returns their number.
    template <class T>
    std::size_t small_integers(T* out, std::size_t count, std::uint32_t limit) noexcept {
        const auto end = integers_.read({cursor_, remaining()}, out, count, limit);
        const auto done = static_cast<std::size_t>(end.out - out);
        cursor_ = end.text;
        column_ += done;
        return done;
    }

    /// After a field: goes to the next one of the row; false, and stays, when this was the last.
    bool next_field() noexcept {
        if (cursor_ == end_ || *cursor_ != delimiter_) return false;
        ++cursor_;
        ++column_;
        return true;
    }

    /// After the last field of a row: goes to the start of the next one.
    void end_row() noexcept {
        if (cursor_ != end_ && *cursor_ == '\r') ++cursor_;
        if (cursor_ != end_) ++cursor_;
        ++line_;
        column_ = 1;
    }

    /// The field last read, as an error message shows it.
    [[nodiscard]] std::string shown() const { return show_field(text_); }

    /// An error in the field last read.
    [[noreturn]] void fail(std::initializer_list<TextPart> reason) const { fail(reason, field_start_); }

    [[noreturn]] void fail(std::initializer_list<TextPart> reason, FilePosition position) const {
        throw FileError(file_, join(reason), position);
    }

private:
    [[nodiscard]] bool is_space(char c) const noexcept { return (c == ' ' || c == '\t') && c != delimiter_; }

    /// Whether the cursor is at a line end or at the end of the text.
    [[nodiscard]] bool at_row_end() const noexcept { return at_row_end(cursor_); }

    [[nodiscard]] bool at_row_end(const char* place) const noexcept {
        const char* const next = place != end_ && *place == '\r' ? place + 1 : place;
        return next == end_ || *next == '\n';
    }

    /// The value of this field where it is one to nine digits and nothing else; otherwise the cursor stays.
    std::optional<std::uint32_t> plain_integer() noexcept {
        std::uint32_t value = 0;
        const char* next = cursor_;
        for (; next != end_ && is_digit(*next); ++next) {
            if (next - cursor_ == 9) return {};
            value = 10 * value + static_cast<std::uint32_t>(*next - '0');
        }
        if (next == cursor_ || !((next != end_ && *next == delimiter_) || at_row_end(next))) return {};
        text_ = std::string_view(cursor_, static_cast<std::size_t>(next - cursor_));
        field_start_ = position();
        cursor_ = next;
        return value;
    }

    void skip_spaces() noexcept {
        while (cursor_ != end_ && is_space(*cursor_)) ++cursor_;
    }

    /// What stands between quotes, with doubled ones made single.
    std::string_view quoted_field() {
        unquoted_.clear();
        for (++cursor_;; ++cursor_) {
            if (cursor_ == end_) fail({"the quote that opens here is never closed"});
            if (*cursor_ == '\0') fail({"a NUL byte; expected text"});
            if (*cursor_ == '\n') ++line_;
            if (*cursor_ == '"') {
                ++cursor_;
                if (cursor_ == end_ || *cursor_ != '"') break;
            }
            unquoted_ += *cursor_;
        }
        skip_spaces();
        if (!at_row_end() && *cursor_ != delimiter_) fail({"text after the closing quote; expected a delimiter"});
        return unquoted_;
    }

    std::string file_;
    char delimiter_;
    CsvIntegers integers_;
    const char* cursor_;
    const char* end_;
    std::size_t line_ = 1;
    std::size_t column_ = 1;
    FilePosition field_start_{1, 1};
    std::string_view text_;
    std::string unquoted_;
};

}  // namespace typenet::detail
