#include <algorithm>
#include <cstdint>
#include <limits>
#include <support/buffers.hpp>
#include <typenet/kernels/gemm.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/reference.hpp>
#include <typenet/kernels/sparse.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::nan_buffer;
using support::random_buffer;
using support::same_bits;

namespace {

/// The products of a layer with weights [K, N].
template <class T, std::size_t K, std::size_t N>
struct Products {
    std::size_t rows;
    Buffer<T> x = random_buffer<T>(rows * K, 1);
    Buffer<T> w = random_buffer<T>(K * N, 2);
    Buffer<T> b = random_buffer<T>(N, 3);
    Buffer<T> d_y = random_buffer<T>(rows * N, 4);
    Buffer<T> y = nan_buffer<T>(rows * N);
    Buffer<T> d_x = nan_buffer<T>(rows * K);
    Buffer<T> d_w = nan_buffer<T>(K * N);
    Buffer<T> d_b = nan_buffer<T>(N);

    explicit Products(std::size_t count) : rows(count) {}

    void compute_naively() {
        gemm::naive_affine<T, K, N>({x.data(), rows}, w.data(), b.data(), {y.data(), rows});
        gemm::naive_backward_input<T, K, N>({d_y.data(), rows}, w.data(), {d_x.data(), rows});
        gemm::naive_backward_weights<T, K, N>({x.data(), rows}, {d_y.data(), rows}, d_w.data());
        for (std::size_t n = 0; n < N; ++n) {
            d_b.data()[n] = 0;
            for (std::size_t r = 0; r < rows; ++r) d_b.data()[n] += d_y.data()[r * N + n];
        }
    }
    void compute() {
        Buffer<T> w_transposed(K * N);
        gemm::transpose<K, N>(w.data(), w_transposed.data());
        const T* const weights = gemm::transposes_weights<T, K, N> ? w.data() : w_transposed.data();
        gemm::affine<gemm::Unchanged, T, K, N>({x.data(), rows}, w.data(), b.data(), {y.data(), rows});
        gemm::backward_input<T, K, N>({d_y.data(), rows}, weights, {d_x.data(), rows});
        const std::size_t middle = K / 3;
        for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>{0, middle}, {middle, K}}) {
            gemm::backward_weights<T, K, N>({x.data(), rows}, {d_y.data(), rows}, first, last, d_w.data() + first * N);
        }
        gemm::sum_rows<T, N>({d_y.data(), rows}, d_b.data());
    }
};

/// All products against the plain loops.
template <class T, std::size_t K, std::size_t N>
void check_products(std::size_t rows) {
    CAPTURE(K);
    CAPTURE(N);
    CAPTURE(rows);
    Products<T, K, N> wanted(rows);
    wanted.compute_naively();
    Products<T, K, N> result(rows);
    result.compute();
    REQUIRE(same_bits(result.y.data(), wanted.y.data(), rows * N));
    REQUIRE(same_bits(result.d_x.data(), wanted.d_x.data(), rows * K));
    REQUIRE(same_bits(result.d_w.data(), wanted.d_w.data(), K * N));
    REQUIRE(same_bits(result.d_b.data(), wanted.d_b.data(), N));
}

struct SquaredPlusOne {
    template <class V>
    V operator()(V v) const {
        return v * v + V(simd::Element<V>(1));
    }
};

/// affine with a function against affine and then the function, also with zeros skipped.
template <class T, std::size_t K, std::size_t N>
void check_fused(std::size_t rows) {
    CAPTURE(K);
    CAPTURE(N);
    CAPTURE(rows);
    Buffer<T> x = random_buffer<T>(rows * K, 1);
    for (std::size_t i = 0; i < rows * K; ++i) {
        if (i % 3 != 0) x.data()[i] = 0;
    }
    const Buffer<T> w = random_buffer<T>(K * N, 2);
    const Buffer<T> b = random_buffer<T>(N, 3);
    std::vector<std::uint64_t> words(rows * bitmap_words(K));
    find_nonzeros<T, K>({x.data(), rows}, words.data());
    const auto check = [&](auto x_rows) {
        std::vector<T> expected(rows * N, std::numeric_limits<T>::quiet_NaN());
        std::vector<T> y = expected;
        gemm::affine<gemm::Unchanged, T, K, N>(x_rows, w.data(), b.data(), {expected.data(), rows});
        simd::transform(expected.size(), expected.data(), SquaredPlusOne{}, expected.data());
        gemm::affine<SquaredPlusOne, T, K, N>(x_rows, w.data(), b.data(), {y.data(), rows});
        REQUIRE(y == expected);
    };
    const Rows<const T, K> dense{x.data(), rows};
    check(dense);
    if constexpr (gemm::can_skip_zeros<K>) check(MaskedRows<const T, K>(dense, words.data()));
}

}  // namespace

