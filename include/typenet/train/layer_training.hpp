#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/network/mlp.hpp>

/// How each layer is trained: whether it is frozen, with which learning rate, and with which penalties on its weights.
/// The network keeps a LayerTraining for each layer; the functions here set, check and apply them.
namespace TYPENET {

/// Makes training leave layer I as it is:
///
/// ```cpp
/// freeze<0>(net);
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 2});
/// ```
///
/// The layer's gradient is then not computed, and doesn't count in clip_norm.
template <std::size_t I, class Network>
void freeze(Network& network) {
    network.template training<I>().rate_factor = 0;
}

/// Makes training change layer I again, with the optimizer's learning rate.
template <std::size_t I, class Network>
void unfreeze(Network& network) {
    network.template training<I>().rate_factor = 1;
}

namespace detail {

/// Returns a layer's name in messages: "layer 2 (Dense<10, Softmax>)".
[[gnu::noinline]] inline std::string layer_text(std::size_t layer, std::string_view description) {
    return join({"layer ", layer, " (", description, ")"});
}

/// Throws OptionError when a LayerTraining is out of range, or penalises a layer without weights.
template <class Network>
void validate_training(const Network& network) {
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        const LayerTraining& training = network.template training<I>();
        if (training == LayerTraining{}) return;
        const std::string owner = layer_text(I, Layer::describe());
        require_not_negative(owner, "rate_factor", training.rate_factor);
        require_not_negative(owner, "l1", training.l1);
        require_not_negative(owner, "l2", training.l2);
        const double penalties = training.l1 + training.l2;
        require_option(penalties == 0 || HasWeights<Layer>, owner, "penalty", penalties,
                       "it has no weights to penalise");
    });
}

/// Adds the gradient of a layer's penalty, l1 sign(w) + l2 w, to the gradient of some of the layer's weights w.
template <class T>
void add_penalty_gradient(const LayerTraining& training, std::span<const T> w, T* gradient) {
    if (training.l1 == 0 && training.l2 == 0) return;
    using V = simd::Pack<T>;
    const V l1(static_cast<T>(training.l1));
    const V l2(static_cast<T>(training.l2));
    simd::for_each_pack(
        w.size(),
        [&](V& d, const V& v) {
            const V sign = simd::select(v > V(T(0)), l1, V(T(0))) - simd::select(v < V(T(0)), l1, V(T(0)));
            d = simd::fma(l2, v, d) + sign;
        },
        gradient, w.data());
}

}  // namespace detail

/// Returns what training adds to the mean loss of each batch: the sum of l1 |w| + l2 w^2 / 2 over the weights of all
/// layers. Reported losses don't include it.
template <AnyNetwork Network>
double penalty(const Network& network) {
    double sum = 0;
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        if constexpr (HasWeights<Layer>) {
            const LayerTraining& training = network.template training<I>();
            const auto* const weights = network.parameters().data() + Network::Layers::offsets[I];
            for (std::size_t i = 0; i < Layer::weight_count; ++i) {
                const auto w = static_cast<double>(weights[i]);
                sum += training.l1 * std::abs(w) + training.l2 * w * w / 2;
            }
        }
    });
    return sum;
}

}  // namespace TYPENET
