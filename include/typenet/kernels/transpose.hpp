#pragma once

#include <array>
#include <cstddef>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/simd.hpp>

/// Transposes matrices, a square of packs at a time: `transpose` a whole one, kernels/packed.hpp parts of one.
namespace TYPENET::gemm {

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

/// Writes a matrix [rows, columns], transposed, to `to` [columns, rows]. Rows of `from` are from_stride numbers apart,
/// rows of `to` to_stride numbers.
template <Real T>
void transpose_block(std::size_t rows, std::size_t columns, const T* from, std::size_t from_stride, T* to,
                     std::size_t to_stride) {
    constexpr std::size_t w = simd::width<T>;
    const std::size_t whole_rows = rows / w * w;
    const std::size_t whole_columns = columns / w * w;
    for (std::size_t r = 0; r < whole_rows; r += w) {
        for (std::size_t c = 0; c < whole_columns; c += w) {
            transpose_square<T>(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
        }
        for (std::size_t c = whole_columns; c < columns; ++c) {
            for (std::size_t i = r; i < r + w; ++i) to[c * to_stride + i] = from[i * from_stride + c];
        }
    }
    for (std::size_t r = whole_rows; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) to[c * to_stride + r] = from[r * from_stride + c];
    }
}

}  // namespace detail

/// Writes `from` [K, N], transposed, to `to` [N, K].
template <std::size_t K, std::size_t N, Real T>
void transpose(const T* from, T* to) {
    detail::transpose_block<T>(K, N, from, N, to, K);
}

}  // namespace TYPENET::gemm
