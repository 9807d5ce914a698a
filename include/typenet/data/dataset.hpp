#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/large_numbers.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/platform/large_pages.hpp>

/// Rows in memory for training and evaluation. A `Dataset` joins `Features`, what a network is given, with one target
/// for each row: `Labels` for classes, `Targets<N>` for numbers. `with_weights` adds how much each row counts. A
/// Dataset meets the concept TrainingData.
///
/// Datasets come from `load_csv`, `load_idx`, `make_dataset` (vectors and arrays) or the constructors, which take over
/// vectors without a copy. `split`, `one_hot` and `subset` make new ones from them; `make_folds` returns indices for
/// `subset`. Sizes and labels are checked on construction: a Dataset that exists has whole rows, one target for each,
/// and no negative label. Loaders and make_dataset also check that features are finite. Training and evaluation check
/// that labels and targets suit the network and the loss (evaluate/checks.hpp).
/// Training and evaluation read a dataset by `gather`, `target`, `prefetch` and `weights`, and never change it.
namespace TYPENET {

namespace detail {

/// Returns how many rows of `width` the values fill. Throws DataError when the last row is incomplete.
inline std::size_t count_rows(std::string_view what, std::size_t values, std::size_t width) {
    if (values % width != 0) {
        throw DataError(join({"the ", values, " ", what, " values don't fill whole rows of ", width}));
    }
    return values / width;
}

/// Returns copies of the given rows of a matrix, in the order of `rows`.
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

/// The features of a dataset: a matrix [size(), N]. Bytes are stored as bytes, other numbers as float. A network is
/// given the stored value times `scale()`.
template <std::size_t N>
class Features {
    static_assert(N > 0, "Features<N>: a row has at least one feature");

public:
    /// Bytes or floats.
    using Storage = std::variant<std::vector<std::uint8_t>, std::vector<float>>;

    /// Takes the rows one after the other. Throws DataError when the last row is incomplete, and OptionError when the
    /// scale is 0 or not finite.
    explicit Features(Storage values, float scale = 1) : values_(std::move(values)), scale_(scale) {
        detail::require_scale("Features", "scale", static_cast<double>(scale));
        rows_ = detail::count_rows("feature", std::visit([](const auto& v) { return v.size(); }, values_), N);
    }

    /// Takes numbers in braces: Features<2>({1, 2.5, 3, 4}) has two rows. The last row must be complete.
    template <std::size_t Count>
    requires(Count % N == 0) explicit Features(const double (&values)[Count])
        : Features(std::vector<float>(values, values + Count)) {}

    [[nodiscard]] std::size_t size() const noexcept { return rows_; }
    /// Returns the factor between a stored byte and a feature; 1 for floats.
    [[nodiscard]] float scale() const noexcept { return scale_; }
    /// Returns the values as they are stored, row by row.
    [[nodiscard]] const Storage& storage() const noexcept { return values_; }
    /// Returns the scale where the features are stored as bytes.
    [[nodiscard]] std::optional<float> byte_scale() const noexcept {
        return values_.index() == 0 ? std::optional(scale_) : std::nullopt;
    }

    /// Writes the scaled features of the given rows to `x` [rows.size(), N].
    template <Real T>
    void gather(std::span<const std::uint32_t> rows, T* x) const {
        const auto scale = static_cast<T>(scale_);
        std::visit(
            [&](const auto& values) {
                for (const std::size_t row : rows) {
                    simd::scale<N>(x, values.data() + row * N, scale);
                    x += N;
                }
            },
            values_);
    }

    /// Prefetches a row into the cache, for a later `gather`.
    void prefetch(std::size_t row) const noexcept {
        std::visit(
            [row](const auto& values) {
                constexpr std::size_t line = 64;
                const auto* from = reinterpret_cast<const char*>(values.data() + row * N);
                for (std::size_t i = 0; i < N * sizeof(values[0]); i += line) simd::prefetch(from + i);
            },
            values_);
    }

