#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>

#include <typenet/core/tensor.hpp>
#include <typenet/kernels/blas.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/kernels/sparse.hpp>

/// The three matrix products of a dense layer, each by the library's kernels or by BLAS. The caller chooses the Path;
/// best_path says which is faster. kernels/reference.hpp shows each product as plain loops. Matrices are row-major,
/// their widths are part of the types; w [K, N] is the layer's weights.
///   affine             y   = f(x w + b)   forward
///   backward_input     d_x = d_y w^T      backward, for all layers but the first
///   backward_weights   d_w = x^T d_y      backward, a slice of rows of d_w at a time
///   transpose          w^T, which backward_input takes on the kernel path
///   sum_rows           d_b = the sum of d_y's rows
/// On Path::kernel each number is summed in one fixed order, whatever the number of rows or the slice. On Path::blas
/// only a call with the same sizes and slice is sure to give the same bits.
namespace typenet::gemm {

/// Who computes a product: the library's own kernels, or BLAS.
enum class Path { kernel, blas };

/// The largest weights, in bytes, that the kernels multiply: they stay in a core's second-level cache. They were
/// measured on whole steps of 32 to 256 rows beside OpenBLAS 0.3.21's AVX-512 kernels: up to 1 MiB the kernels are
/// faster or equal, up to 1.5 MiB equal, at 2 MiB slower by a tenth.
inline constexpr std::size_t cache_bytes = std::size_t{1} << 20;

/// The faster path for weights [K, N].
template <Real T, std::size_t K, std::size_t N>
inline constexpr Path best_path = (K * N * sizeof(T) <= cache_bytes) ? Path::kernel : Path::blas;

/// Whether a row of K inputs is wide enough for a search for its zeros to pay.
template <std::size_t K>
inline constexpr bool can_skip_zeros = K >= 128;

/// The F of a product without an activation.
using Unchanged = detail::Unchanged;

/// Computes y = f(x w + b): x [rows, K], w [K, N], b [N], y [rows, N]. F is a function object on packs. The kernel path
/// cuts each sum into slices of `Length` terms, reads w up to one pack past its end, and skips the zeros of a single
/// wide row.
template <Path Way, class F, Real T, std::size_t K, std::size_t N, std::size_t Length = detail::slice_length<T>(K, N)>
void affine(Rows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    if constexpr (Way == Path::blas) {
        for (std::size_t r = 0; r < y.count; ++r) std::copy_n(b, N, y[r]);
        detail::multiply_blas<T>(x.count, N, K, {x.data, K}, {w, N}, T(1), y.data);
        if constexpr (!std::same_as<F, Unchanged>) simd::transform(y.size(), y.data, F{}, y.data);
    } else if (x.count != 1) {
        detail::multiply_rows<N, F, T>(x.count, K, Length, {x.data, K, 1}, w, b, y.data);
    } else if constexpr (can_skip_zeros<K>) {
        detail::multiply_any_row<K, N, F, T, Length>(x.data, w, b, y.data);
    } else {
        detail::multiply_row<K, N, F, T, Length>(x.data, w, b, y.data);
    }
}

/// Computes the same, skipping the zeros of x. The bits are the same where w is finite.
template <Path Way, class F, Real T, std::size_t K, std::size_t N, std::size_t Length = detail::slice_length<T>(K, N)>
void affine(MaskedRows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    static_assert(Way == Path::kernel, "BLAS skips no zeros");
    detail::multiply_sparse<K, N, F, T, Length>(x, w, b, y.data);
}

/// Computes d_x = d_y w^T: d_y [rows, N], d_x [rows, K]. The kernel path takes w transposed, [N, K], and reads it up to
/// one pack past its end; the BLAS path takes w [K, N].
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_input(Rows<const T, N> d_y, const T* w, Rows<T, K> d_x) {
    if constexpr (Way == Path::blas) {
        detail::multiply_blas<T>(d_y.count, K, N, {d_y.data, N}, {w, N, cxxblas::Trans}, T(0), d_x.data);
    } else if (d_y.count != 1) {
        detail::multiply_rows<K, Unchanged, T>(d_y.count, N, detail::slice_length<T>(N, K), {d_y.data, N, 1}, w,
                                               nullptr, d_x.data);
    } else {
        detail::multiply_row<N, K, Unchanged, T>(d_y.data, w, nullptr, d_x.data);
    }
}

/// Computes rows first ... last - 1 of d_w = x^T d_y: x [rows, K], d_y [rows, N]; `d_w` receives (last - first) x N
/// numbers. The kernel path reads d_y up to one pack past its end.
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_weights(Rows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last, T* d_w) {
    if constexpr (Way == Path::blas) {
        detail::multiply_blas<T>(last - first, N, x.count, {x.data + first, K, cxxblas::Trans}, {d_y.data, N}, T(0),
                                 d_w);
    } else {
        detail::multiply_rows<N, Unchanged, T>(last - first, x.count, x.count + 1, {x.data + first, 1, K}, d_y.data,
                                               nullptr, d_w);
    }
}

/// Computes the same, skipping the zeros of x. The bits are the same where d_y is finite.
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_weights(MaskedRows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last, T* d_w) {
    static_assert(Way == Path::kernel, "BLAS skips no zeros");
    detail::backward_weights_sparse<K, N, T>(x, d_y, first, last, d_w);
}

/// Computes d_b = the sum of the rows of d_y, in ascending order: d_y [rows, N], d_b [N]. Reads d_y up to one pack past
/// its end.
template <Real T, std::size_t N>
void sum_rows(Rows<const T, N> d_y, T* d_b) {
    constexpr T one = 1;  // the sum is the product of d_y and a row of ones
    detail::multiply_rows<N, Unchanged, T>(1, d_y.count, d_y.count + 1, {&one, 0, 0}, d_y.data, nullptr, d_b);
}

namespace detail {

/// Transposes a square of w x w numbers, w the width of a pack, in registers: interleaves the upper half of its rows
/// with the lower half, log2 w times.
template <Real T>
void transpose_square(const T* from, std::size_t from_stride, T* to, std::size_t to_stride) {
    constexpr std::size_t w = simd::width<T>;
    std::array<simd::Pack<T>, w> rows;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < w; ++i) rows[i] = simd::load<T>(from + i * from_stride);
#pragma GCC unroll 16
    for (std::size_t distance = 1; distance < w; distance *= 2) {
        std::array<simd::Pack<T>, w> next;
#pragma GCC unroll 16
        for (std::size_t i = 0; i < w / 2; ++i) {
            simd::interleave<T>(rows[i], rows[i + w / 2], next[2 * i], next[2 * i + 1]);
        }
        rows = next;
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i < w; ++i) simd::store<T>(to + i * to_stride, rows[i]);
}

}  // namespace detail

/// Writes `from` [K, N], transposed, to `to` [N, K].
template <std::size_t K, std::size_t N, Real T>
void transpose(const T* from, T* to) {
    constexpr std::size_t w = simd::width<T>;
    constexpr std::size_t whole_rows = K / w * w;
    constexpr std::size_t whole_columns = N / w * w;
    for (std::size_t k = 0; k < whole_rows; k += w) {
        for (std::size_t n = 0; n < whole_columns; n += w) {
            detail::transpose_square<T>(from + k * N + n, N, to + n * K + k, K);
        }
        for (std::size_t n = whole_columns; n < N; ++n) {
            for (std::size_t i = k; i < k + w; ++i) to[n * K + i] = from[i * N + n];
        }
    }
    for (std::size_t k = whole_rows; k < K; ++k) {
        for (std::size_t n = 0; n < N; ++n) to[n * K + k] = from[k * N + n];
    }
}

}  // namespace typenet::gemm
