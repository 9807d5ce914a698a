#include "csv_format.hpp"

#include <algorithm>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/csv_first_row.hpp>
#include <typenet/data/detail/csv_number.hpp>

namespace inspect {

using typenet::CsvHeader;
using typenet::CsvOptions;
using typenet::FileError;
using typenet::detail::CsvReader;
using typenet::detail::join;
using typenet::detail::parse_number;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Returns the first rows of a text, at most `count`.
Rows first_rows(std::string_view text, const std::string& file, const CsvOptions& options, std::size_t count) {
    Rows rows;
    CsvReader reader(text, file, options.dialect());
    while (rows.size() < count && !reader.at_end()) rows.push_back(read_row(reader));
    return rows;
}

/// Returns whether the first rows have the same number of fields, and more than one.
bool makes_a_table(std::string_view text, const std::string& file, const CsvOptions& options) {
    try {
        const Rows rows = first_rows(text, file, options, 5);
        return !rows.empty() && rows[0].size() > 1 &&
               std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.size() == rows[0].size(); });
    } catch (const FileError&) {
        return false;
    }
}

/// Sets the delimiter to the first candidate that makes a table, or to the last one. Returns whether there is a table.
bool find_delimiter(std::string_view text, const std::string& file, std::string_view candidates, CsvOptions& options) {
    for (const char candidate : candidates) {
        options.delimiter = candidate;
        if (makes_a_table(text, file, options)) return true;
    }
    return false;
}

/// Takes blanks instead of tabs where they make far more columns, as where only a last text stands behind a tab.
void prefer_blanks(std::string_view text, const std::string& file, CsvOptions& options) {
    const std::size_t columns = first_rows(text, file, options, 1)[0].size();
    options.delimiter = ' ';
    if (!makes_a_table(text, file, options) || first_rows(text, file, options, 1)[0].size() <= 2 * columns) {
        options.delimiter = '\t';
    }
}

/// Returns whether there are numbers with a decimal comma. Commas before three digits may separate thousands.
bool has_decimal_comma(const Rows& rows) {
    return std::any_of(rows.begin(), rows.end(), [](const auto& row) {
        return std::any_of(row.begin(), row.end(), [](const std::string& field) {
            return !parse_number(field, '.') && parse_number(field, ',') && !typenet::detail::has_groups(field, ',');
        });
    });
}

/// Returns for each field of the first row whether its column has it in a further row.
std::vector<bool> find_repeated(std::string_view text, const std::string& file, const CsvOptions& options) {
    CsvReader reader(text, file, options.dialect());
    const std::vector<std::string> first = read_row(reader);
    std::vector<bool> repeated(first.size());
    while (!reader.at_end() && std::find(repeated.begin(), repeated.end(), false) != repeated.end()) {
        const std::vector<std::string> row = read_row(reader);
        for (std::size_t i = 0; i < std::min(row.size(), first.size()); ++i) {
            if (row[i] == first[i]) repeated[i] = true;
        }
    }
    return repeated;
}

typenet::detail::CountingRow counting_of(const std::vector<std::string>& row) {
    typenet::detail::CountingRow counting;
    for (const std::string& field : row) counting.add(field, '.');
    return counting;
}

/// Finds out whether the first row is a header. Throws FileError where it may or may not be one.
void guess_header(std::string_view text, const std::string& file, const Rows& rows, CsvFormat& format) {
    constexpr std::string_view remedy = "say --header present if it names the columns, --header absent if it is data";
    const auto counting = counting_of(rows[0]);
    if (counting && rows.size() > 1 && !counting.goes_on_in(counting_of(rows[1]))) {
        throw FileError(file, join({"the first row counts its columns; ", remedy}));
    }
    const auto is_number = [&](const std::string& field) {
        return parse_number(field, format.options.decimal_point).has_value();
    };
    format.has_header = std::none_of(rows[0].begin(), rows[0].end(), is_number);
    const std::vector<bool> repeated = find_repeated(text, file, format.options);
    if (format.has_header) {
        format.may_be_data = std::find(repeated.begin(), repeated.end(), false) == repeated.end();
        return;
    }
    for (std::size_t i = 0; i < repeated.size(); ++i) {
        const std::string& field = rows[0][i];
        if (repeated[i] || is_number(field) || is_missing(field)) continue;
        throw FileError(file, join({"the first row has numbers, but also ", typenet::detail::show_field(field),
                                    ", which its column has only once; ", remedy}));
    }
}

}  // namespace

bool is_missing(const std::string& field) {
    static const std::vector<std::string> missing = CsvOptions::usual_missing();
    return std::find(missing.begin(), missing.end(), field) != missing.end();
}

std::vector<std::string> read_row(CsvReader& reader) {
    std::vector<std::string> fields;
    do {
        fields.emplace_back(reader.read_field());
    } while (reader.next_field());
    reader.end_row();
    return fields;
}

CsvFormat guess_format(std::string_view text, const std::string& file, const CsvHints& hints) {
    CsvFormat format{.options = {.skip_lines = hints.skip_lines}};
    CsvOptions& options = format.options;
    options.delimiter = hints.delimiter.value_or(',');
    options.validate({});
    CsvReader reader(text, file, options.dialect());
    if (reader.at_end()) reader.fail({"the file is empty; expected rows"}, {.line = 1});
    const bool may_have_comments = text.substr(text.size() - reader.remaining()).starts_with('#');

    const std::string candidates = hints.delimiter ? std::string(1, *hints.delimiter) : "\t;|,";
    bool is_found = find_delimiter(text, file, candidates, options);
    if (!is_found && may_have_comments) {
        options.comment = '#';
        is_found = find_delimiter(text, file, candidates, options);
    }
    if (!is_found && !hints.delimiter) find_delimiter(text, file, " ,", options);
    if (is_found && !hints.delimiter && options.delimiter == '\t') prefer_blanks(text, file, options);

    const Rows rows = first_rows(text, file, options, 100);
    if (rows.empty()) throw FileError(file, "has no rows");
    if (options.delimiter != ',' && has_decimal_comma(rows)) options.decimal_point = ',';
    format.has_header = hints.header == CsvHeader::present;
    if (hints.header == CsvHeader::automatic) guess_header(text, file, rows, format);
    format.names = rows[0];
    if (!format.has_header) {
        for (std::size_t i = 0; i < format.names.size(); ++i) format.names[i] = join({"column ", i});
        options.column_names = format.names;
    }
    return format;
}

}  // namespace inspect
