#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <typenet/core/concepts.hpp>
#include <typenet/optimizers/detail/adam_step.hpp>
#include <typenet/optimizers/detail/moving_average.hpp>

namespace typenet {

/// Averages of the gradient and of its square, freed of their start at 0, with g = d_w + weight_decay w in step t:
///     m <- beta1 m + (1 - beta1) g,      v <- beta2 v + (1 - beta2) g^2
///     w <- w - learning_rate m / c1 / (sqrt(v / c2) + epsilon),      c1 = 1 - beta1^t,  c2 = 1 - beta2^t
/// Source: Kingma, Ba, "Adam: A method for stochastic optimization", ICLR 2015, algorithm 1.
struct Adam {
    static constexpr std::string_view name = "Adam";
    static constexpr std::size_t state_numbers = 2;  // c1, c2

    double learning_rate = 0.001;  ///< finite, at least 0
    double beta1 = 0.9;            ///< in [0, 1)
    double beta2 = 0.999;          ///< in [0, 1)
    double epsilon = 1e-8;         ///< finite, above 0
    double weight_decay = 0;       ///< finite, at least 0; part of g. AdamW keeps it apart

    [[nodiscard]] static constexpr std::size_t state_vectors() noexcept { return 2; }

    void validate() const { detail::validate_adam(*this); }

    [[nodiscard]] std::string describe() const { return detail::describe_adam(*this); }

    void begin_step(std::span<double> numbers) const {
        detail::add_to_sum(numbers[0], beta1);
        detail::add_to_sum(numbers[1], beta2);
    }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        detail::adam_step(*this, weight_decay, 0, w, d_w, state, rate);
    }
};

}  // namespace typenet
