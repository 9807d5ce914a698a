#include <cmath>
#include <limits>
#include <support/buffers.hpp>
#include <typenet/kernels/reference.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using support::random_buffer;

namespace {

/// A sum of products in long double, and the sum of their absolute values, which bounds the rounding.
struct ExactSum {
    long double value = 0;
    long double magnitude = 0;

    template <class T>
    void add(T a, T b) {
        const long double term = static_cast<long double>(a) * static_cast<long double>(b);
        value += term;
        magnitude += std::abs(term);
    }

    template <class T>
    [[nodiscard]] bool is(T result, std::size_t terms) const {
        const auto precision = static_cast<long double>(std::numeric_limits<T>::epsilon());
        return std::abs(static_cast<long double>(result) - value) <=
               precision * static_cast<long double>(terms + 1) * magnitude;
    }
};

template <class T, std::size_t K, std::size_t N>
void check_products(std::size_t rows) {
    const Buffer<T> x = random_buffer<T>(rows * K, 1);
    const Buffer<T> w = random_buffer<T>(K * N, 2);
    const Buffer<T> b = random_buffer<T>(N, 3);
    const Buffer<T> d_y = random_buffer<T>(rows * N, 4);
    const Rows<const T, K> x_rows{x.data(), rows};
    const Rows<const T, N> d_y_rows{d_y.data(), rows};
    Buffer<T> y(rows * N);
    Buffer<T> d_x(rows * K);
    Buffer<T> d_w(K * N);
    gemm::naive_affine<T, K, N>(x_rows, w.data(), b.data(), {y.data(), rows});
    gemm::naive_backward_input<T, K, N>(d_y_rows, w.data(), {d_x.data(), rows});
    gemm::naive_backward_weights<T, K, N>(x_rows, d_y_rows, d_w.data());
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t n = 0; n < N; ++n) {
            ExactSum sum;
            sum.add(b.data()[n], T(1));
            for (std::size_t k = 0; k < K; ++k) sum.add(x_rows[r][k], w.data()[k * N + n]);
            REQUIRE(sum.is(y.data()[r * N + n], K + 1));
        }
        for (std::size_t k = 0; k < K; ++k) {
            ExactSum sum;
            for (std::size_t n = 0; n < N; ++n) sum.add(d_y_rows[r][n], w.data()[k * N + n]);
            REQUIRE(sum.is(d_x.data()[r * K + k], N));
        }
    }
    for (std::size_t k = 0; k < K; ++k) {
        for (std::size_t n = 0; n < N; ++n) {
            ExactSum sum;
            for (std::size_t r = 0; r < rows; ++r) sum.add(x_rows[r][k], d_y_rows[r][n]);
            REQUIRE(sum.is(d_w.data()[k * N + n], rows));
        }
    }
}

}  // namespace

TEST_SUITE("kernels/reference") {
    TEST_CASE_TEMPLATE("the plain loops compute the products, to within rounding", T, float, double) {
        for (const std::size_t rows : {1U, 5U, 13U}) {
            check_products<T, 1, 1>(rows);
            check_products<T, 17, 3>(rows);
            check_products<T, 33, 65>(rows);
            check_products<T, 130, 10>(rows);
        }
    }

    TEST_CASE_TEMPLATE("narrow rows have enough slices to keep the multipliers busy, wide rows a single slice", T,
                       float, double) {
        using namespace gemm::detail;
        constexpr std::size_t w = simd::width<T>;
        for (const std::size_t k : {1U, 7U, 64U, 127U, 128U, 784U, 1000U}) {
            CHECK(slice_length<T>(k, accumulators * w) >= k);
            for (const std::size_t n : {std::size_t{1}, w, 3 * w}) {
                const std::size_t length = slice_length<T>(k, n);
                const std::size_t slices = (k + length - 1) / length;
                CHECK(length >= 1);
                CHECK(slices * packs_of<T>(n) <= accumulators);
                // kernels/sparse.hpp needs whole words of a bitmap.
                if (k >= 128) CHECK(length % 64 == 0);
            }
        }
    }

    TEST_CASE_TEMPLATE("slices are summed by themselves and then added", T, float, double) {
        // 1, tiny and tiny: tiny is lost when it is added to 1, unless it is added to the other tiny first.
        constexpr T tiny = std::numeric_limits<T>::epsilon() / 2;
        const T a[] = {1, tiny, tiny};
        const T ones[] = {1, 1, 1};
        CHECK(gemm::detail::naive_sum<T>(3, 4, 0, a, 1, ones, 1) == 1);
        CHECK(gemm::detail::naive_sum<T>(3, 1, 0, a, 1, ones, 1) == 1);
        const T b[] = {1, 0, tiny, tiny};
        const T four[] = {1, 1, 1, 1};
        CHECK(gemm::detail::naive_sum<T>(4, 2, 0, b, 1, four, 1) == 1 + 2 * tiny);
        CHECK(gemm::detail::naive_sum<T>(0, 2, 5, b, 1, four, 1) == 5);
    }

    TEST_CASE_TEMPLATE("a sum that is zero is +0", T, float, double) {
        const T zeros[] = {0, T(-0.0)};
        const T ones[] = {-1, 1};
        for (const std::size_t slice : {1U, 2U, 3U}) {
            CHECK_FALSE(std::signbit(gemm::detail::naive_sum<T>(2, slice, T(-0.0), zeros, 1, ones, 1)));
        }
    }
}
