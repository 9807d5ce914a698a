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
#include <typenet/data/detail/csv_reader.hpp>
#include <typenet/platform/large_pages.hpp>
#include <typenet/platform/mapped_file.hpp>

namespace typenet {

namespace detail {

/// Reads the rows of a CSV file: features into bytes as long as these can hold them, then into floats.
template <std::size_t FeatureCount, class Target>
class CsvLoader {
public:
    using TargetValue = typename TargetWidth<Target>::Value;
    static constexpr std::size_t target_width = TargetWidth<Target>::value;

    CsvLoader(MappedFile& file, CsvReader& reader, const CsvOptions& options)
        : reader_(reader),
          options_(options),
          layout_(read_layout<Target>(reader, options, FeatureCount)),
          bytes_of_rows_(reader.remaining()) {
        while (!reader_.at_end()) {
            if (rows_ == std::numeric_limits<std::uint32_t>::max()) {
                reader_.fail({"more rows than a dataset can have"}, reader_.position());
            }
            read_row();
            ++rows_;
            file.release(file.bytes().size() - reader_.remaining());
        }
    }

    Dataset<FeatureCount, Target> take() {
        using Storage = typename Features<FeatureCount>::Storage;
        Storage storage = is_bytes_ ? Storage(std::move(bytes_)) : Storage(std::move(floats_));
        return {Features<FeatureCount>(std::move(storage), options_.scale), Target(std::move(targets_))};
    }

private:
    /// Adds a row of `width` values to `values`. Where there is no room, reserves what the rest of the file will need
    /// if its rows are like those before.
    template <class T>
    T* add_row(std::vector<T>& values, std::size_t width) {
        if (values.capacity() - values.size() < width) {
            const std::size_t left = reader_.remaining();
            std::size_t rows = std::min<std::size_t>(256, left / layout_.target.size() + 1);
            if (rows_ != 0) {
                // 1/16 more than expected; memory that is never touched costs nothing.
                const auto read = static_cast<double>(bytes_of_rows_ - left);
                const double expected = static_cast<double>(rows_) * static_cast<double>(bytes_of_rows_) / read;
                rows = static_cast<std::size_t>(expected * 1.0625) + 1;
            }
            reserve_in_large_pages(values, width * rows);
        }
        values.resize((rows_ + 1) * width);
        return values.data() + rows_ * width;
    }

    void read_row() {
        TargetValue* const targets = add_row(targets_, target_width);
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

    /// Reads the row from `column` on, where the feature with the number `feature` is the next; false at the first
    /// feature that a T can't hold.
    template <class T>
    bool read_fields(T* features, TargetValue* targets, std::size_t& column, std::size_t& feature) {
        const std::size_t columns = layout_.target.size();
        for (;;) {
            const std::size_t read = reader_.small_integers(features + feature, fast_run(column), fast_limit<T>());
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

    /// How many features from `column` on the fast path may read: those that have a delimiter behind them.
    [[nodiscard]] std::size_t fast_run(std::size_t column) const noexcept {
        if (options_.minimum > 0 || options_.maximum < 0) return 0;
        const std::size_t run = layout_.features_run[column];
        return column + run == layout_.target.size() && run != 0 ? run - 1 : run;
    }

    /// The largest value that the fast path may read.
    template <class T>
    [[nodiscard]] std::uint32_t fast_limit() const noexcept {
        constexpr double largest = std::same_as<T, std::uint8_t> ? 255 : 999;
        return static_cast<std::uint32_t>(std::clamp(options_.maximum, 0.0, largest));
    }

    double read_feature() {
        const double value = reader_.number();
        if (value < options_.minimum || value > options_.maximum) {
            reader_.fail({reader_.shown(), " is outside the range from ", number_text(options_.minimum), " to ",
                          number_text(options_.maximum)});
        }
        return value;
    }

    TargetValue read_target() {
        const double value = reader_.number();
        if constexpr (is_labels<Target>) {
            if (value != std::floor(value)) fail_label(" isn't a whole number");
            if (value < 0) fail_label(" is negative; classes count from 0");
            if (options_.classes != 0 && value >= static_cast<double>(options_.classes)) {
                fail_label(join({" is too large for ", options_.classes, " classes, counted from 0"}));
            }
            if (value > std::numeric_limits<std::int32_t>::max()) fail_label(" is too large");
        }
        return static_cast<TargetValue>(value);
    }

    [[noreturn]] void fail_label(std::string_view what) const { reader_.fail({"the label ", reader_.shown(), what}); }

    /// The place is that of the first field too many, or of the first that is missing.
    [[noreturn]] void fail_row(bool too_many) const {
        FilePosition position = reader_.position();
        if (!too_many) ++position.column;
        reader_.fail({"the row has ", too_many ? "more" : "fewer", " fields than the first one, which has ",
                      layout_.target.size()},
                     position);
    }

    /// Makes floats of all the bytes, those of the row that is being read among them.
    void widen() {
        reserve_in_large_pages(floats_, bytes_.capacity());
        floats_.assign(bytes_.begin(), bytes_.end());
        std::vector<std::uint8_t>().swap(bytes_);
        is_bytes_ = false;
    }

    CsvReader& reader_;
    const CsvOptions& options_;
    CsvLayout layout_;
    std::size_t bytes_of_rows_;
    std::size_t rows_ = 0;
    bool is_bytes_ = true;
    std::vector<std::uint8_t> bytes_;
    std::vector<float> floats_;
    std::vector<TargetValue> targets_;
};

}  // namespace detail

/// Reads a CSV file whose rows are the targets (the label, or the K target columns) and, in their order, FeatureCount
/// features. All fields are decimal numbers. Features that are all whole numbers from 0 to 255 are kept as bytes.
///
/// Fields may be in quotes (a quote inside is doubled), numbers may have spaces around them, lines end in LF or CRLF,
/// and the last needs no end; a UTF-8 byte order mark and blank lines at the end are passed over.
///
/// Throws OptionError for options that make no sense, and FileError with line and column for anything else than such
/// a file: missing or unreadable, no rows, a row with another number of fields than the first, a field that isn't a
/// finite number, a feature out of range, a label that is negative, not whole, or not below `classes`.
template <std::size_t FeatureCount, class Target = Labels>
[[nodiscard]] Dataset<FeatureCount, Target> load_csv(const std::filesystem::path& path,
                                                     const CsvOptions& options = {}) {
    static_assert(FeatureCount > 0, "load_csv<FeatureCount> needs at least one feature");
    detail::check_options<Target>(options);
    MappedFile file(path);
    detail::CsvReader reader(file.bytes(), path.string(), options.delimiter);
    return detail::CsvLoader<FeatureCount, Target>(file, reader, options).take();
}

}  // namespace typenet
