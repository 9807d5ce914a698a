#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <typenet/core/random.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/gemm.hpp>
#include <typenet/kernels/sparse.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class T>
Buffer<T> random_buffer(std::size_t size, std::uint64_t stream) {
    Random random(Seed{1}, stream);
    Buffer<T> buffer(size);
    std::generate_n(buffer.data(), size, [&] { return static_cast<T>(normal(random)); });
    return buffer;
}

/// sum_k a(k) b(k), and the sum of the absolute terms, which bounds the rounding.
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

/// Both paths of all three products against a triple loop in long double.
template <class T, std::size_t K, std::size_t N>
void check_products(std::size_t rows) {
    CAPTURE(K);
    CAPTURE(N);
    CAPTURE(rows);
    const Buffer<T> x = random_buffer<T>(rows * K, 1);
    const Buffer<T> w = random_buffer<T>(K * N, 2);
    const Buffer<T> b = random_buffer<T>(N, 3);
    const Buffer<T> d_y = random_buffer<T>(rows * N, 4);
    Buffer<T> w_transposed(K * N);
    gemm::transpose<K, N>(w.data(), w_transposed.data());
    const Rows<const T, K> x_rows{x.data(), rows};
    const Rows<const T, N> d_y_rows{d_y.data(), rows};

    const auto check = [&]<gemm::Path Way>() {
        constexpr bool kernel = Way == gemm::Path::kernel;
        Buffer<T> y(rows * N);
        gemm::affine<Way, gemm::Unchanged, T, K, N>(x_rows, w.data(), b.data(), {y.data(), rows});
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t n = 0; n < N; ++n) {
                ExactSum sum;
                for (std::size_t k = 0; k < K; ++k) sum.add(x_rows[r][k], w.data()[k * N + n]);
                sum.add(b.data()[n], T(1));
                REQUIRE(sum.is(y.data()[r * N + n], K + 1));
            }
        }
        Buffer<T> d_x(rows * K);
        gemm::backward_input<Way, T, K, N>(d_y_rows, kernel ? w_transposed.data() : w.data(), {d_x.data(), rows});
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t k = 0; k < K; ++k) {
                ExactSum sum;
                for (std::size_t n = 0; n < N; ++n) sum.add(d_y_rows[r][n], w.data()[k * N + n]);
                REQUIRE(sum.is(d_x.data()[r * K + k], N));
            }
        }
        const std::size_t first = K / 3;
        const std::size_t last = K - K / 4;
        Buffer<T> d_w((last - first) * N);
        gemm::backward_weights<Way, T, K, N>(x_rows, d_y_rows, first, last, d_w.data());
        for (std::size_t k = first; k < last; ++k) {
            for (std::size_t n = 0; n < N; ++n) {
                ExactSum sum;
                for (std::size_t r = 0; r < rows; ++r) sum.add(x_rows[r][k], d_y_rows[r][n]);
                REQUIRE(sum.is(d_w.data()[(k - first) * N + n], rows));
            }
        }
    };
    check.template operator()<gemm::Path::kernel>();
    check.template operator()<gemm::Path::blas>();
}

/// Each slice of 23 rows against all of them.
template <class T, std::size_t K, std::size_t N>
void check_company() {
    constexpr std::size_t rows = 23;
    const Buffer<T> x = random_buffer<T>(rows * K, 1);
    const Buffer<T> w = random_buffer<T>(K * N, 2);
    const Buffer<T> b = random_buffer<T>(N, 3);
    Buffer<T> together(rows * N);
    gemm::affine<gemm::Path::kernel, gemm::Unchanged, T, K, N>({x.data(), rows}, w.data(), b.data(),
                                                               {together.data(), rows});
    for (std::size_t first = 0; first < rows; ++first) {
        for (std::size_t count = 1; first + count <= rows; ++count) {
            Buffer<T> part(count * N);
            gemm::affine<gemm::Path::kernel, gemm::Unchanged, T, K, N>({x.data() + first * K, count}, w.data(),
                                                                       b.data(), {part.data(), count});
            REQUIRE(std::equal(part.data(), part.data() + count * N, together.data() + first * N));
        }
    }
}

struct SquaredPlusOne {
    template <class V>
    V operator()(V v) const {
        return v * v + V(simd::Element<V>(1));
    }
};

/// affine with a function against affine followed by the function: both paths, and the kernel without zeros.
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
    const auto check = [&]<gemm::Path Way>(auto x_rows) {
        std::vector<T> expected(rows * N);
        std::vector<T> y(rows * N);
        gemm::affine<Way, gemm::Unchanged, T, K, N>(x_rows, w.data(), b.data(), {expected.data(), rows});
        simd::transform(expected.size(), expected.data(), SquaredPlusOne{}, expected.data());
        gemm::affine<Way, SquaredPlusOne, T, K, N>(x_rows, w.data(), b.data(), {y.data(), rows});
        REQUIRE(y == expected);
    };
    const Rows<const T, K> dense{x.data(), rows};
    check.template operator()<gemm::Path::kernel>(dense);
    check.template operator()<gemm::Path::blas>(dense);
    if constexpr (gemm::can_skip_zeros<K>) {
        check.template operator()<gemm::Path::kernel>(MaskedRows<const T, K>(dense, words.data()));
    }
}

}  // namespace

