#pragma once

#include <cstddef>

#include <typenet/core/tensor.hpp>

// This is the only file that includes xtensor-blas. From version 0.21 on, xtensor-blas computes products by itself,
// about 40 times slower than BLAS, unless HAVE_CBLAS is defined before xblas.hpp.
#include <xtensor-blas/xblas_config.hpp>
#if !defined(HAVE_CBLAS)
#    define HAVE_CBLAS 1
#endif
#include <xtensor-blas/xblas.hpp>

#if !defined(CXXBLAS_DRIVERS_CBLAS_H)
#    error "typenet: xtensor-blas was included before without HAVE_CBLAS=1; define it for the whole target"
#endif

/// The matrix product of BLAS. It wins over the library's own kernels for weights that exceed a core's second-level
/// cache; kernels/gemm.hpp, its only caller, chooses.
namespace typenet::gemm::detail {

/// A row-major matrix, `stride` numbers from one row to the next, and whether it enters the product transposed.
template <Real T>
struct BlasMatrix {
    const T* data;
    std::size_t stride;
    cxxblas::Transpose transpose = cxxblas::NoTrans;
};

/// Computes C[m, n] = op(A)[m, k] op(B)[k, n] + beta C, where C is contiguous. With m = 0 it does nothing.
template <Real T>
void multiply_blas(std::size_t m, std::size_t n, std::size_t k, BlasMatrix<T> a, BlasMatrix<T> b, T beta, T* c) {
    const auto index = [](std::size_t i) { return static_cast<xt::blas_index_t>(i); };
    if (m == 0) return;
    // T(1), not 1: a factor of another type than the matrices would choose xtensor-blas's generic product.
    cxxblas::gemm<xt::blas_index_t>(cxxblas::RowMajor, a.transpose, b.transpose, index(m), index(n), index(k), T(1),
                                    a.data, index(a.stride), b.data, index(b.stride), beta, c, index(n));
}

}  // namespace typenet::gemm::detail
