#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/csv_integers.hpp>
#include <typenet/data/detail/csv_layout.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/csv_reader.hpp>
#include <typenet/data/detail/data_file.hpp>
#include <typenet/data/detail/find_value.hpp>
#include <typenet/data/detail/large_numbers.hpp>
#include <typenet/data/detail/line_blocks.hpp>
#include <typenet/platform/large_pages.hpp>
#include <typenet/platform/path_text.hpp>

/// Reads a CSV file into vectors. Nothing here depends on the type of the dataset.
///
/// `read_csv` validates the options and starts a CsvLoader, which has `read_layout` find what each column becomes. The
/// loader then appends row after row to its vectors, with values from a CsvReader. Most fields of a CSV file of images
/// are small integers: CsvReader has CsvIntegers read these in runs, several fields at a time. All other fields are
/// read one by one, with `parse_number`. Only CsvReader counts lines and reports errors.
///
/// Rows are stored as bytes until a feature isn't one, and from then on as floats.
namespace TYPENET::detail {

/// What a CSV file holds.
struct CsvTable {
    std::variant<std::vector<std::uint8_t>, std::vector<float>> features = {};
    std::vector<std::int32_t> labels = {};
    std::vector<float> targets = {};
    std::vector<float> weights = {};  ///< one for each row, or none

    /// Moves out the weights.
    RowWeights take_weights() { return weights.empty() ? RowWeights() : RowWeights(std::move(weights)); }
};

/// Reads all rows of a CSV text in its constructor. `take` hands them over.
class CsvLoader {
public:
    CsvLoader(CsvReader& reader, const CsvOptions& options, const CsvRequest& request)
        : reader_(reader),
          options_(options),
          request_(request),
          layout_(read_layout(reader, options, request)),
          first_row_(reader.offset()) {
        while (!reader_.at_end()) {
            if (rows_ == std::numeric_limits<std::uint32_t>::max()) {
                reader_.fail({"the file has more rows than a dataset can have, 2^32 - 1"}, reader_.position());
            }
            read_row();
            ++rows_;
        }
        check_ranges();
        if (!weights_.empty() && std::count(weights_.begin(), weights_.end(), 0.0F) == std::ssize(weights_)) {
            reader_.fail({"none of the ", weights_.size(), " weights is above 0"}, {});
        }
    }

    /// Moves out what was read.
    CsvTable take() {
        CsvTable table{.labels = std::move(labels_), .targets = std::move(targets_), .weights = std::move(weights_)};
        if (is_bytes_) {
            table.features = std::move(bytes_);
        } else {
            table.features = std::move(floats_);
        }
        return table;
    }

private:
    /// Where reading is in a row, and where its values go.
    template <class T>
    struct Row {
        T* features;
        std::size_t column = 0;  // the next field
        std::size_t role = 0;    // the first role of that column or a later one
    };

    /// Appends a row of `width` values and returns its first. When there is no room, reserves memory for all rows that
    /// the file should have, judging by the bytes of the rows read so far.
    template <class T>
    T* add_row(std::vector<T>& values, std::size_t width) {
        if (values.capacity() - values.size() < width) {
            const std::size_t left = reader_.remaining();
            std::size_t rows = std::min<std::size_t>(256, left / layout_.columns + 1);
            if (rows_ != 0) {
                // 1/16 more than expected: memory that is never written costs nothing.
                const auto read = static_cast<double>(reader_.offset() - first_row_);
                const double expected = static_cast<double>(rows_) * (1 + static_cast<double>(left) / read);
                rows = static_cast<std::size_t>(expected * 1.0625) + 1;
            }
            reserve_in_large_pages(values, width * rows);
        }
        values.resize((rows_ + 1) * width);
        return values.data() + rows_ * width;
    }