TEST_SUITE("kernels/gemm") {
    TEST_CASE_TEMPLATE("the kernels have the bits of the plain loops, for any width and number of rows", T, float,
                       double) {
        for (const std::size_t rows : {1U, 2U, 5U, 6U, 7U, 13U, 64U}) {
            check_products<T, 1, 1>(rows);
            check_products<T, 3, 10>(rows);
            check_products<T, 17, 3>(rows);
            check_products<T, 10, 17>(rows);
            check_products<T, 33, 65>(rows);
            check_products<T, 130, 64>(rows);
            check_products<T, 300, 31>(rows);
            check_products<T, 600, 3 * simd::width<T> + 1>(rows);
        }
    }

    TEST_CASE_TEMPLATE("large weights give the bits of the plain loops", T, float, double) {
        constexpr std::size_t many = sizeof(T) == 4 ? 530 : 380;
        for (const std::size_t rows : {1U, 2U, 7U, 64U}) {
            check_products<T, many, many>(rows);
            check_products<T, 9, 40000>(rows);   // d_x in slices
            check_products<T, 40000, 9>(rows);   // y in slices
            check_products<T, 2200, 131>(rows);  // the last panel is partial
            check_products<T, 131, 2200>(rows);
        }
        // More rows than a copied panel has, twice.
        check_products<T, many, many>(300);
    }

    TEST_CASE_TEMPLATE("no rows are no work", T, float, double) {
        T guard = 5;
        const Buffer<T> w(12);
        gemm::affine<gemm::Unchanged, T, 4, 3>({nullptr, 0}, w.data(), w.data(), {&guard, 0});
        CHECK(guard == 5);
        // The gradient of no rows is 0.
        std::vector<T> d_w(12, T(7));
        gemm::backward_weights<T, 4, 3>({w.data(), 0}, {w.data(), 0}, 0, 4, d_w.data());
        CHECK(d_w == std::vector<T>(12, T(0)));
    }

    TEST_CASE_TEMPLATE("an activation that the kernel applies gives the bits of one applied afterwards", T, float,
                       double) {
        for (const std::size_t rows : {1U, 2U, 7U, 64U}) {
            check_fused<T, 5, 3>(rows);
            check_fused<T, 40, 70>(rows);
            check_fused<T, 150, 10>(rows);
            check_fused<T, 300, 131>(rows);
            check_fused<T, 600, 3 * simd::width<T> + 1>(rows);
        }
    }

    TEST_CASE_TEMPLATE("any slice of the weights' gradient has the bits of the plain loops", T, float, double) {
        constexpr std::size_t K = 19;
        constexpr std::size_t N = 21;
        constexpr std::size_t rows = 140;
        const Buffer<T> x = random_buffer<T>(rows * K, 1);
        const Buffer<T> d_y = random_buffer<T>(rows * N, 2);
        Buffer<T> wanted(K * N);
        gemm::naive_backward_weights<T, K, N>({x.data(), rows}, {d_y.data(), rows}, wanted.data());
        for (std::size_t first = 0; first <= K; ++first) {
            for (std::size_t last = first; last <= K; ++last) {
                Buffer<T> slice((last - first) * N);
                gemm::backward_weights<T, K, N>({x.data(), rows}, {d_y.data(), rows}, first, last, slice.data());
                REQUIRE(same_bits(slice.data(), wanted.data() + first * N, slice.size()));
            }
        }
    }

    TEST_CASE("products write nothing beyond their result") {
        constexpr std::size_t K = 7;
        constexpr std::size_t N = 5;
        const Buffer<float> x = random_buffer<float>(3 * K, 1);
        const Buffer<float> w = random_buffer<float>(K * N, 2);
        std::vector<float> y(3 * N + 16, 9.0F);
        gemm::affine<gemm::Unchanged, float, K, N>({x.data(), 3}, w.data(), w.data(), {y.data(), 3});
        CHECK(std::all_of(y.begin() + 3 * N, y.end(), [](float v) { return v == 9.0F; }));
    }

    TEST_CASE("weights above 1 MiB are large") {
        CHECK_FALSE(gemm::is_large<float, 512, 512>);
        CHECK(gemm::is_large<float, 512, 513>);
        CHECK(gemm::is_large<double, 512, 512>);
        CHECK(gemm::transposes_weights<float, 2048, 2048>);
        CHECK_FALSE(gemm::transposes_weights<float, 3, 200000>);  // d_x is summed in slices
    }
}
