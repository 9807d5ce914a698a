#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/detail/csv_reader.hpp>

/// What `load_csv` has to know about a file: which columns hold what, and what is allowed in them.
namespace TYPENET {

/// A column of a CSV file: its index, from 0, or its name in the header.
class CsvColumn {
public:
    /// Names a column by its index, from 0. Throws OptionError when the index is negative.
    template <detail::WholeNumber Index>
    CsvColumn(Index index) : index_(static_cast<std::size_t>(index)) {
        if (std::cmp_less(index, 0))
            throw OptionError(detail::join({"there is no column ", index, ": columns count from 0"}));
    }
    /// Names a column by its header.
    CsvColumn(std::string name) : name_(std::move(name)) {}
    /// Names a column by its header.
    CsvColumn(const char* name) : name_(name) {}
    /// A null pointer is no name.
    CsvColumn(std::nullptr_t) = delete;

    /// Returns the name; nothing when the column is given by its index.
    [[nodiscard]] const std::optional<std::string>& name() const noexcept { return name_; }
    /// Returns the column's index from 0, where it was given.
    [[nodiscard]] std::size_t index() const noexcept { return index_; }

private:
    std::size_t index_ = 0;
    std::optional<std::string> name_;
};

/// Whether the first row of a CSV file names its columns. `automatic`: it is a header when the options or a type name a
/// column. Otherwise it is a header when none of its fields is a number, and data when all are numbers; a mixture is an
/// error, but empty fields, those of columns to ignore, class names and texts for missing values may be either. A first
/// row of data that counts at least three columns, 0, 1, 2, ... or 1, 2, 3, ..., is an error unless the next row
/// counts, too.
enum class CsvHeader { automatic, present, absent };

namespace detail {

/// Whether a character can't separate anything: a quote, a line break, or one of those that numbers consist of.
constexpr bool is_reserved(char c) noexcept {
    return std::string_view("0123456789+-.eE\"\r\n\0", 19).find(c) != std::string_view::npos;
}

/// What a caller wants of a file. Its spans refer to constants.
struct CsvRequest {
    enum class Kind { features, labels, numbers };
    std::size_t features = 0;                             ///< how many features a row has
    Kind targets = Kind::features;                        ///< `features` for features alone
    std::size_t target_count = 0;                         ///< how many columns hold labels or targets
    std::span<const ColumnRule> columns = {};             ///< the columns of the features; empty for all others
    std::span<const std::string_view> target_names = {};  ///< with `columns`: the columns of labels or targets
    std::span<const std::string_view> class_names = {};   ///< with `columns`: the names of the classes

    [[nodiscard]] bool is_typed() const noexcept { return !columns.empty(); }
};

}  // namespace detail

/// The options of `load_csv` and `parse_csv`.
struct CsvOptions {
    CsvColumn label_column = 0;                   ///< the column of the labels, for load_csv<F>
    std::vector<CsvColumn> target_columns = {};   ///< the columns of the K targets, in this order, for Targets<K>
    std::vector<CsvColumn> ignore_columns = {};   ///< columns to leave out; Columns leave out all that they don't name
    std::optional<CsvColumn> weight_column = {};  ///< the column of the rows' weights (RowWeights), which is no feature
    float scale = 1;                              ///< a network is given the features times this; finite, not 0
    double minimum = -detail::infinity<double>;   ///< of a feature in the file, before scaling
    double maximum = detail::infinity<double>;    ///< of a feature in the file, before scaling
    std::size_t classes = 0;                      ///< labels must be below it; 0 for any labels
    std::vector<std::string> class_names = {};    ///< the texts in the label column, for labels 0, 1, 2, ...
    /// Texts for a missing feature, which becomes NaN; numbers among them also stand for the same number in other
    /// digits. Where it is empty, Optional columns take those of usual_missing, and other features are never missing.
    std::vector<std::string> missing = {};
    char delimiter = ',';                        ///< ' ' stands for any run of spaces and tabs
    char decimal_point = '.';                    ///< '.' or ','
    CsvHeader header = CsvHeader::automatic;     ///< whether the first line names the columns
    std::vector<std::string> column_names = {};  ///< names for the columns of a file without a header
    std::optional<char> comment = {};            ///< lines that begin with it are skipped
    std::size_t skip_lines = 0;                  ///< how many lines to skip at the top

    /// Returns texts that often stand for a missing value.
    [[nodiscard]] static std::vector<std::string> usual_missing() {
        return {"",     "NA",  "N/A",  "n/a",  "na",   "?",    "nan",  "-nan", "NaN",
                "-NaN", "NAN", "#N/A", "<NA>", "null", "NULL", "none", "None", "-"};
    }

    /// Throws OptionError for options of the file's form that are out of range.
    void validate() const {
        require(!detail::is_reserved(delimiter),
                "the delimiter can't be a quote, a line break or a character of numbers");
        require(decimal_point == '.' || decimal_point == ',', "decimal_point is '.' or ','");
        require(decimal_point != delimiter, "decimal_point and delimiter must differ, such as ',' and ';'");
        require(!comment || (*comment != delimiter && !detail::is_reserved(*comment)),
                "comment can't be the delimiter, a quote, a line break or a character of numbers");
        require(column_names.empty() || header != CsvHeader::present,
                "column_names is for files without a header, whose names are used");
    }

    /// Throws OptionError for options out of range, or that don't go with what is loaded.
    void validate(const detail::CsvRequest& request) const {
        using Kind = detail::CsvRequest::Kind;
        validate();
        detail::require_scale("load_csv", "scale", static_cast<double>(scale));
        require(!detail::is_nan(minimum) && !detail::is_nan(maximum) && minimum <= maximum,
                "minimum must not be above maximum");
        require(!weight_column || request.targets != Kind::features,
                "weight_column is for rows with labels or targets; ignore_columns leaves a column out");
        if (request.is_typed()) {
            require(!label_column.name() && label_column.index() == 0 && target_columns.empty() &&
                        ignore_columns.empty() && class_names.empty() && classes == 0,
                    "Columns, Label and Target say what label_column, target_columns, ignore_columns, classes and "
                    "class_names say");
            require(scale == 1, "scale is for columns that all have the same range; Standardize scales others");
            require(header != CsvHeader::absent || !column_names.empty(),
                    "Columns have names: without a header, column_names must give them");
            return;
        }
        require(request.targets == Kind::labels || (classes == 0 && class_names.empty()),
                "classes and class_names are for labels");
        require(class_names.empty() || classes == 0 || classes == class_names.size(),
                "classes isn't the number of class_names");
        if (request.targets == Kind::numbers) {
            if (target_columns.size() != request.target_count) {
                throw OptionError(
                    detail::join({"load_csv: Targets<", request.target_count, "> needs ", request.target_count,
                                  " target_columns; there are ", target_columns.size()}));
            }
        } else {
            require(target_columns.empty(), "target_columns is for Targets<K>; labels are in label_column");
        }
    }

    /// Returns how a reader separates fields and rows.
    [[nodiscard]] detail::CsvDialect dialect() const noexcept {
        return {.delimiter = delimiter, .decimal_point = decimal_point, .comment = comment, .skip_lines = skip_lines};
    }

private:
    static void require(bool holds, std::string_view sentence) {
        if (!holds) throw OptionError(detail::join({"load_csv: ", sentence}));
    }
};

}  // namespace TYPENET
