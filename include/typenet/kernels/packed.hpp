#pragma once

#include <algorithm>
#include <cstddef>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/reference.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/kernels/transpose.hpp>

/// The dense kernel for weights that exceed a core's L2 cache: C[rows, N] = F(A[rows, K] B[K, N] + bias), with the bits
/// of kernels/dense.hpp. kernels/gemm.hpp, its only caller, chooses.
///
/// The rows of a panel of a large B are far apart. Each lies on a page of its own, and where they are a multiple of
/// 4 KiB apart, the L1 cache can hold only a few of them. multiply_packed copies kc rows of a panel at a time into
/// memory of its own, and multiplies all rows of A by them there. The copy may transpose, so that d_y w^T needs no
/// transposed weights; and A may be columns of x, copied in the same way. The copies lie on the stack and take
/// up to 80 KiB.
namespace TYPENET::gemm::detail {

/// B, a row-major matrix with rows of N numbers, readable for one pack past its end.
template <std::size_t N, Real T>
struct RowPanels {
    const T* data;

    /// Copies rows k ... k + count - 1 of the panel of Packs packs that starts at column n.
    template <std::size_t Packs>
    void copy(std::size_t k, std::size_t count, std::size_t n, T* to) const {
        const T* from = data + k * N + n;
        for (std::size_t i = 0; i < count; ++i, from += N, to += Packs * simd::width<T>) {
#pragma GCC unroll 16
            for (std::size_t p = 0; p < Packs; ++p) {
                simd::store<T>(to + p * simd::width<T>, simd::load<T>(from + p * simd::width<T>));
            }
        }
    }
};

/// B = W^T, where W [N, K] is row-major.
template <std::size_t K, std::size_t N, Real T>
struct TransposedPanels {
    const T* data;

    template <std::size_t Packs>
    void copy(std::size_t k, std::size_t count, std::size_t n, T* to) const {
        constexpr std::size_t panel = Packs * simd::width<T>;
        const std::size_t columns = std::min(panel, N - n);
        transpose_block<T>(columns, count, data + n * K + k, K, to, panel);
        for (std::size_t i = 0; columns < panel && i < count; ++i)
            std::fill(to + i * panel + columns, to + (i + 1) * panel, T(0));
    }
};

/// A, rows of a row-major matrix that are `stride` numbers apart.
template <Real T>
struct RowTerms {
    const T* data;
    std::size_t stride;

    /// Returns the terms k ... of all rows.
    Strided<T> block(std::size_t k, std::size_t) const { return {data + k, stride, 1}; }
};

/// A = X^T, where X is up to `most` columns of a row-major matrix with rows of `stride` numbers.
template <Real T>
class ColumnTerms {
public:
    static constexpr std::size_t most = std::size_t{48} * 1024 / (kc * sizeof(T));

    ColumnTerms(const T* data, std::size_t stride, std::size_t columns)
        : data_(data), stride_(stride), columns_(columns) {}

    Strided<T> block(std::size_t k, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            std::copy_n(data_ + (k + i) * stride_, columns_, copied_ + i * columns_);
        return {copied_, 1, columns_};
    }

private:
    const T* data_;
    std::size_t stride_;
    std::size_t columns_;
    alignas(64) T copied_[most * kc];
};

/// Computes all of C, each sum in one slice. `bias` is null or one row.
template <std::size_t N, class F, Real T, class A, class B>
[[gnu::noinline]] void multiply_packed(std::size_t rows, std::size_t k_total, A& a, const B& b, const T* bias, T* c) {
    alignas(64) T panel[kc * nr_packs<T> * simd::width<T>];
    std::size_t k = 0;
    do {
        const std::size_t k_count = std::min(kc, k_total - k);
        const Strided<T> a_block = a.block(k, k_count);
        for_each_panel<nr_packs<T>, N, T>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
            b.template copy<Packs>(k, k_count, n, panel);
            const Start<T> first = bias == nullptr ? Start<T>{nullptr, 0} : Start<T>{bias + n, 0};
            const Start<T> start = k == 0 ? first : Start<T>{c + n, N};
            multiply_panel<Packs, Tail, T>(rows, k_count, k_count, a_block, panel, Packs * simd::width<T>, start, false,
                                           c + n, N);
            if (k + k_count == k_total) apply<Packs, Tail, F>(rows, N, c + n);
        });
        k += k_count;
    } while (k < k_total);
}

}  // namespace TYPENET::gemm::detail
