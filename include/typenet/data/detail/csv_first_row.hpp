#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/csv_reader.hpp>

/// The first row of a CSV file: whether it is a header, and where the columns are that a caller looks for.
///
/// `read_first_row` takes a list of WantedColumn, looks for the named ones and decides whether the row is a header. It
/// judges a row of numbers by CountingRow and by the row below. `check_found` completes the list, and refuses a file
/// that lacks one of the columns, or has one twice.
namespace TYPENET::detail {

inline constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

/// A column that is looked for by index or name.
struct WantedColumn {
    CsvColumn which;
    bool ignored = false;  ///< whether it may hold anything
    bool is_label = false;
    bool is_weight = false;
    std::span<const std::string_view> texts = {};  ///< what its fields may hold beside numbers
    std::size_t column = no_index;                 ///< where it was found
    bool is_repeated = false;                      ///< whether more than one has its name
};

/// Whether the fields of a row, empty ones aside, are numbers as some programs name columns: 0, 1, 2, ... or
/// 1, 2, 3, ..., at least three of them; whole numbers in equal steps, such as wavelengths, at least four; or rising
/// whole numbers, such as what is left of 0, 1, 2, ..., at least five.
class CountingRow {
public:
    void add(std::string_view text, char decimal_point) {
        if (text.empty()) return;
        const double value = parse_number(text, decimal_point).value_or(0.5);
        const double step = value - last_;
        rises_ = rises_ && value == std::floor(value) && (fields_ == 0 || step > 0);
        if (fields_ == 0) first_ = value;
        if (fields_ == 1) step_ = step;
        if (fields_ > 1) is_even_ = is_even_ && step == step_;
        last_ = value;
        ++fields_;
    }
    explicit operator bool() const noexcept { return rises_ && fields_ >= (counts() ? 3U : is_even_ ? 4U : 5U); }

    /// Whether the row below is of the same kind, so that both are data.
    [[nodiscard]] bool goes_on_in(const CountingRow& next) const noexcept {
        return next.rises_ && (next.counts() || !counts());
    }

private:
    [[nodiscard]] bool counts() const noexcept { return is_even_ && step_ == 1 && (first_ == 0 || first_ == 1); }

    std::size_t fields_ = 0;
    bool rises_ = true;    // whether all are whole, each above the last
    bool is_even_ = true;  // whether all steps are equal
    double first_ = 0;
    double step_ = 0;
    double last_ = 0;
};

/// A field that only a header can have.
struct HeaderText {
    FilePosition position = {};
    std::string shown = {};  ///< as messages show it
    bool is_label = false;   ///< whether it is in the column of the labels
};

/// What the first row tells.
struct CsvFirstRow {
    std::size_t count = 0;    ///< fields
    bool ends_empty = false;  ///< whether its last field is empty
    bool is_header = false;
    bool has_numbers = false;  ///< whether a field is a number, missing values and columns to ignore aside
    std::optional<HeaderText> header_text = {};  ///< the first field that only a header can have
    CountingRow counting = {};
    FilePosition position = {};           ///< of the row
    std::vector<std::string> names = {};  ///< the first fields, at most shown_names of them, for messages

