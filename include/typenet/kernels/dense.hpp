#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <utility>

#include <typenet/core/tensor.hpp>
#include <typenet/kernels/simd.hpp>

/// The register-blocked kernels below kernels/gemm.hpp. C[rows, N] = A[rows, K] B[K, N] + bias, row-major, N a
/// constant.
///
/// Order of a sum: K is cut into parts of part_length; each part is summed in ascending order from 0 (the first one
/// from the bias), and the parts are added in their order. Each number is summed so, whatever is computed beside it. A
/// sum that is zero is stored as +0, so that leaving out terms that are zero changes no bit.
namespace typenet::gemm::detail {

// Register blocking, the place to tune the kernels. A block of C, block_rows x block_packs, stays in registers while K
// is walked: 6 x 4 fills 24 of the 32 registers that 64-byte packs come with, 6 x 2 fills 12 of 16. A block of `depth`
// rows of B, one panel wide, stays in the first-level cache for all rows of A.
template <Real T>
inline constexpr std::size_t block_packs = simd::width<T> * sizeof(T) == 64 ? 4 : 2;
inline constexpr std::size_t block_rows = 6;
inline constexpr std::size_t depth = 128;

/// How many sums must run side by side to keep the processor's multipliers busy.
inline constexpr std::size_t chains = 8;

/// Packs in a row of N numbers, the last one perhaps partial.
template <Real T>
constexpr std::size_t packs_of(std::size_t n) {
    return (n + simd::width<T> - 1) / simd::width<T>;
}

/// A narrow row of C has fewer packs than `chains`: its K is cut into parts that a single row can sum side by side.
/// From 128 on, parts are whole words of 64 inputs, which kernels/sparse.hpp walks.
template <Real T>
constexpr std::size_t part_length(std::size_t k, std::size_t n) {
    const std::size_t parts = std::max<std::size_t>(1, chains / packs_of<T>(n));
    const std::size_t length = (k + parts - 1) / parts;
    return k < 128 ? length : (length + 63) / 64 * 64;
}

/// Whether a row of C of so many packs goes through all of K at once: half the registers are then left for the parts.
template <std::size_t Packs, Real T>
inline constexpr bool in_one_walk = 2 * Packs <= block_packs<T>;

/// A matrix as (row, k) -> data[row * row_stride + k * k_stride], so that a transposed one needs no copy.
template <Real T>
struct Strided {
    const T* data;
    std::size_t row_stride;
    std::size_t k_stride;
};

/// In the place of the function of packs, such as a layer's activation, that sums go through at last: there is none.
struct Unchanged {};

/// Numbers for the rows of a panel: the same row again and again where `row_stride` is 0, zeros where `data` is null.
template <Real T>
struct PanelRows {
    const T* data;
    std::size_t row_stride;
};

/// Pack p of `Packs`, of which the last has only Tail numbers (all where Tail is 0).
template <std::size_t Packs, std::size_t Tail, Real T>
inline simd::Pack<T> load_pack(const T* from, std::size_t p) {
    const T* at = from + p * simd::width<T>;
    return Tail != 0 && p + 1 == Packs ? simd::load_partial<T>(at, Tail) : simd::load<T>(at);
}
template <std::size_t Packs, std::size_t Tail, Real T>
inline void store_pack(T* to, std::size_t p, simd::Pack<T> pack) {
    T* const at = to + p * simd::width<T>;
    if (Tail != 0 && p + 1 == Packs) {
        simd::store_partial<T>(at, pack, Tail);
    } else {
        simd::store<T>(at, pack);
    }
}
/// -0 becomes +0.
template <std::size_t Packs, std::size_t Tail, Real T>
inline void store_sum(T* to, std::size_t p, simd::Pack<T> sum) {
    store_pack<Packs, Tail>(to, p, sum + simd::Pack<T>(T(0)));
}

/// f of each number in `rows` rows of a panel, while it is in the first-level cache. Not unrolled: of many copies of f,
/// g++ would inline none.
template <std::size_t Packs, std::size_t Tail, class F, Real T>
inline void apply(std::size_t rows, std::size_t n, T* c) {
    if constexpr (!std::same_as<F, Unchanged>) {
        for (std::size_t r = 0; r < rows; ++r, c += n) {
#pragma GCC unroll 1
            for (std::size_t p = 0; p < Packs; ++p) store_pack<Packs, Tail>(c, p, F{}(load_pack<Packs, Tail>(c, p)));
        }
    }
}

/// M rows by one panel of Packs packs of C = start + A B, or C + start + A B where it is `added`. B is read whole
/// packs at a time, also where the last one is partial. `part` below k_count cuts the walk into parts whose sums are
/// added here, which takes twice the registers.
template <std::size_t M, std::size_t Packs, std::size_t Tail, Real T>
inline void multiply_block(std::size_t k_count, std::size_t part, Strided<T> a, const T* b, std::size_t n,
                           PanelRows<T> start, bool added, T* c) {
    using Pack = simd::Pack<T>;
    Pack total[M][Packs];
#pragma GCC unroll 16
    for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            total[r][p] =
                start.data == nullptr ? Pack(T(0)) : load_pack<Packs, Tail>(start.data + r * start.row_stride, p);
        }
    }
    const auto walk = [&](Pack(&sum)[M][Packs], std::size_t first, std::size_t last) {
        for (std::size_t k = first; k < last; ++k) {
            Pack row[Packs];
#pragma GCC unroll 16
            for (std::size_t p = 0; p < Packs; ++p) row[p] = simd::load<T>(b + k * n + p * simd::width<T>);
#pragma GCC unroll 16
            for (std::size_t r = 0; r < M; ++r) {
                const Pack scalar(a.data[r * a.row_stride + k * a.k_stride]);
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) sum[r][p] = simd::fma(scalar, row[p], sum[r][p]);
            }
        }
    };
    if constexpr (in_one_walk<Packs, T>) {
        walk(total, 0, std::min(part, k_count));
        for (std::size_t k = part; k < k_count; k += part) {
            Pack sum[M][Packs];
#pragma GCC unroll 16
            for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) sum[r][p] = Pack(T(0));
            }
            walk(sum, k, std::min(k + part, k_count));
