#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <type_traits>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/platform/threads.hpp>

/// Prediction as a user sees it: `predict` and `classify` for rows and batches of any type, the same for a network of
/// floating-point numbers (network/mlp.hpp) and for one in 8 bits (network/quantized.hpp).
namespace TYPENET {

/// The second template argument of a network, after its element type: how many features a row has.
template <std::size_t N>
struct Input {
    static_assert(N > 0, "Input: a network needs at least one input");
};

namespace detail {

/// A type that gives the features of a network or of a dataset's rows names: Columns (data/columns.hpp).
template <class Row>
concept HasColumns = requires {
    Row::column_texts();
};

/// How many features a network has, by the type after its element type; 0 for a type that can't stand there.
template <class T>
inline constexpr std::size_t input_size = 0;
template <std::size_t N>
inline constexpr std::size_t input_size<Input<N>> = N;
template <HasColumns Row>
inline constexpr std::size_t input_size<Row> = Row::width;

/// Whether a network may be given the rows of a dataset: unless both have names for the features that differ.
template <class Network, class Data>
inline constexpr bool suits_columns = [] {
    if constexpr (requires { typename Data::RowType; }) {
        if constexpr (HasColumns<typename Data::RowType> && HasColumns<typename Network::InputType>) {
            return std::is_same_v<typename Data::RowType, typename Network::InputType>;
        }
    }
    return true;
}();

/// Training data that are no batch of rows by themselves, such as a Dataset.
template <class Data>
concept DataButNoBatch = TrainingData<Data> && !RowSequence<Data>;

/// How many classes a network distinguishes. One output says yes or no.
template <class Network>
inline constexpr std::size_t classes_of = Network::outputs == 1 ? 2 : Network::outputs;

/// Returns the index of the largest output, the first of equal ones. With a single output, returns 1 if it is at least
/// one half, else 0.
template <class T, std::size_t N>
std::int32_t predicted_class(const T* outputs) {
    if constexpr (N == 1) return outputs[0] >= T(0.5) ? 1 : 0;
    std::int32_t index = 0;
    T largest = outputs[0];
    for (std::size_t k = 1; k < N; ++k) {  // selections instead of branches that can't be predicted
        const bool larger = largest < outputs[k];
        index = larger ? static_cast<std::int32_t>(k) : index;
        largest = larger ? outputs[k] : largest;
    }
    return index;
}

/// Returns predicted_class, or -1 where an output is NaN: such a row has no class.
template <class T, std::size_t N>
std::int32_t class_or_none(const T* outputs) {
    bool numbers = true;
    for (std::size_t k = 0; k < N; ++k) numbers &= !is_nan(outputs[k]);
    return numbers ? predicted_class<T, N>(outputs) : -1;
}

/// Throws the error about a row without a class. `row` is the row in the message, such as "row 3".
[[noreturn, gnu::noinline, gnu::cold]] inline void fail_without_class(const std::string& row) {
    throw DataError(
        join({"the network's outputs for ", row,
              " are NaN, so that it has no class; look for NaN among its features, and in the parameters"}));
}

}  // namespace detail

/// The options of `predict` for many rows.
struct PredictOptions {
    /// How many threads share the rows, the caller's among them; 0: the library chooses. The bits are the same for any
    /// number.
    std::size_t threads = 1;
};

template <class Network, std::size_t Count>
class FirstLayers;

/// Base of the networks: what they answer. `Network`, which derives from it, has
///   forward<Part>(x, y, numbers, words)   computes the outputs y of `Part`, a Chain of its first layers or of all, for
///                                         the rows x
///   scratch_size<Part>(rows), scratch_words<Part>(rows)   how much scratch memory of each kind that takes
///   check_usable()                        throws Error when the network was moved from
///   parameter_count                       how many numbers it has: a measure of the work for a row
template <class Network, class InputSpec, class LayerChain>
class Predictor {
    using T = typename LayerChain::Scalar;

public:
    using Scalar = T;
    using InputType = InputSpec;  ///< Input<N>, or the Columns that give the features names
    /// The bound layers in a Chain. A Residual contributes its layers one by one, and its sum as a layer of its own.
    using Layers = LayerChain;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    static constexpr std::size_t inputs = Layers::inputs;
    static constexpr std::size_t outputs = Layers::outputs;
    static constexpr std::size_t layer_count = Layers::length;

