// A layer of your own: it gives the network the sine and the cosine of each angle. An angle of 359 degrees is then
// close to one of 1 degree, and a network that is small learns what depends on angles. Here that is the place of the
// hand of an arm with two joints. The program checks the layer's gradient, and compares with a network without the
// layer.

#include <array>
#include <cmath>
#include <iostream>
#include <numbers>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

/// y = (sin x, cos x) with x [rows, N], y [rows, 2 N]. Keeps x for the backward pass.
template <Real T, std::size_t N>
struct SinCosLayer : LayerBase<T, N, 2 * N> {
    static constexpr std::size_t saved = N;

    static std::string describe() { return "SinCos"; }

    static void forward(const T*, Rows<const T, N> x, Rows<T, 2 * N> y, Rows<T, N> saved_x) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            T* to = y.data + i / N * 2 * N + i % N;
            to[0] = std::sin(x.data[i]);
            to[N] = std::cos(x.data[i]);
            if (saved_x.data != nullptr) saved_x.data[i] = x.data[i];  // null in prediction
        }
    }
    /// d_x = d_sin cos x - d_cos sin x
    static void backward_input(const T*, const T*, Rows<const T, N> saved_x, Rows<const T, 2 * N> d_y, Rows<T, N> d_x) {
        for (std::size_t i = 0; i < d_x.size(); ++i) {
            const T* from = d_y.data + i / N * 2 * N + i % N;
            d_x.data[i] = from[0] * std::cos(saved_x.data[i]) - from[N] * std::sin(saved_x.data[i]);
        }
    }
};

struct SinCos {
    static constexpr std::size_t outputs(std::size_t inputs) { return 2 * inputs; }
    template <class T, std::size_t Inputs>
    using Bind = SinCosLayer<T, Inputs>;
};

/// Draws angles of the shoulder and the elbow, up to two turns in each direction, and computes where the hand is.
Dataset<2, Targets<2>> make_arms(std::size_t count, Seed seed) {
    Random random(seed);
    std::vector<std::array<double, 2>> angles(count), hands;
    for (auto& [shoulder, elbow] : angles) {
        shoulder = uniform(random, -4 * std::numbers::pi, 4 * std::numbers::pi);
        elbow = uniform(random, -4 * std::numbers::pi, 4 * std::numbers::pi);
        hands.push_back({std::cos(shoulder) + 0.7 * std::cos(shoulder + elbow),
                         std::sin(shoulder) + 0.7 * std::sin(shoulder + elbow)});
    }
    return make_dataset<2, 2>(angles, hands);
}

template <class Net>
double trained_r2() {
    Net net(Seed{1});
    fit<MeanSquaredError>(net, make_arms(2000, Seed{1}), Adam{.learning_rate = 0.01},
                          {.epochs = 100, .schedule = CosineDecay{}});
    const double explained = r2(net, make_arms(2000, Seed{2}));
    std::cout << net.architecture() << ": test R2 " << explained << '\n';
    return explained;
}

int main() {
    const auto report = gradient_check_layer<SinCos::Bind<double, 3>>(4);
    std::cout << report << '\n';
    const double plain = trained_r2<Mlp<float, Input<2>, Dense<32, Tanh>, Dense<32, Tanh>, Dense<2, Identity>>>();
    const double angles =
        trained_r2<Mlp<float, Input<2>, SinCos, Dense<32, Tanh>, Dense<32, Tanh>, Dense<2, Identity>>>();
    return report && angles > 0.99 && angles > plain + 0.2 ? 0 : 1;
}
