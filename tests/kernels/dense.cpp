#include <limits>
#include <support/buffers.hpp>
#include <typenet/kernels/dense.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::gemm::detail;
using support::random_buffer;
using support::same_bits;

namespace {

/// multiply_rows and, for one row, multiply_row against the plain loops.
template <class T, std::size_t K, std::size_t N>
void check(std::size_t rows) {
    CAPTURE(K);
    CAPTURE(N);
    CAPTURE(rows);
    const Buffer<T> a = random_buffer<T>(rows * K, 1);
    const Buffer<T> b = random_buffer<T>(K * N, 2);
    const Buffer<T> bias = random_buffer<T>(N, 3);
    std::vector<T> wanted(rows * N);
    std::vector<T> c(rows * N, std::numeric_limits<T>::quiet_NaN());
    gemm::naive_affine<T, K, N>({a.data(), rows}, b.data(), bias.data(), {wanted.data(), rows});
    multiply_rows<N, Unchanged, T>(rows, K, slice_length<T>(K, N), {a.data(), K, 1}, b.data(), bias.data(), c.data());
    REQUIRE(same_bits(c.data(), wanted.data(), c.size()));
    if (rows == 1) {
        std::vector<T> row(N, std::numeric_limits<T>::quiet_NaN());
        multiply_row<K, N, Unchanged, T>(a.data(), b.data(), bias.data(), row.data());
        REQUIRE(same_bits(row.data(), wanted.data(), N));
    }
}

}  // namespace

TEST_SUITE("kernels/dense") {
    TEST_CASE_TEMPLATE("the kernel has the bits of the plain loops, for any number of rows", T, float, double) {
        for (const std::size_t rows : {1U, 2U, 5U, 6U, 7U, 13U, 64U}) {
            check<T, 1, 1>(rows);
            check<T, 3, 10>(rows);
            check<T, 150, 1>(rows);
            check<T, 150, 37>(rows);
            check<T, 130, 64>(rows);
            check<T, 300, 131>(rows);
            check<T, 600, 3 * simd::width<T> + 1>(rows);  // two slices, each longer than a block of K
        }
    }

    TEST_CASE_TEMPLATE("a sum that is zero is +0", T, float, double) {
        constexpr std::size_t N = accumulators * simd::width<T>;  // a single slice: a second one would start from +0
        const Buffer<T> a(3 * 5);
        Buffer<T> b(5 * N);
        Buffer<T> bias(N);
        std::fill_n(b.data(), 5 * N, T(-1));
        std::fill_n(bias.data(), N, T(-0.0));
        const std::vector<T> zeros(3 * N);
        std::vector<T> c(3 * N, T(7));
        multiply_rows<N, Unchanged, T>(3, 5, 5, {a.data(), 5, 1}, b.data(), bias.data(), c.data());
        CHECK(same_bits(c.data(), zeros.data(), c.size()));
        multiply_row<5, N, Unchanged, T>(a.data(), b.data(), bias.data(), c.data());
        CHECK(same_bits(c.data(), zeros.data(), N));
    }
}