    /// Returns the outputs for one row of features. Uses no heap, unless the outputs take more than 16 KiB, or the
    /// scratch memory does: two rows as wide as the widest layer, or, with a Residual, a row of each layer but the
    /// last.
    [[nodiscard]] RowArray<T, outputs> predict(std::span<const T, inputs> row) const {
        auto y = detail::make_row_array<T, outputs>();
        Scratch<T, Network::template scratch_size<Layers>(1)> numbers;
        Scratch<std::uint64_t, Network::template scratch_words<Layers>(1)> words;
        network().template forward<Layers>({row.data(), 1}, {y.data(), 1}, numbers.data(), words.data());
        return y;
    }

    /// Does the same for numbers of any type in a std::vector, std::array or std::span. A row of numbers of another
    /// type than T that takes more than 16 KiB is copied to the heap. A wrong length doesn't compile if it is part of
    /// the type, and throws ShapeError otherwise.
    template <NumberSequence Row>
    [[nodiscard]] RowArray<T, outputs> predict(const Row& row) const {
        check_length<Row>(std::size(row));
        if constexpr (std::same_as<detail::ElementOf<Row>, T>) {
            return predict(std::span<const T, inputs>(std::data(row), inputs));
        } else {
            return predict_copy([&](std::size_t i) { return std::data(row)[i]; });
        }
    }

    /// Does the same for a one-dimensional xtensor expression. One that isn't a contiguous array of T is copied.
    template <ArrayOfRank<1> Row>
    [[nodiscard]] RowArray<T, outputs> predict(const Row& row) const {
        check_width<0>(row);
        if constexpr (detail::lies_flat<Row, T>) {
            return predict(std::span<const T, inputs>(detail::flat_data(row), inputs));
        } else {
            return predict_copy(row);
        }
    }

    /// Does the same for numbers in braces, such as predict({1, 2.5}).
    template <std::size_t N>
    [[nodiscard]] RowArray<T, outputs> predict(const double (&row)[N]) const {
        return predict(std::span<const double, N>(row));
    }

    /// Returns the outputs [rows, outputs] for a batch of features [rows, inputs], a two-dimensional xtensor
    /// expression.
    template <ArrayOfRank<2> Batch>
    [[nodiscard]] Matrix<T> predict(const Batch& batch, const PredictOptions& options = {}) const {
        check_width<1>(batch);
        if constexpr (detail::lies_flat<Batch, T>) {
            return predict_rows({detail::flat_data(batch), batch.shape()[0]}, options);
        } else {
            const Matrix<T> copy = batch;
            return predict_rows({copy.data(), copy.shape()[0]}, options);
        }
    }

    /// Does the same for rows in a std::vector, std::array or std::span, such as std::vector<std::array<float, 4>>.
    template <RowSequence Batch>
    [[nodiscard]] Matrix<T> predict(const Batch& batch, const PredictOptions& options = {}) const {
        auto copy = Matrix<T>::from_shape({std::size(batch), inputs});
        T* to = copy.data();
        for (const auto& row : batch) {
            check_length<detail::ElementOf<Batch>>(std::size(row));
            to = std::transform(std::begin(row), std::end(row), to, [](auto x) { return static_cast<T>(x); });
        }
        return predict_rows({copy.data(), std::size(batch)}, options);
    }

    /// Does the same for an array whose rank is known only at run time, such as xt::xarray. One dimension is one row.
    /// Throws ShapeError for another rank than 1 or 2.
    template <detail::HasShape Array>
    requires(!ArrayOfRank<Array, 1> && !ArrayOfRank<Array, 2>)
        [[nodiscard]] Matrix<T> predict(const Array& array, const PredictOptions& options = {}) const {
        if (array.dimension() != 1 && array.dimension() != 2) {
            throw ShapeError(detail::join(
                {"predict takes a row or a batch of rows; this array has ", array.dimension(), " dimensions"}));
        }
        const std::size_t rows = array.dimension() == 1 ? 1 : array.shape()[0];
        if (array.shape()[array.dimension() - 1] != inputs) {
            fail_width(array.shape()[array.dimension() - 1]);
        }
        auto copy = Matrix<T>::from_shape({rows, inputs});
        std::copy(array.template begin<xt::layout_type::row_major>(), array.template end<xt::layout_type::row_major>(),
                  copy.begin());
        return predict_rows({copy.data(), rows}, options);
    }

