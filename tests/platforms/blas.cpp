// The two functions of BLAS that the library calls, in the plainest loops: no cross compiler brings a BLAS.
#include <cstddef>

namespace {

constexpr int transposed = 112;  // CblasTrans

/// C [m, n] = alpha op(A) op(B) + beta C, all row-major.
template <class T>
void multiply(int transpose_a, int transpose_b, int m, int n, int k, T alpha, const T* a, int a_stride, const T* b,
              int b_stride, T beta, T* c, int c_stride) {
    const auto at = [](auto* matrix, int stride, int row, int column) -> auto& {
        return matrix[static_cast<std::ptrdiff_t>(row) * stride + column];
    };
    for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) {
            T sum = 0;
            for (int l = 0; l < k; ++l) {
                sum += (transpose_a == transposed ? at(a, a_stride, l, i) : at(a, a_stride, i, l)) *
                       (transpose_b == transposed ? at(b, b_stride, j, l) : at(b, b_stride, l, j));
            }
            T& result = at(c, c_stride, i, j);
            result = alpha * sum + (beta == 0 ? 0 : beta * result);
        }
    }
}

}  // namespace

extern "C" {
void cblas_sgemm(int, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float* a, int a_stride,
                 const float* b, int b_stride, float beta, float* c, int c_stride) {
    multiply(transpose_a, transpose_b, m, n, k, alpha, a, a_stride, b, b_stride, beta, c, c_stride);
}
void cblas_dgemm(int, int transpose_a, int transpose_b, int m, int n, int k, double alpha, const double* a,
                 int a_stride, const double* b, int b_stride, double beta, double* c, int c_stride) {
    multiply(transpose_a, transpose_b, m, n, k, alpha, a, a_stride, b, b_stride, beta, c, c_stride);
}
}