    /// Reads the next row. Changes from bytes to floats when a feature of it isn't a byte.
    void read_row() {
        if (request_.targets == CsvRequest::Kind::labels) add_row(labels_, request_.target_count);
        if (request_.targets == CsvRequest::Kind::numbers) add_row(targets_, request_.target_count);
        Row<float> row{nullptr};
        if (is_bytes_) {
            Row<std::uint8_t> bytes{add_row(bytes_, request_.features)};
            if (read_fields(bytes)) return;
            widen();
            row.column = bytes.column;
            row.role = bytes.role;
        } else {
            add_row(floats_, request_.features);
        }
        row.features = floats_.data() + rows_ * request_.features;
        read_fields(row);
    }

    /// Reads the rest of a row. Returns false, and stays before the field, at a feature that a T can't hold.
    template <class T>
    bool read_fields(Row<T>& row) {
        for (;;) {
            const CsvRole* role = &layout_.roles[row.role];
            if (role->column == row.column && role->run >= CsvIntegers::shortest_run) {
                const std::size_t read =
                    reader_.read_small_integers(row.features + role->first, fast_run(*role), fast_limit<T>());
                row.column += read;
                row.role += read;
                role += read;
                if (read != 0 && reader_.ended_in_blanks()) fail_row(false);
            }
            if (role->column == row.column) {
                const CsvReader::Mark mark = reader_.mark();
                if (!read_field(*role, row.features)) {
                    reader_.go_back(mark);
                    return false;
                }
                ++row.role;
            } else {
                (void)reader_.read_field();
            }
            ++row.column;
            const bool more = reader_.next_field();
            if (more != (row.column < layout_.columns)) fail_row(more);
            if (!more) break;
        }
        reader_.end_row();
        return true;
    }

    /// Returns how many features from the role's column on CsvIntegers may read: those that a delimiter follows.
    [[nodiscard]] std::size_t fast_run(const CsvRole& role) const noexcept {
        if (options_.minimum > 0 || options_.maximum < 0) return 0;
        return role.column + role.run == layout_.columns && role.run != 0 ? role.run - 1 : role.run;
    }

    /// Returns the largest value that CsvIntegers may read.
    template <class T>
    [[nodiscard]] std::uint32_t fast_limit() const noexcept {
        constexpr double largest = std::same_as<T, std::uint8_t> ? 255 : 999;
        return static_cast<std::uint32_t>(std::clamp(options_.maximum, 0.0, largest));
    }

    /// Reads a field as its role says. Returns false when a T can't hold a feature.
    template <class T>
    bool read_field(const CsvRole& role, T* features) {
        using Kind = CsvRole::Kind;
        switch (role.kind) {
            case Kind::number:
                return read_number(role, features);
            case Kind::category:
                features[role.first + read_category(role)] = 1;
                break;
            case Kind::missing:
                features[role.first] = is_missing(reader_.read_field()) ? 1 : 0;
                break;
            case Kind::target: {
                const double value = reader_.read_number(". A row without a target can't be used; remove it");
                if (std::abs(value) >= exact_floats) check_difference(request_.features + role.first, value);
                targets_[rows_ * request_.target_count + role.first] = static_cast<float>(value);
                break;
            }
            case Kind::label:
                labels_[rows_] = read_label();
                break;
            case Kind::class_name:
                labels_[rows_] = read_class_name(role);
                break;
            case Kind::weight:
                read_weight();
                break;
            case Kind::empty:
                if (!reader_.read_field().empty()) {
                    reader_.fail({reader_.shown(), " is behind the last column; in the first row, nothing is"});
                }
        }
        return true;
    }

    /// Returns whether the text, or the number that it stands for, means a missing value.
    [[nodiscard]] bool is_missing(std::string_view text) const {
        const auto& texts = layout_.missing;
        const auto& numbers = layout_.missing_numbers;
        if (std::find(texts.begin(), texts.end(), text) != texts.end()) return true;
        if (numbers.empty()) return false;
        const std::optional<double> value = parse_number(text, options_.decimal_point);
        return value && !is_nan(*value) && std::find(numbers.begin(), numbers.end(), *value) != numbers.end();
    }

