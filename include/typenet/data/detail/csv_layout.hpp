#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/csv_reader.hpp>

/// What each column of a CSV file is, found from its first row and the options.
namespace typenet::detail {

struct CsvLayout {
    static constexpr std::size_t feature = std::numeric_limits<std::size_t>::max();

    std::vector<std::size_t> target;        ///< for each column: the index of its target, or `feature`
    std::vector<std::size_t> features_run;  ///< for each column: how many features begin there without a gap
};

/// Returns the index of a column among `count` columns. `names` holds the fields of the header; empty without one.
inline std::size_t find_column(const CsvReader& reader, const CsvColumn& column, std::size_t count,
                               const std::vector<std::string>& names) {
    constexpr FilePosition first_line{.line = 1};
    if (!column.name()) {
        if (column.index() < count) return column.index();
        reader.fail({"there is no column ", column.index(), ": the row has ", count, " columns, which count from 0"},
                    first_line);
    }
    const std::string shown = show_field(*column.name());
    if (names.empty()) reader.fail({"the options name the column ", shown, ", but there is no header"}, first_line);
    const auto found = std::find(names.begin(), names.end(), *column.name());
    if (found == names.end()) {
        constexpr std::size_t most = 10;
        std::vector<std::string> first;
        for (std::size_t i = 0; i < std::min(names.size(), most); ++i) first.push_back(show_field(names[i]));
        reader.fail(
            {"no column is named ", shown, "; the header has ", join_list(first), names.size() > most ? ", ..." : ""},
            first_line);
    }
    if (std::find(found + 1, names.end(), *column.name()) != names.end()) {
        reader.fail({"more than one column is named ", shown}, first_line);
    }
    return static_cast<std::size_t>(found - names.begin());
}

/// What the fields of a row are: 0, 1, 2, ... or 1, 2, 3, ..., as some programs name columns; other numbers; or
/// anything else.
enum class CsvRow { counts_up, numbers, other };

/// Reads a row and returns what its `count` fields are.
inline CsvRow read_row_kind(CsvReader& reader, std::size_t count) {
    bool from_0 = true;
    bool from_1 = true;
    std::size_t column = 0;
    do {
        const std::optional<double> value = parse_number(reader.read_field());
        if (!value) return CsvRow::other;
        from_0 = from_0 && *value == static_cast<double>(column);
        from_1 = from_1 && *value == static_cast<double>(column + 1);
        ++column;
    } while (reader.next_field());
    if (column != count) return CsvRow::other;
    reader.end_row();
    return from_0 || from_1 ? CsvRow::counts_up : CsvRow::numbers;
}

/// Reads the first row, decides whether it is a header, and returns what each column is. Leaves the reader at the start
/// of the first row of data.
template <class Target>
CsvLayout read_layout(CsvReader& reader, const CsvOptions& options, std::size_t feature_count) {
    if (reader.at_end()) reader.fail({"the file is empty; expected rows of numbers"}, {.line = 1});
    const CsvReader::Mark start = reader.mark();
    std::vector<CsvColumn> targets = options.target_columns;
    if constexpr (std::same_as<Target, Labels>) targets = {options.label_column};

    std::vector<std::string> names;  // of as many columns as there should be, so that memory is bounded
    std::size_t count = 0;
    bool has_numbers = false;
    std::optional<FilePosition> text_position;  // of the first field that is neither empty nor a number
    std::string first_text;
    do {
        const FilePosition position = reader.position();
        const std::string_view text = reader.read_field();
        if (count++ < feature_count + targets.size()) names.emplace_back(text);
        if (text.empty()) continue;
        if (parse_number(text)) {
            has_numbers = true;
        } else if (!text_position) {
            text_position = position;
            first_text = show_field(text);
        }
    } while (reader.next_field());
    reader.end_row();
    const auto require_width = [&] {
        if (count == feature_count + targets.size()) return;
        const std::size_t found = count - std::min(count, targets.size());
        reader.fail({"the row has ", found, " features, expected ", feature_count, " (", count,
                     " columns separated by ", show_field({&options.delimiter, 1}), ", of which ", targets.size(),
                     std::same_as<Target, Labels> ? " is the label)" : " are targets)"},
                    {.line = 1});
    };
    if (count > names.size()) require_width();

    bool is_header = options.header == CsvHeader::present;
    if (options.header == CsvHeader::automatic) {
        is_header =
            std::any_of(targets.begin(), targets.end(), [](const CsvColumn& c) { return c.name().has_value(); });
        if (!is_header && text_position) {
            if (has_numbers) {
                reader.fail({first_text,
                             " isn't a number, but other fields of the first row are. If the row is a header, set the "
                             "option header = CsvHeader::present"},
                            *text_position);
            }
            is_header = true;
        }
    }
    if (!is_header) {
        reader.go_back(start);
        if (options.header == CsvHeader::automatic && count >= 3 && read_row_kind(reader, count) == CsvRow::counts_up &&
            !reader.at_end() && read_row_kind(reader, count) == CsvRow::numbers) {
            reader.fail({"the first row counts its columns. Set the option header = CsvHeader::present if it is a "
                         "header, CsvHeader::absent if it is data"},
                        {.line = 1});
        }
        reader.go_back(start);
        names.clear();
    }

    CsvLayout layout;
    layout.target.assign(count, CsvLayout::feature);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        std::size_t& target = layout.target[find_column(reader, targets[i], count, names)];
        if (target != CsvLayout::feature) throw OptionError("load_csv: target_columns names a column twice");
        target = i;
    }
    require_width();
    layout.features_run.assign(count + 1, 0);
    for (std::size_t column = count; column-- > 0;) {
        if (layout.target[column] == CsvLayout::feature) {
            layout.features_run[column] = layout.features_run[column + 1] + 1;
        }
    }
    if (reader.at_end()) reader.fail({"there are no rows after the header"}, reader.position());
    return layout;
}

}  // namespace typenet::detail
