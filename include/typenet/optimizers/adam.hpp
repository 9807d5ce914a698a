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

namespace detail {

/// Updates w by the rule that Adam and AdamW share. `coupled` is the weight decay that enters g, `decoupled` the
/// fraction that w loses directly:
///     g = d_w + coupled w,      m <- beta1 m + (1 - beta1) g,      v <- beta2 v + (1 - beta2) g^2
///     w <- (1 - decoupled) w - rate (m / c1) / (sqrt(v / c2) + epsilon),      c1, c2 = state.numbers
template <class O, Real T>
void adam_step(const O& optimizer, double coupled, double decoupled, std::span<T> w, std::span<const T> d_w,
               OptimizerState<T> state, double rate) {
    using V = simd::Pack<T>;
    const MovingAverage<V> average1(optimizer.beta1);
    const MovingAverage<V> average2(optimizer.beta2);
    const V decay(static_cast<T>(coupled));
    const V keep(static_cast<T>(1 - decoupled));
    const V down(static_cast<T>(-rate / state.numbers[0]));
    const V scale(static_cast<T>(1 / std::sqrt(state.numbers[1])));
    const V epsilon(static_cast<T>(optimizer.epsilon));
    simd::for_each_pack(
        w.size(),
        [&](V& w_, V& m, V& v, const V& d) {
            const V g = simd::fma(decay, w_, d);
            average1(m, g);
            average2(v, g * g);
            w_ = simd::fma(down, m / simd::fma(scale, simd::sqrt(v), epsilon), keep * w_);
        },
        w.data(), state[0], state[1], d_w.data());
}

}  // namespace detail

/// An optimizer that divides an average of the gradient by the root of an average of its square. In step t = 1, 2, ...,
/// with g = d_w + weight_decay w:
///     m <- beta1 m + (1 - beta1) g,      v <- beta2 v + (1 - beta2) g^2
///     w <- w - learning_rate (m / c1) / (sqrt(v / c2) + epsilon),      c1 = 1 - beta1^t,  c2 = 1 - beta2^t
/// Dividing by c1 and c2 removes the bias of averages that start at 0.
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{.learning_rate = 0.003}, {.epochs = 5});
/// ```
/// Source: Kingma, Ba, "Adam: A method for stochastic optimization", ICLR 2015, algorithm 1.
struct Adam {
    static constexpr std::string_view name = "Adam";
    static constexpr std::size_t state_numbers = 2;  // c1, c2

    double learning_rate = 0.001;  ///< finite, at least 0
    double beta1 = 0.9;            ///< in [0, 1)
    double beta2 = 0.999;          ///< in [0, 1)
    double epsilon = 1e-8;         ///< finite, above 0
    double weight_decay = 0;       ///< finite, at least 0; 0 for none; applies to weights and biases

    [[nodiscard]] static constexpr std::size_t state_vectors() noexcept { return 2; }

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"learning_rate", learning_rate, detail::require_not_negative},
                                              {"beta1", beta1, detail::require_fraction},
                                              {"beta2", beta2, detail::require_fraction},
                                              {"epsilon", epsilon, detail::require_positive},
                                              {"weight_decay", weight_decay, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    void begin_step(std::span<double> numbers) const {
        detail::add_to_sum(numbers[0], beta1);
        detail::add_to_sum(numbers[1], beta2);
    }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        detail::adam_step(*this, weight_decay, 0, w, d_w, state, rate);
    }
};

}  // namespace TYPENET
