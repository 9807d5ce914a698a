#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>

namespace TYPENET {

/// LayerNorm bound to its element type and width (core/concepts.hpp, BoundLayer). For each row of x [rows, N], with the
/// mean m and the variance v of its N values,
///     n = (x - m) s,  s = 1 / sqrt(v + epsilon),  y = g n + b.
/// Its parameters are g [N], initially 1, and b [N], initially 0.
template <Real T, std::size_t N>
struct LayerNormLayer : LayerBase<T, N> {
    /// Keeps the divisor away from 0.
    static constexpr T epsilon = T(1e-5);

    static constexpr std::size_t parameter_rows = 2;
    static constexpr std::size_t parameter_chunk = 2;
    /// The parameters by name and shape, as model files store them.
    static constexpr std::array tensors{LayerTensor{.name = "weight", .first = 0, .columns = N},
                                        LayerTensor{.name = "bias", .first = N, .columns = N}};
    static constexpr std::array operations{LayerOperation{OperationKind::layer_norm, static_cast<double>(epsilon)}};
    static constexpr std::size_t saved = N + 1;  ///< the row n, then s

    static std::string describe() { return "LayerNorm"; }

    static void initialize(Random&, T* parameters) {
        std::fill_n(parameters, N, T(1));
        std::fill_n(parameters + N, N, T(0));
    }

    static void forward(const T* parameters, Rows<const T, N> x, Rows<T, N> y, Rows<T, saved> keep) {
        const auto scale_and_shift = [](auto n, auto g, auto b) { return simd::fma(g, n, b); };
        for (std::size_t r = 0; r < x.count; ++r) {
            const auto value = [](auto v) { return v; };
            const T mean = simd::sum(N, value, x[r]) / T(N);
            const auto centred = [mean](auto v) { return v - decltype(v)(mean); };
            const auto square = [&](auto v) { return centred(v) * centred(v); };
            const T variance = simd::sum(N, square, x[r]) / T(N);
            const T s = 1 / std::sqrt(variance + epsilon);
            const auto normalised = [&](auto v) { return centred(v) * decltype(v)(s); };
            T* const n = keep.data != nullptr ? keep[r] : y[r];
            simd::transform(N, n, normalised, x[r]);
            if (keep.data != nullptr) n[N] = s;
            simd::transform(N, y[r], scale_and_shift, n, parameters, parameters + N);
        }
    }

    /// Computes, with d_n = g d_y: d_x = s (d_n - mean(d_n) - n mean(d_n n)), with means over a row.
    static void backward_input(const T* g, const T*, Rows<const T, saved> kept, Rows<const T, N> d_y, Rows<T, N> d_x) {
        const auto d_n = [](auto d, auto g_) { return d * g_; };
        const auto d_n_n = [](auto d, auto g_, auto n_) { return d * g_ * n_; };
        for (std::size_t r = 0; r < d_y.count; ++r) {
            const T* const n = kept[r];
            const T mean = simd::sum(N, d_n, d_y[r], g) / T(N);
            const T along = simd::sum(N, d_n_n, d_y[r], g, n) / T(N);
            const auto input = [&](auto d, auto g_, auto n_) {
                using V = decltype(d);
                return V(n[N]) * (d * g_ - V(mean) - n_ * V(along));
            };
            simd::transform(N, d_x[r], input, d_y[r], g, n);
        }
    }

    /// Computes d_g = sum of the rows of d_y n and d_b = sum of the rows of d_y.
    static void backward_parameters(Rows<const T, N>, Rows<const T, saved> kept, Rows<const T, N> d_y,
                                    std::size_t first, std::size_t last, T* d_parameters) {
        std::fill_n(d_parameters, (last - first) * N, T(0));
        const auto add_to_gain = [](auto& d_g, const auto& d, const auto& n) { d_g = simd::fma(d, n, d_g); };
        const auto add_to_bias = [](auto& d_b, const auto& d) { d_b = d_b + d; };
        for (std::size_t r = 0; r < d_y.count; ++r) {
            if (first == 0 && last > 0) simd::for_each_pack(N, add_to_gain, d_parameters, d_y[r], kept[r]);
            if (last == 2 && first < 2) simd::for_each_pack(N, add_to_bias, d_parameters + (1 - first) * N, d_y[r]);
        }
    }
};

/// Normalises each row to mean 0 and variance 1, then applies a learned gain and bias to each value. Source: Ba, Kiros,
/// Hinton, "Layer normalization", arXiv:1607.06450 (2016).
struct LayerNorm {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = LayerNormLayer<T, Inputs>;
};

}  // namespace TYPENET
