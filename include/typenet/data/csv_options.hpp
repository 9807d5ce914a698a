#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>

/// What `load_csv` has to know about a file: which columns hold what, and what is allowed in them.
namespace typenet {

/// A column of a CSV file: its index, from 0, or its name in the header.
class CsvColumn {
public:
    /// Throws OptionError when `index` is negative.
    template <detail::WholeNumber Index>
    CsvColumn(Index index) : index_(static_cast<std::size_t>(index)) {
        if (std::cmp_less(index, 0))
            throw OptionError(detail::join({"there is no column ", index, ": columns count from 0"}));
    }
    CsvColumn(std::string name) : name_(std::move(name)) {}
    CsvColumn(const char* name) : name_(name) {}
    CsvColumn(std::nullptr_t) = delete;

    /// Returns the name; nothing when the column is given by its index.
    [[nodiscard]] const std::optional<std::string>& name() const noexcept { return name_; }
    [[nodiscard]] std::size_t index() const noexcept { return index_; }

private:
    std::size_t index_ = 0;
    std::optional<std::string> name_;
};

/// Whether the first row of a CSV file names its columns. `automatic`: it is a header when the options name a column or
/// when none of its fields is a number, and data when all are numbers; a mixture is an error, and so is a first row
/// that counts its columns where the next row doesn't.
enum class CsvHeader { automatic, present, absent };

struct CsvOptions {
    CsvColumn label_column = 0;                  ///< the column of the labels, for load_csv<F>
    std::vector<CsvColumn> target_columns = {};  ///< the columns of the K targets, in this order, for Targets<K>
    float scale = 1;                             ///< a network is given the features times this; finite, not 0
    double minimum = -std::numeric_limits<double>::infinity();  ///< of a feature in the file, before scaling
    double maximum = std::numeric_limits<double>::infinity();   ///< of a feature in the file, before scaling
    std::size_t classes = 0;                                    ///< labels must be below it; 0 for any labels
    char delimiter = ',';
    CsvHeader header = CsvHeader::automatic;

    /// Throws OptionError for options out of range, or that don't go with `Target`: Labels or Targets<K>.
    template <class Target>
    void validate() const {
        detail::require_scale("load_csv", "scale", static_cast<double>(scale));
        if (!(minimum <= maximum)) throw OptionError("load_csv: minimum must not be above maximum");
        if (std::string_view("0123456789+-.eE\"\r\n\0", 19).find(delimiter) != std::string_view::npos) {
            throw OptionError("load_csv: the delimiter can't be a quote, a line break or a character of numbers");
        }
        if constexpr (std::same_as<Target, Labels>) {
            if (!target_columns.empty()) {
                throw OptionError("load_csv: target_columns is for Targets<K>; labels are in label_column");
            }
        } else {
            if (classes != 0) throw OptionError("load_csv: classes is for labels; Targets<K> has none");
            if (target_columns.size() != Target::width) {
                throw OptionError(detail::join({"load_csv: Targets<", Target::width, "> needs ", Target::width,
                                                " target_columns; there are ", target_columns.size()}));
            }
        }
    }
};

}  // namespace typenet
