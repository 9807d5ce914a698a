#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/csv_reader.hpp>

/// What each column of a CSV file becomes, found from its first row, the options and what the caller wants.
///
/// `read_layout` lists the columns that it looks for (WantedColumn). `read_first_row` finds them and decides whether
/// the first row is a header. The layout then gives each of them, and each other column of features, a CsvRole.
namespace TYPENET::detail {

inline constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

/// What the fields of one column become.
struct CsvRole {
    /// `empty`: the column behind a delimiter at each line's end.
    enum class Kind { number, category, missing, target, label, class_name, weight, empty };
    std::size_t column = no_index;  ///< its index in the file
    Kind kind = Kind::number;
    std::size_t first = 0;                          ///< the index of its first feature, or of its target
    std::size_t run = 0;                            ///< how many numbers that can't be missing begin here without a gap
    bool optional = false;                          ///< whether a number may be missing
    std::size_t flag = no_index;                    ///< the feature that says whether a number is missing
    std::span<const std::string_view> values = {};  ///< of a category, or the names of the classes
    bool has_other = false;                         ///< whether the last of the values stands for all others
};

struct CsvLayout {
    std::size_t columns = 0;  ///< fields in a row
    /// The roles by column, then one with the column no_index. Other columns are left out.
    std::vector<CsvRole> roles;
    std::vector<std::string_view> class_names = {};  ///< from the options; a role refers to them
    std::vector<std::string> missing = {};           ///< the texts for missing values
    std::vector<double> missing_numbers = {};        ///< those of them that are numbers
};

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

/// What the first row tells.
struct CsvFirstRow {
    std::size_t count = 0;    ///< fields
    bool ends_empty = false;  ///< whether its last field is empty
    bool is_header = false;
    bool has_numbers = false;  ///< whether a field is a number, missing values and columns to ignore aside
    CountingRow counting = {};
    FilePosition position = {};           ///< of the row
    std::vector<std::string> names = {};  ///< the first fields, for messages
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

/// Reads the first row, finds the wanted columns and decides whether the row is a header. Leaves the reader at the
/// first row of data.
inline CsvFirstRow read_first_row(CsvReader& reader, const CsvOptions& options, std::span<WantedColumn> wanted,
                                  const std::vector<std::string>& missing) {
    constexpr std::size_t shown_names = 10;
    if (reader.at_end()) reader.fail({"the file is empty; expected rows of numbers"}, {.line = 1});
    const CsvReader::Mark start = reader.hold();
    CsvFirstRow row{.position = {.line = start.position.line}};
    std::optional<FilePosition> text_position;  // of the first field that only a header can have
    std::string first_text;
    bool is_text_label = false;
    do {
        const FilePosition position = reader.position();
        const std::string_view text = reader.read_field();
        if (row.count < shown_names) row.names.emplace_back(text);
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
        } else if (!text_position) {
            text_position = position;
            first_text = show_field(text);
            is_text_label = is_label;
        }
    } while (reader.next_field());
    reader.end_row();

    const bool are_named =
        std::any_of(wanted.begin(), wanted.end(), [](const WantedColumn& c) { return c.which.name().has_value(); });
    row.is_header = options.header == CsvHeader::present;
    if (options.header == CsvHeader::automatic && options.column_names.empty()) {
        if (!are_named && text_position && row.has_numbers) {
            reader.fail({first_text, " isn't a number, but other fields of the first row are. ",
                         is_text_label ? "If it names a class, list it in the option class_names. "
                                       : "Columns of texts can be left out by ignore_columns. ",
                         "If the row is a header, set the option header = CsvHeader::present"},
                        *text_position);
        }
        row.is_header = are_named || text_position;
    }
    if (!row.is_header) {
        if (options.header == CsvHeader::automatic && options.column_names.empty() && row.counting &&
            !reader.at_end() && !goes_on(row, reader, options)) {
            reader.fail(
                {"the first row may name its columns by numbers. Set the option header = CsvHeader::present if it is a "
                 "header, CsvHeader::absent if it is data"},
                row.position);
        }
        reader.go_back(start);
    }
    reader.release();

