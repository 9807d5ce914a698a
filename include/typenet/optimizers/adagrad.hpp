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

namespace TYPENET {

/// An optimizer whose steps shrink as a parameter's squared gradients add up. In step t = 1, 2, ..., with
/// g = d_w + weight_decay w:
///     v <- v + g^2,      w <- w - rate g / (sqrt(initial_sum + v) + epsilon)
///     rate = learning_rate / (1 + (t - 1) learning_rate_decay)
/// ```cpp
/// fit<CrossEntropy>(net, train, Adagrad{.learning_rate = 0.05}, {.epochs = 5});
/// ```
/// Source: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR
/// 12 (2011), the diagonal form. Both decays work as in PyTorch.
struct Adagrad {
    static constexpr std::string_view name = "Adagrad";
    static constexpr std::size_t state_numbers = 1;  // t

    double learning_rate = 0.01;     ///< finite, at least 0
    double learning_rate_decay = 0;  ///< finite, at least 0; 0 for a constant rate
    double epsilon = 1e-10;          ///< finite, above 0
    double weight_decay = 0;         ///< finite, at least 0; 0 for none; applies to weights and biases
    double initial_sum = 0;          ///< finite, at least 0; added to every v

    [[nodiscard]] static constexpr std::size_t state_vectors() noexcept { return 1; }

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>(
            {{"learning_rate", learning_rate, detail::require_not_negative},
             {"learning_rate_decay", learning_rate_decay, detail::require_not_negative},
             {"epsilon", epsilon, detail::require_positive},
             {"weight_decay", weight_decay, detail::require_not_negative},
             {"initial_sum", initial_sum, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    static void begin_step(std::span<double> numbers) { numbers[0] += 1; }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        using V = simd::Pack<T>;
        const V down(static_cast<T>(-rate / (1 + (state.numbers[0] - 1) * learning_rate_decay)));
        const V decay(static_cast<T>(weight_decay));
        const V initial(static_cast<T>(initial_sum));
        const V eps(static_cast<T>(epsilon));
        simd::for_each_pack(
            w.size(),
            [&](V& w_, V& v, const V& d) {
                const V g = simd::fma(decay, w_, d);
                v = simd::fma(g, g, v);
                w_ = simd::fma(down, g / (simd::sqrt(initial + v) + eps), w_);
            },
            w.data(), state[0], d_w.data());
    }
};

}  // namespace TYPENET
