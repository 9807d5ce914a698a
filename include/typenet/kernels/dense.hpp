#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/reference.hpp>
#include <typenet/kernels/simd.hpp>

/// The dense kernel: C[rows, N] = F(A[rows, K] B[K, N] + bias), all matrices row-major, N known at compile time. It has
/// the bits of the plain loops in kernels/reference.hpp, whatever the number of rows.
///
/// kernels/gemm.hpp calls one of
///   multiply_rows    any number of rows
///   multiply_row     one row, whose slices of K are summed side by side
/// multiply_rows cuts K into blocks that stay in the L1 cache and a row of C into panels. For each panel it calls
/// multiply_panel, which cuts the rows into blocks; multiply_block sums one block in registers. multiply_panel and
/// multiply_block are compiled once for all N. kernels/sparse.hpp shares the panels and the partial packs.
namespace TYPENET::gemm::detail {

// Register blocking: tune the kernels here. The names are those of BLIS. A block of mr rows and nr_packs packs of C
// stays in registers while k ascends: 6 x 4 packs fill 24 of the 32 registers of 64-byte packs, 6 x 2 fill 12 of 16. A
// block of kc rows of B, one panel wide, stays in the L1 cache for all rows of A.
template <Real T>
inline constexpr std::size_t nr_packs = simd::width<T> * sizeof(T) == 64 ? 4 : 2;
inline constexpr std::size_t mr = 6;
inline constexpr std::size_t kc = 128;

/// Whether a block of this width sums the slices of K one after the other in registers: the totals need as many
/// registers as the sums.
template <std::size_t Packs, Real T>
inline constexpr bool slices_in_registers = 2 * Packs <= nr_packs<T>;

/// A matrix of numbers data[row * row_stride + k * k_stride]; a transposed matrix needs no copy.
template <Real T>
struct Strided {
    const T* data;
    std::size_t row_stride;
    std::size_t k_stride;
};

/// No activation: the sums are stored as they are.
struct Unchanged {};

/// What the sums of a block start from: row r of it is at data + r * row_stride. A stride of 0 gives each row the same
/// start, null data means that all sums start from 0.
template <Real T>
struct Start {
    const T* data;
    std::size_t row_stride;
};

/// Loads pack p of `Packs`. The last pack has only Tail numbers unless Tail is 0.
template <std::size_t Packs, std::size_t Tail, Real T>
inline simd::Pack<T> load_pack(const T* from, std::size_t p) {
    const T* at = from + p * simd::width<T>;
    return Tail != 0 && p + 1 == Packs ? simd::load_partial<T>(at, Tail) : simd::load<T>(at);
}
/// Stores pack p of `Packs`.
template <std::size_t Packs, std::size_t Tail, Real T>
inline void store_pack(T* to, std::size_t p, simd::Pack<T> pack) {
    T* const at = to + p * simd::width<T>;
    if (Tail != 0 && p + 1 == Packs) {
        simd::store_partial<T>(at, pack, Tail);
    } else {
        simd::store<T>(at, pack);
    }
}
/// Stores pack p of `Packs`, with +0 for -0.
template <std::size_t Packs, std::size_t Tail, Real T>
inline void store_sum(T* to, std::size_t p, simd::Pack<T> sum) {
    store_pack<Packs, Tail>(to, p, sum + simd::Pack<T>(T(0)));
}

/// Replaces each number c of a panel by F(c), while the panel is in the L1 cache. The loop over packs is not unrolled:
/// g++ would inline none of many copies of F.
template <std::size_t Packs, std::size_t Tail, class F, Real T>
inline void apply(std::size_t rows, std::size_t n, T* c) {
    if constexpr (!std::same_as<F, Unchanged>) {
        for (std::size_t r = 0; r < rows; ++r, c += n) {
#pragma GCC unroll 1
            for (std::size_t p = 0; p < Packs; ++p) store_pack<Packs, Tail>(c, p, F{}(load_pack<Packs, Tail>(c, p)));
        }
    }
}

/// Computes C = start + A B for M rows and one panel of Packs packs, or C += start + A B where `added`. Rows of B are
/// b_stride numbers apart, rows of C n numbers. B is read in whole packs, also where the last pack of C is partial.
template <std::size_t M, std::size_t Packs, std::size_t Tail, Real T>
inline void multiply_block(std::size_t k_count, std::size_t k_slice, Strided<T> a, const T* b, std::size_t b_stride,
                           Start<T> start, bool added, T* c, std::size_t n) {
    using Pack = simd::Pack<T>;
    constexpr bool in_slices = slices_in_registers<Packs, T>;
    Pack sum[M][Packs];
    Pack total[M][Packs];  // of the slices that are done; unused unless in_slices
#pragma GCC unroll 16
    for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            sum[r][p] =
                start.data == nullptr ? Pack(T(0)) : load_pack<Packs, Tail>(start.data + r * start.row_stride, p);
            if constexpr (in_slices) total[r][p] = Pack(T(0));
        }
    }
    std::size_t k = 0;
    do {
        const std::size_t end = in_slices ? std::min(k + k_slice, k_count) : k_count;
        for (; k < end; ++k) {
            Pack row[Packs];
#pragma GCC unroll 16
            for (std::size_t p = 0; p < Packs; ++p) row[p] = simd::load<T>(b + k * b_stride + p * simd::width<T>);
#pragma GCC unroll 16
            for (std::size_t r = 0; r < M; ++r) {
                const Pack scalar(a.data[r * a.row_stride + k * a.k_stride]);
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) sum[r][p] = simd::fma(scalar, row[p], sum[r][p]);
            }
        }
        if constexpr (in_slices) {
#pragma GCC unroll 16
            for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) {
                    total[r][p] = total[r][p] + sum[r][p];
                    sum[r][p] = Pack(T(0));
                }
            }
        }
    } while (k < k_count);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            if constexpr (in_slices) sum[r][p] = total[r][p];
            if (added) sum[r][p] = load_pack<Packs, Tail>(c + r * n, p) + sum[r][p];
            store_sum<Packs, Tail>(c + r * n, p, sum[r][p]);
        }
    }
}