    if (!options.column_names.empty()) {
        if (options.column_names.size() != row.count) {
            reader.fail({"the row has ", row.count, row.count == 1 ? " column" : " columns", ", but column_names has ",
                         options.column_names.size(), first_row_hint(row, options)},
                        row.position);
        }
        if (std::equal(row.names.begin(), row.names.end(), options.column_names.begin())) {
            reader.fail({"the first row has the names of column_names: leave these out, or set skip_lines = 1"},
                        row.position);
        }
        row.names.assign(options.column_names.begin(),
                         options.column_names.begin() + static_cast<std::ptrdiff_t>(std::min(row.count, shown_names)));
        for (WantedColumn& column : wanted) {
            if (!column.which.name()) continue;
            const auto begin = options.column_names.begin();
            const auto end = options.column_names.end();
            const auto found = std::find(begin, end, *column.which.name());
            column.column = found == end ? no_index : static_cast<std::size_t>(found - begin);
            column.is_repeated = found != end && std::find(found + 1, end, *column.which.name()) != end;
        }
    }
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

/// Returns what the columns become where the file's own order counts: targets first among the wanted columns, then
/// those to ignore, then that of the weights if there is one; all others are features.
inline std::vector<CsvRole> ordered_roles(const CsvReader& reader, const CsvOptions& options, const CsvRequest& request,
                                          const CsvFirstRow& row, std::span<const WantedColumn> wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (wanted[i].column == wanted[j].column) {
                throw OptionError(
                    "load_csv: label_column, target_columns, weight_column and ignore_columns name a column twice");
            }
        }
    }
    const std::size_t expected = request.features + wanted.size();
    const bool ends_in_delimiter =
        row.count == expected + 1 && row.ends_empty &&
        std::none_of(wanted.begin(), wanted.end(), [&](const WantedColumn& c) { return c.column + 1 == row.count; });
    if (row.count != expected && !ends_in_delimiter) {
        const std::size_t ignored = options.ignore_columns.size();
        const std::size_t found = row.count - std::min(row.count, wanted.size());
        std::vector<std::string> others;
        if (request.targets == CsvRequest::Kind::labels) others.emplace_back("1 is the label");
        if (request.targets == CsvRequest::Kind::numbers)
            others.push_back(join({request.target_count, " are targets"}));
        if (options.weight_column) others.push_back(join({"1 is the weight"}));
        if (ignored != 0) others.push_back(join({ignored, ignored == 1 ? " is ignored" : " are ignored"}));
        reader.fail({"the row has ", found, " features, expected ", request.features, " (", row.count,
                     row.count == 1 ? " column" : " columns", " separated by ", show_field({&options.delimiter, 1}),
                     others.empty() ? "" : ", of which ", join_list(others), ")", first_row_hint(row, options)},
                    row.position);
    }
    std::vector<CsvRole> roles;
    roles.reserve(row.count + 1);
    std::size_t feature = 0;
    for (std::size_t column = 0; column < row.count; ++column) {
        const auto found =
            std::find_if(wanted.begin(), wanted.end(), [&](const WantedColumn& c) { return c.column == column; });
        CsvRole role{.column = column};
        if (found != wanted.end()) {
            if (found->ignored) continue;
            role.kind = found->is_weight                               ? CsvRole::Kind::weight
                        : request.targets == CsvRequest::Kind::numbers ? CsvRole::Kind::target
                        : found->texts.empty()                         ? CsvRole::Kind::label
                                                                       : CsvRole::Kind::class_name;
            role.first = static_cast<std::size_t>(found - wanted.begin());
            role.values = found->texts;
        } else if (ends_in_delimiter && column + 1 == row.count) {
            role.kind = CsvRole::Kind::empty;
        } else {
            role.first = feature++;
            role.optional = !options.missing.empty();
        }
        roles.push_back(role);
    }
    return roles;
}

