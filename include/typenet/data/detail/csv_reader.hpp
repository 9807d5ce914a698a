#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/csv_integers.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/line_blocks.hpp>

/// Reads the fields of a CSV text one by one, for CsvLoader and `read_layout`. A caller reads a row like this:
///
///     do read_field() or read_number(); while (next_field());
///     end_row();
///
/// The cursor is at the start of a field. `read_field` and `read_number` move it to the delimiter or line end after the
/// field; `next_field` and `end_row` move it past that. `read_small_integers` reads runs of fields at once, with
/// CsvIntegers. The reader counts lines and columns, so that every error names its place.
///
/// A file's text comes in blocks of whole lines (LineBlocks). So the cursor meets the end of a block only where a row
/// may start and in quotes: `read_more` is called there, and nowhere else. All other functions see one text.
namespace TYPENET::detail {

/// Returns a field as messages show it: in quotes, on one line, at most 40 characters.
inline std::string show_field(std::string_view text) { return join({"\"", shown(text, 40), "\""}); }

/// How a text separates fields and rows.
struct CsvDialect {
    char delimiter = ',';  ///< ' ' stands for any run of spaces and tabs
    char decimal_point = '.';
    std::optional<char> comment = {};  ///< lines that begin with it are skipped
    std::size_t skip_lines = 0;        ///< how many lines to skip at the top
};

/// Reads a text. Throws FileError, with line and column, for anything that is wrong with it. `file` is its name in
/// messages.
class CsvReader {
public:
    /// A position of the cursor, for `go_back`: valid until the field there has been read and the next one is.
    struct Mark {
        std::size_t offset;
        FilePosition position;
    };

    /// Reads a text in memory, which must outlive the reader.
    CsvReader(std::string_view text, std::string file, const CsvDialect& dialect = {})
        : CsvReader(nullptr, text, std::move(file), dialect) {}

    /// Reads a text in blocks, which must outlive the reader.
    CsvReader(LineBlocks& blocks, std::string file, const CsvDialect& dialect = {})
        : CsvReader(&blocks, blocks.next({}), std::move(file), dialect) {}

    [[nodiscard]] FilePosition position() const noexcept { return {line_, column_}; }
    [[nodiscard]] Mark mark() const noexcept { return {offset(), position()}; }

    /// Returns a mark that stays valid until `release` is called.
    [[nodiscard]] Mark hold() noexcept {
        held_ = offset();
        return mark();
    }
    void release() noexcept { held_ = std::numeric_limits<std::size_t>::max(); }

    void go_back(const Mark& mark) noexcept {
        cursor_ = begin_ + (mark.offset - begin_offset_);
        line_ = mark.position.line;
        column_ = mark.position.column;
    }

    /// Returns how many bytes of text are before the cursor.
    [[nodiscard]] std::size_t offset() const noexcept { return offset_of(cursor_); }

    /// Returns how many bytes there are from the cursor to the end of the text. Where the blocks don't know, returns at
    /// least as many as have been read.
    [[nodiscard]] std::size_t remaining() const noexcept {
        return in_memory() + (blocks_ == nullptr ? 0 : blocks_->rest());
    }

    /// At the start of a row: returns whether there are no more rows. Blank lines at the end are allowed; one before a
    /// further row throws.
    [[nodiscard]] bool at_end() {
        const char* next = cursor_;
        for (; next != end_ || read_more_at(next); ++next) {  // a blank line or a comment each time
            if (is_comment(next)) next = line_end(next);
            while (next != end_ && (*next == '\r' || (is_run_ && is_blank(*next)))) ++next;
            if (next == end_ || *next != '\n') break;
        }
        if (next != end_ && std::find(cursor_, next, '\n') != next) {
            fail({"the line is blank; expected a row. Remove blank lines between rows"}, position());
        }
        return next == end_;
    }

    /// Returns the text of the field, without quotes and without spaces around it. Valid until the next read.
    [[nodiscard]] std::string_view read_field() {
        field_start_ = position();
        const std::size_t start = offset();
        skip_spaces();
        if (cursor_ != end_ && *cursor_ == '"') return text_ = quoted_field(start);
        const char* const first = cursor_;
        while (cursor_ != end_ && !may_end_field_[static_cast<unsigned char>(*cursor_)]) ++cursor_;
        const char* last = cursor_;
        if (cursor_ != end_ && *cursor_ == '\0') fail({"there is a NUL byte; expected text"});
        if (cursor_ != end_ && *cursor_ == '\r') {
            if (!at_row_end()) fail({"there is a carriage return alone; lines end in LF or CRLF"});
            ++cursor_;
        }
        while (last != first && is_space(last[-1])) --last;
        return text_ = std::string_view(first, static_cast<std::size_t>(last - first));
    }

