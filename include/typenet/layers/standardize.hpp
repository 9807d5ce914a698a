#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

#include <typenet/core/concepts.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/layers/detail/moments.hpp>
#include <typenet/network/mlp.hpp>

/// The layer Standardize, which shifts and scales raw features, and the function standardize, which sets it from the
/// training rows before training.
namespace TYPENET {

/// A bound Standardize layer: y = (x - m) / s, and 0 where x is NaN, a missing value; x and y [rows, N], means m [N],
/// deviations s [N].
template <Real T, std::size_t N>
struct StandardizeLayer : detail::MomentsLayer<T, N> {
    static constexpr std::array operations{LayerOperation{OperationKind::standardize}};
    static constexpr bool takes_missing = true;

    static std::string describe() { return "Standardize"; }

    static void forward(const T* parameters, Rows<const T, N> x, Rows<T, N> y, Rows<T, 0>) {
        const auto standardized = [](auto v, auto m, auto s) { return (v - m) / s; };
        for (std::size_t r = 0; r < x.count; ++r) {
            simd::transform(N, y[r], standardized, x[r], parameters, parameters + N);
            if (simd::all_finite(x[r], N)) continue;
            for (std::size_t k = 0; k < N; ++k) {
                if (detail::is_nan(x[r][k])) y[r][k] = T(0);
            }
        }
    }

    /// Computes d_x = d_y / s, the gradient of an x that is not missing. Training never asks for it: the layer is a
    /// network's first.
    static void backward_input(const T* parameters, const T*, Rows<const T, 0>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        const auto quotient = [](auto d, auto s) { return d / s; };
        for (std::size_t r = 0; r < d_y.count; ++r) simd::transform(N, d_x[r], quotient, d_y[r], parameters + N);
    }
};

/// A network's first layer, which gives each feature mean 0 and standard deviation 1, so that the network, and its
/// model file, take raw features. Training doesn't change it; `standardize(net, data)` sets it.
///
/// ```cpp
/// Mlp<float, Input<4>, Standardize, Dense<8, ReLU>, Dense<3, Softmax>> network;
/// standardize(network, train);
/// ```
///
/// A feature that is NaN is a missing value: the layer puts the feature's mean in its place, which becomes 0. So do the
/// exports. An infinite feature stays infinite. Only the first layer can be a Standardize, and no Residual can begin
/// with it: a NaN between layers is a failure of the training, not a missing value.
struct Standardize {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = StandardizeLayer<T, Inputs>;
};

/// Sets the first layer of a network, a Standardize, to the means and deviations of a dataset's features:
/// ```cpp
/// Mlp<float, Input<4>, Standardize, Dense<8, ReLU>, Dense<3, Softmax>> network;
/// standardize(network, train);
/// fit<CrossEntropy>(network, train, Adam{}, {.epochs = 20});
/// ```
/// Values that are NaN, which means missing, are left out. Weights of rows don't count. Call it before training, with
/// the training rows alone: the network must not be set from validation or test rows. Throws DataError for a dataset
/// without rows, for a feature with an infinite value and for one that is missing in every row; the network is then
/// unchanged.
template <AnyNetwork Network, TrainingData Data>
void standardize(Network& network, const Data& data) {
    using T = typename Network::Scalar;
    constexpr std::size_t features = Network::inputs;
    static_assert(std::is_same_v<typename Network::template Layer<0>, StandardizeLayer<T, features>>,
                  "standardize: the network's first layer must be Standardize");
    static_assert(Data::feature_count == features,
                  "standardize: this dataset has another number of features a row than the network has inputs");
    static_assert(detail::suits_columns<Network, Data>, "standardize: this dataset has other columns than the network");
    const detail::Moments<features> moments("standardize", "feature", data.size(), [&](std::size_t i, float* x) {
        const auto row = static_cast<std::uint32_t>(i);
        data.gather(std::span(&row, 1), x);
    });
    moments.write(network.parameters().data());
}

}  // namespace TYPENET
