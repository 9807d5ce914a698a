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

/// An optimizer that divides the gradient by the root of an average of its square. In each step, with
/// g = d_w + weight_decay w:
///     v <- decay v + (1 - decay) g^2,      u = g / (sqrt(v) + epsilon)
///     b <- momentum b + u,      w <- w - learning_rate b                                (momentum 0: b = u)
/// With `centered`, the variance v - a^2 replaces v:
///     a <- decay a + (1 - decay) g,      u = g / (sqrt(v - a^2) + epsilon)
/// ```cpp
/// fit<CrossEntropy>(net, train, RmsProp{.learning_rate = 0.001, .momentum = 0.9}, {.epochs = 5});
/// ```
/// Sources: Tieleman, Hinton, "Lecture 6.5 - RMSProp", COURSERA: Neural networks for machine learning, 2012. Centered:
/// Graves, "Generating sequences with recurrent neural networks", arXiv 1308.0850, equations 38 to 41, with epsilon
/// outside the root, as in PyTorch.
struct RmsProp {
    static constexpr std::string_view name = "RmsProp";

    double learning_rate = 0.01;  ///< finite, at least 0
    double decay = 0.99;          ///< in [0, 1); the weight of the old average in the new one
    double epsilon = 1e-8;        ///< finite, above 0
    double weight_decay = 0;      ///< finite, at least 0; 0 for none; applies to weights and biases
    double momentum = 0;          ///< in [0, 1); 0 for none
    bool centered = false;        ///< whether g is divided by its standard deviation; else by its root mean square

    /// The state holds v, then a where centered, then b where there is momentum.
    [[nodiscard]] std::size_t state_vectors() const noexcept {
        return std::size_t{1} + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0);
    }

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"learning_rate", learning_rate, detail::require_not_negative},
                                              {"decay", decay, detail::require_fraction},
                                              {"epsilon", epsilon, detail::require_positive},
                                              {"weight_decay", weight_decay, detail::require_not_negative},
                                              {"momentum", momentum, detail::require_fraction},
                                              {"centered", centered}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        using V = simd::Pack<T>;
        const detail::MovingAverage<V> average(decay);
        const V down(static_cast<T>(-rate));
        const V pull(static_cast<T>(weight_decay));
        const V eps(static_cast<T>(epsilon));
        const V mu(static_cast<T>(momentum));
        const auto direction = [&](const V& w_, const V& d, V& v) {
            const V g = simd::fma(pull, w_, d);
            average(v, g * g);
            return g / (simd::sqrt(v) + eps);
        };
        const auto centered_direction = [&](const V& w_, const V& d, V& v, V& a) {
            const V g = simd::fma(pull, w_, d);
            average(v, g * g);
            average(a, g);
            // Rounding can make the variance of a constant gradient negative.
            return g / (simd::sqrt(simd::max(simd::fma(-a, a, v), V(T(0)))) + eps);
        };
        const auto push = [&](V& w_, V& b, const V& u) {
            b = simd::flush_subnormal(simd::fma(mu, b, u));
            w_ = simd::fma(down, b, w_);
        };
        if (centered && momentum > 0) {
            simd::for_each_pack(
                w.size(), [&](V& w_, V& v, V& a, V& b, const V& d) { push(w_, b, centered_direction(w_, d, v, a)); },
                w.data(), state[0], state[1], state[2], d_w.data());
        } else if (centered) {
            simd::for_each_pack(
                w.size(),
                [&](V& w_, V& v, V& a, const V& d) { w_ = simd::fma(down, centered_direction(w_, d, v, a), w_); },
                w.data(), state[0], state[1], d_w.data());
        } else if (momentum > 0) {
            simd::for_each_pack(
                w.size(), [&](V& w_, V& v, V& b, const V& d) { push(w_, b, direction(w_, d, v)); }, w.data(), state[0],
                state[1], d_w.data());
        } else {
            simd::for_each_pack(
                w.size(), [&](V& w_, V& v, const V& d) { w_ = simd::fma(down, direction(w_, d, v), w_); }, w.data(),
                state[0], d_w.data());
        }
    }
};

}  // namespace TYPENET