    /// Returns the value of the field. Throws unless it is a finite number within the range of float; the message ends
    /// in `remedy` where it is no number, unless it is nearly one.
    [[nodiscard]] double read_number(std::string_view remedy = {}) {
        if (const std::optional<std::uint32_t> value = plain_integer()) return *value;
        return number_in(read_field(), remedy);
    }

    /// Returns the number that `text`, the field last read, stands for, and throws what read_number throws.
    [[nodiscard]] double number_in(std::string_view text, std::string_view remedy = {}) const {
        const std::optional<double> value = parse_number(text, dialect_.decimal_point);
        if (text.empty()) fail({"the field is empty; expected a number", remedy});
        if (!value) {
            const std::string nearly = number_remedy(text, dialect_.decimal_point, dialect_.delimiter);
            fail({shown(), " isn't a number", nearly.empty() ? remedy : nearly});
        }
        if (!is_finite_as_float(*value)) {
            const bool is_large = is_finite(*value) || is_digit(text.back());
            fail({shown(), is_large ? " is too large for a float" : " isn't a finite number", is_large ? "" : remedy});
        }
        return *value;
    }

    /// Reads fields that are integers from 0 to `limit`, at most 999, and directly followed by a delimiter: at most
    /// `count` of them, and perhaps up to 3 fewer than there are. Writes their values to `out`, moves past their
    /// delimiters and returns how many it has read.
    template <class T>
    std::size_t read_small_integers(T* out, std::size_t count, std::uint32_t limit) noexcept {
        const auto end = integers_.read({cursor_, in_memory()}, out, count, limit);
        const auto done = static_cast<std::size_t>(end.out - out);
        cursor_ = end.text;
        column_ += done;
        return done;
    }

    /// After a field: moves to the next one and returns true, or stays and returns false at the end of the row.
    bool next_field() noexcept {
        if (cursor_ == end_ || !is_delimiter(*cursor_)) return false;
        if (is_run_) {
            while (cursor_ != end_ && is_blank(*cursor_)) ++cursor_;
            if (at_row_end()) return false;
        } else {
            ++cursor_;
        }
        ++column_;
        return true;
    }

    /// At the start of a field: returns whether the row has ended instead, which only blanks allow: they may stand
    /// before its end.
    [[nodiscard]] bool ended_in_blanks() const noexcept { return is_run_ && at_row_end(); }

    /// After the last field of a row: moves to the start of the next row.
    void end_row() {
        if (cursor_ != end_ && *cursor_ == '\r') ++cursor_;
        if (cursor_ != end_) ++cursor_;
        start_line();
        column_ = 1;
        skip_comments();
    }

    /// Returns the field last read, as messages show it.
    [[nodiscard]] std::string shown() const { return show_field(text_); }

    /// Throws FileError at the field last read.
    [[noreturn]] void fail(std::initializer_list<TextPart> reason) const { fail(reason, field_start_); }

    /// Throws FileError at a position.
    [[noreturn]] void fail(std::initializer_list<TextPart> reason, FilePosition position) const {
        throw FileError(file_, join(reason), position);
    }

private:
    CsvReader(LineBlocks* blocks, std::string_view text, std::string file, const CsvDialect& dialect)
        : file_(std::move(file)),
          dialect_(dialect),
          integers_(dialect.delimiter),
          blocks_(blocks),
          begin_(text.data()),
          cursor_(text.data()),
          end_(text.data() + text.size()) {
        for (const char c : {dialect.delimiter, is_run_ ? '\t' : dialect.delimiter, '\n', '\r', '\0'}) {
            may_end_field_[static_cast<unsigned char>(c)] = true;
        }
        if (text.starts_with("\xEF\xBB\xBF")) cursor_ += 3;
        if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) fail({"this is UTF-16 text; expected UTF-8"});
        for (std::size_t i = 0; i < dialect.skip_lines && cursor_ != end_; ++i) skip_line();
        skip_comments();
    }

    [[nodiscard]] static bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
    [[nodiscard]] bool is_delimiter(char c) const noexcept { return c == dialect_.delimiter || (is_run_ && c == '\t'); }
    /// Returns whether fields may have this character around them.
    [[nodiscard]] bool is_space(char c) const noexcept { return is_blank(c) && !is_delimiter(c); }

    [[nodiscard]] bool is_comment(const char* place) const noexcept {
        return dialect_.comment && *place == *dialect_.comment;
    }
    [[nodiscard]] const char* line_end(const char* place) const noexcept { return std::find(place, end_, '\n'); }

