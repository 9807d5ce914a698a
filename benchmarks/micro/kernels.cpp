// Times the three products of a Dense layer for 1 and 64 rows of the MNIST network 784-128-64-10, and for 64 and 256
// rows of large weights, beside the same products by xtensor-blas where that and a BLAS are installed.

#include <memory>
#include <typenet/kernels/gemm.hpp>
#include <typenet/kernels/transpose.hpp>

#include "micro.hpp"

#if MICRO_HAS_BLAS
#    include <xtensor-blas/xblas.hpp>
#endif

namespace micro {

namespace {

using namespace typenet;

template <std::size_t K, std::size_t N>
struct Operands {
    explicit Operands(std::size_t count)
        : rows(count),
          x(random_numbers(rows * K)),
          w(random_numbers(K * N)),
          w_transposed(K * N),
          b(random_numbers(N)),
          y(rows * N),
          d_y(random_numbers(rows * N)),
          d_x(rows * K),
          d_w(K * N) {
        gemm::transpose<K, N>(w.data(), w_transposed.data());
    }
    std::size_t rows;
    Buffer<float> x, w, w_transposed, b, y, d_y, d_x, d_w;
};

template <std::size_t K, std::size_t N>
void add_products(std::size_t count) {
    const auto data = std::make_shared<Operands<K, N>>(count);
    const std::string name = typenet::detail::join({"/", K, "x", N, "/", count});
    const double flops = 2.0 * K * N * static_cast<double>(count);
    add("affine" + name, "FLOP", flops, [=] {
        gemm::affine<gemm::Unchanged, float, K, N>({data->x.data(), count}, data->w.data(), data->b.data(),
                                                   {data->y.data(), count});
    });
    add("backward_input" + name, "FLOP", flops, [=] {
        const Buffer<float>& w = gemm::transposes_weights<float, K, N> ? data->w : data->w_transposed;
        gemm::backward_input<float, K, N>({data->d_y.data(), count}, w.data(), {data->d_x.data(), count});
    });
    add("backward_weights" + name, "FLOP", flops, [=] {  // in slices, into the same memory, as in training
        constexpr std::size_t slice = gemm::is_large<float, K, N> ? gemm::large_slice : K;
        for (std::size_t k = 0; k < K; k += slice) {
            gemm::backward_weights<float, K, N>({data->x.data(), count}, {data->d_y.data(), count}, k,
                                                std::min(K, k + slice), data->d_w.data());
        }
    });
#if MICRO_HAS_BLAS
    const auto product = [](std::size_t m, std::size_t n, std::size_t k, const float* a, std::size_t a_stride,
                            cxxblas::Transpose a_form, const float* b, cxxblas::Transpose b_form, float* c) {
        const auto index = [](std::size_t i) { return static_cast<xt::blas_index_t>(i); };
        cxxblas::gemm<xt::blas_index_t>(cxxblas::RowMajor, a_form, b_form, index(m), index(n), index(k), 1.0f, a,
                                        index(a_stride), b, index(N), 0.0f, c, index(n));
    };
    constexpr auto plain = cxxblas::NoTrans;
    constexpr auto transposed = cxxblas::Trans;
    add("affine" + name + "/blas", "FLOP", flops,
        [=] { product(count, N, K, data->x.data(), K, plain, data->w.data(), plain, data->y.data()); });
    add("backward_input" + name + "/blas", "FLOP", flops,
        [=] { product(count, K, N, data->d_y.data(), N, plain, data->w.data(), transposed, data->d_x.data()); });
    add("backward_weights" + name + "/blas", "FLOP", flops, [=] {
        constexpr std::size_t slice = 512;  // its fastest
        for (std::size_t k = 0; k < K; k += slice) {
            product(std::min(slice, K - k), N, count, data->x.data() + k, K, transposed, data->d_y.data(), plain,
                    data->d_w.data());
        }
    });
#endif
}

}  // namespace

void register_kernels() {
    for (const std::size_t rows : {1U, 64U}) {
        add_products<784, 128>(rows);
        add_products<128, 64>(rows);
        add_products<64, 10>(rows);
    }
    for (const std::size_t rows : {64U, 256U}) {
        add_products<1024, 1024>(rows);
        add_products<2048, 2048>(rows);
    }
}

}  // namespace micro
