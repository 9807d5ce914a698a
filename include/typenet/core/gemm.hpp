#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <typenet/core/simd.hpp>
#include <typenet/core/tensor.hpp>

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

/// Weights that fit a core's second-level cache, where the kernel is the faster one.
inline constexpr std::size_t cache_bytes = std::size_t{1} << 20;

/// The faster path for a K x N weight matrix.
template <Real T, std::size_t K, std::size_t N>
inline constexpr Path best_path = K* N * sizeof(T) <= cache_bytes ? Path::kernel : Path::blas;

namespace detail {

// Register blocking: block_rows x block_packs packs of C stay in registers while K is walked. 6 x 4 fills 24 of the 32
// registers that 64-byte packs come with, 6 x 2 fills 12 of 16. A block of `depth` rows of B, one panel wide, stays in
// the first-level cache for all rows of A.
inline constexpr std::size_t block_rows = 6;
template <Real T>
inline constexpr std::size_t block_packs = simd::width<T> * sizeof(T) == 64 ? 4 : 2;
inline constexpr std::size_t depth = 128;

/// A matrix as (row, k) -> data[row * row_stride + k * k_stride], so that a transposed one needs no copy.
template <Real T>
struct Strided {
    const T* data;
    std::size_t row_stride;
    std::size_t k_stride;
};

/// C[M, packs] += or = A[M, depth] B[depth, packs]: `start` gives the first values of C's row r at start + r * stride.
/// `lanes` below the pack's width writes (and reads from start) only that many numbers of the last, partial pack.
template <std::size_t M, std::size_t Packs, bool Partial, Real T>
inline void multiply_block(std::size_t k_count, Strided<T> a, const T* b, std::size_t n, const T* start,
                           std::size_t start_stride, T* c, std::size_t lanes) {
    using Pack = simd::Pack<T>;
    constexpr std::size_t w = simd::width<T>;
    Pack sum[M][Packs];
    for (std::size_t r = 0; r < M; ++r) {
        for (std::size_t p = 0; p < Packs; ++p) {
            if (start == nullptr) {
                sum[r][p] = Pack(T(0));
            } else if constexpr (Partial) {
                sum[r][p] = simd::load_part<T>(start + r * start_stride, lanes);
            } else {
                sum[r][p] = simd::load<T>(start + r * start_stride + p * w);
            }
        }
    }
    for (std::size_t k = 0; k < k_count; ++k) {
        Pack row[Packs];
        for (std::size_t p = 0; p < Packs; ++p) row[p] = simd::load<T>(b + k * n + p * w);
        for (std::size_t r = 0; r < M; ++r) {
            const Pack scalar(a.data[r * a.row_stride + k * a.k_stride]);
            for (std::size_t p = 0; p < Packs; ++p) sum[r][p] = simd::fma(scalar, row[p], sum[r][p]);
        }
    }
    for (std::size_t r = 0; r < M; ++r) {
        for (std::size_t p = 0; p < Packs; ++p) {
            if constexpr (Partial) {
                simd::store_part<T>(c + r * n, sum[r][p], lanes);
            } else {
                simd::store<T>(c + r * n + p * w, sum[r][p]);
            }
        }
    }
}

/// One panel of columns, all rows: blocks of block_rows, then one block of what is left.
template <std::size_t Packs, bool Partial, Real T>
void multiply_panel(std::size_t rows, std::size_t k_count, Strided<T> a, const T* b, std::size_t n, const T* start,
                    std::size_t start_stride, T* c, std::size_t lanes) {
    const auto block = [&]<std::size_t M>(std::integral_constant<std::size_t, M>, std::size_t row) {
        multiply_block<M, Packs, Partial>(k_count, {a.data + row * a.row_stride, a.row_stride, a.k_stride}, b, n,
                                          start == nullptr ? nullptr : start + row * start_stride, start_stride,
                                          c + row * n, lanes);
    };
    std::size_t row = 0;
    for (; row + block_rows <= rows; row += block_rows) block(std::integral_constant<std::size_t, block_rows>{}, row);
    [&]<std::size_t... M>(std::index_sequence<M...>) {
        (void)((rows - row == M + 1 && (block(std::integral_constant<std::size_t, M + 1>{}, row), true)) || ...);
    }
    (std::make_index_sequence<block_rows - 1>{});
}

/// C[rows, N] = A[rows, k_total] B[k_total, N] + bias, with C and B contiguous and `bias` null or one row.
/// B must be readable for one pack past its end; for each number of C the sum runs over k in ascending order.
template <std::size_t N, Real T>
void multiply_kernel(std::size_t rows, std::size_t k_total, Strided<T> a, const T* b, const T* bias, T* c) {
    constexpr std::size_t w = simd::width<T>;
    constexpr std::size_t panel = block_packs<T> * w;
    if (k_total == 0) {
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t n = 0; n < N; ++n) c[r * N + n] = bias == nullptr ? T(0) : bias[n];
        }
    }
    for (std::size_t k = 0; k < k_total; k += depth) {
        const std::size_t k_count = std::min(depth, k_total - k);
        const Strided<T> a_block{a.data + k * a.k_stride, a.row_stride, a.k_stride};
        const T* b_block = b + k * N;
        const auto columns = [&]<std::size_t Packs, bool Partial>(std::size_t n) {
            const T* start = k > 0 ? c + n : (bias == nullptr ? nullptr : bias + n);
            multiply_panel<Packs, Partial>(rows, k_count, a_block, b_block + n, N, start, k > 0 ? N : 0, c + n, N - n);
        };
        std::size_t n = 0;
        if constexpr (N >= panel) {
            for (; n + panel <= N; n += panel) columns.template operator()<block_packs<T>, false>(n);
        }
        if constexpr (N % panel >= w) {
            for (; n + w <= N; n += w) columns.template operator()<1, false>(n);
        }
        if constexpr (N % w != 0) columns.template operator()<1, true>(n);
    }
}

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

}  // namespace detail

