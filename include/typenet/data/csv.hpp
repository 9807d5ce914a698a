#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/csv_layout.hpp>
#include <typenet/data/detail/csv_reader.hpp>
#include <typenet/platform/large_pages.hpp>
#include <typenet/platform/mapped_file.hpp>

/// Loads a CSV file into a dataset.
///
/// `load_csv` validates the options, maps the file and starts a CsvLoader. The loader has `read_layout` find
/// what each column is, and then appends row after row to its vectors, with values from a CsvReader. Most fields of a
/// CSV file of images are small integers: CsvReader has CsvIntegers read these in runs, several fields at a time.
/// CsvReader reads all other fields one by one, with `parse_number`. Only CsvReader counts lines and reports errors.
///
/// Rows are stored as bytes until a feature isn't one, and from then on as floats.
namespace typenet {

namespace detail {

/// Reads all rows of a CSV file in its constructor. `take` makes a dataset of them.
template <std::size_t FeatureCount, class Target>
class CsvLoader {
public:
    using TargetValue = typename Target::Value;

    CsvLoader(MappedFile& file, CsvReader& reader, const CsvOptions& options)
        : reader_(reader),
          options_(options),
          layout_(read_layout<Target>(reader, options, FeatureCount)),
          bytes_of_rows_(reader.remaining()) {
        while (!reader_.at_end()) {
            if (rows_ == std::numeric_limits<std::uint32_t>::max()) {
                reader_.fail({"the file has more rows than a dataset can have, 2^32 - 1"}, reader_.position());
            }
            read_row();
            ++rows_;
            file.release(file.bytes().size() - reader_.remaining());
        }
    }

    /// Moves what was read into a dataset.
    Dataset<FeatureCount, Target> take() {
        using Storage = typename Features<FeatureCount>::Storage;
        Storage storage = is_bytes_ ? Storage(std::move(bytes_)) : Storage(std::move(floats_));
        return {Features<FeatureCount>(std::move(storage), options_.scale), Target(std::move(targets_))};
    }

private:
    /// Appends a row of `width` values and returns its first. When there is no room, reserves memory for all rows that
    /// the file should have, judging by the bytes of the rows read so far.
    template <class T>
    T* add_row(std::vector<T>& values, std::size_t width) {
        if (values.capacity() - values.size() < width) {
            const std::size_t left = reader_.remaining();
            std::size_t rows = std::min<std::size_t>(256, left / layout_.target.size() + 1);
            if (rows_ != 0) {
                // 1/16 more than expected: memory that is never written costs nothing.
                const auto read = static_cast<double>(bytes_of_rows_ - left);
                const double expected = static_cast<double>(rows_) * static_cast<double>(bytes_of_rows_) / read;
                rows = static_cast<std::size_t>(expected * 1.0625) + 1;
            }
            reserve_in_large_pages(values, width * rows);
        }
        values.resize((rows_ + 1) * width);
        return values.data() + rows_ * width;
    }

    /// Reads the next row. Changes from bytes to floats when a feature of it isn't a byte.
    void read_row() {
        TargetValue* const targets = add_row(targets_, Target::width);
        std::size_t column = 0;
        std::size_t feature = 0;
        if (is_bytes_) {
            std::uint8_t* const row = add_row(bytes_, FeatureCount);
            if (read_fields(row, targets, column, feature)) return;
            widen();
        } else {
            add_row(floats_, FeatureCount);
        }
        read_fields(floats_.data() + rows_ * FeatureCount, targets, column, feature);
    }

    /// Reads the rest of a row: its next field is `column`, its next feature `feature`. Both are advanced. Returns
    /// false, and stays before the field, at a feature that a T can't hold.
    template <class T>
    bool read_fields(T* features, TargetValue* targets, std::size_t& column, std::size_t& feature) {
        const std::size_t columns = layout_.target.size();
        for (;;) {
            const std::size_t read = reader_.read_small_integers(features + feature, fast_run(column), fast_limit<T>());
            column += read;
            feature += read;
            if (layout_.target[column] != CsvLayout::feature) {
                targets[layout_.target[column]] = read_target();
            } else {
                const CsvReader::Mark mark = reader_.mark();
                const double value = read_feature();
                if constexpr (std::same_as<T, std::uint8_t>) {
                    if (!(value >= 0 && value <= 255 && value == std::floor(value))) {
                        reader_.go_back(mark);
                        return false;
                    }
                }
                features[feature++] = static_cast<T>(value);
            }
            ++column;
            const bool more = reader_.next_field();
            if (more != (column < columns)) fail_row(more);
            if (!more) break;
        }
        reader_.end_row();
        return true;
    }