/// Does what multiply_block does, for any number of rows: in as many of the largest blocks as fit, then in smaller
/// ones. A narrow panel has blocks of more rows.
template <std::size_t Packs, std::size_t Tail, Real T>
void multiply_panel(std::size_t rows, std::size_t k_count, std::size_t k_slice, Strided<T> a, const T* b,
                    std::size_t b_stride, Start<T> start, bool added, T* c, std::size_t n) {
    std::size_t row = 0;
    const auto blocks = [&]<std::size_t M>() {
        for (; row + M <= rows; row += M) {
            multiply_block<M, Packs, Tail, T>(k_count, k_slice, a, b, b_stride, start, added, c, n);
            a.data += M * a.row_stride;
            start.data += M * start.row_stride;
            c += M * n;
        }
    };
    if constexpr (4 * Packs <= nr_packs<T>) blocks.template operator()<2 * mr>();
    blocks.template operator()<mr>();
    blocks.template operator()<4>();
    blocks.template operator()<2>();
    blocks.template operator()<1>();
}

/// Calls f.operator()<Packs, Tail>(n) for each panel of a row of N numbers; n is the panel's first column. All panels
/// but the last have Widest packs.
template <std::size_t Widest, std::size_t N, Real T, class F>
void for_each_panel(F f) {
    constexpr std::size_t panel = Widest * simd::width<T>;
    constexpr std::size_t rest = N % panel;
    for (std::size_t n = 0; n + panel <= N; n += panel) f.template operator()<Widest, 0>(n);
    if constexpr (rest != 0) f.template operator()<packs_of<T>(rest), rest % simd::width<T>>(N - rest);
}

/// Computes all of C with slices of k_slice terms. `bias` is null or one row. B must be readable for one pack past its
/// end. Not inlined: in a caller with one row, g++ would warn about code that runs only for more rows.
template <std::size_t N, class F, Real T>
[[gnu::noinline]] void multiply_rows(std::size_t rows, std::size_t k_total, std::size_t k_slice, Strided<T> a,
                                     const T* b, const T* bias, T* c) {
    const bool in_slices = k_slice < k_total;
    // A slice is one block of K: a second block would continue from C, which holds the slices before it.
    const std::size_t step = slices_in_registers<packs_of<T>(N), T> ? k_total : in_slices ? k_slice : kc;
    std::size_t k = 0;
    do {
        const std::size_t k_count = std::min(step, k_total - k);
        const Strided<T> a_block{a.data + k * a.k_stride, a.row_stride, a.k_stride};
        for_each_panel<nr_packs<T>, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
            constexpr Start<T> zeros{nullptr, 0};
            const Start<T> first = bias == nullptr ? zeros : Start<T>{bias + n, 0};
            const Start<T> so_far{c + n, N};
            const Start<T> start = k == 0 ? first : in_slices ? zeros : so_far;
            const bool added = k > 0 && in_slices;
            multiply_panel<Packs, Tail, T>(rows, k_count, k_slice, a_block, b + k * N + n, N, start, added, c + n, N);
            if (k + k_count == k_total) apply<Packs, Tail, F>(rows, N, c + n);
        });
        k += k_count;
    } while (k < k_total);
}

/// Computes one row of C, its slices of `Length` terms side by side. B must be readable for one pack past its end.
template <std::size_t K, std::size_t N, class F, Real T, std::size_t Length = slice_length<T>(K, N)>
void multiply_row(const T* a, const T* b, const T* bias, T* c) {
    using Pack = simd::Pack<T>;
    constexpr std::size_t slices = (K + Length - 1) / Length;
    constexpr std::size_t last_length = K - (slices - 1) * Length;
    for_each_panel<accumulators, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
        Pack sum[slices][Packs];
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            sum[0][p] = bias == nullptr ? Pack(T(0)) : load_pack<Packs, Tail>(bias + n, p);
#pragma GCC unroll 16
            for (std::size_t s = 1; s < slices; ++s) sum[s][p] = Pack(T(0));
        }
        const auto add_terms = [&]<std::size_t Count>(std::size_t k) {  // one term for each of the first Count slices
#pragma GCC unroll 16
            for (std::size_t s = 0; s < Count; ++s) {
                const std::size_t at = s * Length + k;
                const Pack scalar(a[at]);
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) {
                    sum[s][p] = simd::fma(scalar, simd::load<T>(b + at * N + n + p * simd::width<T>), sum[s][p]);
                }
            }
        };
        for (std::size_t k = 0; k < last_length; ++k) add_terms.template operator()<slices>(k);
        for (std::size_t k = last_length; k < Length; ++k) add_terms.template operator()<slices - 1>(k);
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            Pack total = sum[0][p];
#pragma GCC unroll 16
            for (std::size_t s = 1; s < slices; ++s) total = total + sum[s][p];
            store_sum<Packs, Tail>(c + n, p, total);
        }
        apply<Packs, Tail, F>(1, N, c + n);
    });
}

}  // namespace TYPENET::gemm::detail
