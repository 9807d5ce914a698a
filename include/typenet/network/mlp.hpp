#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <typenet/core/bytes.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/layer_list.hpp>
#include <typenet/network/predictor.hpp>

namespace TYPENET {

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

namespace detail {

/// The bound layers of an Mlp, and what must hold for its template arguments.
template <Real T, class InputSpec, class... Specs>
struct MlpLayers {
    static_assert(input_size<InputSpec> > 0,
                  "Mlp: the type after the element type must be Input<N>, or the Columns of a table");
    static_assert(sizeof...(Specs) > 0, "Mlp: a network needs at least one layer after Input<N>");
    static_assert(all_are_layers<Flat<Specs...>>,
                  "Mlp: every type after Input<N> must be a layer, such as Dense<128, Sigmoid>");

    using type = typename Bound<T, input_size<InputSpec>, Flat<Specs...>>::type;
};

}  // namespace detail

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
class Mlp : public Predictor<Mlp<T, InputSpec, Specs...>, InputSpec,
                             typename detail::MlpLayers<T, InputSpec, Specs...>::type> {
    using Base = Predictor<Mlp, InputSpec, typename detail::MlpLayers<T, InputSpec, Specs...>::type>;

public:
    using typename Base::Layers;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    using Base::inputs;
    using Base::layer_count;
    using Base::outputs;
    static constexpr std::size_t parameter_count = Layers::parameter_count;

    /// Makes a network with the initial parameters of `seed`, the same on every machine.
    explicit Mlp(Seed seed = {}) : parameters_(parameter_count) { Layers::initialize(seed, parameters_.data()); }
    /// A number alone could be anything.
    explicit Mlp(std::integral auto) = delete;  // write Seed{42} instead of 42

    /// Returns all parameters: layer by layer; of a Dense layer first the weights [inputs, outputs], row by row, then
    /// the biases.
    [[nodiscard]] std::span<T, parameter_count> parameters() {
        check_usable();
        return std::span<T, parameter_count>(parameters_.data(), parameter_count);
    }
    /// Returns all parameters, layer by layer.
    [[nodiscard]] std::span<const T, parameter_count> parameters() const {
        check_usable();
        return std::span<const T, parameter_count>(parameters_.data(), parameter_count);
    }

    /// Returns layer I's weights as an xtensor view of shape [inputs, outputs]. The view reads and writes the network's
    /// own memory. It is valid until the network is destroyed, moved or assigned to.
    template <std::size_t I>
    requires HasWeights<Layer<I>>
    [[nodiscard]] auto weights() {
        return matrix_view<Layer<I>::inputs, Layer<I>::outputs>(parameters().data() + Layers::offsets[I]);
    }
    /// Returns the weights of layer I, [inputs, outputs].
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
    /// Returns the biases of layer I, [outputs].
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
    /// Returns how layer I is trained.
    template <std::size_t I>
    [[nodiscard]] const LayerTraining& training() const noexcept {
        return std::get<I>(training_);
    }
    /// Returns how training treats a layer whose index, below layer_count, is known only at run time.
    [[nodiscard]] const LayerTraining& training(std::size_t layer) const noexcept { return training_[layer]; }

    /// Returns the parameters of layer I.
    template <std::size_t I>
    [[nodiscard]] const T* layer_parameters() const {
        return parameters().data() + Layers::offsets[I];
    }

    /// Returns whether no parameter is NaN or infinite.
    [[nodiscard]] bool all_finite() const { return simd::all_finite(parameters().data(), parameter_count); }

    /// Throws Error when the network was moved from.
    void check_usable() const {
        if (parameters_.size() != parameter_count) fail_moved_from();
    }

    // What Predictor asks for; its comment is their contract.
    template <class Part>
    void forward(Rows<const T, inputs> x, Rows<T, Part::outputs> y, T* numbers, std::uint64_t* words) const {
        Part::forward(parameters().data(), x, y, numbers, words);
    }
    /// How many numbers of working memory the prediction of `rows` rows needs.
    template <class Part>
    static constexpr std::size_t scratch_size(std::size_t rows) {
        return Part::scratch_size(rows);
    }
    /// How many 64-bit words of working memory the prediction of `rows` rows needs.
    template <class Part>
    static constexpr std::size_t scratch_words(std::size_t rows) {
        return Part::scratch_words(rows);
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

    [[noreturn, gnu::noinline, gnu::cold]] static void fail_moved_from() {
        throw Error("this network was moved from and has no parameters; assign a network to it before it is used");
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
    for (const typename Network::Scalar parameter : network.parameters()) {
        char bytes[sizeof parameter];
        store_numbers(bytes, &parameter, 1);  // the same on every processor
        hash.add(std::as_bytes(std::span(bytes)));
    }
    return hash.value();
}

}  // namespace TYPENET