    /// Returns copies of the given rows, in their order.
    [[nodiscard]] Features subset(std::span<const std::uint32_t> rows) const {
        return std::visit(
            [&](const auto& values) { return Features(Storage(detail::take_rows(values, N, rows)), scale_); }, values_);
    }

private:
    Storage values_;
    float scale_;
    std::size_t rows_ = 0;
};

/// The targets of a classification: each row has a label, the index of its class. Labels count from 0. Classes may have
/// names, in the order of their labels.
///
/// ```cpp
/// const Labels species({0, 2, 1, 0}, {"setosa", "versicolor", "virginica"});
/// std::cout << species.names()[2] << '\n';  // virginica
/// ```
class Labels {
public:
    using Value = std::int32_t;
    static constexpr std::size_t width = 1;  ///< how many values a row has

    /// Throws DataError when a label is negative, and, with names, when a label has none, or a name is empty or comes
    /// twice.
    explicit Labels(std::vector<std::int32_t> values, std::vector<std::string> names = {})
        : values_(std::move(values)), names_(std::move(names)) {
        const auto limit = names_.empty() ? std::numeric_limits<std::size_t>::max() : names_.size();
        const auto wrong = std::find_if(values_.begin(), values_.end(), [&](std::int32_t label) {
            return label < 0 || static_cast<std::size_t>(label) >= limit;
        });
        if (wrong != values_.end()) {
            throw DataError(detail::join(
                {"the label in row ", wrong - values_.begin(), " is ", *wrong,
                 *wrong < 0 ? std::string("; labels count from 0")
                            : detail::join({", but there are only ", limit, " class names, for labels from 0 on"})}));
        }
        check_names();
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] std::int32_t operator[](std::size_t row) const noexcept { return values_[row]; }
    /// Returns the label of each row.
    [[nodiscard]] const std::vector<std::int32_t>& values() const noexcept { return values_; }
    /// Returns the name of each class; empty where classes have no names.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

    /// Returns how many classes there are: as many as names or, without names, one more than the largest label; 0
    /// without rows.
    [[nodiscard]] std::size_t classes() const noexcept {
        if (!names_.empty()) return names_.size();
        return values_.empty() ? 0 : static_cast<std::size_t>(*std::max_element(values_.begin(), values_.end())) + 1;
    }

    /// Returns copies of the given rows, in their order, with the names of all classes.
    [[nodiscard]] Labels subset(std::span<const std::uint32_t> rows) const {
        return Labels(detail::take_rows(values_, 1, rows), names_);
    }

private:
    void check_names() const {
        std::vector<std::string_view> sorted(names_.begin(), names_.end());
        std::sort(sorted.begin(), sorted.end());
        if (!sorted.empty() && sorted.front().empty()) throw DataError("a class name is empty");
        const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
        if (twice != sorted.end()) {
            throw DataError(detail::join({"the class name \"", detail::shown(*twice), "\" comes twice"}));
        }
    }

    std::vector<std::int32_t> values_;
    std::vector<std::string> names_;
};

/// The targets of a regression, or the probabilities of classes: a matrix [size(), N].
template <std::size_t N>
class Targets {
    static_assert(N > 0, "Targets<N>: a row has at least one target");

public:
    using Value = float;
    static constexpr std::size_t width = N;  ///< how many values a row has

    /// Takes the rows one after the other. Throws DataError when the last row is incomplete.
    explicit Targets(std::vector<float> values) : values_(std::move(values)) {
        detail::count_rows("target", values_.size(), N);
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size() / N; }
    [[nodiscard]] std::span<const float, N> operator[](std::size_t row) const noexcept {
        return std::span<const float, N>(values_.data() + row * N, N);
    }
    /// Returns the targets, row by row.
    [[nodiscard]] const std::vector<float>& values() const noexcept { return values_; }

    /// Returns copies of the given rows, in their order.
    [[nodiscard]] Targets subset(std::span<const std::uint32_t> rows) const {
        return Targets(detail::take_rows(values_, N, rows));
    }

private:
    std::vector<float> values_;
};

/// Rows of FeatureCount features, each with its target: a label, or N numbers where Target is Targets<N>. Row is the
/// Columns of which they are made, void where they have no names; a network of other Columns doesn't take them.
/// `make_dataset` makes one from vectors and arrays; the constructor takes over what it is given.
///
/// ```cpp
/// const Dataset<1> people = make_dataset<1>(std::vector{1.62, 1.85, 1.71}, std::vector{0, 1, 0});
/// std::vector<float> heights{1.62F, 1.85F, 1.71F};
/// Dataset<1> same{Features<1>(std::move(heights)), Labels({0, 1, 0})};  // in braces: () would declare a function
/// ```
template <std::size_t FeatureCount, class Target = Labels, class Row = void>
class Dataset {
public:
    /// How many features a row has.
    static constexpr std::size_t feature_count = FeatureCount;
    /// Labels, or `Targets` of a width.
    using TargetType = Target;
    /// The `Columns` that rows are read as, or void.
    using RowType = Row;

