#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/simd.hpp>

/// Products that skip the zeros of x: of MNIST's pixels, four in five are 0. Where the other factor is finite (w, or
/// d_y for d_w), they have the bits of kernels/reference.hpp: a term that is zero can change only the sign of a sum
/// that is zero, and sums that are zero are stored as +0.
///
/// A bitmap says which values are not zero, one bit for each; each row of x starts a new word:
///   find_nonzeros_if_few, find_nonzeros   write it, once for many rows; network/chain and train/step call them
///   MaskedRows                            rows with their bitmap, which gemm::affine and gemm::backward_weights take
///   worth_skipping_zeros                  decides by the count of nonzeros between these products and the dense ones
/// kernels/gemm.hpp calls, below: multiply_sparse (many rows), multiply_any_row (one row, which needs no bitmap) and
/// backward_weights_sparse. All of them sum in multiply_words or add_nonzeros.
namespace TYPENET {

/// Values in one word of a bitmap.
inline constexpr std::size_t word_bits = 64;

/// Returns how many words hold one bit for each of `columns` values.
constexpr std::size_t bitmap_words(std::size_t columns) { return (columns + word_bits - 1) / word_bits; }

/// Rows of values and a bitmap of those that are not zero: value k of a row has bit k % 64 of the row's word k / 64.
template <class T, std::size_t Columns>
struct MaskedRows {
    static constexpr std::size_t words = bitmap_words(Columns);

    Rows<T, Columns> values;
    const std::uint64_t* bitmap;  ///< [values.count, words]

    MaskedRows(Rows<T, Columns> rows, const std::uint64_t* nonzeros) noexcept : values(rows), bitmap(nonzeros) {}

