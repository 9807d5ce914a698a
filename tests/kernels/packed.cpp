#include <support/buffers.hpp>
#include <typenet/kernels/packed.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::gemm::detail;
using support::nan_buffer;
using support::random_buffer;
using support::same_bits;

namespace {

/// C = A B + bias, from each form of A and B that can be copied, against the plain loops. More rows of B than are
/// copied at once, and a partial last panel.
template <class T>
void check_forms(std::size_t rows) {
    CAPTURE(rows);
    constexpr std::size_t K = 2 * kc + 5;
    constexpr std::size_t N = 3 * nr_packs<T> * simd::width<T> + simd::width<T> + 1;
    const Buffer<T> a = random_buffer<T>(rows * K, 1);
    const Buffer<T> b = random_buffer<T>(K * N, 2);
    const Buffer<T> bias = random_buffer<T>(N, 3);
    Buffer<T> a_transposed(K * rows);
    Buffer<T> b_transposed(N * K);
    transpose_block<T>(rows, K, a.data(), K, a_transposed.data(), rows);
    transpose_block<T>(K, N, b.data(), N, b_transposed.data(), K);
    Buffer<T> wanted(rows * N);
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t n = 0; n < N; ++n) {
            wanted.data()[r * N + n] = naive_sum<T>(K, K + 1, bias.data()[n], a.data() + r * K, 1, b.data() + n, N);
        }
    }
    const RowTerms<T> row_terms{a.data(), K};
    ColumnTerms<T> column_terms(a_transposed.data(), rows, rows);
    const auto check = [&](auto& left, const auto& right) {
        Buffer<T> c = nan_buffer<T>(rows * N);
        multiply_packed<N, Unchanged, T>(rows, K, left, right, bias.data(), c.data());
        REQUIRE(same_bits(c.data(), wanted.data(), c.size()));
    };
    check(row_terms, RowPanels<N, T>{b.data()});
    check(row_terms, TransposedPanels<K, N, T>{b_transposed.data()});
    check(column_terms, RowPanels<N, T>{b.data()});
    check(column_terms, TransposedPanels<K, N, T>{b_transposed.data()});
}

}  // namespace

TEST_SUITE("kernels/packed") {
    TEST_CASE_TEMPLATE("each form of the factors gives the bits of the plain loops", T, float, double) {
        for (const std::size_t rows : {1U, 2U, 6U, 13U, 16U}) check_forms<T>(rows);
    }
}