/// Returns what the columns become where they are named: `wanted` are the columns of the features, in the order of
/// their rules, then those of the targets, then that of the weights if there is one.
inline std::vector<CsvRole> named_roles(const CsvRequest& request, std::span<const WantedColumn> wanted) {
    std::vector<CsvRole> roles;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CsvRole role{.column = wanted[i].column};
        if (i < request.columns.size()) {
            const ColumnRule& rule = request.columns[i];
            role.kind = rule.kind == ColumnRule::Kind::category  ? CsvRole::Kind::category
                        : rule.kind == ColumnRule::Kind::missing ? CsvRole::Kind::missing
                                                                 : CsvRole::Kind::number;
            role.first = rule.first;
            role.optional = rule.optional;
            role.values = rule.values;
            role.has_other = rule.has_other;
        } else if (wanted[i].is_weight) {
            role.kind = CsvRole::Kind::weight;
        } else {
            role.kind = request.class_names.empty() ? CsvRole::Kind::target : CsvRole::Kind::class_name;
            role.first = i - request.columns.size();
            role.values = request.class_names;
        }
        // Roles stand by column. One column can only have two, those of an Optional and a Missing: they become one.
        const auto place =
            std::find_if(roles.begin(), roles.end(), [&](const CsvRole& other) { return other.column >= role.column; });
        if (place == roles.end() || place->column != role.column) {
            roles.insert(place, role);
        } else if (wanted[i].is_weight) {
            throw OptionError("load_csv: weight_column is also a column of features, labels or targets");
        } else if (role.kind == CsvRole::Kind::missing) {
            place->flag = role.first;
        } else {
            role.flag = place->first;
            *place = role;
        }
    }
    return roles;
}

/// Reads the first row, decides whether it is a header, and returns what each column becomes. Leaves the reader at the
/// start of the first row of data. Throws OptionError where the options name a column twice, and FileError where the
/// file doesn't have the columns that are wanted.
inline CsvLayout read_layout(CsvReader& reader, const CsvOptions& options, const CsvRequest& request) {
    CsvLayout layout;
    layout.missing = options.missing;
    if (request.is_typed() && layout.missing.empty()) layout.missing = CsvOptions::usual_missing();
    for (const std::string& text : layout.missing) {
        const std::optional<double> value = parse_number(text);
        if (value && !is_nan(*value)) layout.missing_numbers.push_back(*value);
    }
    layout.class_names.assign(options.class_names.begin(), options.class_names.end());

    std::vector<WantedColumn> wanted;
    for (const ColumnRule& rule : request.columns) wanted.push_back({.which = std::string(rule.name)});
    for (const std::string_view name : request.target_names) wanted.push_back({.which = std::string(name)});
    if (!request.is_typed()) {
        if (request.targets == CsvRequest::Kind::labels) {
            wanted.push_back({.which = options.label_column, .is_label = true, .texts = layout.class_names});
        }
        for (const CsvColumn& column : options.target_columns) wanted.push_back({.which = column});
        for (const CsvColumn& column : options.ignore_columns) wanted.push_back({.which = column, .ignored = true});
    }
    if (options.weight_column) wanted.push_back({.which = *options.weight_column, .is_weight = true});
    const CsvFirstRow row = read_first_row(reader, options, wanted, layout.missing);
    check_found(reader, row, options, wanted);

    layout.columns = row.count;
    layout.roles =
        request.is_typed() ? named_roles(request, wanted) : ordered_roles(reader, options, request, row, wanted);
    layout.roles.push_back({});
    for (std::size_t i = layout.roles.size() - 1; i-- > 0;) {
        CsvRole& role = layout.roles[i];
        if (role.kind != CsvRole::Kind::number || role.optional) continue;
        const CsvRole& next = layout.roles[i + 1];
        role.run = next.column == role.column + 1 && next.first == role.first + 1 ? next.run + 1 : 1;
    }
    if (reader.at_end()) reader.fail({"there are no rows after the header"}, reader.position());
    return layout;
}

}  // namespace TYPENET::detail
