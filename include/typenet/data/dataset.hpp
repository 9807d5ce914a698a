#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/platform/large_pages.hpp>

namespace typenet {

namespace detail {

/// The chosen rows of a matrix with `columns` columns, in the order of `rows`.
template <class T>
std::vector<T> take_rows(const std::vector<T>& values, std::size_t columns, std::span<const std::uint32_t> rows) {
    std::vector<T> taken;
    reserve_in_large_pages(taken, rows.size() * columns);
    for (const std::size_t row : rows) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * columns);
        taken.insert(taken.end(), first, first + static_cast<std::ptrdiff_t>(columns));
    }
    return taken;
}

}  // namespace detail

/// The inputs of a dataset: N numbers a row, kept as they came. Bytes stay bytes; anything else is kept as float.
/// What a network sees is the stored number times `scale()`.
template <std::size_t N>
class Features {
public:
    using Storage = std::variant<std::vector<std::uint8_t>, std::vector<float>>;

    /// `values` holds the rows one after the other; throws DataError when the last one is incomplete, and OptionError
    /// when the scale is 0 or not finite.
    explicit Features(Storage values, float scale = 1) : values_(std::move(values)), scale_(scale) {
        const std::size_t count = std::visit([](const auto& v) { return v.size(); }, values_);
        if (count % N != 0) {
            throw DataError("the " + std::to_string(count) + " feature values don't fill whole rows of " +
                            std::to_string(N));
        }
        detail::require_scale("Features", "scale", static_cast<double>(scale));
        rows_ = count / N;
    }

    [[nodiscard]] std::size_t size() const noexcept { return rows_; }
    [[nodiscard]] float scale() const noexcept { return scale_; }
    [[nodiscard]] const Storage& storage() const noexcept { return values_; }

    /// Writes the scaled features of the given rows to `out`, rows.size() x N.
    template <Real T>
    void gather(std::span<const std::uint32_t> rows, T* out) const {
        const auto scale = static_cast<T>(scale_);
        std::visit(
            [&](const auto& values) {
                for (const std::size_t row : rows) {
                    const auto* from = values.data() + row * N;
                    for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<T>(from[i]) * scale;
                    out += N;
                }
            },
            values_);
    }

    /// Asks for a row to be brought near the processor, before it is gathered.
    void prefetch(std::size_t row) const noexcept {
        std::visit(
            [row](const auto& values) {
                constexpr std::size_t line = 64;
                const auto* from = reinterpret_cast<const char*>(values.data() + row * N);
                for (std::size_t i = 0; i < N * sizeof(values[0]); i += line) simd::prefetch(from + i);
            },
            values_);
    }

    [[nodiscard]] Features subset(std::span<const std::uint32_t> rows) const {
        return std::visit(
            [&](const auto& values) { return Features(Storage(detail::take_rows(values, N, rows)), scale_); }, values_);
    }

private:
    Storage values_;
    float scale_;
    std::size_t rows_ = 0;
};

/// The targets of a classification: one class index, 0 or more, a row.
class Labels {
public:
    /// Throws DataError when a label is negative.
    explicit Labels(std::vector<std::int32_t> values) : values_(std::move(values)) {
        const auto wrong = std::find_if(values_.begin(), values_.end(), [](std::int32_t label) { return label < 0; });
        if (wrong != values_.end()) {
            throw DataError("label " + std::to_string(*wrong) + " in row " + std::to_string(wrong - values_.begin()) +
                            " is negative");
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] std::int32_t operator[](std::size_t row) const noexcept { return values_[row]; }
    [[nodiscard]] const std::vector<std::int32_t>& values() const noexcept { return values_; }

    /// One more than the largest label; 0 where there are no rows.
    [[nodiscard]] std::size_t classes() const noexcept {
        return values_.empty() ? 0 : static_cast<std::size_t>(*std::max_element(values_.begin(), values_.end())) + 1;
    }

    [[nodiscard]] Labels subset(std::span<const std::uint32_t> rows) const {
        return Labels(detail::take_rows(values_, 1, rows));
    }

private:
    std::vector<std::int32_t> values_;
};

/// The targets of a regression, or one-hot or soft classes: N numbers a row.
template <std::size_t N>
class Targets {
public:
    /// `values` holds the rows one after the other; throws DataError when the last one is incomplete.
    explicit Targets(std::vector<float> values) : values_(std::move(values)) {
        if (values_.size() % N != 0) {
            throw DataError("the " + std::to_string(values_.size()) + " target values don't fill whole rows of " +
                            std::to_string(N));
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size() / N; }
    [[nodiscard]] std::span<const float, N> operator[](std::size_t row) const noexcept {
        return std::span<const float, N>(values_.data() + row * N, N);
    }
    [[nodiscard]] const std::vector<float>& values() const noexcept { return values_; }

    [[nodiscard]] Targets subset(std::span<const std::uint32_t> rows) const {
        return Targets(detail::take_rows(values_, N, rows));
    }

private:
    std::vector<float> values_;
};

/// Rows of FeatureCount inputs, each with its target: a label, or Targets<N>.
template <std::size_t FeatureCount, class Target = Labels>
class Dataset {
public:
    static constexpr std::size_t feature_count = FeatureCount;
    using TargetType = Target;

