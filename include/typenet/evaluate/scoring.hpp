#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include <typenet/core/namespace.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/mlp.hpp>

/// How a loss sees a network: the layers whose output it takes, the targets with which it compares that output, and
/// whether it counts a row as classified correctly. Training and evaluation share all of it.
namespace TYPENET {

namespace detail {

/// The same layers, but the last one without its activation.
template <class Layers>
struct WithoutFinalActivation;
template <class... Layers>
struct WithoutFinalActivation<Chain<Layers...>> {
    template <std::size_t I>
    static auto choose() {
        using Layer = typename Chain<Layers...>::template Layer<I>;
        if constexpr (I + 1 == sizeof...(Layers) && requires { typename Layer::WithoutActivation; }) {
            return std::type_identity<typename Layer::WithoutActivation>{};
        } else {
            return std::type_identity<Layer>{};
        }
    }
    template <std::size_t... I>
    static auto replace(std::index_sequence<I...>) -> Chain<typename decltype(choose<I>())::type...>;

    using type = decltype(replace(std::index_sequence_for<Layers...>{}));
};

template <class Network>
using LastLayer = typename Network::template Layer<Network::layer_count - 1>;

/// Whether a network's last layer gives its outputs the units of the targets, as Unstandardize does.
template <class Network>
inline constexpr bool has_units = requires(const typename Network::Scalar* parameters,
                                           std::span<const float, Network::outputs> target,
                                           std::span<float, Network::outputs> to) {
    LastLayer<Network>::standardize_target(parameters, target, to);
};

template <class Network, class Loss>
auto trained_layers() {
    if constexpr (has_units<Network>) {
        static_assert(Network::layer_count > 1, "a network needs another layer before Unstandardize");
        return std::type_identity<typename Network::Layers::template First<Network::layer_count - 1>>();
    } else if constexpr (fuses<Loss>) {
        return WithoutFinalActivation<typename Network::Layers>();
    } else {
        return std::type_identity<typename Network::Layers>();
    }
}

}  // namespace detail

/// The layers whose output a loss takes: the network's, without the final activation if the loss takes that over, and
/// without a last layer that gives the outputs their units.
template <class Network, class Loss>
using TrainedLayers = typename decltype(detail::trained_layers<Network, Loss>())::type;

namespace detail {

/// A loss that takes the input y of a last layer with units, and a target in these units, which it standardizes.
template <class Layer, class Loss>
struct StandardizedLoss {
    using T = typename Layer::Scalar;
    static constexpr std::size_t outputs = Layer::outputs;

    const Loss& loss;
    const T* parameters;  ///< the layer's

    T operator()(std::span<const T, outputs> y, std::span<const float, outputs> target,
                 std::span<T, outputs> d_y) const {
        Scratch<float, outputs> standardized;
        Layer::standardize_target(parameters, target, std::span<float, outputs>(standardized.data(), outputs));
        return loss(y, std::span<const float, outputs>(standardized.data(), outputs), d_y);
    }
};

/// Returns what compares the outputs of TrainedLayers with a dataset's targets: the loss itself, or a StandardizedLoss,
/// which refers to the loss and to the network's parameters.
template <class Network, class Loss>
decltype(auto) loss_on_targets(const Network& network, const Loss& loss) {
    if constexpr (has_units<Network>) {
        return StandardizedLoss<LastLayer<Network>, Loss>{
            loss, network.template layer_parameters<Network::layer_count - 1>()};
    } else {
        return (loss);
    }
}

/// Returns whether a row is classified correctly: the predicted class is the target's or, with independent yes-no
/// outputs, each output is on its target's side of one half. y is what the loss sees: for a fused sigmoid, its input.
template <class Loss, class T, std::size_t N, class Target>
bool is_hit(std::span<const T, N> y, const Target& target) {
    const auto decides = [&](std::size_t k) {
        if constexpr (fuses_elementwise<Loss>) {
            const T output = Loss::FusedActivation::forward(y[k]);
            return predicted_class<T, 1>(&output);
        } else {
            return predicted_class<T, 1>(&y[k]);
        }
    };
    if constexpr (std::integral<Target> && N == 1) {
        return decides(0) == target;
    } else if constexpr (!std::integral<Target> && fuses_elementwise<Loss>) {
        for (std::size_t k = 0; k < N; ++k) {
            if (decides(k) != predicted_class<float, 1>(&target[k])) return false;
        }
        return true;
    } else if constexpr (std::integral<Target>) {
        return predicted_class<T, N>(y.data()) == target;
    } else {
        return predicted_class<T, N>(y.data()) == predicted_class<float, N>(target.data());
    }
}

}  // namespace detail

}  // namespace TYPENET
