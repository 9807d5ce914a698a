#include <algorithm>
#include <array>
#include <limits>
#include <support/buffers.hpp>
#include <typenet/core/random.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/gemm.hpp>
#include <typenet/kernels/reference.hpp>
#include <typenet/kernels/sparse.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::same_bits;

namespace {

/// Returns normal numbers and zeros. A fraction `density` is not zero; some of these are so small that their products
/// underflow to 0.
template <class T>
Buffer<T> some_zeros(std::size_t size, double density, std::uint64_t stream) {
    Random random(Seed{4}, stream);
    Buffer<T> values(size);
    std::generate_n(values.data(), size, [&] {
        if (uniform(random) >= density) return uniform(random) < 0.5 ? T(0) : T(-0.0);
        const T scale = uniform(random) < 0.1 ? std::numeric_limits<T>::min() : T(1);
        return static_cast<T>(normal(random)) * scale;
    });
    return values;
}

/// Both products that skip zeros, and a single row that may, against the plain loops.
template <class T, std::size_t K, std::size_t N>
void check_products(std::size_t rows, double density) {
    CAPTURE(K);
    CAPTURE(N);
    CAPTURE(rows);
    CAPTURE(density);
    const Buffer<T> x = some_zeros<T>(rows * K, density, 1);
    const Buffer<T> w = some_zeros<T>(K * N, 0.9, 2);
    const Buffer<T> b = some_zeros<T>(N, 0.5, 3);
    const Buffer<T> d_y = some_zeros<T>(rows * N, 0.9, 4);
    std::vector<std::uint64_t> words(rows * bitmap_words(K));
    const Rows<const T, K> dense{x.data(), rows};
    find_nonzeros<T, K>(dense, words.data());
    const MaskedRows<const T, K> masked(dense, words.data());

    std::vector<T> wanted(rows * N);
    std::vector<T> y(rows * N, std::numeric_limits<T>::quiet_NaN());
    gemm::naive_affine<T, K, N>(dense, w.data(), b.data(), {wanted.data(), rows});
    gemm::affine<gemm::Unchanged, T, K, N>(masked, w.data(), b.data(), {y.data(), rows});
    REQUIRE(same_bits(y.data(), wanted.data(), y.size()));
    gemm::affine<gemm::Unchanged, T, K, N>(dense.subrows(0, 1), w.data(), b.data(), {y.data(), 1});
    REQUIRE(same_bits(y.data(), wanted.data(), N));

    std::vector<T> d_w_wanted(K * N);
    gemm::naive_backward_weights<T, K, N>(dense, {d_y.data(), rows}, d_w_wanted.data());
    for (const auto& [first, last] : {std::pair<std::size_t, std::size_t>{0, K}, {K / 3, K - K / 4}, {5, 6}}) {
        std::vector<T> d_w((last - first) * N, std::numeric_limits<T>::quiet_NaN());
        gemm::backward_weights<T, K, N>(masked, {d_y.data(), rows}, first, last, d_w.data());
        REQUIRE(same_bits(d_w.data(), d_w_wanted.data() + first * N, d_w.size()));
    }
}

}  // namespace

TEST_SUITE("kernels/sparse") {
    TEST_CASE_TEMPLATE("the bitmap marks the values that are not zero, subnormal numbers and NaN among them", T, float,
                       double) {
        constexpr std::size_t K = 131;
        Buffer<T> x(2 * K);
        std::fill_n(x.data() + 2 * K, simd::slack, T(1));  // past the end of the rows
        x.data()[0] = 1;
        x.data()[63] = -2;
        x.data()[64] = std::numeric_limits<T>::denorm_min();
        x.data()[100] = T(-0.0);
        x.data()[130] = std::numeric_limits<T>::quiet_NaN();
        x.data()[K + 7] = std::numeric_limits<T>::infinity();
        std::array<std::uint64_t, 6> words{};
        CHECK(find_nonzeros<T, K>({x.data(), 2}, words.data()) == 5);
        CHECK(words == std::array<std::uint64_t, 6>{1U | std::uint64_t{1} << 63, 1, 1U << 2, 1U << 7, 0, 0});
    }

    TEST_CASE("the bitmap is written where a few sample rows have enough zeros, and otherwise marks all values") {
        constexpr std::size_t K = 131;
        for (const std::size_t rows : {1U, 3U, 4U, 64U}) {
            for (const double density : {0.1, 1.0}) {
                const Buffer<float> x = some_zeros<float>(rows * K, density, 7);
                std::vector<std::uint64_t> words(rows * 3);
                std::vector<std::uint64_t> expected(rows * 3);
                std::size_t nonzeros = find_nonzeros<float, K>({x.data(), rows}, expected.data());
                if (density == 1.0) {  // all values are marked: 128 in two words and 3 in the last
                    nonzeros = rows * K;
                    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = i % 3 == 2 ? 7U : ~std::uint64_t{0};
                }
                CHECK(find_nonzeros_if_few<float, K>({x.data(), rows}, words.data()) == nonzeros);
                CHECK(words == expected);
            }
        }
        // All values are marked also where only the rows that are no samples have zeros.
        Buffer<float> x(64 * K);
        for (std::size_t r = 0; r < 64; r += 17) std::fill_n(x.data() + r * K, K, 1.0F);
        std::vector<std::uint64_t> words(64 * 3);
        CHECK(find_nonzeros_if_few<float, K>({x.data(), 64}, words.data()) == 64 * K);
        // One sample without zeros among several with many doesn't decide.
        std::fill_n(x.data() + K, 63 * K, 0.0F);
        CHECK(find_nonzeros_if_few<float, K>({x.data(), 64}, words.data()) == K);
    }

    TEST_CASE("a square of bits is transposed") {
        Random random(Seed{3});
        std::array<std::uint64_t, 64> words{};
        for (std::uint64_t& word : words) word = std::uint64_t{random()} << 32 | random();
        std::array<std::uint64_t, 64> transposed = words;
        gemm::detail::transpose_bits(transposed);
        for (std::size_t r = 0; r < 64; ++r) {
            for (std::size_t c = 0; c < 64; ++c) REQUIRE((words[r] >> c & 1) == (transposed[c] >> r & 1));
        }
    }

    TEST_CASE_TEMPLATE("products that skip zeros have the bits of the plain loops", T, float, double) {
        for (const std::size_t rows : {1U, 2U, 7U, 64U, 130U}) {
            for (const double density : {0.0, 0.03, 0.2, 1.0}) {
                check_products<T, 128, 1>(rows, density);
                check_products<T, 130, 10>(rows, density);
                check_products<T, 200, 17>(rows, density);
                check_products<T, 129, 64>(rows, density);
                check_products<T, 150, 131>(rows, density);
                check_products<T, 300, 33>(rows, density);
                check_products<T, 600, 3 * simd::width<T> + 1>(rows, density);
            }
        }
    }

    TEST_CASE("skipping zeros is worth it below three nonzeros in five") {
        CHECK(worth_skipping_zeros(0, 10));
        CHECK(worth_skipping_zeros(5, 10));
        CHECK_FALSE(worth_skipping_zeros(6, 10));
        CHECK_FALSE(worth_skipping_zeros(10, 10));
    }
}