#pragma GCC unroll 16
            for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) total[r][p] = total[r][p] + sum[r][p];
            }
        }
    } else {
        walk(total, 0, k_count);
    }
#pragma GCC unroll 16
    for (std::size_t r = 0; r < M; ++r) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            if (added) total[r][p] = load_pack<Packs, Tail>(c + r * n, p) + total[r][p];
            store_sum<Packs, Tail>(c + r * n, p, total[r][p]);
        }
    }
}

/// One panel of columns, all rows: as many of the largest blocks as fit, then of smaller ones. A narrow panel takes
/// more rows at once.
template <std::size_t Packs, std::size_t Tail, Real T>
void multiply_panel(std::size_t rows, std::size_t k_count, std::size_t part, Strided<T> a, const T* b, std::size_t n,
                    PanelRows<T> start, bool added, T* c) {
    std::size_t row = 0;
    const auto blocks = [&]<std::size_t M>() {
        for (; row + M <= rows; row += M) {
            multiply_block<M, Packs, Tail, T>(k_count, part, a, b, n, start, added, c);
            a.data += M * a.row_stride;
            start.data += M * start.row_stride;
            c += M * n;
        }
    };
    if constexpr (4 * Packs <= block_packs<T>) blocks.template operator()<2 * block_rows>();
    blocks.template operator()<block_rows>();
    blocks.template operator()<4>();
    blocks.template operator()<2>();
    blocks.template operator()<1>();
}

/// Calls f.operator()<Packs, Tail>(n) for each panel of a row of N numbers, n being its first column. All panels have
/// Widest packs but the last.
template <std::size_t Widest, std::size_t N, Real T, class F>
void for_each_panel(F f) {
    constexpr std::size_t panel = Widest * simd::width<T>;
    constexpr std::size_t rest = N % panel;
    for (std::size_t n = 0; n + panel <= N; n += panel) f.template operator()<Widest, 0>(n);
    if constexpr (rest != 0) f.template operator()<packs_of<T>(rest), rest % simd::width<T>>(N - rest);
}

