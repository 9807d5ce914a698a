#include <algorithm>
#include <support/buffers.hpp>
#include <typenet/kernels/transpose.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::random_buffer;

namespace {

template <class T, std::size_t K, std::size_t N>
void check_transpose() {
    CAPTURE(K);
    CAPTURE(N);
    const Buffer<T> from = random_buffer<T>(K * N, 1);
    std::vector<T> to(K * N + 1, T(9));
    gemm::transpose<K, N>(from.data(), to.data());
    for (std::size_t k = 0; k < K; ++k) {
        for (std::size_t n = 0; n < N; ++n) REQUIRE(to[n * K + k] == from.data()[k * N + n]);
    }
    CHECK(to.back() == T(9));
}

}  // namespace

TEST_SUITE("kernels/transpose") {
    TEST_CASE_TEMPLATE("each number moves to its place, whatever the shape", T, float, double) {
        check_transpose<T, 1, 1>();
        check_transpose<T, 1, 40>();
        check_transpose<T, 40, 1>();
        check_transpose<T, 16, 16>();
        check_transpose<T, 32, 48>();
        check_transpose<T, 17, 33>();
        check_transpose<T, 37, 19>();
        check_transpose<T, 128, 10>();
    }

    TEST_CASE_TEMPLATE("a block lies among other numbers, which stay as they are", T, float, double) {
        constexpr std::size_t rows = 19;
        constexpr std::size_t columns = 21;
        const Buffer<T> from = random_buffer<T>(rows * 50, 1);
        std::vector<T> to(columns * 40, T(9));
        gemm::detail::transpose_block<T>(rows, columns, from.data(), 50, to.data(), 40);
        for (std::size_t c = 0; c < columns; ++c) {
            for (std::size_t r = 0; r < 40; ++r) {
                REQUIRE(to[c * 40 + r] == (r < rows ? from.data()[r * 50 + c] : T(9)));
            }
        }
    }
}