    /// Returns the words of row r.
    [[nodiscard]] const std::uint64_t* operator[](std::size_t r) const noexcept { return bitmap + r * words; }
    /// Returns `rows` rows from row `first` on.
    [[nodiscard]] MaskedRows subrows(std::size_t first, std::size_t rows) const noexcept {
        return {values.subrows(first, rows), (*this)[first]};
    }
};

/// Writes the bitmap of x, [x.count, bitmap_words(Columns)], and returns how many values are not zero.
template <Real T, std::size_t Columns>
std::size_t find_nonzeros(Rows<const T, Columns> x, std::uint64_t* bitmap) {
    std::size_t found = 0;
    for (std::size_t r = 0; r < x.count; ++r) {
        const auto add_word = [&](std::size_t first, std::size_t count) {
            *bitmap = simd::nonzero_word<T>(x[r] + first, count);
            found += static_cast<std::size_t>(std::popcount(*bitmap++));
        };
        constexpr std::size_t whole = Columns / word_bits * word_bits;
        for (std::size_t first = 0; first < whole; first += word_bits) add_word(first, word_bits);
        if constexpr (whole < Columns) add_word(whole, Columns - whole);
    }
    return found;
}

/// Returns whether skipping zeros is faster, for `nonzeros` of `count` values: below three in five. Measured: a term
/// costs up to one and a half times as much as in the dense kernel.
constexpr bool worth_skipping_zeros(std::size_t nonzeros, std::size_t count) { return nonzeros * 5 < count * 3; }

/// Looks at a few sample rows first. Where skipping their zeros is faster, it does what find_nonzeros does. Otherwise
/// it marks all values as not zero, which is quick and always allowed, and returns x.size().
template <Real T, std::size_t Columns>
std::size_t find_nonzeros_if_few(Rows<const T, Columns> x, std::uint64_t* bitmap) {
    constexpr std::size_t words = bitmap_words(Columns);
    constexpr std::size_t samples = 4;
    const std::size_t step = x.count / samples + 1;
    std::size_t found = 0;
    std::size_t seen = 0;
    for (std::size_t r = 0; r < x.count; r += step, seen += Columns) found += find_nonzeros(x.subrows(r, 1), bitmap);
    if (worth_skipping_zeros(found, seen)) return find_nonzeros(x, bitmap);
    for (std::size_t i = 0; i < x.count * words; ++i) {
        const std::size_t columns = i % words + 1 == words ? Columns - (words - 1) * word_bits : word_bits;
        bitmap[i] = ~std::uint64_t{0} >> (word_bits - columns);
    }
    return x.size();
}

namespace gemm::detail {

/// Transposes a square of bits: bit c of word r becomes bit r of word c. Exchanges the upper right quadrant with the
/// lower left one, then does the same in each quadrant, down to single bits.
/// Source: Warren, Hacker's Delight, section 7-3.
inline void transpose_bits(std::array<std::uint64_t, word_bits>& words) {
    std::uint64_t mask = 0x00000000FFFFFFFFU;
    for (std::size_t size = word_bits / 2; size != 0; size /= 2, mask ^= mask << size) {
        for (std::size_t block = 0; block < word_bits; block += 2 * size) {
            for (std::size_t i = block; i < block + size; ++i) {
                const std::uint64_t exchanged = (words[i] >> size ^ words[i + size]) & mask;
                words[i] ^= exchanged << size;
                words[i + size] ^= exchanged;
            }
        }
    }
}

/// Rows of d_w that are summed together, in one pass over d_y: neighbouring inputs are mostly zero in the same rows of
/// x. Two rows fill 16 of the 32 registers of 64-byte packs.
template <Real T>
inline constexpr std::size_t columns_at_once = simd::width<T> * sizeof(T) == 64 ? 2 : 1;

/// Adds one term to each sum: sum[j] += x[j] * row, for j < Columns, where the row has Packs packs.
template <std::size_t Columns, std::size_t Packs, Real T>
inline void add_row(const T* x, const T* row, simd::Pack<T> (&sum)[Columns][Packs]) {
    simd::Pack<T> packs[Packs];
#pragma GCC unroll 16
    for (std::size_t p = 0; p < Packs; ++p) packs[p] = simd::load<T>(row + p * simd::width<T>);
#pragma GCC unroll 16
    for (std::size_t j = 0; j < Columns; ++j) {
        const simd::Pack<T> scalar(x[j]);
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) sum[j][p] = simd::fma(scalar, packs[p], sum[j][p]);
    }
}

/// Adds x[k][j] b[k] to sum[j] for each k whose bit is set, in ascending order. x[k] is at x + k * XStride, b[k] at
/// b + k * N.
template <std::size_t Columns, std::size_t Packs, std::size_t N, std::size_t XStride, Real T>
inline void add_nonzeros(std::uint64_t bits, const T* x, const T* b, simd::Pack<T> (&sum)[Columns][Packs]) {
    for (; bits != 0; bits &= bits - 1) {
        const auto k = static_cast<std::size_t>(std::countr_zero(bits));
        add_row<Columns, Packs, T>(x + k * XStride, b + k * N, sum);
    }
}

/// Computes `Columns` rows of a panel of C: C[j] = start[j] + the sum of x[k][j] b[k], or C[j] += that where `added`,
/// over each k whose bit is set in `count` words. x[k] is at x + k * XStride, b[k] at b + k * N, and rows of C and
/// start are N numbers apart. A null start is 0. Not inlined, so that the loop has all registers.
template <std::size_t Columns, std::size_t Packs, std::size_t Tail, std::size_t N, std::size_t XStride, Real T>
[[gnu::noinline]] void multiply_words(const std::uint64_t* words, std::size_t count, const T* x, const T* b,
                                      const T* start, bool added, T* c) {
    simd::Pack<T> sum[Columns][Packs];
#pragma GCC unroll 16
    for (std::size_t j = 0; j < Columns; ++j) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            sum[j][p] = start == nullptr ? simd::Pack<T>(T(0)) : load_pack<Packs, Tail>(start + j * N, p);
        }
    }
    for (std::size_t i = 0; i < count; ++i, x += word_bits * XStride, b += word_bits * N) {
        add_nonzeros<Columns, Packs, N, XStride, T>(words[i], x, b, sum);
    }
#pragma GCC unroll 16
    for (std::size_t j = 0; j < Columns; ++j) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            if (added) sum[j][p] = load_pack<Packs, Tail>(c + j * N, p) + sum[j][p];
            store_sum<Packs, Tail>(c + j * N, p, sum[j][p]);
        }
    }
}

/// Computes y = F(x w + b), in slices of `Length` terms. Where K is a single slice, all rows take their terms of 64
/// rows of w before the next 64, which keeps w in the L1 cache; otherwise each row takes a whole slice at a time.
template <std::size_t K, std::size_t N, class F, Real T, std::size_t Length = slice_length<T>(K, N)>
void multiply_sparse(MaskedRows<const T, K> x, const T* w, const T* b, T* y) {
    constexpr bool one_slice = Length >= K;
    static_assert(one_slice || Length % word_bits == 0);
    constexpr std::size_t words = bitmap_words(K);
    constexpr std::size_t step = one_slice ? 1 : Length / word_bits;
    for_each_panel<accumulators, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
        for (std::size_t word = 0; word < words; word += step) {
            const std::size_t k = word * word_bits;
            for (std::size_t r = 0; r < x.values.count; ++r) {
                T* const to = y + r * N + n;
                const T* start = word == 0 ? b + n : (one_slice ? to : nullptr);
                multiply_words<1, Packs, Tail, N, 1, T>(x[r] + word, std::min(step, words - word), x.values[r] + k,
                                                        w + k * N + n, start, word != 0 && !one_slice, to);
            }
        }
        apply<Packs, Tail, F>(x.values.count, N, y + n);
    });
}

