// Times the three products of a Dense layer on both paths, for the widths of the MNIST network 784-128-64-10 and for 1
// and 64 rows.

#include <memory>
#include <typenet/kernels/gemm.hpp>

#include "micro.hpp"

namespace micro {

namespace {

using namespace typenet;
using gemm::Path;

template <Path Way, std::size_t K, std::size_t N>
void add_products(std::size_t count) {
    struct Operands {
        explicit Operands(std::size_t rows)
            : x(random_numbers(rows * K)),
              w(random_numbers(K * N)),
              b(random_numbers(N)),
              y(rows * N),
              d_y(random_numbers(rows * N)),
              d_x(rows * K),
              d_w(K * N) {}
        Buffer<float> x, w, b, y, d_y, d_x, d_w;
    };
    const auto data = std::make_shared<Operands>(count);
    const std::string name =
        typenet::detail::join({"/", K, "x", N, Way == Path::kernel ? "/kernel/" : "/blas/", count});
    const double flops = 2.0 * K * N * static_cast<double>(count);
    add("affine" + name, "FLOP", flops, [=] {
        gemm::affine<Way, gemm::Unchanged, float, K, N>({data->x.data(), count}, data->w.data(), data->b.data(),
                                                        {data->y.data(), count});
    });
    add("backward_input" + name, "FLOP", flops, [=] {
        gemm::backward_input<Way, float, K, N>({data->d_y.data(), count}, data->w.data(), {data->d_x.data(), count});
    });
    add("backward_weights" + name, "FLOP", flops, [=] {
        gemm::backward_weights<Way, float, K, N>({data->x.data(), count}, {data->d_y.data(), count}, 0, K,
                                                 data->d_w.data());
    });
}

template <std::size_t K, std::size_t N>
void add_shape() {
    for (const std::size_t rows : {1U, 64U}) {
        add_products<Path::kernel, K, N>(rows);
        add_products<Path::blas, K, N>(rows);
    }
}

}  // namespace

void register_kernels() {
    add_shape<784, 128>();
    add_shape<128, 64>();
    add_shape<64, 10>();
}

}  // namespace micro
