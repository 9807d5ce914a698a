#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/loops.hpp>

namespace typenet {

/// A Standardize layer with its width: y = (x - m) / s. Its parameters are the means m [N], 0 at first, and the
/// deviations s [N], 1 at first.
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
        for (std::size_t r = 0; r < x.count; ++r) {
            simd::transform(
                N, y[r], [](auto v, auto m, auto s) { return (v - m) / s; }, x[r], parameters, parameters + N);
        }
    }

    /// d_x = d_y / s
    static void backward_input(const T* parameters, const T*, Rows<const T, 0>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        for (std::size_t r = 0; r < d_y.count; ++r) {
            simd::transform(
                N, d_x[r], [](auto d, auto s) { return d / s; }, d_y[r], parameters + N);
        }
    }
};

/// Makes each feature's mean 0 and its deviation 1 inside the network, so that whoever has the network, or its file,
/// can give it features as they come. Training leaves it as it is; `standardize(network, data)` sets it.
struct Standardize {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = StandardizeLayer<T, Inputs>;
};

}  // namespace typenet
