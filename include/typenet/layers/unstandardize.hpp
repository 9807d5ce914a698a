#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/layers/detail/moments.hpp>
#include <typenet/network/mlp.hpp>

/// The layer Unstandardize, which gives the outputs of a regression the units of its targets, and the function
/// standardize_targets, which sets it from the training rows before training.
namespace TYPENET {

/// A bound Unstandardize layer: y = x s + m; x and y [rows, N], means m [N], deviations s [N].
template <Real T, std::size_t N>
struct UnstandardizeLayer : detail::MomentsLayer<T, N> {
    static constexpr std::array operations{LayerOperation{OperationKind::unstandardize}};
    static constexpr bool last_only = true;

    static std::string describe() { return "Unstandardize"; }

    static void forward(const T* parameters, Rows<const T, N> x, Rows<T, N> y, Rows<T, 0>) {
        const auto in_units = [](auto v, auto m, auto s) { return simd::fma(v, s, m); };
        for (std::size_t r = 0; r < x.count; ++r) {
            simd::transform(N, y[r], in_units, x[r], parameters, parameters + N);
        }
    }

    /// Computes d_x = d_y s. Training never asks for it, since it leaves the layer out.
    static void backward_input(const T* parameters, const T*, Rows<const T, 0>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        const auto product = [](auto d, auto s) { return d * s; };
        for (std::size_t r = 0; r < d_y.count; ++r) simd::transform(N, d_x[r], product, d_y[r], parameters + N);
    }

    /// Writes (target - m) / s, what the layer's input should be.
    static void standardize_target(const T* parameters, std::span<const float, N> target, std::span<float, N> to) {
        for (std::size_t k = 0; k < N; ++k) {
            to[k] = static_cast<float>((static_cast<T>(target[k]) - parameters[k]) / parameters[N + k]);
        }
    }
};

/// A network's last layer, the inverse of Standardize: `predict` answers in the targets' own units, such as prices
/// around 250,000, while training has numbers near 1, from which networks learn. Training doesn't change the layer;
/// `standardize_targets(net, data)` sets it. Until then it changes nothing.
///
/// ```cpp
/// Mlp<float, Input<4>, Standardize, Dense<16, ReLU>, Dense<1, Identity>, Unstandardize> network;
/// Dataset<4, Targets<1>> houses = load_csv<4, Targets<1>>("houses.csv", {.target_columns = {"price"}});
/// standardize(network, houses);
/// standardize_targets(network, houses);
/// fit<MeanSquaredError>(network, houses, Adam{}, {.epochs = 50});
/// ```
///
/// A network that ends in it is trained, and its loss evaluated, on the layer's input against (target - m) / s. So
/// losses, those of `fit`, `evaluate` and the History, are in units of the targets' deviation: a mean squared error of
/// 1 is that of predicting the mean. The same holds for a loss's options, such as Huber's delta. What the metrics of
/// regression return, such as mean_absolute_error(network, data), is in the targets' units.
struct Unstandardize {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = UnstandardizeLayer<T, Inputs>;
};

/// Sets the last layer of a network, an Unstandardize, to the means and deviations of a dataset's targets:
/// ```cpp
/// Mlp<float, Input<4>, Dense<8, Tanh>, Dense<2, Identity>, Unstandardize> network;
/// standardize_targets(network, numbers);
/// fit<MeanSquaredError>(network, numbers, Adam{}, {.epochs = 20});
/// ```
/// A target that is the same in all rows gets deviation 1. Call it before training, with the training rows alone.
/// Throws DataError for a dataset without rows or with a target that isn't finite; the network is then unchanged.
template <AnyNetwork Network, TrainingData Data>
void standardize_targets(Network& network, const Data& data) {
    using T = typename Network::Scalar;
    constexpr std::size_t outputs = Network::outputs;
    constexpr std::size_t last = Network::layer_count - 1;
    constexpr bool has_layer = std::is_same_v<typename Network::template Layer<last>, UnstandardizeLayer<T, outputs>>;
    constexpr bool has_targets = std::is_convertible_v<decltype(data.target(0)), std::span<const float, outputs>>;
    static_assert(has_layer, "standardize_targets: the network's last layer must be Unstandardize");
    static_assert(has_targets,
                  "standardize_targets: the dataset must have Targets<N>, with as many numbers as the network has "
                  "outputs");
    if constexpr (has_layer && has_targets) {
        const auto read = [&](std::size_t row, float* to) {
            const std::span<const float, outputs> target = data.target(row);
            for (std::size_t k = 0; k < outputs; ++k) {
                if (!detail::is_finite(target[k])) {
                    throw DataError(detail::join({"standardize_targets: target ", k, " of row ", row,
                                                  " is not a finite number; replace it or leave the row out"}));
                }
                to[k] = target[k];
            }
        };
        const detail::Moments<outputs> moments("standardize_targets", "target", data.size(), read);
        moments.write(network.parameters().data() + Network::Layers::offsets[last]);
    }
}

}  // namespace TYPENET
