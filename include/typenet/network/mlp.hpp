#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/layer_list.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/platform/threads.hpp>

namespace typenet {

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
        using Row = typename Data::RowType;
        if constexpr (HasColumns<Row> && HasColumns<typename Network::InputType>) {
            return std::is_same_v<Row, typename Network::InputType>;
        }
    }
    return true;
}();

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
    for (std::size_t k = 0; k < N; ++k) numbers &= !std::isnan(outputs[k]);
    return numbers ? predicted_class<T, N>(outputs) : -1;
}

/// Throws the error about a row without a class. `row` is the row in the message, such as "row 3".
[[noreturn, gnu::noinline, gnu::cold]] inline void fail_without_class(const std::string& row) {
    throw DataError(
        join({"the network's outputs for ", row,
              " are NaN, so that it has no class; look for NaN among its features, and in the parameters"}));
}

}  // namespace detail

struct PredictOptions {
    /// How many threads share the rows, the caller's among them; 0: the library chooses. The bits are the same for any
    /// number.
    std::size_t threads = 1;
};

/// A layer whose parameters are weights [inputs, outputs], then biases [outputs].
template <class Layer>
concept HasWeights = (Layer::weight_count > 0);

/// How training treats one layer. Copies of a network keep it, model files don't.
struct LayerTraining {
    double rate_factor = 1;  ///< multiplies the optimizer's learning rate; 0 leaves the layer as it is
    double l1 = 0;           ///< adds l1 times the sum of |w| over the layer's weights to the loss
    double l2 = 0;           ///< adds l2 / 2 times the sum of w^2 over the layer's weights to the loss

    friend bool operator==(const LayerTraining&, const LayerTraining&) = default;
};

/// A multilayer perceptron whose whole architecture is its type:
///
/// ```cpp
/// Mlp<float, Input<4>, Dense<16, ReLU>, Dense<3, Softmax>> network(Seed{1});
/// fit<CrossEntropy>(network, train, Adam{}, {.epochs = 20});
/// std::cout << network.predict(test.row(0)) << " is class " << network.classify(test.row(0)) << '\n';
/// ```
///
/// It owns its parameters, one block on the heap. Moving is cheap; a copy has its own block. A moved-from network can
/// be assigned to and destroyed; any other use throws Error. Many threads may call the const functions at once.
template <Real T, class InputSpec, class... Specs>
class Mlp {
    static_assert(detail::input_size<InputSpec> > 0,
                  "Mlp: the type after the element type must be Input<N>, or the Columns of a table");
    static_assert(sizeof...(Specs) > 0, "Mlp: a network needs at least one layer after Input<N>");
    static_assert(detail::all_are_layers<detail::Flat<Specs...>>,
                  "Mlp: every type after Input<N> must be a layer, such as Dense<128, Sigmoid>");

public:
    using Scalar = T;
    using InputType = InputSpec;  ///< Input<N>, or the Columns that give the features names
    /// The bound layers in a Chain. A Residual contributes its layers one by one, and its sum as a layer of its own.
    using Layers = typename detail::Bound<T, detail::input_size<InputSpec>, detail::Flat<Specs...>>::type;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    static constexpr std::size_t inputs = Layers::inputs;
    static constexpr std::size_t outputs = Layers::outputs;
    static constexpr std::size_t layer_count = Layers::length;
    static constexpr std::size_t parameter_count = Layers::parameter_count;

    /// Makes a network with the initial parameters of `seed`, the same on every machine.
    explicit Mlp(Seed seed = {}) : parameters_(parameter_count) { Layers::initialize(seed, parameters_.data()); }

    /// Returns all parameters: layer by layer; of a Dense layer first the weights [inputs, outputs], row by row, then
    /// the biases.
    [[nodiscard]] std::span<T, parameter_count> parameters() {
        check_not_moved_from();
        return std::span<T, parameter_count>(parameters_.data(), parameter_count);
    }
    [[nodiscard]] std::span<const T, parameter_count> parameters() const {
        check_not_moved_from();
        return std::span<const T, parameter_count>(parameters_.data(), parameter_count);
    }