    /// Throws DataError when the two don't have as many rows, or have 2^32 or more.
    Dataset(Features<FeatureCount> features, Target targets)
        : features_(std::move(features)), targets_(std::move(targets)) {
        if (features_.size() != targets_.size()) {
            throw DataError("a dataset needs a target for each row: " + std::to_string(features_.size()) +
                            " rows of features, " + std::to_string(targets_.size()) + " targets");
        }
        if (features_.size() > std::numeric_limits<std::uint32_t>::max()) {
            throw DataError("a dataset has at most 2^32 - 1 rows");
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return features_.size(); }
    [[nodiscard]] const Features<FeatureCount>& features() const noexcept { return features_; }
    [[nodiscard]] const Target& targets() const noexcept { return targets_; }

    // What makes a dataset TrainingData, beside feature_count and size().
    template <Real T>
    void gather(std::span<const std::uint32_t> rows, T* x) const {
        features_.gather(rows, x);
    }
    [[nodiscard]] auto target(std::size_t row) const noexcept { return targets_[row]; }
    void prefetch(std::size_t row) const noexcept { features_.prefetch(row); }

    /// One row's features, scaled: what a network's `predict` takes. No heap. Throws DataError where there is no such
    /// row.
    [[nodiscard]] Vector<float, FeatureCount> row(std::size_t index) const {
        if (index >= size()) {
            throw DataError("there is no row " + std::to_string(index) + " in a dataset of " + std::to_string(size()));
        }
        Vector<float, FeatureCount> x;
        const auto row = static_cast<std::uint32_t>(index);
        gather(std::span(&row, 1), x.data());
        return x;
    }

    /// One row's class.
    [[nodiscard]] std::int32_t label(std::size_t index) const requires std::same_as<Target, Labels> {
        return targets_[index];
    }

    /// A copy of the given rows, in their order.
    [[nodiscard]] Dataset subset(std::span<const std::uint32_t> rows) const {
        return Dataset(features_.subset(rows), targets_.subset(rows));
    }

private:
    Features<FeatureCount> features_;
    Target targets_;
};

namespace detail {

/// The values of an array with `columns` columns as floats, which must all be finite.
template <ArrayOfRank<2> Array>
std::vector<float> checked_values(const Array& array, std::size_t columns) {
    if (array.shape()[1] != columns) {
        throw ShapeError("an array with " + std::to_string(array.shape()[1]) + " columns was given for rows of " +
                         std::to_string(columns) + " numbers");
    }
    std::vector<float> values;
    values.reserve(array.shape()[0] * columns);
    for (std::size_t row = 0; row < array.shape()[0]; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            values.push_back(static_cast<float>(array(row, column)));
            if (!std::isfinite(values.back())) {
                throw DataError("the number in row " + std::to_string(row) + ", column " + std::to_string(column) +
                                " is not finite as a float");
            }
        }
    }
    return values;
}

template <ArrayOfRank<1> Array>
Labels checked_labels(const Array& array) {
    std::vector<std::int32_t> labels;
    labels.reserve(array.shape()[0]);
    for (std::size_t row = 0; row < array.shape()[0]; ++row) {
        const auto value = static_cast<double>(array(row));
        if (!(value == std::floor(value) && std::abs(value) <= std::numeric_limits<std::int32_t>::max())) {
            throw DataError("label " + number_text(value) + " in row " + std::to_string(row) + " is no class index");
        }
        labels.push_back(static_cast<std::int32_t>(value));
    }
    return Labels(std::move(labels));
}

/// Bytes stay bytes; all else becomes floats.
template <std::size_t N, ArrayOfRank<2> Array>
Features<N> checked_features(const Array& array, float scale) {
    if constexpr (std::same_as<typename Array::value_type, std::uint8_t>) {
        if (array.shape()[1] == N) {
            std::vector<std::uint8_t> bytes;
            bytes.reserve(array.size());
            for (std::size_t row = 0; row < array.shape()[0]; ++row) {
                for (std::size_t column = 0; column < N; ++column) bytes.push_back(array(row, column));
            }
            return Features<N>(std::move(bytes), scale);
        }
    }
    return Features<N>(checked_values(array, N), scale);
}

}  // namespace detail

/// A dataset from arrays: features [rows, FeatureCount] and labels [rows]. What a network sees is a feature times
/// `scale`. Throws ShapeError for another width, DataError for a number that is not finite or a label that is none.
template <std::size_t FeatureCount, ArrayOfRank<2> Inputs, ArrayOfRank<1> Classes>
Dataset<FeatureCount> make_dataset(const Inputs& inputs, const Classes& labels, float scale = 1) {
    return {detail::checked_features<FeatureCount>(inputs, scale), detail::checked_labels(labels)};
}

/// As above with targets [rows, N].
template <std::size_t FeatureCount, std::size_t N, ArrayOfRank<2> Inputs, ArrayOfRank<2> Numbers>
Dataset<FeatureCount, Targets<N>> make_dataset(const Inputs& inputs, const Numbers& targets, float scale = 1) {
    return {detail::checked_features<FeatureCount>(inputs, scale), Targets<N>(detail::checked_values(targets, N))};
}

}  // namespace typenet
