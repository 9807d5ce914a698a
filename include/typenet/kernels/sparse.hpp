#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <typenet/core/tensor.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/simd.hpp>

/// Products that leave out the zeros of x. They give the bits of the dense kernels: with finite weights, a term that is
/// zero changes no sum but a zero's sign, and kernels/dense.hpp stores zeros as +0.
namespace typenet {

/// Numbers looked at together: one word of bits.
inline constexpr std::size_t word_bits = 64;

/// Words that hold a bit for each of `columns` numbers.
constexpr std::size_t bitmap_words(std::size_t columns) { return (columns + word_bits - 1) / word_bits; }

/// Rows of values together with the places of those that are not zero: bit k % 64 of a row's word k / 64.
template <class T, std::size_t Columns>
struct MaskedRows {
    static constexpr std::size_t words = bitmap_words(Columns);

    Rows<T, Columns> values;
    const std::uint64_t* bits;  ///< [values.count, words]

    MaskedRows(Rows<T, Columns> rows, const std::uint64_t* bits_of_rows) noexcept : values(rows), bits(bits_of_rows) {}

    /// Words of row r.
    [[nodiscard]] const std::uint64_t* operator[](std::size_t r) const noexcept { return bits + r * words; }
    [[nodiscard]] MaskedRows subrows(std::size_t first, std::size_t rows) const noexcept {
        return {values.subrows(first, rows), (*this)[first]};
    }
};

/// Finds the values of x that are not zero: writes their bits, [x.count, words], and returns their number.
template <Real T, std::size_t Columns>
std::size_t find_nonzeros(Rows<const T, Columns> x, std::uint64_t* bits) {
    std::size_t found = 0;
    for (std::size_t r = 0; r < x.count; ++r) {
        const auto look = [&](std::size_t first, std::size_t count) {
            *bits = simd::nonzero_word<T>(x[r] + first, count);
            found += static_cast<std::size_t>(std::popcount(*bits++));
        };
        constexpr std::size_t whole = Columns / word_bits * word_bits;
        for (std::size_t first = 0; first < whole; first += word_bits) look(first, word_bits);
        if constexpr (whole < Columns) look(whole, Columns - whole);
    }
    return found;
}

/// Whether leaving out zeros is the faster way, for `nonzeros` of `count` values. Measured: a term costs up to one and
/// a half times as much as in a dense kernel.
constexpr bool worth_skipping_zeros(std::size_t nonzeros, std::size_t count) { return nonzeros * 5 < count * 3; }

/// As find_nonzeros, but looks at a few rows first: where these are not mostly zeros, it takes all values for nonzeros,
/// which costs nothing and is never wrong.
template <Real T, std::size_t Columns>
std::size_t find_nonzeros_if_few(Rows<const T, Columns> x, std::uint64_t* bits) {
    constexpr std::size_t words = bitmap_words(Columns);
    constexpr std::size_t samples = 4;
    const std::size_t step = x.count / samples + 1;
    std::size_t found = 0;
    std::size_t seen = 0;
    for (std::size_t r = 0; r < x.count; r += step, seen += Columns) found += find_nonzeros(x.subrows(r, 1), bits);
    if (worth_skipping_zeros(found, seen)) return find_nonzeros(x, bits);
    for (std::size_t i = 0; i < x.count * words; ++i) {
        const std::size_t columns = i % words + 1 == words ? Columns - (words - 1) * word_bits : word_bits;
        bits[i] = ~std::uint64_t{0} >> (word_bits - columns);
    }
    return x.size();
}

namespace gemm::detail {

/// Bit c of word r becomes bit r of word c.
/// Source: Warren, Hacker's Delight, section 7-3: exchange quadrants, then those of the quadrants, and so on.
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

/// How many rows of d_w are summed together: neighbours among the inputs are mostly zero, or not, in the same rows of
/// x, so that one walk over d_y serves them all. Two fill 16 of the 32 registers that 64-byte packs come with.
template <Real T>
inline constexpr std::size_t columns_at_once = simd::width<T> * sizeof(T) == 64 ? 2 : 1;

/// sum[j][p] += x[j] * row[p packs]
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

/// sum[j] += x[k][j] b[k] for each k that has its bit set, in ascending order; strides as in multiply_words.
template <std::size_t Columns, std::size_t Packs, std::size_t N, std::size_t XStride, Real T>
inline void add_nonzeros(std::uint64_t bits, const T* x, const T* b, simd::Pack<T> (&sum)[Columns][Packs]) {
    for (; bits != 0; bits &= bits - 1) {
        const auto k = static_cast<std::size_t>(std::countr_zero(bits));
        add_row<Columns, Packs, T>(x + k * XStride, b + k * N, sum);
    }
}

/// `Columns` rows of a panel of C, C[j] = start + sum of x[k][j] b[k], over the `count` words of k that have their bits
/// set; start is 0 where it is null, and `added` adds what C holds in the end. x[k] is XStride numbers behind x[k - 1],
/// b[k] one row of N, as C[j]. Not inlined, so that the loop has the registers to itself.
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

/// y = f(x w + b). Where K is one part, the rows go together through 64 rows of w at a time, which stay in the
/// first-level cache; otherwise each row goes through a whole part.
template <std::size_t K, std::size_t N, class F, Real T>
void multiply_sparse(MaskedRows<const T, K> x, const T* w, const T* b, T* y) {
    constexpr std::size_t length = part_length<T>(K, N);
    constexpr bool one_part = length >= K;
    static_assert(one_part || length % word_bits == 0);
    constexpr std::size_t words = bitmap_words(K);
    constexpr std::size_t step = one_part ? 1 : length / word_bits;
    for_each_panel<chains, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
        for (std::size_t word = 0; word < words; word += step) {
            const std::size_t k = word * word_bits;
            for (std::size_t r = 0; r < x.values.count; ++r) {
                T* const to = y + r * N + n;
                const T* start = word == 0 ? b + n : (one_part ? to : nullptr);
                multiply_words<1, Packs, Tail, N, 1, T>(x[r] + word, std::min(step, words - word), x.values[r] + k,
                                                        w + k * N + n, start, word != 0 && !one_part, to);
            }
        }
        apply<Packs, Tail, F>(x.values.count, N, y + n);
    });
}

/// y = f(x w + b) for one row and a K of one part: each word of x chooses for itself whether to leave out zeros.
template <std::size_t K, std::size_t N, class F, Real T>
void multiply_row_by_words(const T* x, const T* w, const T* b, T* y) {
    constexpr std::size_t line = 64 / sizeof(T);
    for_each_panel<chains, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
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

/// y = f(x w + b) for one row, leaving out zeros where they are many.
template <std::size_t K, std::size_t N, class F, Real T>
void multiply_any_row(const T* x, const T* w, const T* b, T* y) {
    if constexpr (part_length<T>(K, N) >= K) {
        multiply_row_by_words<K, N, F, T>(x, w, b, y);
    } else {
        std::array<std::uint64_t, bitmap_words(K)> bits;
        const Rows<const T, K> row{x, 1};
        if (worth_skipping_zeros(find_nonzeros(row, bits.data()), K)) {
            multiply_sparse<K, N, F, T>({row, bits.data()}, w, b, y);
        } else {
            multiply_row<K, N, F, T>(x, w, b, y);
        }
    }
}

/// Rows first ... last - 1 of d_w = x^T d_y, 64 rows of x and 64 of d_w at a time: their bits are transposed, so that
/// each row of d_w walks over its own rows of d_y.
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
            for_each_panel<chains, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
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

}  // namespace typenet