    /// Returns layer I's weights as an xtensor view of shape [inputs, outputs]. The view reads and writes the network's
    /// own memory. It is valid until the network is destroyed, moved or assigned to.
    template <std::size_t I>
    requires HasWeights<Layer<I>>
    [[nodiscard]] auto weights() {
        return matrix_view<Layer<I>::inputs, Layer<I>::outputs>(parameters().data() + Layers::offsets[I]);
    }
    template <std::size_t I>
    requires HasWeights<Layer<I>>
    [[nodiscard]] auto weights() const {
        return matrix_view<Layer<I>::inputs, Layer<I>::outputs>(parameters().data() + Layers::offsets[I]);
    }

    /// Returns layer I's biases as an xtensor view of shape [outputs], valid as long as that of weights().
    template <std::size_t I>
    requires HasWeights<Layer<I>>
    [[nodiscard]] auto biases() {
        return vector_view<Layer<I>::outputs>(parameters().data() + Layers::offsets[I] + Layer<I>::weight_count);
    }
    template <std::size_t I>
    requires HasWeights<Layer<I>>
    [[nodiscard]] auto biases() const {
        return vector_view<Layer<I>::outputs>(parameters().data() + Layers::offsets[I] + Layer<I>::weight_count);
    }

    /// Returns how training treats layer I. A change takes effect with the next step.
    template <std::size_t I>
    [[nodiscard]] LayerTraining& training() noexcept {
        return std::get<I>(training_);
    }
    template <std::size_t I>
    [[nodiscard]] const LayerTraining& training() const noexcept {
        return std::get<I>(training_);
    }
    /// Returns how training treats a layer whose index, below layer_count, is known only at run time.
    [[nodiscard]] const LayerTraining& training(std::size_t layer) const noexcept { return training_[layer]; }

    /// Returns the outputs for one row of features. Uses no heap, unless the outputs take more than 16 KiB, or the
    /// scratch memory does: two rows as wide as the widest layer, or, with a Residual, a row of each layer but the
    /// last.
    [[nodiscard]] RowArray<T, outputs> predict(std::span<const T, inputs> row) const {
        check_not_moved_from();
        auto y = detail::make_row_array<T, outputs>();
        Scratch<T, Layers::scratch_size(1)> scratch;
        Layers::forward(parameters_.data(), {row.data(), 1}, {y.data(), 1}, scratch.data(), nullptr);
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

    /// Returns the class of one row, or the classes of a batch: the index of the largest output, or, with a single
    /// output, 1 if it is at least one half. Throws DataError for a row with an output that is NaN.
    template <class X>
    [[nodiscard]] auto classify(const X& x) const {
        constexpr bool can_predict = requires(const Mlp& network) { network.predict(x); };
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
                const std::int32_t label = detail::class_or_none<T, outputs>(y.data());
                if (label < 0) detail::fail_without_class("this row");
                return label;
            }
        }
    }

    /// Returns the network's type as text, such as "Input<784>, Dense<10, Softmax>".
    [[nodiscard]] static std::string architecture() {
        std::string text = detail::join({"Input<", inputs, ">"});
        Layers::for_each([&]<std::size_t I>() { text += ", " + Layer<I>::describe(); });
        return text;
    }

