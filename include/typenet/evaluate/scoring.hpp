#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include <typenet/evaluate/checks.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/mlp.hpp>

/// How a loss sees a network: the layers whose output it takes, and whether it counts a row as classified correctly.
/// Training and evaluation share both.
namespace typenet {

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

}  // namespace detail

/// The layers whose output a loss takes: the network's, without the final activation if the loss takes that over.
template <class Network, class Loss>
using TrainedLayers =
    typename std::conditional_t<detail::fuses<Loss>, detail::WithoutFinalActivation<typename Network::Layers>,
                                std::type_identity<typename Network::Layers>>::type;

namespace detail {

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

}  // namespace typenet
