#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/network/mlp.hpp>

/// The layer Standardize, which shifts and scales raw features, and the function standardize, which sets it from the
/// training rows before training.
namespace typenet {

/// A bound Standardize layer: y = (x - m) / s, with x and y [rows, N]. Its parameters are the means m [N], initially 0,
/// then the deviations s [N], initially 1.
template <Real T, std::size_t N>
struct StandardizeLayer : LayerBase<T, N> {
    static constexpr std::size_t parameter_rows = 2;
    static constexpr std::array tensors{LayerTensor{.name = "mean", .first = 0, .columns = N},
                                        LayerTensor{.name = "deviation", .first = N, .columns = N}};
    static constexpr std::array operations{LayerOperation{OperationKind::standardize}};
    static constexpr bool fixed = true;

    static std::string describe() { return "Standardize"; }

    static void initialize(Random&, T* parameters) {
        std::fill_n(parameters, N, T(0));
        std::fill_n(parameters + N, N, T(1));
    }

    static void forward(const T* parameters, Rows<const T, N> x, Rows<T, N> y, Rows<T, 0>) {
        const auto standardized = [](auto v, auto m, auto s) { return (v - m) / s; };
        for (std::size_t r = 0; r < x.count; ++r) {
            simd::transform(N, y[r], standardized, x[r], parameters, parameters + N);
        }
    }

    /// Computes d_x = d_y / s.
    static void backward_input(const T* parameters, const T*, Rows<const T, 0>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        const auto quotient = [](auto d, auto s) { return d / s; };
        for (std::size_t r = 0; r < d_y.count; ++r) simd::transform(N, d_x[r], quotient, d_y[r], parameters + N);
    }
};

/// A layer that gives each feature mean 0 and standard deviation 1, so that the network, and its model file, take raw
/// features. Training doesn't change it; `standardize(net, data)` sets it.
///
/// ```cpp
/// Mlp<float, Input<4>, Standardize, Dense<8, ReLU>, Dense<3, Softmax>> network;
/// standardize(network, train);
/// ```
struct Standardize {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = StandardizeLayer<T, Inputs>;
};

namespace detail {

/// Mean and standard deviation of each feature of a dataset, in double: deviation = sqrt(sum of (x - mean)^2 / rows),
/// or 1 for a feature that is the same in all rows. Throws DataError where there are no rows or a feature isn't finite.
template <TrainingData Data>
struct Moments {
    static constexpr std::size_t features = Data::feature_count;
    std::vector<double> means = std::vector<double>(features);
    std::vector<double> deviations = std::vector<double>(features);

    explicit Moments(const Data& data) {
        if (data.size() == 0) throw DataError("standardize: the dataset has no rows to take means and deviations from");
        const auto rows = static_cast<double>(data.size());

        // Sums of the differences from the first row: the mean of a constant feature is then exact.
        std::vector<double> first(features);
        for_each_row(data, [&, is_first = true](const std::vector<float>& x) mutable {
            if (std::exchange(is_first, false)) first.assign(x.begin(), x.end());
            for (std::size_t i = 0; i < features; ++i) means[i] += x[i] - first[i];
        });
        for (std::size_t i = 0; i < features; ++i) means[i] = first[i] + means[i] / rows;

        for_each_row(data, [&](const std::vector<float>& x) {
            for (std::size_t i = 0; i < features; ++i) deviations[i] += (x[i] - means[i]) * (x[i] - means[i]);
        });
        for (std::size_t i = 0; i < features; ++i) {
            deviations[i] = deviations[i] == 0 ? 1 : std::sqrt(deviations[i] / rows);
            if (std::isfinite(deviations[i])) continue;
            throw DataError(
                join({"standardize: feature ", i, " has a value that isn't finite; features count from 0"}));
        }
    }

private:
    template <class Function>
    static void for_each_row(const Data& data, Function function) {
        std::vector<float> x(features);
        for (std::size_t i = 0; i < data.size(); ++i) {
            const auto row = static_cast<std::uint32_t>(i);
            data.gather(std::span(&row, 1), x.data());
            function(x);
        }
    }
};

}  // namespace detail

/// Sets the first layer of a network, a Standardize, to the means and deviations of a dataset's features. Call it
/// before training, with the training rows alone: the network must not be set from validation or test rows. Throws
/// DataError for a dataset without rows or with a feature that isn't finite; the network is then unchanged.
template <AnyNetwork Network, TrainingData Data>
void standardize(Network& network, const Data& data) {
    using T = typename Network::Scalar;
    constexpr std::size_t features = Network::inputs;
    static_assert(std::is_same_v<typename Network::template Layer<0>, StandardizeLayer<T, features>>,
                  "standardize: the network's first layer must be Standardize");
    static_assert(Data::feature_count == features,
                  "standardize: this dataset has another number of features a row than the network has inputs");
    const detail::Moments<Data> moments(data);
    T* const parameters = network.parameters().data();
    for (std::size_t i = 0; i < features; ++i) {
        parameters[i] = static_cast<T>(moments.means[i]);
        const T deviation = static_cast<T>(moments.deviations[i]);
        parameters[features + i] = deviation > 0 ? deviation : T(1);  // it may round to 0
    }
}

}  // namespace typenet