    /// Reads a feature, checks its range, and stores it. Returns false when a T can't hold it.
    template <class T>
    bool read_number(const CsvRole& role, T* features) {
        double value = 0;
        if (role.optional) {
            const std::string_view text = reader_.read_field();
            const bool missing = is_missing(text);
            if (role.flag != no_index) features[role.flag] = missing ? 1 : 0;
            if (missing) {
                if constexpr (std::same_as<T, std::uint8_t>) {
                    return false;
                } else {
                    features[role.first] = nan<T>;
                    return true;
                }
            }
            value = reader_.number_in(text, ". The option missing lists texts for missing values");
        } else {
            value = reader_.read_number(remedy());
        }
        if (value < options_.minimum || value > options_.maximum) {
            reader_.fail({reader_.shown(), " is outside the range from ", number_text(options_.minimum), " to ",
                          number_text(options_.maximum)});
        }
        if constexpr (std::same_as<T, std::uint8_t>) {
            if (!(value >= 0 && value <= 255 && value == std::floor(value))) return false;
        } else {
            if (std::abs(value) >= exact_floats) check_difference(role.first, value);
        }
        features[role.first] = static_cast<T>(value);
        return true;
    }

    /// What to do about a feature that isn't a number, for messages.
    [[nodiscard]] std::string_view remedy() const noexcept {
        return request_.is_typed()
                   ? ". A Number with missing values is Optional<Number<...>>, a column of texts a Category"
                   : ". The option missing lists texts for missing values, ignore_columns the columns to "
                     "leave out";
    }

    /// Throws when `value`, which is to become feature or target `index`, differs in the file from the last one there
    /// that was as large, but not as a float: such as seconds since 1970.
    void check_difference(std::size_t index, double value) {
        if (large_numbers_.empty()) large_numbers_.resize(request_.features + request_.target_count);
        if (large_numbers_[index].meets_its_like(value, reader_.position())) {
            reader_.fail({reader_.shown(), " is the same float as another number in its column", large_numbers_remedy});
        }
    }

    /// Throws where a column to train with has large numbers that floats would round to few different ones.
    void check_ranges() const {
        if (request_.targets == CsvRequest::Kind::features) return;
        for (std::size_t i = 0; i < large_numbers_.size(); ++i) {
            const bool is_lost = i < request_.features ? large_numbers_[i].are_lost(floats_, request_.features, i)
                                                       : large_numbers_[i].are_lost(targets_, request_.target_count,
                                                                                    i - request_.features);
            if (is_lost) {
                reader_.fail({exact_text(large_numbers_[i].inexact()), lost_numbers, large_numbers_remedy},
                             large_numbers_[i].position());
            }
        }
    }

    /// Returns the index of the value of a category.
    std::size_t read_category(const CsvRole& role) {
        const std::size_t named = role.values.size() - (role.has_other ? 1 : 0);
        const std::size_t index = find_value(role.values.first(named), reader_.read_field(), options_.decimal_point);
        if (index == role.values.size()) {
            reader_.fail({reader_.shown(), " isn't among the values of the category: ", quoted_list(role.values),
                          ". Add it to them, or Other for all others"});
        }
        return index;
    }

    std::int32_t read_class_name(const CsvRole& role) {
        const std::size_t index = find_value(role.values, reader_.read_field(), options_.decimal_point);
        if (index == role.values.size()) fail_label(join({" isn't among the classes: ", quoted_list(role.values)}));
        return static_cast<std::int32_t>(index);
    }

