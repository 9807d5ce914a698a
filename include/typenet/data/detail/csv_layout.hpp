#pragma once

#include <algorithm>
#include <cstddef>
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
#include <typenet/data/detail/csv_first_row.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/csv_reader.hpp>

/// What each column of a CSV file becomes, found from its first row, the options and what the caller wants.
///
/// `read_layout` lists the columns that are looked for, and has `read_first_row` find them. It then gives each of them
/// a CsvRole: by `named_roles` where the columns of features have names, else by `ordered_roles`, where all columns
/// that nobody looks for are features.
namespace TYPENET::detail {

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
