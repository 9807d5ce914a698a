#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>

#include <typenet/core/tensor.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/kernels/sparse.hpp>

// The only user of xtensor-blas. From 0.21 on it runs a product of its own, some 40 times slower, unless HAVE_CBLAS is
// defined before xblas.hpp.
#include <xtensor-blas/xblas_config.hpp>
#if !defined(HAVE_CBLAS)
#    define HAVE_CBLAS 1
#endif
#include <xtensor-blas/xblas.hpp>

#if !defined(CXXBLAS_DRIVERS_CBLAS_H)
#    error "typenet: xtensor-blas was included without HAVE_CBLAS=1 before; define it for the whole target"
#endif

/// The matrix products of a dense layer, for row-major matrices whose widths are part of their type.
/// On the kernel path each number of a result is summed in one fixed order, whatever the number of rows or the slice
/// asked for; xtensor-blas gives the same bits only for the same call.
namespace typenet::gemm {

/// Who computes a product: the kernel below, or xtensor-blas.
enum class Path { kernel, blas };

/// Weights that fit a core's second-level cache, where the kernel is the faster one. Measured on whole steps of 32 to
/// 256 rows beside OpenBLAS 0.3.21's AVX-512 kernels: ahead or level up to 1 MiB, level to 1.5, behind by a tenth at 2.
inline constexpr std::size_t cache_bytes = std::size_t{1} << 20;

/// The faster path for a K x N weight matrix.
template <Real T, std::size_t K, std::size_t N>
inline constexpr Path best_path = K* N * sizeof(T) <= cache_bytes ? Path::kernel : Path::blas;

namespace detail {

/// A matrix as BLAS takes it: row-major, `stride` numbers from one row to the next.
template <Real T>
struct BlasMatrix {
    const T* data;
    std::size_t stride;
    cxxblas::Transpose transpose = cxxblas::NoTrans;
};

/// C[m, n] = op(A)[m, k] op(B)[k, n] + beta C, C contiguous.
template <Real T>
void multiply_blas(std::size_t m, std::size_t n, std::size_t k, BlasMatrix<T> a, BlasMatrix<T> b, T beta, T* c) {
    const auto index = [](std::size_t i) { return static_cast<xt::blas_index_t>(i); };
    if (m == 0) return;
    // T(1), not 1: another type than the matrices' would choose xtensor-blas's generic product.
    cxxblas::gemm<xt::blas_index_t>(cxxblas::RowMajor, a.transpose, b.transpose, index(m), index(n), index(k), T(1),
                                    a.data, index(a.stride), b.data, index(b.stride), beta, c, index(n));
}

/// A square of w x w numbers, w the pack's width, turned by interleaving its upper half with its lower half log2 w
/// times.
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

/// Whether a row of K inputs is wide enough for a look at its zeros.
template <std::size_t K>
inline constexpr bool can_skip_zeros = K >= 128;

/// The F of a product without a function behind it.
using Unchanged = detail::Unchanged;

/// y = f(x w + b): x [rows, K], w [K, N], b [N], y [rows, N]. F is a function of packs; the kernels call it panel by
/// panel, while a panel is in the first-level cache. On the kernel path w is read up to one pack past its end, and a
/// single wide row leaves out its zeros by itself.
template <Path Way, class F, Real T, std::size_t K, std::size_t N>
void affine(Rows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    if constexpr (Way == Path::kernel) {
        if constexpr (can_skip_zeros<K>) {
            if (x.count == 1) return detail::multiply_any_row<K, N, F, T>(x.data, w, b, y.data);
        }
        detail::multiply<K, N, F, T>(x.count, x.data, w, b, y.data);
    } else {
        for (std::size_t r = 0; r < y.count; ++r) std::copy_n(b, N, y[r]);
        detail::multiply_blas<T>(x.count, N, K, {x.data, K}, {w, N}, T(1), y.data);
        if constexpr (!std::same_as<F, Unchanged>) simd::transform(y.size(), y.data, F{}, y.data);
    }
}

/// As above, on the kernel path only, leaving out the zeros of x. The same bits, where w is finite.
template <Path Way, class F, Real T, std::size_t K, std::size_t N>
requires(Way == Path::kernel) void affine(MaskedRows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    detail::multiply_sparse<K, N, F, T>(x, w, b, y.data);
}

/// d_x = d_y w^T: d_y [rows, N], w [K, N], d_x [rows, K]. The kernel path takes w transposed, [N, K], and reads it up
/// to one pack past its end; the other takes w as it is.
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_input(Rows<const T, N> d_y, const T* w, Rows<T, K> d_x) {
    if constexpr (Way == Path::kernel) {
        detail::multiply<N, K, Unchanged, T>(d_y.count, d_y.data, w, nullptr, d_x.data);
    } else {
        detail::multiply_blas<T>(d_y.count, K, N, {d_y.data, N}, {w, N, cxxblas::Trans}, T(0), d_x.data);
    }
}

/// Rows first ... last - 1 of d_w = x^T d_y: x [rows, K], d_y [rows, N]; `d_w` receives (last - first) x N numbers.
/// On the kernel path d_y is read up to one pack past its end.
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_weights(Rows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last, T* d_w) {
    if constexpr (Way == Path::kernel) {
        detail::multiply_rows<N, Unchanged, T>(last - first, x.count, x.count + 1, {x.data + first, 1, K}, d_y.data,
                                               nullptr, d_w);
    } else {
        detail::multiply_blas<T>(last - first, N, x.count, {x.data + first, K, cxxblas::Trans}, {d_y.data, N}, T(0),
                                 d_w);
    }
}

/// As above, on the kernel path only, leaving out the zeros of x. The same bits, where d_y is finite.
template <Path Way, Real T, std::size_t K, std::size_t N>
requires(Way == Path::kernel) void backward_weights(MaskedRows<const T, K> x, Rows<const T, N> d_y, std::size_t first,
                                                    std::size_t last, T* d_w) {
    detail::backward_weights_sparse<K, N, T>(x, d_y, first, last, d_w);
}

/// to [N, K] = from [K, N] transposed, in squares of w x w numbers that are turned in registers.
template <std::size_t K, std::size_t N, Real T>
void transpose(const T* from, T* to) {
    constexpr std::size_t w = simd::width<T>;
    constexpr std::size_t whole_rows = K / w * w;
    constexpr std::size_t whole_columns = N / w * w;
    for (std::size_t k = 0; k < whole_rows; k += w) {
        for (std::size_t n = 0; n < whole_columns; n += w)
            detail::transpose_square<T>(from + k * N + n, N, to + n * K + k, K);
        for (std::size_t n = whole_columns; n < N; ++n) {
            for (std::size_t i = k; i < k + w; ++i) to[n * K + i] = from[i * N + n];
        }
    }
    for (std::size_t k = whole_rows; k < K; ++k) {
        for (std::size_t n = 0; n < N; ++n) to[n * K + k] = from[k * N + n];
    }
}

}  // namespace typenet::gemm
