#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/options.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/optimizers/detail/moving_average.hpp>

namespace TYPENET {

/// Adam with Nesterov momentum. In step t = 1, 2, ..., with g = d_w + weight_decay w:
///     m <- beta1 m + (1 - beta1) g,      v <- beta2 v + (1 - beta2) g^2
///     w <- w - learning_rate ((1 - mu_t) g / p_t + mu_t+1 m / p_t+1) / (sqrt(v / c2) + epsilon)
///     mu_t = beta1 (1 - 0.96^(momentum_decay t) / 2),  p_t = 1 - mu_1 ... mu_t,  c2 = 1 - beta2^t
/// ```cpp
/// fit<CrossEntropy>(net, train, Nadam{.learning_rate = 0.003}, {.epochs = 5});
/// ```
/// Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop. As in PyTorch, the average m uses
/// beta1 rather than mu_t.
struct Nadam {
    static constexpr std::string_view name = "Nadam";
    static constexpr std::size_t state_numbers = 3;  // p_t, c2, t

    double learning_rate = 0.002;   ///< finite, at least 0
    double beta1 = 0.9;             ///< in [0, 1)
    double beta2 = 0.999;           ///< in [0, 1)
    double epsilon = 1e-8;          ///< finite, above 0
    double weight_decay = 0;        ///< finite, at least 0; 0 for none; applies to weights and biases
    double momentum_decay = 0.004;  ///< finite, at least 0; how fast mu_t grows from beta1 / 2 to beta1

    [[nodiscard]] static constexpr std::size_t state_vectors() noexcept { return 2; }

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"learning_rate", learning_rate, detail::require_not_negative},
                                              {"beta1", beta1, detail::require_fraction},
                                              {"beta2", beta2, detail::require_fraction},
                                              {"epsilon", epsilon, detail::require_positive},
                                              {"weight_decay", weight_decay, detail::require_not_negative},
                                              {"momentum_decay", momentum_decay, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    void begin_step(std::span<double> numbers) const {
        numbers[2] += 1;
        detail::add_to_sum(numbers[0], momentum(numbers[2]));
        detail::add_to_sum(numbers[1], beta2);
    }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        using V = simd::Pack<T>;
        const double mu = momentum(state.numbers[2]);
        const double next = momentum(state.numbers[2] + 1);
        double sum_with_next = state.numbers[0];
        detail::add_to_sum(sum_with_next, next);
        const detail::MovingAverage<V> average1(beta1);
        const detail::MovingAverage<V> average2(beta2);
        const V decay(static_cast<T>(weight_decay));
        const V rate_g(static_cast<T>(-rate * (1 - mu) / state.numbers[0]));
        const V rate_m(static_cast<T>(-rate * next / sum_with_next));
        const V scale(static_cast<T>(1 / std::sqrt(state.numbers[1])));
        const V eps(static_cast<T>(epsilon));
        simd::for_each_pack(
            w.size(),
            [&](V& w_, V& m, V& v, const V& d) {
                const V g = simd::fma(decay, w_, d);
                average1(m, g);
                average2(v, g * g);
                w_ = w_ + simd::fma(rate_g, g, rate_m * m) / simd::fma(scale, simd::sqrt(v), eps);
            },
            w.data(), state[0], state[1], d_w.data());
    }

private:
    /// Returns mu_t.
    [[nodiscard]] double momentum(double t) const { return beta1 * (1 - std::pow(0.96, momentum_decay * t) / 2); }
};

}  // namespace TYPENET