    static constexpr std::size_t shown_names = 10;
};

/// Reads the row below the first and returns whether it is of the same kind, or has another number of fields.
inline bool goes_on(const CsvFirstRow& row, CsvReader& reader, const CsvOptions& options) {
    CountingRow counting;
    std::size_t fields = 0;
    do {
        counting.add(reader.read_field(), options.decimal_point);
        ++fields;
    } while (reader.next_field());
    return row.counting.goes_on_in(counting) || fields != row.count;
}

/// Returns what may be wrong with a first row that doesn't have what is wanted, for messages: where it begins like a
/// comment, has a single field, or has numbers for names. Otherwise returns nothing.
inline std::string first_row_hint(const CsvFirstRow& row, const CsvOptions& options) {
    const std::string& first = row.names[0];
    if (!options.comment && first.starts_with('#')) return ". The option comment can be '#'";
    if (first.starts_with("sep=")) return ". The first line names the delimiter: set it, and skip_lines = 1";
    if (row.is_header && options.header == CsvHeader::automatic && row.has_numbers) {
        return ". If the file has no header, the option column_names gives the names";
    }
    if (row.count > 1) return {};
    for (const char c : {';', '\t', '|', ',', ' '}) {
        if (c != options.delimiter && first.find(c) != std::string::npos) {
            return join({". Is the delimiter ", show_field({&c, 1}), "?",
                         c == ' ' ? " Or is this a title, which the option skip_lines skips?" : ""});
        }
    }
    return ". The option skip_lines skips lines above the table";
}

/// Reads the fields of the first row, and finds the columns whose names are in it.
inline CsvFirstRow read_first_fields(CsvReader& reader, const CsvOptions& options, std::span<WantedColumn> wanted,
                                     const std::vector<std::string>& missing) {
    CsvFirstRow row{.position = {.line = reader.position().line}};
    do {
        const FilePosition position = reader.position();
        const std::string_view text = reader.read_field();
        if (row.count < CsvFirstRow::shown_names) row.names.emplace_back(text);
        row.counting.add(text, options.decimal_point);
        bool is_label = false;
        bool is_either = text.empty() || std::find(missing.begin(), missing.end(), text) != missing.end();
        for (WantedColumn& column : wanted) {
            if (column.which.name()) {
                if (*column.which.name() != text) continue;
                column.is_repeated = column.column != no_index;
                column.column = row.count;
            } else if (column.which.index() == row.count) {
                const auto& texts = column.texts;
                is_label |= column.is_label;
                is_either |= column.ignored || std::find(texts.begin(), texts.end(), text) != texts.end();
            }
        }
        row.ends_empty = text.empty();
        ++row.count;
        if (is_either) continue;
        if (parse_number(text, options.decimal_point)) {
            row.has_numbers = true;
        } else if (!row.header_text) {
            row.header_text = HeaderText{position, show_field(text), is_label};
        }
    } while (reader.next_field());
    reader.end_row();
    return row;
}

/// Returns whether the row that was read is a header. Throws FileError where neither the options nor its fields tell.
inline bool is_header(const CsvFirstRow& row, CsvReader& reader, const CsvOptions& options,
                      std::span<const WantedColumn> wanted) {
    if (options.header != CsvHeader::automatic) return options.header == CsvHeader::present;
    if (!options.column_names.empty()) return false;
    if (std::any_of(wanted.begin(), wanted.end(), [](const WantedColumn& c) { return c.which.name().has_value(); })) {
        return true;
    }
    if (row.header_text && row.has_numbers) {
        reader.fail({row.header_text->shown, " isn't a number, but other fields of the first row are. ",
                     row.header_text->is_label ? "If it names a class, list it in the option class_names. "
                                               : "Columns of texts can be left out by ignore_columns. ",
                     "If the row is a header, set the option header = CsvHeader::present"},
                    row.header_text->position);
    }
    if (row.header_text) return true;
    if (row.counting && !reader.at_end() && !goes_on(row, reader, options)) {
        reader.fail(
            {"the first row may name its columns by numbers. Set the option header = CsvHeader::present if it is a "
             "header, CsvHeader::absent if it is data"},
            row.position);
    }
    return false;
}

/// Finds the wanted columns in the option column_names, and takes its names for those of the row.
inline void find_in_column_names(CsvFirstRow& row, const CsvReader& reader, const CsvOptions& options,
                                 std::span<WantedColumn> wanted) {
    const std::vector<std::string>& names = options.column_names;
    if (names.size() != row.count) {
        reader.fail({"the row has ", row.count, row.count == 1 ? " column" : " columns", ", but column_names has ",
                     names.size(), first_row_hint(row, options)},
                    row.position);
    }
    if (std::equal(row.names.begin(), row.names.end(), names.begin())) {
        reader.fail({"the first row has the names of column_names: leave these out, or set skip_lines = 1"},
                    row.position);
    }
    row.names.assign(names.begin(), names.begin() + std::ssize(row.names));
    for (WantedColumn& column : wanted) {
        if (!column.which.name()) continue;
        const auto found = std::find(names.begin(), names.end(), *column.which.name());
        column.column = found == names.end() ? no_index : static_cast<std::size_t>(found - names.begin());
        column.is_repeated =
            found != names.end() && std::find(found + 1, names.end(), *column.which.name()) != names.end();
    }
}

/// Reads the first row, finds the wanted columns and decides whether the row is a header. Leaves the reader at the
/// first row of data.
inline CsvFirstRow read_first_row(CsvReader& reader, const CsvOptions& options, std::span<WantedColumn> wanted,
                                  const std::vector<std::string>& missing) {
    if (reader.at_end()) reader.fail({"the file is empty; expected rows of numbers"}, {.line = 1});
    const CsvReader::Mark start = reader.hold();
    CsvFirstRow row = read_first_fields(reader, options, wanted, missing);
    row.is_header = is_header(row, reader, options, wanted);
    if (!row.is_header) reader.go_back(start);
    reader.release();
    if (!options.column_names.empty()) find_in_column_names(row, reader, options, wanted);
    return row;
}

/// Throws FileError unless each wanted column was found once.
inline void check_found(const CsvReader& reader, const CsvFirstRow& row, const CsvOptions& options,
                        std::span<WantedColumn> wanted) {
    const bool has_names = row.is_header || !options.column_names.empty();
    for (WantedColumn& column : wanted) {
        const std::optional<std::string>& name = column.which.name();
        if (!name) {
            column.column = column.which.index();
            if (column.column >= row.count) {
                reader.fail(
                    {"there is no column ", column.column, ": the row has ", row.count,
                     row.count == 1 ? " column" : " columns", ", which count from 0", first_row_hint(row, options)},
                    row.position);
            }
            continue;
        }
        const std::string shown = show_field(*name);
        if (!has_names) {
            reader.fail({"the options name the column ", shown, ", but there is no header"}, row.position);
        }
        if (column.column == no_index) {
            std::vector<std::string> first;
            for (const std::string& text : row.names) first.push_back(show_field(text));
            reader.fail({"no column is named ", shown, "; the header has ", join_list(first),
                         row.count > first.size() ? ", ..." : "", first_row_hint(row, options)},
                        row.position);
        }
        if (column.is_repeated) {
            reader.fail({"more than one column is named ", shown,
                         ". The option column_names can give other names, with skip_lines = 1"},
                        row.position);
        }
    }
}

}  // namespace TYPENET::detail