/// Computes one row, y = F(x w + b), where K is a single slice: decides for each 64 values of x whether to skip zeros.
template <std::size_t K, std::size_t N, class F, Real T>
void multiply_row_by_words(const T* x, const T* w, const T* b, T* y) {
    constexpr std::size_t line = 64 / sizeof(T);
    for_each_panel<accumulators, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
        simd::Pack<T> sum[1][Packs];
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) sum[0][p] = load_pack<Packs, Tail>(b + n, p);
        for (std::size_t first = 0; first < K; first += word_bits) {
            const std::size_t count = std::min(word_bits, K - first);
            const std::uint64_t bits = simd::nonzero_word<T>(x + first, count);
            const T* rows = w + first * N + n;
            for (std::size_t i = 0; i < word_bits; i += line) simd::prefetch(x + first + 3 * word_bits + i);
            if (worth_skipping_zeros(static_cast<std::size_t>(std::popcount(bits)), count)) {
                add_nonzeros<1, Packs, N, 1, T>(bits, x + first, rows, sum);
            } else {
                for (std::size_t k = 0; k < count; ++k) add_row<1, Packs, T>(x + first + k, rows + k * N, sum);
            }
        }
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) store_sum<Packs, Tail>(y + n, p, sum[0][p]);
        apply<Packs, Tail, F>(1, N, y + n);
    });
}

/// Computes one row, y = F(x w + b), and skips zeros where that is faster.
template <std::size_t K, std::size_t N, class F, Real T, std::size_t Length = slice_length<T>(K, N)>
void multiply_any_row(const T* x, const T* w, const T* b, T* y) {
    if constexpr (Length >= K) {
        multiply_row_by_words<K, N, F, T>(x, w, b, y);
    } else {
        std::array<std::uint64_t, bitmap_words(K)> bitmap;
        const Rows<const T, K> row{x, 1};
        if (worth_skipping_zeros(find_nonzeros(row, bitmap.data()), K)) {
            multiply_sparse<K, N, F, T, Length>({row, bitmap.data()}, w, b, y);
        } else {
            multiply_row<K, N, F, T, Length>(x, w, b, y);
        }
    }
}

/// Computes rows first ... last - 1 of d_w = x^T d_y, for 64 rows of x and 64 rows of d_w at a time. Their square of
/// the bitmap is transposed: a word then says which rows of d_y a row of d_w sums.
template <std::size_t K, std::size_t N, Real T>
void backward_weights_sparse(MaskedRows<const T, K> x, Rows<const T, N> d_y, std::size_t first, std::size_t last,
                             T* d_w) {
    const std::size_t rows = x.values.count;
    for (std::size_t row = 0; row == 0 || row < rows; row += word_bits) {
        const std::size_t count = std::min(word_bits, rows - row);
        for (std::size_t word = first / word_bits; word * word_bits < last; ++word) {
            std::array<std::uint64_t, word_bits> columns{};
            for (std::size_t r = 0; r < count; ++r) columns[r] = x[row + r][word];
            transpose_bits(columns);
            const std::size_t begin = std::max(first, word * word_bits);
            const std::size_t end = std::min(last, (word + 1) * word_bits);
            for_each_panel<accumulators, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
                const auto sum_columns = [&]<std::size_t Columns>(std::size_t k) {
                    std::uint64_t bits = 0;
                    for (std::size_t j = 0; j < Columns; ++j) bits |= columns[k % word_bits + j];
                    T* const to = d_w + (k - first) * N + n;
                    multiply_words<Columns, Packs, Tail, N, K, T>(&bits, 1, x.values[row] + k, d_y[row] + n,
                                                                  row == 0 ? nullptr : to, false, to);
                };
                constexpr std::size_t many = columns_at_once<T>;
                std::size_t k = begin;
                for (; k + many <= end; k += many) sum_columns.template operator()<many>(k);
                for (; k < end; ++k) sum_columns.template operator()<1>(k);
            });
        }
    }
}

}  // namespace gemm::detail

}  // namespace TYPENET
