#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/simd.hpp>

namespace typenet {

/// Stochastic gradient descent, with g = d_w + weight_decay w:
///     v <- momentum v + g,  w <- w - learning_rate v                   (plain: momentum 0, so v = g)
///     v <- momentum v + g,  w <- w - learning_rate (g + momentum v)    (nesterov)
/// Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning",
/// ICML 2013, in the form that keeps the learning rate out of v.
struct Sgd {
    double learning_rate = 0.01;  ///< finite, at least 0
    double momentum = 0;          ///< in [0, 1)
    double weight_decay = 0;      ///< finite, at least 0; acts on weights and biases alike
    bool nesterov = false;        ///< needs a momentum above 0

    [[nodiscard]] std::size_t state_vectors() const noexcept { return momentum > 0 ? 1 : 0; }

    void validate() const {
        const auto check = [](const char* option, double value, bool good, const char* rule) {
            if (!good)
                throw OptionError("Sgd: " + std::string(option) + " is " + detail::number_text(value) + "; " + rule);
        };
        check("learning_rate", learning_rate, std::isfinite(learning_rate) && learning_rate >= 0,
              "it must be finite and at least 0");
        check("momentum", momentum, momentum >= 0 && momentum < 1, "it must be at least 0 and below 1");
        check("weight_decay", weight_decay, std::isfinite(weight_decay) && weight_decay >= 0,
              "it must be finite and at least 0");
        check("momentum", momentum, !nesterov || momentum > 0, "nesterov needs it above 0");
    }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state) const {
        const T rate = static_cast<T>(learning_rate);
        const T mu = static_cast<T>(momentum);
        const T decay = static_cast<T>(weight_decay);
        const auto gradient = [decay](auto w_, auto d) { return simd::fma(decltype(d)(decay), w_, d); };
        const auto descend = [rate](auto w_, auto direction) { return simd::fma(decltype(w_)(-rate), direction, w_); };
        const std::size_t count = w.size();
        if (state_vectors() == 0) {
            simd::transform(
                count, w.data(), [&](auto w_, auto d) { return descend(w_, gradient(w_, d)); }, w.data(), d_w.data());
            return;
        }
        T* v = state[0];
        simd::transform(
            count, v, [&](auto v_, auto w_, auto d) { return simd::fma(decltype(v_)(mu), v_, gradient(w_, d)); }, v,
            w.data(), d_w.data());
        if (nesterov) {
            simd::transform(
                count, w.data(),
                [&](auto w_, auto d, auto v_) { return descend(w_, simd::fma(decltype(v_)(mu), v_, gradient(w_, d))); },
                w.data(), d_w.data(), v);
        } else {
            simd::transform(count, w.data(), descend, w.data(), v);
        }
    }
};

}  // namespace typenet
