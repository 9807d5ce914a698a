#pragma once

#include <algorithm>
#include <cstddef>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/packed.hpp>
#include <typenet/kernels/reference.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/kernels/sparse.hpp>

/// The three matrix products of a dense layer. kernels/reference.hpp shows each as plain loops. Matrices are row-major,
/// their widths are part of the types; w [K, N] is the layer's weights.
///   affine             y   = f(x w + b)   forward
///   backward_input     d_x = d_y w^T      backward, for all layers but the first
///   backward_weights   d_w = x^T d_y      backward, a slice of rows of d_w at a time
///   sum_rows           d_b = the sum of d_y's rows
/// Each number is summed in one fixed order, whatever the number of rows, the slice, or the kernel that is chosen:
/// kernels/dense.hpp, kernels/packed.hpp for large weights, kernels/sparse.hpp for inputs with many zeros.
namespace TYPENET::gemm {

/// The largest weights, in bytes, that are multiplied where they lie: they stay in a core's second-level cache.
inline constexpr std::size_t cache_bytes = std::size_t{1} << 20;

/// Whether weights [K, N] exceed the cache.
template <Real T, std::size_t K, std::size_t N>
inline constexpr bool is_large = (K * N * sizeof(T) > cache_bytes);

/// Whether backward_input takes weights [K, N] as they are, and not transposed: its kernel transposes large ones as it
/// copies them, if each sum of d_x is one slice.
template <Real T, std::size_t K, std::size_t N>
inline constexpr bool transposes_weights = (detail::slice_length<T>(N, K) >= N && is_large<T, K, N>);

/// How many rows of the gradient of large weights are computed at once.
inline constexpr std::size_t large_slice = 96;

/// Whether a row of K inputs is wide enough for a search for its zeros to pay.
template <std::size_t K>
inline constexpr bool can_skip_zeros = K >= 128;

/// The F of a product without an activation.
using Unchanged = detail::Unchanged;

/// Computes y = f(x w + b): x [rows, K], w [K, N], b [N], y [rows, N]. F is a function object on packs. Cuts each sum
/// into slices of `Length` terms, reads w up to one pack past its end, and skips the zeros of a single wide row.
template <class F, Real T, std::size_t K, std::size_t N, std::size_t Length = detail::slice_length<T>(K, N)>
void affine(Rows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    if (x.count != 1) {
        if constexpr (is_large<T, K, N> && Length >= K) {
            const detail::RowTerms<T> rows{x.data, K};
            detail::multiply_packed<N, F, T>(x.count, K, rows, detail::RowPanels<N, T>{w}, b, y.data);
        } else {
            detail::multiply_rows<N, F, T>(x.count, K, Length, {x.data, K, 1}, w, b, y.data);
        }
    } else if constexpr (can_skip_zeros<K>) {
        detail::multiply_any_row<K, N, F, T, Length>(x.data, w, b, y.data);
    } else {
        detail::multiply_row<K, N, F, T, Length>(x.data, w, b, y.data);
    }
}

/// Computes the same, skipping the zeros of x. The bits are the same where w is finite.
template <class F, Real T, std::size_t K, std::size_t N, std::size_t Length = detail::slice_length<T>(K, N)>
void affine(MaskedRows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    detail::multiply_sparse<K, N, F, T, Length>(x, w, b, y.data);
}

/// Computes d_x = d_y w^T: d_y [rows, N], d_x [rows, K]. Takes w [K, N] if transposes_weights<T, K, N>, else w
/// transposed, [N, K], which it reads up to one pack past its end.
template <Real T, std::size_t K, std::size_t N>
void backward_input(Rows<const T, N> d_y, const T* w, Rows<T, K> d_x) {
    if constexpr (transposes_weights<T, K, N>) {
        const detail::RowTerms<T> rows{d_y.data, N};
        detail::multiply_packed<K, Unchanged, T>(d_y.count, N, rows, detail::TransposedPanels<N, K, T>{w}, nullptr,
                                                 d_x.data);
    } else if (d_y.count != 1) {
        detail::multiply_rows<K, Unchanged, T>(d_y.count, N, detail::slice_length<T>(N, K), {d_y.data, N, 1}, w,
                                               nullptr, d_x.data);
    } else {
        detail::multiply_row<N, K, Unchanged, T>(d_y.data, w, nullptr, d_x.data);
    }
}

/// Computes rows first ... last - 1 of d_w = x^T d_y: x [rows, K], d_y [rows, N]; `d_w` receives (last - first) x N
/// numbers. Reads d_y up to one pack past its end. Large weights are fastest in slices of `large_slice` rows.
template <Real T, std::size_t K, std::size_t N>
void backward_weights(Rows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last, T* d_w) {
    if constexpr (is_large<T, K, N>) {
        using Columns = detail::ColumnTerms<T>;
        for (std::size_t k = first; k < last; k += Columns::most) {
            const std::size_t count = std::min(Columns::most, last - k);
            Columns columns(x.data + k, K, count);
            detail::multiply_packed<N, Unchanged, T>(count, x.count, columns, detail::RowPanels<N, T>{d_y.data},
                                                     nullptr, d_w + (k - first) * N);
        }
    } else {
        detail::multiply_rows<N, Unchanged, T>(last - first, x.count, x.count + 1, {x.data + first, 1, K}, d_y.data,
                                               nullptr, d_w);
    }
}

/// Computes the same, skipping the zeros of x. The bits are the same where d_y is finite.
template <Real T, std::size_t K, std::size_t N>
void backward_weights(MaskedRows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last, T* d_w) {
    detail::backward_weights_sparse<K, N, T>(x, d_y, first, last, d_w);
}

/// Computes d_b = the sum of the rows of d_y, in ascending order: d_y [rows, N], d_b [N]. Reads d_y up to one pack past
/// its end.
template <Real T, std::size_t N>
void sum_rows(Rows<const T, N> d_y, T* d_b) {
    constexpr T one = 1;  // the sum is the product of d_y and a row of ones
    detail::multiply_rows<N, Unchanged, T>(1, d_y.count, d_y.count + 1, {&one, 0, 0}, d_y.data, nullptr, d_b);
}

}  // namespace TYPENET::gemm
