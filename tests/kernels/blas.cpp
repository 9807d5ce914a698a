#include <typenet/kernels/blas.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("kernels/blas") {
    TEST_CASE_TEMPLATE("the product takes matrices as they are or transposed, and adds to C where beta is 1", T, float,
                       double) {
        const std::vector<T> a{1, 2, 3, 4, 5, 6};           // [2, 3], or transposed [3, 2]
        const std::vector<T> b{1, 0, 2, 0, 1, 0, 1, 1, 1};  // [3, 3]
        std::vector<T> c(6, T(10));
        gemm::detail::multiply_blas<T>(2, 3, 3, {a.data(), 3}, {b.data(), 3}, T(1), c.data());
        CHECK(c == std::vector<T>{14, 15, 15, 20, 21, 24});
        gemm::detail::multiply_blas<T>(2, 3, 3, {a.data(), 3}, {b.data(), 3, cxxblas::Trans}, T(0), c.data());
        CHECK(c == std::vector<T>{7, 2, 6, 16, 5, 15});
        std::vector<T> square(9, T(10));
        gemm::detail::multiply_blas<T>(3, 3, 2, {a.data(), 3, cxxblas::Trans}, {b.data(), 3}, T(0), square.data());
        CHECK(square == std::vector<T>{1, 4, 2, 2, 5, 4, 3, 6, 6});
    }

    TEST_CASE("no rows are no work") {
        float guard = 5;
        const std::vector<float> b(9);
        gemm::detail::multiply_blas<float>(0, 3, 3, {nullptr, 3}, {b.data(), 3}, 0, &guard);
        CHECK(guard == 5);
    }
}
