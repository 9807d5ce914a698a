#pragma once

#include <algorithm>
#include <cstddef>

#include <typenet/data/dataset.hpp>
#include <typenet/data/standardize.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>

namespace typenet {

namespace detail {

template <class Layer>
inline constexpr bool is_standardize = false;
template <class T, std::size_t N>
inline constexpr bool is_standardize<StandardizeLayer<T, N>> = true;

}  // namespace detail

/// Sets the first layer of a network, a Standardize, to the means and deviations of a dataset's features, as
/// Standardizer computes them, and so before training: the network then takes features as they come, and so does
/// whoever loads its file. Give it the training rows alone, for what is known of other rows mustn't slip in.
///
///     Mlp<float, Input<8>, Standardize, Dense<16, ReLU>, Dense<1, Identity>> net;
///     standardize(net, train);
///
/// The other standardize, of typenet/data/standardize.hpp, changes datasets instead, for networks without that layer.
/// Throws DataError as Standardizer does; the network is then unchanged.
template <AnyNetwork Network, std::size_t F, class Target>
void standardize(Network& network, const Dataset<F, Target>& data) {
    using Layers = typename Network::Layers;
    using T = typename Network::Scalar;
    static_assert(detail::is_standardize<typename Layers::template Layer<0>>,
                  "standardize: the network's first layer must be Standardize");
    static_assert(F == Layers::inputs,
                  "standardize: this dataset has another number of features a row than the network has inputs");
    const Standardizer<F> moments(data);
    T* const means = network.parameters().data() + Layers::offsets[0];
    const auto rounded = [](double value) { return static_cast<T>(value); };
    std::transform(moments.means().begin(), moments.means().end(), means, rounded);
    std::transform(moments.deviations().begin(), moments.deviations().end(), means + F, [](double deviation) {
        const T s = static_cast<T>(deviation);
        return s > 0 ? s : T(1);  // one too small for a T is none
    });
}

}  // namespace typenet
