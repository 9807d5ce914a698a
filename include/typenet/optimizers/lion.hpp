#pragma once

#include <array>
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

/// An optimizer whose steps have the same size for all parameters: it uses only the sign of an average of the gradient.
/// In each step, with g = d_w:
///     w <- w - learning_rate (sign(beta1 m + (1 - beta1) g) + weight_decay w)
///     m <- beta2 m + (1 - beta2) g
/// The sign of 0 is 0. Lion usually needs a learning rate 3 to 10 times smaller than Adam's.
/// ```cpp
/// fit<CrossEntropy>(net, train, Lion{.learning_rate = 0.0003}, {.epochs = 5});
/// ```
/// Source: Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2.
struct Lion {
    static constexpr std::string_view name = "Lion";

    double learning_rate = 0.0001;  ///< finite, at least 0
    double beta1 = 0.9;             ///< in [0, 1); weight of m in the average whose sign gives the direction
    double beta2 = 0.99;            ///< in [0, 1); weight of m in the average that replaces m
    double weight_decay = 0;        ///< finite, at least 0; 0 for none; applies to weights and biases

    [[nodiscard]] static constexpr std::size_t state_vectors() noexcept { return 1; }

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"learning_rate", learning_rate, detail::require_not_negative},
                                              {"beta1", beta1, detail::require_fraction},
                                              {"beta2", beta2, detail::require_fraction},
                                              {"weight_decay", weight_decay, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        using V = simd::Pack<T>;
        const detail::MovingAverage<V> average1(beta1);
        const detail::MovingAverage<V> average2(beta2);
        const V down(static_cast<T>(-rate));
        const V decay(static_cast<T>(weight_decay));
        simd::for_each_pack(
            w.size(),
            [&](V& w_, V& m, const V& g) {
                V c = m;
                average1(c, g);
                w_ = simd::fma(down, simd::fma(decay, w_, simd::sign(c)), w_);
                average2(m, g);
            },
            w.data(), state[0], d_w.data());
    }
};

}  // namespace TYPENET