private:
    // Softmax mixes a row's outputs: as a hidden activation it would make each row sum to 1, which nobody intends.
    // Unstandardize gives outputs their units.
    static constexpr bool only_last_is_last = []<std::size_t... I>(std::index_sequence<I...>) {
        return (... && !(Layer<I>::last_only && I + 1 < layer_count));
    }
    (std::make_index_sequence<layer_count>{});
    static_assert(only_last_is_last,
                  "Mlp: Softmax can only be the activation of the last layer, and Unstandardize only the last layer");

    // A NaN between layers means that the training diverged. It must not pass as a missing value.
    static constexpr bool only_first_takes_missing = []<std::size_t... I>(std::index_sequence<I...>) {
        constexpr bool skips_first = (... || (Layers::starts_of_skips[I] == 0));
        return (... && (!Layer<I>::takes_missing || (I == 0 && !skips_first)));
    }
    (std::make_index_sequence<layer_count>{});
    static_assert(only_first_takes_missing,
                  "Mlp: Standardize can only be the first layer, and no Residual can begin with it");

    static constexpr bool skips_fit = []<std::size_t... I>(std::index_sequence<I...>) {
        constexpr std::array ins{Layer<I>::inputs...};
        constexpr std::array outs{Layer<I>::outputs...};
        return (... && (Layers::starts_of_skips[I] > I || ins[Layers::starts_of_skips[I]] == outs[I]));
    }
    (std::make_index_sequence<layer_count>{});
    static_assert(skips_fit, "Residual: its last layer must be as wide as what goes in");

    static constexpr bool missing_fits = [] {
        if constexpr (detail::HasColumns<InputSpec>) return !InputSpec::has_optional || Layer<0>::takes_missing;
        return true;
    }();
    static_assert(missing_fits, "Mlp: a network with an Optional column must begin with Standardize");

    template <std::size_t Axis, class Array>
    static void check_width(const Array& array) {
        if constexpr (requires { detail::static_extent<typename Array::shape_type, Axis>::value; }) {
            static_assert(detail::static_extent<typename Array::shape_type, Axis>::value == inputs,
                          "predict: this array has another number of features than the network has inputs");
        } else if (array.shape()[Axis] != inputs) {
            fail_width(array.shape()[Axis]);
        }
    }

    template <class Row>
    static void check_length(std::size_t length) {
        constexpr std::size_t fixed = detail::length_of<Row>;
        static_assert(fixed == std::dynamic_extent || fixed == inputs,
                      "predict: this row has another number of features than the network has inputs");
        if (length != inputs) fail_width(length);
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

    /// Throws Error when the parameters were moved away.
    void check_not_moved_from() const {
        if (parameters_.size() != parameter_count) fail_moved_from();
    }
    [[noreturn, gnu::noinline, gnu::cold]] static void fail_moved_from() {
        throw Error("this network was moved from and has no parameters; assign a network to it before it is used");
    }

    [[nodiscard]] Matrix<T> predict_rows(Rows<const T, inputs> x, const PredictOptions& options) const {
        check_not_moved_from();
        auto y = Matrix<T>::from_shape({x.count, outputs});
        Team team(choose_threads(options.threads, parameter_count * x.count));
        detail::ForwardMemory<Layers> memory(std::min(x.count, detail::rows_at_once), team.size());
        detail::run_in_chunks(team, x.count, [&](std::size_t first, std::size_t rows, std::size_t thread) {
            memory.forward(parameters_.data(), x.subrows(first, rows), {y.data() + first * outputs, rows}, thread);
        });
        return y;
    }

    Buffer<T> parameters_;
    std::array<LayerTraining, layer_count> training_{};
};

namespace detail {

template <class T, class InputSpec, class... Specs>
void take_mlp(const Mlp<T, InputSpec, Specs...>&);

}  // namespace detail

/// A network: an Mlp, or a class derived from one.
template <class N>
concept AnyNetwork = requires(const N& network) {
    detail::take_mlp(network);
};

/// Returns a hash of the exact bits of a network's parameters. Equal hashes mean equal parameters, but for a chance of
/// about 2^-64.
template <AnyNetwork Network>
std::uint64_t parameter_hash(const Network& network) {
    Hash hash;
    hash.add(std::as_bytes(network.parameters()));
    return hash.value();
}

}  // namespace typenet