TEST_SUITE("kernels/gemm") {
    TEST_CASE_TEMPLATE("all products of both paths are right, for any width and number of rows", T, float, double) {
        for (const std::size_t rows : {1U, 2U, 5U, 6U, 7U, 13U, 64U}) {
            check_products<T, 1, 1>(rows);
            check_products<T, 3, 10>(rows);
            check_products<T, 17, 3>(rows);
            check_products<T, 10, 17>(rows);
            check_products<T, 33, 65>(rows);
            check_products<T, 130, 64>(rows);
            check_products<T, 300, 31>(rows);
        }
    }

    TEST_CASE_TEMPLATE("no rows are no work", T, float, double) {
        T guard = 5;
        const Buffer<T> w(12);
        gemm::affine<gemm::Path::kernel, gemm::Unchanged, T, 4, 3>({nullptr, 0}, w.data(), w.data(), {&guard, 0});
        gemm::affine<gemm::Path::blas, gemm::Unchanged, T, 4, 3>({nullptr, 0}, w.data(), w.data(), {&guard, 0});
        CHECK(guard == 5);
        // The gradient of no rows is 0.
        std::vector<T> d_w(12, T(7));
        gemm::backward_weights<gemm::Path::kernel, T, 4, 3>({w.data(), 0}, {w.data(), 0}, 0, 4, d_w.data());
        CHECK(d_w == std::vector<T>(12, T(0)));
    }

    TEST_CASE_TEMPLATE("a row's result has the same bits in any company", T, float, double) {
        check_company<T, 150, 37>();
        // Two parts, each of which is longer than a block of the kernel.
        check_company<T, 600, 3 * simd::width<T> + 1>();
    }

    TEST_CASE_TEMPLATE("an activation in the kernel gives the bits of one behind it", T, float, double) {
        for (const std::size_t rows : {1U, 2U, 7U, 64U}) {
            check_fused<T, 5, 3>(rows);
            check_fused<T, 40, 70>(rows);
            check_fused<T, 150, 10>(rows);
            check_fused<T, 300, 131>(rows);
            check_fused<T, 600, 3 * simd::width<T> + 1>(rows);
        }
    }

    TEST_CASE_TEMPLATE("a slice of the weights' gradient has the same bits as the whole", T, float, double) {
        constexpr std::size_t K = 19;
        constexpr std::size_t N = 21;
        constexpr std::size_t rows = 140;
        const Buffer<T> x = random_buffer<T>(rows * K, 1);
        const Buffer<T> d_y = random_buffer<T>(rows * N, 2);
        Buffer<T> whole(K * N);
        gemm::backward_weights<gemm::Path::kernel, T, K, N>({x.data(), rows}, {d_y.data(), rows}, 0, K, whole.data());
        for (std::size_t middle = 0; middle <= K; ++middle) {
            Buffer<T> parts(K * N);
            gemm::backward_weights<gemm::Path::kernel, T, K, N>({x.data(), rows}, {d_y.data(), rows}, 0, middle,
                                                                parts.data());
            gemm::backward_weights<gemm::Path::kernel, T, K, N>({x.data(), rows}, {d_y.data(), rows}, middle, K,
                                                                parts.data() + middle * N);
            REQUIRE(std::equal(parts.data(), parts.data() + K * N, whole.data()));
        }
    }

    TEST_CASE("products write nothing beyond their result") {
        constexpr std::size_t K = 7;
        constexpr std::size_t N = 5;
        const Buffer<float> x = random_buffer<float>(3 * K, 1);
        const Buffer<float> w = random_buffer<float>(K * N, 2);
        std::vector<float> y(3 * N + 16, 9.0F);
        gemm::affine<gemm::Path::kernel, gemm::Unchanged, float, K, N>({x.data(), 3}, w.data(), w.data(),
                                                                       {y.data(), 3});
        CHECK(std::all_of(y.begin() + 3 * N, y.end(), [](float v) { return v == 9.0F; }));
    }

    TEST_CASE("small weights take the kernel, large ones xtensor-blas") {
        CHECK(gemm::best_path<float, 784, 128> == gemm::Path::kernel);
        CHECK(gemm::best_path<float, 2048, 2048> == gemm::Path::blas);
        CHECK(gemm::best_path<double, 512, 512> == gemm::Path::blas);
    }
}