    /// Returns how many features from `column` on CsvIntegers may read: those that a delimiter follows.
    [[nodiscard]] std::size_t fast_run(std::size_t column) const noexcept {
        if (options_.minimum > 0 || options_.maximum < 0) return 0;
        const std::size_t run = layout_.features_run[column];
        return column + run == layout_.target.size() && run != 0 ? run - 1 : run;
    }

    /// Returns the largest value that CsvIntegers may read.
    template <class T>
    [[nodiscard]] std::uint32_t fast_limit() const noexcept {
        constexpr double largest = std::same_as<T, std::uint8_t> ? 255 : 999;
        return static_cast<std::uint32_t>(std::clamp(options_.maximum, 0.0, largest));
    }

    /// Reads a feature and checks its range.
    double read_feature() {
        const double value = reader_.read_number();
        if (value < options_.minimum || value > options_.maximum) {
            reader_.fail({reader_.shown(), " is outside the range from ", number_text(options_.minimum), " to ",
                          number_text(options_.maximum)});
        }
        return value;
    }

    /// Reads a target, or reads and checks a label.
    TargetValue read_target() {
        const double value = reader_.read_number();
        if constexpr (std::same_as<Target, Labels>) {
            if (value != std::floor(value)) fail_label(" isn't a whole number");
            if (value < 0) fail_label(" is negative; labels count from 0");
            if (options_.classes != 0 && value >= static_cast<double>(options_.classes)) {
                // Of the rows so far; the row at hand has the value 0 until it is read.
                const auto end = targets_.begin() + static_cast<std::ptrdiff_t>(rows_);
                const bool from_1 = value == static_cast<double>(options_.classes) && rows_ != 0 &&
                                    std::find(targets_.begin(), end, 0) == end;
                fail_label(join({" ", too_large_label(options_.classes, from_1)}));
            }
            if (value > std::numeric_limits<std::int32_t>::max()) fail_label(" is too large for 32 bits");
        }
        return static_cast<TargetValue>(value);
    }

    [[noreturn]] void fail_label(std::string_view what) const { reader_.fail({"the label ", reader_.shown(), what}); }

    /// Throws at the first field that is too many, or that is missing.
    [[noreturn]] void fail_row(bool too_many) const {
        FilePosition position = reader_.position();
        if (!too_many) ++position.column;
        reader_.fail({"the row has ", too_many ? "more" : "fewer", " fields than the first row, which has ",
                      layout_.target.size()},
                     position);
    }

    /// Replaces the bytes of all rows, the row at hand included, by floats.
    void widen() {
        reserve_in_large_pages(floats_, bytes_.capacity());
        floats_.assign(bytes_.begin(), bytes_.end());
        std::vector<std::uint8_t>().swap(bytes_);
        is_bytes_ = false;
    }

    CsvReader& reader_;
    const CsvOptions& options_;
    CsvLayout layout_;
    std::size_t bytes_of_rows_;  // of the file, without its header
    std::size_t rows_ = 0;
    bool is_bytes_ = true;  // whether the features are in bytes_ or in floats_
    std::vector<std::uint8_t> bytes_;
    std::vector<float> floats_;
    std::vector<TargetValue> targets_;
};

}  // namespace detail

/// Loads a CSV file. One column holds the labels, or K columns the targets when Target is Targets<K>; the other columns
/// are the FeatureCount features, in the file's order. All fields are decimal numbers. Features are stored as bytes
/// when all of them are whole numbers from 0 to 255, and otherwise as floats.
///
/// ```cpp
/// const auto digits = load_csv<784>("mnist_train.csv", {.label_column = "label", .scale = 1.0F / 255, .classes = 10});
/// const auto houses = load_csv<8, Targets<1>>("houses.csv", {.target_columns = {"price"}});
/// ```
///
/// Fields may be in quotes, with a quote inside doubled. Numbers may have spaces around them. Lines end in LF or CRLF;
/// the end of the last one may be missing. A UTF-8 byte order mark and blank lines at the end are ignored.
///
/// Throws OptionError for invalid options. Throws FileError, with line and column, when the file can't be read or has
/// no rows; when a row has more or fewer fields than the first; for a field that isn't a finite number; for a feature
/// out of range; and for a label that is negative, not whole or not below `classes`.
template <std::size_t FeatureCount, class Target = Labels>
[[nodiscard]] Dataset<FeatureCount, Target> load_csv(const std::filesystem::path& path,
                                                     const CsvOptions& options = {}) {
    static_assert(FeatureCount > 0, "load_csv<FeatureCount> needs at least one feature");
    options.validate<Target>();
    MappedFile file(path);
    detail::CsvReader reader(file.bytes(), path.string(), options.delimiter);
    return detail::CsvLoader<FeatureCount, Target>(file, reader, options).take();
}

}  // namespace typenet