    /// Throws DataError when there aren't as many targets as rows of features, or 2^32 rows or more.
    Dataset(Features<FeatureCount> features, Target targets)
        : features_(std::move(features)), targets_(std::move(targets)) {
        if (features_.size() != targets_.size()) {
            throw DataError(detail::join({"a dataset needs one target for each row; there are ", features_.size(),
                                          " rows of features and ", targets_.size(), " targets"}));
        }
        if (features_.size() > std::numeric_limits<std::uint32_t>::max()) {
            throw DataError("a dataset can't have more than 2^32 - 1 rows");
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return features_.size(); }
    /// Returns the features of all rows.
    [[nodiscard]] const Features<FeatureCount>& features() const noexcept { return features_; }
    /// Returns the targets of all rows.
    [[nodiscard]] const Target& targets() const noexcept { return targets_; }

    // TrainingData asks for the next three; its comment is their contract.
    /// Writes the features of the listed rows to x, [rows.size(), feature_count].
    template <Real T>
    void gather(std::span<const std::uint32_t> rows, T* x) const {
        features_.gather(rows, x);
    }
    /// Returns the label or the targets of a row.
    [[nodiscard]] auto target(std::size_t row) const noexcept { return targets_[row]; }
    /// Asks the processor to bring a row's features into the cache.
    void prefetch(std::size_t row) const noexcept { features_.prefetch(row); }

    /// Returns the scaled features of one row, as a network's `predict` takes them. Uses no heap, unless they take more
    /// than 16 KiB. Throws DataError when there is no such row.
    [[nodiscard]] RowArray<float, FeatureCount> row(std::size_t index) const {
        if (index >= size()) {
            throw DataError(detail::join({"there is no row ", index, " in a dataset of ", size(), " rows"}));
        }
        auto x = detail::make_row_array<float, FeatureCount>();
        const auto row = static_cast<std::uint32_t>(index);
        gather(std::span(&row, 1), x.data());
        return x;
    }

    /// Returns the label of one row.
    [[nodiscard]] std::int32_t label(std::size_t index) const requires std::same_as<Target, Labels> {
        return targets_[index];
    }

    /// Returns the name of each class; empty where classes have no names.
    [[nodiscard]] const std::vector<std::string>& class_names() const noexcept requires std::same_as<Target, Labels> {
        return targets_.names();
    }

    /// Returns how much each row counts.
    [[nodiscard]] const RowWeights& weights() const noexcept { return weights_; }

    /// Returns the same rows, each with a weight: how much it counts in training, evaluation and metrics. Throws
    /// DataError where there are weights, but not one for each row, and what RowWeights throws.
    ///
    /// ```cpp
    /// const std::vector<float> x{0, 1, 2};
    /// const std::vector<float> weights{1, 1, 2.5F};
    /// const Dataset<1> data = make_dataset<1>(x, std::vector{0, 0, 1}).with_weights(weights);
    /// ```
    [[nodiscard]] Dataset with_weights(RowWeights weights) && {
        weights.check_count(size(), "the dataset");
        weights_ = std::move(weights);
        return std::move(*this);
    }
    /// As above, with a copy of the rows.
    [[nodiscard]] Dataset with_weights(RowWeights weights) const& {
        return Dataset(*this).with_weights(std::move(weights));
    }

    /// Returns copies of the given rows, with their weights, in their order. Throws DataError where there are weights,
    /// but all of these are 0.
    [[nodiscard]] Dataset subset(std::span<const std::uint32_t> rows) const {
        return Dataset(features_.subset(rows), targets_.subset(rows)).with_weights(weights_.subset(rows));
    }

private:
    Features<FeatureCount> features_;
    Target targets_;
    RowWeights weights_;
};

namespace detail {

/// An xtensor expression whose number of dimensions is known only at run time, such as xt::xarray.
template <class A>
concept ArrayOfAnyRank = HasShape<A> && !requires {
    static_rank<typename A::shape_type>::value;
};

/// What make_dataset takes as rows of numbers: rows, their numbers one row after the other, or an array.
template <class S>
concept RowSource = NumberSequence<S> || RowSequence<S> || ArrayOfRank<S, 1> || ArrayOfRank<S, 2> || ArrayOfAnyRank<S>;

/// What make_dataset takes as labels.
template <class S>
concept LabelSource = NumberSequence<S> || ArrayOfRank<S, 1> || ArrayOfAnyRank<S> || std::same_as<S, Labels> ||
    std::same_as<S, std::vector<bool>>;

/// The type of a source's numbers.
template <class S>
struct NumberIn : std::type_identity<ElementOf<S>> {};
template <HasShape S>
struct NumberIn<S> : std::type_identity<typename S::value_type> {};
template <RowSequence S>
struct NumberIn<S> : std::type_identity<ElementOf<ElementOf<S>>> {};

/// Throws ShapeError unless an array has the given number of dimensions.
template <class Array>
void check_dimensions(std::string_view what, const Array& array, std::size_t wanted) {
    if (array.dimension() == wanted) return;
    throw ShapeError(join({"the array of ", what, "s has ", array.dimension(), " dimensions; expected ", wanted}));
}

/// Calls visit(number) for each number of rows of N, row by row. `what` is a number in messages, such as "feature".
/// Throws ShapeError where a row has another length.
template <std::size_t N, RowSource Source, class Visit>
void visit_numbers(std::string_view what, const Source& source, Visit visit) {
    if constexpr (ArrayOfAnyRank<Source>) {
        check_dimensions(what, source, 2);
        visit_numbers<N>(what, Matrix<typename Source::value_type>(source), visit);
    } else if constexpr (ArrayOfRank<Source, 2>) {
        if (source.shape()[1] != N) {
            throw ShapeError(join({"the array has ", source.shape()[1], " columns; expected ", N}));
        }
        for (std::size_t row = 0; row < source.shape()[0]; ++row) {
            for (std::size_t column = 0; column < N; ++column) visit(source(row, column));
        }
    } else if constexpr (RowSequence<Source>) {
        constexpr std::size_t length = length_of<ElementOf<Source>>;
        static_assert(length == std::dynamic_extent || length == N,
                      "make_dataset: these rows have another number of values than the dataset");
        std::size_t index = 0;
        for (const auto& row : source) {
            if (std::size(row) != N) {
                throw ShapeError(
                    join({"row ", index, " of the ", what, "s has ", std::size(row), " values; expected ", N}));
            }
            for (const auto number : row) visit(number);
            ++index;
        }
    } else {
        constexpr std::size_t length = length_of<Source>;
        static_assert(length == std::dynamic_extent || length % N == 0,
                      "make_dataset: these values don't fill whole rows of the dataset");
        const std::size_t size = std::size(source);
        if (size % N != 0) {
            throw ShapeError(join({"the ", size, " ", what, " values don't fill whole rows of ", N}));
        }
        for (const auto number : source) visit(number);
    }
}

/// Returns numbers as floats, row by row. Throws ShapeError where a row doesn't have N, and DataError when one isn't
/// finite as a float, and for large numbers that floats can't tell apart (large_numbers.hpp).
template <std::size_t N, RowSource Source>
std::vector<float> checked_values(std::string_view what, const Source& source) {
    std::vector<float> values;
    values.reserve(std::size(source) * (RowSequence<Source> ? N : 1));
    std::vector<LargeNumbers> large_numbers;  // of each column; empty before the first
    visit_numbers<N>(what, source, [&](auto number) {
        values.push_back(static_cast<float>(number));
        if (std::abs(values.back()) < static_cast<float>(exact_floats) && (!loses_nan || is_finite(values.back())))
            return;
        const std::size_t index = values.size() - 1;
        const auto fail = [&](std::string_view reason, std::string_view remedy) {
            throw DataError(join({"the ", what, " in row ", index / N, ", column ", index % N, reason, remedy}));
        };
        if (!is_finite(values.back())) fail(" is not finite as a float", {});
        if (large_numbers.empty()) large_numbers.resize(N);
        if (large_numbers[index % N].meets_its_like(static_cast<double>(number), {})) {
            fail(" is the same float as another number in its column", large_numbers_remedy);
        }
    });
    for (std::size_t column = 0; column < large_numbers.size(); ++column) {
        if (!large_numbers[column].are_lost(values, N, column)) continue;
        throw DataError(join({"the ", what, " ", exact_text(large_numbers[column].inexact()), " in column ", column,
                              lost_numbers, large_numbers_remedy}));
    }
    return values;
}

/// Returns numbers as features: bytes as bytes, anything else as floats.
template <std::size_t N, RowSource Source>
Features<N> checked_features(const Source& source, float scale) {
    if constexpr (std::same_as<typename NumberIn<Source>::type, std::uint8_t>) {
        std::vector<std::uint8_t> bytes;
        bytes.reserve(std::size(source) * (RowSequence<Source> ? N : 1));
        visit_numbers<N>("feature", source, [&](std::uint8_t byte) { bytes.push_back(byte); });
        return Features<N>(std::move(bytes), scale);
    }
    return Features<N>(checked_values<N>("feature", source), scale);
}

/// Returns numbers as labels. Throws DataError when one isn't a whole number from 0 on.
template <LabelSource Source>
Labels checked_labels(const Source& source) {
    if constexpr (std::same_as<Source, Labels>) {
        return source;
    } else {
        if constexpr (ArrayOfAnyRank<Source>) check_dimensions("label", source, 1);
        std::vector<std::int32_t> labels;
        for (const auto number : source) {
            const auto value = static_cast<double>(number);
            if (!(value == std::floor(value) && std::abs(value) <= std::numeric_limits<std::int32_t>::max())) {
                throw DataError(join({"the label in row ", labels.size(), " is ", value,
                                      "; labels are whole numbers from 0 to 2^31 - 1"}));
            }
            labels.push_back(static_cast<std::int32_t>(value));
        }
        return Labels(std::move(labels));
    }
}

}  // namespace detail

/// Makes a dataset from features and labels in vectors or arrays. It copies both.
///   features   the values one row after the other, or rows, such as std::vector<std::array<float, 4>>, or an array
///              [rows, FeatureCount]. Bytes are stored as bytes, other numbers as float. A network is given them times
///              `scale`.
///   labels     whole numbers from 0 on, or bools, one for each row; or a Labels, which can name the classes
///
/// ```cpp
/// const std::vector<float> x{0, 0, 0, 1, 1, 0, 1, 1};
/// const std::vector<int> y{0, 1, 1, 0};
/// const Dataset<2> exclusive_or = make_dataset<2>(x, y);
/// ```
///
/// A wrong length of rows doesn't compile if it is part of the type, and throws ShapeError otherwise. Throws DataError
/// for a feature that isn't finite, for large features that floats can't tell apart (as load_csv does), for a label
/// that isn't a whole number from 0 on, and where there aren't as many labels as rows; OptionError for a scale that is
/// 0 or not finite.
template <std::size_t FeatureCount, detail::RowSource Inputs, detail::LabelSource Classes>
Dataset<FeatureCount> make_dataset(const Inputs& features, const Classes& labels, float scale = 1) {
    return {detail::checked_features<FeatureCount>(features, scale), detail::checked_labels(labels)};
}

/// Makes a dataset from features and rows of N targets, given as the features are.
///
/// ```cpp
/// const std::vector<std::array<double, 2>> x{{350, 28}, {420, 7}};
/// const std::vector<double> strengths{44.3, 31.9};
/// const Dataset<2, Targets<1>> concrete = make_dataset<2, 1>(x, strengths);
/// ```
template <std::size_t FeatureCount, std::size_t N, detail::RowSource Inputs, detail::RowSource Numbers>
Dataset<FeatureCount, Targets<N>> make_dataset(const Inputs& features, const Numbers& targets, float scale = 1) {
    return {detail::checked_features<FeatureCount>(features, scale),
            Targets<N>(detail::checked_values<N>("target", targets))};
}

}  // namespace TYPENET