    /// Reads a label that is the index of its class.
    std::int32_t read_label() {
        const std::string_view text = reader_.read_field();
        if (!text.empty() && !parse_number(text, options_.decimal_point)) {
            fail_label(" isn't a number. The option class_names gives the texts of the classes");
        }
        const double value = reader_.number_in(text);
        if (value != std::floor(value)) fail_label(" isn't a whole number");
        if (value < 0) fail_label(" is negative; labels count from 0. The option class_names gives them other names");
        if (options_.classes != 0 && value >= static_cast<double>(options_.classes)) {
            // Of the rows so far; the row at hand has the value 0 until it is read.
            const auto end = labels_.begin() + static_cast<std::ptrdiff_t>(rows_);
            const bool from_1 = value == static_cast<double>(options_.classes) && rows_ != 0 &&
                                std::find(labels_.begin(), end, 0) == end;
            fail_label(join({" ", too_large_label(options_.classes, from_1)}));
        }
        if (value > std::numeric_limits<std::int32_t>::max()) fail_label(" is too large for 32 bits");
        return static_cast<std::int32_t>(value);
    }

    [[gnu::noinline]] void read_weight() {
        const double weight = reader_.number_in(reader_.read_field());
        if (weight < 0) reader_.fail({"the weight ", reader_.shown(), " is negative"});
        weights_.resize(rows_ + 1);
        weights_.back() = static_cast<float>(weight);
    }

    [[noreturn]] void fail_label(std::string_view what) const { reader_.fail({"the label ", reader_.shown(), what}); }

    /// Throws at the first field that is too many, or that is missing.
    [[noreturn]] void fail_row(bool too_many) const {
        FilePosition position = reader_.position();
        if (!too_many) ++position.column;
        reader_.fail(
            {"the row has ", too_many ? "more" : "fewer", " fields than the first row, which has ", layout_.columns},
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
    const CsvRequest& request_;
    CsvLayout layout_;
    std::size_t first_row_;  // how many bytes of text are before it
    std::size_t rows_ = 0;
    bool is_bytes_ = true;  // whether the features are in bytes_ or in floats_
    std::vector<std::uint8_t> bytes_;
    std::vector<float> floats_;
    std::vector<std::int32_t> labels_;
    std::vector<float> targets_;
    std::vector<float> weights_;
    std::vector<LargeNumbers> large_numbers_;  // of each feature and target; empty before the first
};

/// Reads a CSV text: `text` is a text in memory or its LineBlocks, `name` what messages call it.
template <class Text>
CsvTable read_csv(Text&& text, const std::string& name, const CsvOptions& options, const CsvRequest& request) {
    options.validate(request);
    CsvReader reader(text, name, options.dialect());
    return CsvLoader(reader, options, request).take();
}

/// Opens a CSV file, which may be compressed by gzip, and returns read(blocks) of its text.
template <class Read>
auto with_csv_file(const std::filesystem::path& path, const Read& read) {
    DataFile file(path);
    LineBlocks blocks([&](char* out, std::size_t count) { return file.read(out, count); }, file.size());
    return read(blocks);
}

/// Reads a CSV file.
inline CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options, const CsvRequest& request) {
    return with_csv_file(path, [&](LineBlocks& blocks) { return read_csv(blocks, path_text(path), options, request); });
}

/// Returns the texts of one column of a CSV file.
inline std::vector<std::string> read_csv_texts(const std::filesystem::path& path, const CsvColumn& column,
                                               const CsvOptions& options) {
    options.validate();
    return with_csv_file(path, [&](LineBlocks& blocks) {
        CsvReader reader(blocks, path_text(path), options.dialect());
        std::vector<WantedColumn> wanted{{.which = column, .ignored = true}};
        const CsvFirstRow first = read_first_row(reader, options, wanted, options.missing);
        check_found(reader, first, options, wanted);
        std::vector<std::string> texts;
        while (!reader.at_end()) {
            std::size_t fields = 0;
            do {
                const std::string_view field = reader.read_field();
                if (fields++ == wanted[0].column) texts.emplace_back(field);
            } while (reader.next_field());
            if (fields != first.count) {
                reader.fail({"the row has ", fields, " fields, the first row ", first.count}, reader.position());
            }
            reader.end_row();
        }
        return texts;
    });
}

}  // namespace TYPENET::detail
