#include <algorithm>
#include <cmath>
#include <typenet/core/random.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/dense.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::gemm::detail;

TEST_SUITE("kernels/dense") {
    TEST_CASE_TEMPLATE("narrow rows have parts enough to keep the multipliers busy, wide ones one part", T, float,
                       double) {
        constexpr std::size_t w = simd::width<T>;
        for (const std::size_t k : {1U, 7U, 64U, 127U, 128U, 784U, 1000U}) {
            CHECK(part_length<T>(k, chains * w) >= k);
            for (const std::size_t n : {std::size_t{1}, w, 3 * w}) {
                const std::size_t length = part_length<T>(k, n);
                const std::size_t parts = (k + length - 1) / length;
                CHECK(length >= 1);
                CHECK(parts * packs_of<T>(n) <= chains);
                // kernels/sparse.hpp walks whole words.
                if (k >= 128) CHECK(length % 64 == 0);
            }
        }
    }

    TEST_CASE_TEMPLATE("the parts are summed one by one and added in their order", T, float, double) {
        // A row of one number, in plain scalar arithmetic of the same kind.
        constexpr std::size_t K = 150;
        Random random(Seed{2});
        Buffer<T> a(K);
        Buffer<T> b(K);
        std::generate_n(a.data(), K, [&] { return static_cast<T>(normal(random)); });
        std::generate_n(b.data(), K, [&] { return static_cast<T>(normal(random)); });
        const T bias = T(0.25);
        const auto step = [](T x, T y, T sum) {
            simd::Pack<T> result = simd::fma(simd::Pack<T>(x), simd::Pack<T>(y), simd::Pack<T>(sum));
            T lane[simd::width<T>];
            simd::store<T>(lane, result);
            return lane[0];
        };
        const std::size_t length = part_length<T>(K, 1);
        T expected = 0;
        for (std::size_t first = 0; first < K; first += length) {
            T sum = first == 0 ? bias : T(0);
            for (std::size_t k = first; k < std::min(K, first + length); ++k) sum = step(a.data()[k], b.data()[k], sum);
            expected = first == 0 ? sum : expected + sum;
        }
        T row = 0;
        multiply<K, 1, Unchanged, T>(1, a.data(), b.data(), &bias, &row);
        CHECK(row == expected);
        std::vector<T> many(13 * K);
        for (std::size_t r = 0; r < 13; ++r) std::copy_n(a.data(), K, many.data() + r * K);
        std::vector<T> rows(13);
        multiply<K, 1, Unchanged, T>(13, many.data(), b.data(), &bias, rows.data());
        CHECK(rows == std::vector<T>(13, expected));
    }

    TEST_CASE_TEMPLATE("a sum that is zero is +0", T, float, double) {
        constexpr std::size_t N = chains * simd::width<T>;  // one part: a second one would begin with +0
        const Buffer<T> a(3 * 5);
        Buffer<T> b(5 * N);
        Buffer<T> bias(N);
        std::fill_n(b.data(), 5 * N, T(-1));
        std::fill_n(bias.data(), N, T(-0.0));
        for (const std::size_t rows : {1U, 3U}) {
            std::vector<T> c(rows * N, T(7));
            multiply<5, N, Unchanged, T>(rows, a.data(), b.data(), bias.data(), c.data());
            CHECK(std::all_of(c.begin(), c.end(), [](T value) { return value == 0 && !std::signbit(value); }));
        }
    }
}
