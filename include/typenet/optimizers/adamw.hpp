#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/options.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/detail/moving_average.hpp>

namespace TYPENET {

/// Adam with a weight decay that doesn't enter the averages. In step t = 1, 2, ..., with g = d_w:
///     m <- beta1 m + (1 - beta1) g,      v <- beta2 v + (1 - beta2) g^2
///     w <- (1 - learning_rate weight_decay) w - learning_rate (m / c1) / (sqrt(v / c2) + epsilon)
///     c1 = 1 - beta1^t,  c2 = 1 - beta2^t
/// ```cpp
/// fit<CrossEntropy>(net, train, AdamW{.learning_rate = 0.003, .weight_decay = 0.1}, {.epochs = 5});
/// ```
/// Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2. The paper multiplies
/// the decay by the schedule's factor only; AdamW, as in PyTorch, multiplies it by the whole learning rate.
struct AdamW {
    static constexpr std::string_view name = "AdamW";
    static constexpr std::size_t state_numbers = 2;  // c1, c2

    double learning_rate = 0.001;  ///< finite, at least 0
    double beta1 = 0.9;            ///< in [0, 1)
    double beta2 = 0.999;          ///< in [0, 1)
    double epsilon = 1e-8;         ///< finite, above 0
    double weight_decay = 0.01;    ///< finite, at least 0; 0 for none; applies to weights and biases

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
        detail::adam_step(*this, 0, rate * weight_decay, w, d_w, state, rate);
    }
};

}  // namespace TYPENET