/// y = x w + b: x [rows, K], w [K, N], b [N], y [rows, N]. On the kernel path w is read up to one pack past its end.
template <Path Way, Real T, std::size_t K, std::size_t N>
void affine(Rows<const T, K> x, const T* w, const T* b, Rows<T, N> y) {
    if constexpr (Way == Path::kernel) {
        detail::multiply_kernel<N, T>(x.count, K, {x.data, K, 1}, w, b, y.data);
    } else {
        for (std::size_t r = 0; r < y.count; ++r) std::copy_n(b, N, y[r]);
        detail::multiply_blas<T>(x.count, N, K, {x.data, K}, {w, N}, T(1), y.data);
    }
}

/// d_x = d_y w^T: d_y [rows, N], w [K, N], d_x [rows, K]. The kernel path takes w transposed, [N, K], and reads it up
/// to one pack past its end; the other takes w as it is.
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_input(Rows<const T, N> d_y, const T* w, Rows<T, K> d_x) {
    if constexpr (Way == Path::kernel) {
        detail::multiply_kernel<K, T>(d_y.count, N, {d_y.data, N, 1}, w, nullptr, d_x.data);
    } else {
        detail::multiply_blas<T>(d_y.count, K, N, {d_y.data, N}, {w, N, cxxblas::Trans}, T(0), d_x.data);
    }
}

/// Rows first ... last - 1 of d_w = x^T d_y: x [rows, K], d_y [rows, N]; `d_w` receives (last - first) x N numbers.
/// On the kernel path d_y is read up to one pack past its end.
template <Path Way, Real T, std::size_t K, std::size_t N>
void backward_weights(Rows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last, T* d_w) {
    if constexpr (Way == Path::kernel) {
        detail::multiply_kernel<N, T>(last - first, x.count, {x.data + first, 1, K}, d_y.data, nullptr, d_w);
    } else {
        detail::multiply_blas<T>(last - first, N, x.count, {x.data + first, K, cxxblas::Trans}, {d_y.data, N}, T(0),
                                 d_w);
    }
}

/// to [N, K] = from [K, N] transposed.
template <std::size_t K, std::size_t N, Real T>
void transpose(const T* from, T* to) {
    constexpr std::size_t tile = 16;
    for (std::size_t k0 = 0; k0 < K; k0 += tile) {
        for (std::size_t n = 0; n < N; ++n) {
            for (std::size_t k = k0; k < std::min(K, k0 + tile); ++k) to[n * K + k] = from[k * N + n];
        }
    }
}

}  // namespace typenet::gemm
