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

/// Stochastic gradient descent, with or without momentum. In each step, with g = d_w + weight_decay w:
///     v <- momentum v + g,  w <- w - learning_rate v                   (plain; momentum 0: v = g)
///     v <- momentum v + g,  w <- w - learning_rate (g + momentum v)    (nesterov)
/// ```cpp
/// fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.1, .momentum = 0.9}, {.epochs = 5});
/// ```
/// Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning",
/// ICML 2013. There v contains the learning rate; here, as in PyTorch, it doesn't.
struct Sgd {
    static constexpr std::string_view name = "Sgd";

    double learning_rate = 0.01;  ///< finite, at least 0
    double momentum = 0;          ///< in [0, 1); 0 for none
    double weight_decay = 0;      ///< finite, at least 0; 0 for none; applies to weights and biases
    bool nesterov = false;        ///< whether to use Nesterov momentum; needs a momentum above 0

    [[nodiscard]] std::size_t state_vectors() const noexcept { return momentum > 0 ? 1 : 0; }

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"learning_rate", learning_rate, detail::require_not_negative},
                                              {"momentum", momentum, detail::require_fraction},
                                              {"weight_decay", weight_decay, detail::require_not_negative},
                                              {"nesterov", nesterov}});
    }
    void validate() const {
        detail::validate_options(*this);
        detail::require_option(!nesterov || momentum > 0, name, "momentum", momentum, "nesterov needs it above 0");
    }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        using V = simd::Pack<T>;
        const V down(static_cast<T>(-rate));
        const V mu(static_cast<T>(momentum));
        const V decay(static_cast<T>(weight_decay));
        if (state_vectors() == 0) {
            simd::for_each_pack(
                w.size(), [&](V& w_, const V& d) { w_ = simd::fma(down, simd::fma(decay, w_, d), w_); }, w.data(),
                d_w.data());
            return;
        }
        const bool ahead = nesterov;
        simd::for_each_pack(
            w.size(),
            [&](V& w_, V& v, const V& d) {
                const V g = simd::fma(decay, w_, d);
                v = simd::flush_subnormal(simd::fma(mu, v, g));
                w_ = simd::fma(down, ahead ? simd::fma(mu, v, g) : v, w_);
            },
            w.data(), state[0], d_w.data());
    }
};

}  // namespace TYPENET