    /// A dataset's rows are predicted by a function of evaluate/evaluate.hpp.
    template <detail::DataButNoBatch Data>
    void predict(const Data&, const PredictOptions& = {}) const = delete;  // write predict(network, data)

    /// Returns the class of one row, or the classes of a batch: the index of the largest output, or, with a single
    /// output, 1 if it is at least one half. Throws DataError for a row with an output that is NaN.
    template <class X>
    [[nodiscard]] auto classify(const X& x) const {
        constexpr bool can_predict = requires(const Predictor& network) { network.predict(x); };
        if constexpr (!can_predict) {
            static_assert(
                can_predict,
                "classify and predict take one row of numbers (a std::vector, std::array, std::span or array of "
                "one dimension) or a batch of rows (a std::vector of them or an array of two dimensions)");
        } else {
            const auto y = predict(x);
            if constexpr (ArrayOfRank<decltype(y), 2>) {
                auto classes = xt::xtensor<std::int32_t, 1>::from_shape({y.shape()[0]});
                for (std::size_t r = 0; r < classes.size(); ++r) {
                    classes(r) = detail::class_or_none<T, outputs>(y.data() + r * outputs);
                    if (classes(r) < 0) detail::fail_without_class(detail::join({"row ", r}));
                }
                return classes;
            } else {
                return class_of_row(y);
            }
        }
    }

    /// Returns the class of a row of numbers in braces.
    template <std::size_t N>
    [[nodiscard]] std::int32_t classify(const double (&row)[N]) const {
        return class_of_row(predict(row));
    }

    /// Returns the first `Count` layers. Their `predict` takes what the network's does, uses the heap as that does, and
    /// returns the outputs of their last layer, after its activation: an array of its width, or [rows, its width].
    ///
    /// ```cpp
    /// const auto hidden = net.first_layers<2>().predict(test.row(0));  // the outputs of layer 1
    /// ```
    ///
    /// A Residual counts as its layers and one more, its sum. The result refers to the network, which must outlive it.
    template <std::size_t Count>
    [[nodiscard]] auto first_layers() const& {
        static_assert(Count >= 1 && Count <= layer_count,
                      "first_layers: the count must be at least 1 and at most the number of layers");
        if constexpr (Count >= 1 && Count <= layer_count) return FirstLayers<Network, Count>(network());
    }
    /// A network without a name ends with the expression.
    template <std::size_t Count>
    void first_layers() const&& = delete;  // the result would refer to a network that is gone

    /// Returns the network's type as text, such as "Input<784>, Dense<10, Softmax>".
    [[nodiscard]] static std::string architecture() {
        std::string text = detail::join({"Input<", inputs, ">"});
        Layers::for_each([&]<std::size_t I>() { text += ", " + Layer<I>::describe(); });
        return text;
    }

protected:
    Predictor() = default;

    /// Returns the class of a row's outputs. Throws DataError where one is NaN.
    [[nodiscard]] static std::int32_t class_of_row(const RowArray<T, outputs>& y) {
        const std::int32_t label = detail::class_or_none<T, outputs>(y.data());
        if (label < 0) detail::fail_without_class("this row");
        return label;
    }

    /// Throws ShapeError unless a row has `inputs` values.
    template <class Row>
    static void check_length(std::size_t length) {
        constexpr std::size_t fixed = detail::length_of<Row>;
        static_assert(fixed == std::dynamic_extent || fixed == inputs,
                      "predict: this row has another number of features than the network has inputs");
        if (length != inputs) fail_width(length);
    }

private:
    template <std::size_t Axis, class Array>
    static void check_width(const Array& array) {
        if constexpr (requires { detail::static_extent<typename Array::shape_type, Axis>::value; }) {
            static_assert(detail::static_extent<typename Array::shape_type, Axis>::value == inputs,
                          "predict: this array has another number of features than the network has inputs");
        } else if (array.shape()[Axis] != inputs) {
            fail_width(array.shape()[Axis]);
        }
    }

    /// Predicts a copy of a row, whose feature i is features(i).
    template <class Features>
    [[nodiscard]] RowArray<T, outputs> predict_copy(const Features& features) const {
        Scratch<T, inputs> copy;
        for (std::size_t i = 0; i < inputs; ++i) copy.data()[i] = static_cast<T>(features(i));
        return predict(std::span<const T, inputs>(copy.data(), inputs));
    }

