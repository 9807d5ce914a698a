#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/csv_reader.hpp>

namespace typenet {

/// A column of a CSV file, by its position (from 0) or by its name in the header.
class Column {
public:
    /// Throws OptionError when `index` is negative.
    template <std::integral Index>
    requires(!std::same_as<Index, bool> && !std::same_as<Index, char>) Column(Index index)
        : index_(static_cast<std::size_t>(index)) {
        if (std::cmp_less(index, 0)) throw OptionError("a column can't be negative; columns count from 0");
    }
    Column(std::string name) : name_(std::move(name)) {}
    Column(const char* name) : name_(name) {}
    Column(std::nullptr_t) = delete;

    /// Nothing when the column is given by its position.
    [[nodiscard]] const std::optional<std::string>& name() const noexcept { return name_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }

private:
    std::size_t index_ = 0;
    std::optional<std::string> name_;
};

/// Whether the first row of a CSV file names its columns. `automatic`: it does when none of its fields is a number, or
/// when the options name a column; a row of numbers is data, and one of both is an error.
enum class Header { automatic, present, absent };

struct CsvOptions {
    Column label_column = 0;                  ///< where load_csv<F> finds the class
    std::vector<Column> target_columns = {};  ///< the K columns of load_csv<F, Targets<K>>, in this order
    float scale = 1;                          ///< what a network sees of a feature is field * scale
    double minimum = -std::numeric_limits<double>::infinity();  ///< of a feature's field, before scaling
    double maximum = std::numeric_limits<double>::infinity();   ///< of a feature's field, before scaling
    std::size_t classes = 0;                                    ///< labels must be below it; 0 for any
    char delimiter = ',';
    Header header = Header::automatic;
};

namespace detail {

template <class Target>
struct TargetWidth;

template <>
struct TargetWidth<Labels> : std::integral_constant<std::size_t, 1> {
    using Value = std::int32_t;
};

template <std::size_t K>
struct TargetWidth<Targets<K>> : std::integral_constant<std::size_t, K> {
    using Value = float;
};

template <class Target>
inline constexpr bool is_labels = std::same_as<Target, Labels>;

template <class Target>
void check_options(const CsvOptions& options) {
    require_scale("load_csv", "scale", static_cast<double>(options.scale));
    if (!(options.minimum <= options.maximum)) throw OptionError("minimum must not be above maximum");
    if (std::string_view("0123456789+-.eE\"\r\n\0", 19).find(options.delimiter) != std::string_view::npos) {
        throw OptionError("the delimiter can't be a quote, a line break or a part of a number");
    }
    if constexpr (is_labels<Target>) {
        if (!options.target_columns.empty()) {
            throw OptionError("target_columns are for load_csv<F, Targets<K>>; labels are in label_column");
        }
    } else {
        if (options.classes != 0) throw OptionError("classes are for labels; Targets<K> are numbers");
        if (options.target_columns.size() != TargetWidth<Target>::value) {
            throw OptionError(join({"Targets<", TargetWidth<Target>::value, "> needs as many columns; ",
                                    options.target_columns.size(), " are given in target_columns"}));
        }
    }
}

/// What each column of a CSV file is.
struct CsvLayout {
    static constexpr std::size_t feature = std::numeric_limits<std::size_t>::max();

    std::vector<std::size_t> target;        // of each column: which target it is, or `feature`
    std::vector<std::size_t> features_run;  // of each column: the number of features from it to the next target
};

/// Where `column` is among `count` columns, whose names are `names` when there is a header.
inline std::size_t find_column(const CsvReader& reader, const Column& column, std::size_t count,
                               const std::vector<std::string>& names) {
    if (!column.name()) {
        if (column.index() < count) return column.index();
        reader.fail({"there is no column ", column.index(), ", as the options ask for; the row has ", count,
                     ", counted from 0"},
                    {.line = 1});
    }
    const std::string shown = show_field(*column.name());
    if (names.empty()) reader.fail({"no header, but the options ask for the column named ", shown}, {.line = 1});
    const auto found = std::find(names.begin(), names.end(), *column.name());
    if (found == names.end()) reader.fail({"no column is named ", shown}, {.line = 1});
    if (std::find(found + 1, names.end(), *column.name()) != names.end()) {
        reader.fail({"more than one column is named ", shown}, {.line = 1});
    }
    return static_cast<std::size_t>(found - names.begin());
}

/// Reads the first row, goes past it when it is a header, and settles what each column is.
template <class Target>
CsvLayout read_layout(CsvReader& reader, const CsvOptions& options, std::size_t feature_count) {
    if (reader.at_end()) reader.fail({"the file is empty; expected rows of numbers"}, {.line = 1});
    const CsvReader::Mark start = reader.mark();
    std::vector<std::string> names;
    std::vector<Column> targets = options.target_columns;
    if constexpr (is_labels<Target>) targets = {options.label_column};
    bool is_header =
        options.header == Header::present ||
        (options.header == Header::automatic &&
         std::any_of(targets.begin(), targets.end(), [](const Column& c) { return c.name().has_value(); }));
    std::size_t numbers = 0;
    std::size_t others = 0;
    FilePosition first_other;
    do {
        const FilePosition position = reader.position();
        const std::string_view text = reader.field();
        names.emplace_back(text);
        if (text.empty()) continue;
        if (parse_number(text)) {
            ++numbers;
        } else if (others++ == 0) {
            first_other = position;
        }
    } while (reader.next_field());
    const std::size_t count = names.size();
    if (options.header == Header::automatic && !is_header && others > 0) {
        if (numbers > 0) {
            reader.fail({show_field(names[first_other.column - 1]),
                         " isn't a number, and as other fields are, the row names no columns either; the option "
                         "`header` can say what it is"},
                        first_other);
        }
        is_header = true;
    }
    reader.end_row();
    if (!is_header) {
        reader.go_back(start);
        names.clear();
    }

    CsvLayout layout;
    layout.target.assign(count, CsvLayout::feature);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        std::size_t& target = layout.target[find_column(reader, targets[i], count, names)];
        if (target != CsvLayout::feature) throw OptionError("target_columns name the same column twice");
        target = i;
    }
    if (count - targets.size() != feature_count) {
        reader.fail({"the row has ", count - targets.size(), " features, expected ", feature_count, " (of ", count,
                     " columns separated by ", show_field({&options.delimiter, 1}), ", ", targets.size(),
                     is_labels<Target> ? " is the label)" : " are targets)"},
                    {.line = 1});
    }
    layout.features_run.assign(count + 1, 0);
    for (std::size_t column = count; column-- > 0;) {
        if (layout.target[column] == CsvLayout::feature) {
            layout.features_run[column] = layout.features_run[column + 1] + 1;
        }
    }
    if (reader.at_end()) reader.fail({"there are no rows after the header"}, reader.position());
    return layout;
}

}  // namespace detail

}  // namespace typenet
