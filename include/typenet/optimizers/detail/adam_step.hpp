#pragma once

#include <cmath>
#include <span>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/optimizers/detail/moving_average.hpp>
#include <typenet/optimizers/detail/options.hpp>

/// What Adam and the optimizers built on it have in common.
namespace typenet::detail {

template <class O>
void validate_adam(const O& optimizer) {
    require_rate(O::name, optimizer.learning_rate);
    require_share(O::name, "beta1", optimizer.beta1);
    require_share(O::name, "beta2", optimizer.beta2);
    require_above_0(O::name, "epsilon", optimizer.epsilon);
    require_at_least_0(O::name, "weight_decay", optimizer.weight_decay);
}

template <class O>
std::string describe_adam(const O& optimizer) {
    return describe_options(O::name, {{"learning_rate", optimizer.learning_rate},
                                      {"beta1", optimizer.beta1},
                                      {"beta2", optimizer.beta2},
                                      {"epsilon", optimizer.epsilon},
                                      {"weight_decay", optimizer.weight_decay}});
}

/// g = d_w + coupled w,  m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,
/// w <- (1 - decoupled) w - learning_rate / c1 m / (sqrt(v / c2) + epsilon)
/// with c1 and c2, which are 1 - beta^t, from state.numbers.
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

}  // namespace typenet::detail
