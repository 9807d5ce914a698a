#pragma once

#include <algorithm>
#include <cstddef>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/simd.hpp>

/// What the kernels compute, as plain loops with the same bits. A layer with weights w [K, N] needs three products:
///   naive_affine             y   = x w + b     x [rows, K], b [N], y [rows, N]
///   naive_backward_input     d_x = d_y w^T     d_y [rows, N], d_x [rows, K]
///   naive_backward_weights   d_w = x^T d_y     d_w [K, N]
/// kernels/dense.hpp computes them in registers, kernels/packed.hpp does for large weights, kernels/sparse.hpp skips
/// the zeros of x, and kernels/gemm.hpp chooses. The tests compare all of them with these loops.
///
/// Order of a sum: its terms are cut into slices of `slice_length` terms. Each slice is summed in ascending order, the
/// first one from the bias, the others from 0, and the slices are added in ascending order. A sum that is zero is
/// stored as +0, so that skipping terms that are zero changes no bit.
namespace TYPENET::gemm {

namespace detail {

/// How many sums must run independently of each other to keep a core's multipliers busy.
inline constexpr std::size_t accumulators = 8;

/// Returns how many packs hold n numbers; the last one may be partial.
template <Real T>
constexpr std::size_t packs_of(std::size_t n) {
    return (n + simd::width<T> - 1) / simd::width<T>;
}

/// Returns how many of k terms form a slice, for a row of n sums. A row of few packs has fewer sums than `accumulators`
/// asks for; its slices run independently. From k = 128 on, a slice is a multiple of 64 terms: the words of a bitmap.
template <Real T>
constexpr std::size_t slice_length(std::size_t k, std::size_t n) {
    const std::size_t slices = std::max<std::size_t>(1, accumulators / packs_of<T>(n));
    const std::size_t length = (k + slices - 1) / slices;
    return k < 128 ? length : (length + 63) / 64 * 64;
}

/// Returns start + the sum of a[k * a_stride] b[k * b_stride] for k < count, cut into slices.
template <Real T>
T naive_sum(std::size_t count, std::size_t slice, T start, const T* a, std::size_t a_stride, const T* b,
            std::size_t b_stride) {
    T total = 0;
    T sum = start;
    for (std::size_t k = 0; k < count; ++k) {
        sum = simd::fma(a[k * a_stride], b[k * b_stride], sum);
        if ((k + 1) % slice == 0) {
            total = total + sum;
            sum = 0;
        }
    }
    return total + sum;  // +0 where both are zero: total is never -0
}

}  // namespace detail

template <Real T, std::size_t K, std::size_t N>
void naive_affine(Rows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    constexpr std::size_t slice = detail::slice_length<T>(K, N);
    for (std::size_t r = 0; r < x.count; ++r) {
        for (std::size_t n = 0; n < N; ++n) y[r][n] = detail::naive_sum<T>(K, slice, b[n], x[r], 1, w + n, N);
    }
}

template <Real T, std::size_t K, std::size_t N>
void naive_backward_input(Rows<const T, N> d_y, const T* w, Rows<T, K> d_x) {
    constexpr std::size_t slice = detail::slice_length<T>(N, K);
    for (std::size_t r = 0; r < d_y.count; ++r) {
        for (std::size_t k = 0; k < K; ++k) d_x[r][k] = detail::naive_sum<T>(N, slice, 0, d_y[r], 1, w + k * N, 1);
    }
}

template <Real T, std::size_t K, std::size_t N>
void naive_backward_weights(Rows<const T, K> x, Rows<const T, N> d_y, T* d_w) {
    const std::size_t slice = x.count + 1;  // a single slice
    for (std::size_t k = 0; k < K; ++k) {
        for (std::size_t n = 0; n < N; ++n) {
            d_w[k * N + n] = detail::naive_sum<T>(x.count, slice, 0, x.data + k, K, d_y.data + n, N);
        }
    }
}

}  // namespace TYPENET::gemm