/// All of C, f of each sum, for a K cut into parts of `part`. `bias` is null or one row. Not inlined: where the caller
/// has one row, g++ would warn of what more rows would do.
template <std::size_t N, class F, Real T>
[[gnu::noinline]] void multiply_rows(std::size_t rows, std::size_t k_total, std::size_t part, Strided<T> a, const T* b,
                                     const T* bias, T* c) {
    constexpr bool one_walk = in_one_walk<packs_of<T>(N), T>;
    const bool in_parts = part < k_total;
    // A part is walked without a stop: going on from C, its sum would begin with the parts before it.
    const std::size_t step = one_walk ? k_total : in_parts ? part : depth;
    std::size_t k = 0;
    do {
        const std::size_t k_count = std::min(step, k_total - k);
        const Strided<T> a_block{a.data + k * a.k_stride, a.row_stride, a.k_stride};
        for_each_panel<block_packs<T>, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
            constexpr PanelRows<T> nothing{nullptr, 0};
            const PanelRows<T> first = bias == nullptr ? nothing : PanelRows<T>{bias + n, 0};
            const PanelRows<T> so_far{c + n, N};
            const PanelRows<T> start = k == 0 ? first : in_parts ? nothing : so_far;
            const bool added = k > 0 && in_parts;
            multiply_panel<Packs, Tail, T>(rows, k_count, part, a_block, b + k * N + n, N, start, added, c + n);
            if (k + k_count == k_total) apply<Packs, Tail, F>(rows, N, c + n);
        });
        k += k_count;
    } while (k < k_total);
}

/// One row of C, f of each sum, the parts of K side by side.
template <std::size_t K, std::size_t N, class F, Real T>
void multiply_row(const T* a, const T* b, const T* bias, T* c) {
    using Pack = simd::Pack<T>;
    constexpr std::size_t length = part_length<T>(K, N);
    constexpr std::size_t parts = (K + length - 1) / length;
    constexpr std::size_t last = K - (parts - 1) * length;  // length of the last part
    for_each_panel<chains, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
        Pack sum[parts][Packs];
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            sum[0][p] = bias == nullptr ? Pack(T(0)) : load_pack<Packs, Tail>(bias + n, p);
#pragma GCC unroll 16
            for (std::size_t part = 1; part < parts; ++part) sum[part][p] = Pack(T(0));
        }
        const auto step = [&]<std::size_t Count>(std::size_t k) {
#pragma GCC unroll 16
            for (std::size_t part = 0; part < Count; ++part) {
                const std::size_t at = part * length + k;
                const Pack scalar(a[at]);
#pragma GCC unroll 16
                for (std::size_t p = 0; p < Packs; ++p) {
                    sum[part][p] = simd::fma(scalar, simd::load<T>(b + at * N + n + p * simd::width<T>), sum[part][p]);
                }
            }
        };
        for (std::size_t k = 0; k < last; ++k) step.template operator()<parts>(k);
        for (std::size_t k = last; k < length; ++k) step.template operator()<parts - 1>(k);
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            Pack total = sum[0][p];
#pragma GCC unroll 16
            for (std::size_t part = 1; part < parts; ++part) total = total + sum[part][p];
            store_sum<Packs, Tail>(c + n, p, total);
        }
        apply<Packs, Tail, F>(1, N, c + n);
    });
}

/// C, f of each sum, for a contiguous A and a K that is a constant. B must be readable for one pack past its end.
template <std::size_t K, std::size_t N, class F, Real T>
void multiply(std::size_t rows, const T* a, const T* b, const T* bias, T* c) {
    if (rows == 1) {
        multiply_row<K, N, F>(a, b, bias, c);
    } else {
        multiply_rows<N, F, T>(rows, K, part_length<T>(K, N), {a, K, 1}, b, bias, c);
    }
}

}  // namespace typenet::gemm::detail