    [[noreturn]] static void fail_width(std::size_t width) {
        throw ShapeError(detail::join({"the network takes ", inputs, " features; this array has ", width}));
    }

    [[nodiscard]] const Network& network() const noexcept { return static_cast<const Network&>(*this); }

    [[nodiscard]] Matrix<T> predict_rows(Rows<const T, inputs> x, const PredictOptions& options) const {
        network().check_usable();
        auto y = Matrix<T>::from_shape({x.count, outputs});
        Team team(choose_threads(options.threads, Network::parameter_count * x.count));
        detail::ForwardMemory<Network, Layers> memory(network(), std::min(x.count, detail::rows_at_once), team.size());
        detail::run_in_chunks(team, x.count, [&](std::size_t first, std::size_t rows, std::size_t thread) {
            memory.forward(x.subrows(first, rows), {y.data() + first * outputs, rows}, thread);
        });
        return y;
    }
};

namespace detail {

template <class Network, class InputSpec, class Layers>
void take_predictor(const Predictor<Network, InputSpec, Layers>&);

}  // namespace detail

/// Whatever predicts: an Mlp, a Quantized network, the FirstLayers of one, or a class derived from these.
template <class N>
concept AnyPredictor = requires(const N& network) {
    detail::take_predictor(network);
};

/// A predictor whose parameters are one block, layer after layer: an Mlp, or the FirstLayers of one. The FirstLayers of
/// a Quantized network meet it as well, so that saving them fails with a sentence.
template <class N>
concept HasParameters = AnyPredictor<N> && requires(const N& network) {
    network.parameters();
};

/// The first `Count` layers of a network, as Predictor::first_layers returns them. It copies no parameters: it refers
/// to the network and answers with the parameters that the network has by then. Model files and exports take it as they
/// take an Mlp, and a file of it loads into an Mlp of these layers:
///
/// ```cpp
/// export_header(net.first_layers<1>(), "hidden.hpp", {.name = "hidden"});
/// ```
template <class Network, std::size_t Count>
class FirstLayers : public Predictor<FirstLayers<Network, Count>, typename Network::InputType,
                                     typename Network::Layers::template First<Count>> {
    using Base = Predictor<FirstLayers, typename Network::InputType, typename Network::Layers::template First<Count>>;
    using T = typename Network::Scalar;

public:
    using typename Base::Layers;
    static constexpr std::size_t parameter_count = Layers::parameter_count;

    /// Refers to `network`, which must outlive it. Users write `network.first_layers<Count>()`.
    explicit FirstLayers(const Network& network) noexcept : network_(&network) {}

    // What Predictor asks for; its comment is their contract.
    template <class Part>
    void forward(Rows<const T, Layers::inputs> x, Rows<T, Part::outputs> y, T* numbers, std::uint64_t* words) const {
        network_->template forward<Part>(x, y, numbers, words);
    }
    /// How many numbers of working memory the prediction of `rows` rows needs.
    template <class Part>
    static constexpr std::size_t scratch_size(std::size_t rows) {
        return Network::template scratch_size<Part>(rows);
    }
    /// How many 64-bit words of working memory the prediction of `rows` rows needs.
    template <class Part>
    static constexpr std::size_t scratch_words(std::size_t rows) {
        return Network::template scratch_words<Part>(rows);
    }
    /// Throws Error when the network was moved from.
    void check_usable() const { network_->check_usable(); }

    // What model files and exports ask for.
    /// Returns the parameters of these layers, which are the network's first. Those of a Quantized network have none.
    [[nodiscard]] std::span<const T, parameter_count> parameters() const {
        static_assert(HasParameters<Network>,
                      "the first layers of a Quantized network only predict; to save or export layers in 8 bits, copy "
                      "their parameters into an Mlp of these layers alone, and quantize that");
        if constexpr (HasParameters<Network>) return network_->parameters().template first<parameter_count>();
    }
    /// Returns the parameters of layer I.
    template <std::size_t I>
    [[nodiscard]] const T* layer_parameters() const {
        return parameters().data() + Layers::offsets[I];
    }
    /// Returns whether no parameter of these layers is NaN or infinite.
    [[nodiscard]] bool all_finite() const { return simd::all_finite(parameters().data(), parameter_count); }

private:
    const Network* network_;
};

}  // namespace TYPENET