    /// Returns how many bytes of text are before a place.
    [[nodiscard]] std::size_t offset_of(const char* place) const noexcept {
        return begin_offset_ + static_cast<std::size_t>(place - begin_);
    }
    /// Returns how many bytes there are from the cursor to the end of the block.
    [[nodiscard]] std::size_t in_memory() const noexcept { return static_cast<std::size_t>(end_ - cursor_); }

    /// At the end of a block: reads further lines and returns whether there are any. The text from offset `kept` on,
    /// or from a held mark on, stays in memory, but may move.
    [[gnu::noinline]] bool read_more(std::size_t kept) {
        if (blocks_ == nullptr) return false;
        const std::size_t cursor = offset();
        const std::size_t end = offset_of(end_);
        kept = std::min(kept, held_);
        const std::string_view text = blocks_->next({begin_ + (kept - begin_offset_), end - kept});
        begin_ = text.data();
        begin_offset_ = kept;
        cursor_ = begin_ + (cursor - kept);
        end_ = begin_ + text.size();
        return kept + text.size() != end;
    }

    /// Does the same for a place behind the cursor, and moves it with the text.
    bool read_more_at(const char*& place) {
        const std::ptrdiff_t distance = place - cursor_;
        const bool is_more = read_more(offset());
        place = cursor_ + distance;
        return is_more;
    }

    /// Behind the end of a line: counts the next one, and reads it if it isn't in memory.
    void start_line() {
        ++line_;
        if (cursor_ == end_) (void)read_more(offset());
    }

    void skip_line() {
        cursor_ = line_end(cursor_);
        if (cursor_ != end_) ++cursor_;
        start_line();
    }

    /// At the start of a row: moves past the comments before it.
    void skip_comments() {
        while (cursor_ != end_ && is_comment(cursor_)) skip_line();
    }

    /// Returns whether the cursor is at a line end or at the end of the text.
    [[nodiscard]] bool at_row_end() const noexcept { return at_row_end(cursor_); }

    [[nodiscard]] bool at_row_end(const char* place) const noexcept {
        const char* const next = place != end_ && *place == '\r' ? place + 1 : place;
        return next == end_ || *next == '\n';
    }

    /// Reads a field of one to nine digits and nothing else. Otherwise returns nothing, and the cursor stays.
    std::optional<std::uint32_t> plain_integer() noexcept {
        std::uint32_t value = 0;
        const char* next = cursor_;
        for (; next != end_ && is_digit(*next); ++next) {
            if (next - cursor_ == 9) return {};
            value = 10 * value + static_cast<std::uint32_t>(*next - '0');
        }
        if (next == cursor_ || !((next != end_ && is_delimiter(*next)) || at_row_end(next))) return {};
        text_ = std::string_view(cursor_, static_cast<std::size_t>(next - cursor_));
        field_start_ = position();
        cursor_ = next;
        return value;
    }

    /// At the start of a field: moves past the spaces before it.
    void skip_spaces() noexcept {
        while (cursor_ != end_ && (is_space(*cursor_) || (is_run_ && is_blank(*cursor_)))) ++cursor_;
    }

    /// Reads a field in quotes, which starts at offset `start`, and returns what is between them, in which each doubled
    /// quote becomes one.
    std::string_view quoted_field(std::size_t start) {
        unquoted_.clear();
        for (++cursor_;; ++cursor_) {
            if (cursor_ == end_ && !read_more(start)) fail({"the quote that opens here is never closed"});
            if (*cursor_ == '\0') fail({"there is a NUL byte; expected text"});
            if (*cursor_ == '\n') ++line_;
            if (*cursor_ == '"') {
                ++cursor_;
                if (cursor_ == end_ || *cursor_ != '"') break;
            }
            unquoted_ += *cursor_;
        }
        while (cursor_ != end_ && is_space(*cursor_)) ++cursor_;
        if (!at_row_end() && !is_delimiter(*cursor_))
            fail({"there is text after the closing quote; expected a delimiter"});
        return unquoted_;
    }

    std::string file_;
    CsvDialect dialect_;
    bool is_run_ = dialect_.delimiter == ' ';  // whether a run of blanks is one delimiter
    CsvIntegers integers_;
    std::array<bool, 256> may_end_field_{};  // the delimiters, the bytes of line ends, and NUL
    LineBlocks* blocks_;                     // null for a text in memory
    const char* begin_;                      // of the block, or of the text in memory
    std::size_t begin_offset_ = 0;           // how many bytes of text are before it
    const char* cursor_;
    const char* end_;
    std::size_t held_ = std::numeric_limits<std::size_t>::max();  // the offset of the held mark; the largest if none is
    std::size_t line_ = 1;
    std::size_t column_ = 1;
    FilePosition field_start_{1, 1};
    std::string_view text_;
    std::string unquoted_;
};

}  // namespace TYPENET::detail
