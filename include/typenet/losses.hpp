#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/options.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/simd.hpp>

/// A loss tells how wrong a network's outputs for one row are, and gives the gradient that corrects them. Training
/// minimises its mean over the rows of a batch; class weights multiply a row's terms and don't change that divisor.
///   CrossEntropy         classification, one class of N
///   BinaryCrossEntropy   classification, N independent yes-no outputs
///   MeanSquaredError     regression
///   MeanAbsoluteError    regression that outliers disturb less
///   Huber                regression, squared for small errors and absolute for large ones
/// Each models LossFor (core/concepts.hpp): loss(y, target, d_y) returns the loss L of a row and sets d_y = dL/dy. The
/// first two compute the network's final activation themselves, so they take its input z in place of its output y.
/// The row phase of a training step (train/step.hpp) calls the losses, and so does `evaluate`.
namespace TYPENET {

namespace detail {

/// Throws OptionError unless `weights` is empty or holds `count` values that are finite and not negative.
inline void validate_class_weights(std::string_view loss, const std::vector<double>& weights, std::size_t count) {
    if (weights.empty()) return;
    if (weights.size() != count) {
        throw OptionError(std::string(loss) + ": class_weights has " + std::to_string(weights.size()) +
                          " values; it needs " + std::to_string(count));
    }
    for (const double weight : weights) require_not_negative(loss, "a class weight", weight);
}

/// Returns a text such as " with class weights 1, 2"; empty for no weights.
inline std::string describe_weights(const std::vector<double>& weights) {
    std::string text;
    for (const double weight : weights) text += (text.empty() ? " with class weights " : ", ") + exact_text(weight);
    return text;
}

/// Returns the mean over k of f(y_k - t_k) and sets d_y_k = f'(y_k - t_k) / N. `term(e, slope)` returns f(e) and sets
/// slope = f'(e).
template <class T, std::size_t N, class Term>
T mean_of_errors(std::span<const T, N> y, std::span<const float, N> target, std::span<T, N> d_y, Term term) {
    T sum = 0;
    for (std::size_t k = 0; k < N; ++k) {
        T slope = 0;
        sum += term(y[k] - static_cast<T>(target[k]), slope);
        d_y[k] = slope / static_cast<T>(N);
    }
    return sum / static_cast<T>(N);
}

}  // namespace detail

/// Softmax and cross-entropy in one, for networks that end in Softmax:
///     p = softmax(z),      L = -sum_k w_k q_k ln p_k,      d_z_k = p_k sum_j w_j q_j - w_k q_k
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 5});
/// fit(net, train, CrossEntropy{.label_smoothing = 0.1}, Adam{}, {.epochs = 5});
/// ```
/// q is the target distribution: one-hot for a label, or N given shares that sum to 1. Smoothing s replaces q by
/// (1 - s) q + s / N. w are the class weights. ln p is computed from z directly, so that it stays finite where a
/// probability underflows.
/// Source of the smoothing: Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7.
struct CrossEntropy {
    static constexpr std::string_view name = "CrossEntropy";
    using FusedActivation = Softmax;
    static constexpr std::string_view target_rule = "shares of at least 0 that sum to 1";

    double label_smoothing = 0;              ///< s, in [0, 1); 0 for none
    std::vector<double> class_weights = {};  ///< w, one for each class, finite and at least 0; empty for all 1

    template <class FinalActivation>
    static constexpr void check() {
        static_assert(std::same_as<FinalActivation, Softmax>,
                      "CrossEntropy needs a network that ends in Softmax; this one ends in the FinalActivation named "
                      "with this message");
    }

    template <std::size_t N>
    void validate() const {
        detail::require_fraction(name, "label_smoothing", label_smoothing);
        detail::validate_class_weights(name, class_weights, N);
    }

    [[nodiscard]] std::string describe() const {
        return detail::describe_options(name, {{"label_smoothing", label_smoothing}}) +
               detail::describe_weights(class_weights);
    }

    template <std::size_t N>
    static bool accepts(std::span<const float, N> target) {
        double sum = 0;
        for (const float share : target) {
            if (!detail::is_finite(share) || share < 0) return false;
            sum += static_cast<double>(share);
        }
        return std::abs(sum - 1) < 1e-3;
    }

    template <class T, std::size_t N>
    T operator()(std::span<const T, N> z, std::int32_t label, std::span<T, N> d_z) const {
        const auto k = static_cast<std::size_t>(label);
        if (label_smoothing == 0 && class_weights.empty()) return evaluate(z, k, d_z);
        std::array<T, N> shares{};
        shares[k] = 1;
        return evaluate(z, shares, d_z);
    }
    template <class T, std::size_t N>
    T operator()(std::span<const T, N> z, std::span<const float, N> target, std::span<T, N> d_z) const {
        std::array<T, N> shares;
        for (std::size_t k = 0; k < N; ++k) shares[k] = static_cast<T>(target[k]);
        return evaluate(z, shares, d_z);
    }

private:
    /// Returns the loss and sets d_z for a one-hot target without weights; needs no loop over the shares.
    template <class T, std::size_t N>
    [[nodiscard]] static T evaluate(std::span<const T, N> z, std::size_t label, std::span<T, N> d_z) {
        const T largest = Softmax::largest(z);
        const T sum = Softmax::exponentials(z, largest, d_z);
        const T scale = 1 / sum;
        const T d_label = simd::fma(d_z[label], scale, T(-1));
        for (T& d : d_z) d *= scale;
        d_z[label] = d_label;
        return std::log(sum) - (z[label] - largest);
    }

    /// Returns the loss and sets d_z for any target distribution q. Overwrites q by its smoothed, weighted shares.
    template <class T, std::size_t N>
    [[nodiscard]] T evaluate(std::span<const T, N> z, std::array<T, N>& q, std::span<T, N> d_z) const {
        if (label_smoothing != 0) {
            const T kept = static_cast<T>(1 - label_smoothing);
            const T spread = static_cast<T>(label_smoothing / static_cast<double>(N));
            for (T& share : q) share = kept * share + spread;
        }
        if (!class_weights.empty()) {
            for (std::size_t k = 0; k < N; ++k) q[k] *= static_cast<T>(class_weights[k]);
        }
        const T largest = Softmax::largest(z);
        const T sum = Softmax::exponentials(z, largest, d_z);
        const T log_sum = std::log(sum);
        T loss = 0;
        T total_share = 0;
        for (std::size_t k = 0; k < N; ++k) {
            total_share += q[k];
            loss += q[k] != 0 ? q[k] * (log_sum - (z[k] - largest)) : T(0);  // 0 times an infinite ln p would be NaN
        }
        const T scale = total_share / sum;
        for (std::size_t k = 0; k < N; ++k) d_z[k] = simd::fma(d_z[k], scale, -q[k]);
        return loss;
    }
};

/// Sigmoid and binary cross-entropy in one, for networks that end in Sigmoid: N independent yes-no outputs with targets
/// t in [0, 1]. With s(z) = 1 / (1 + e^-z), so that -ln s(z) = softplus(-z):
///     L = mean_k( -w_1 t_k ln s(z_k) - w_0 (1 - t_k) ln s(-z_k) )
///     d_z_k = (w_0 (1 - t_k) s(z_k) - w_1 t_k s(-z_k)) / N
/// ```cpp
/// Mlp<float, Input<4>, Dense<8, ReLU>, Dense<1, Sigmoid>> detector;
/// fit<BinaryCrossEntropy>(detector, train, Adam{}, {.epochs = 5});
/// ```
/// A network with one output also takes labels, 0 or 1, as targets.
struct BinaryCrossEntropy {
    static constexpr std::string_view name = "BinaryCrossEntropy";
    using FusedActivation = Sigmoid;
    static constexpr std::string_view target_rule = "numbers from 0 to 1";

    std::vector<double> class_weights = {};  ///< {w_0, w_1}, the weights of "no" and "yes", at least 0; empty for 1, 1

    template <class FinalActivation>
    static constexpr void check() {
        static_assert(std::same_as<FinalActivation, Sigmoid>,
                      "BinaryCrossEntropy needs a network that ends in Sigmoid; this one ends in the FinalActivation "
                      "named with this message");
    }

    template <std::size_t N>
    void validate() const {
        detail::validate_class_weights(name, class_weights, 2);
    }

    [[nodiscard]] std::string describe() const { return std::string(name) + detail::describe_weights(class_weights); }

    template <std::size_t N>
    static bool accepts(std::span<const float, N> target) {
        return std::all_of(target.begin(), target.end(),
                           [](float t) { return detail::is_finite(t) && t >= 0 && t <= 1; });
    }

    template <class T>
    T operator()(std::span<const T, 1> z, std::int32_t label, std::span<T, 1> d_z) const {
        const auto target = static_cast<float>(label);
        return (*this)(z, std::span<const float, 1>(&target, 1), d_z);
    }
    template <class T, std::size_t N>
    T operator()(std::span<const T, N> z, std::span<const float, N> target, std::span<T, N> d_z) const {
        const T no_weight = class_weights.empty() ? T(1) : static_cast<T>(class_weights[0]);
        const T yes_weight = class_weights.empty() ? T(1) : static_cast<T>(class_weights[1]);
        T sum = 0;
        for (std::size_t k = 0; k < N; ++k) {
            const T yes = yes_weight * static_cast<T>(target[k]);
            const T no = no_weight * (T(1) - static_cast<T>(target[k]));
            sum += yes * Softplus::forward(-z[k]) + no * Softplus::forward(z[k]);
            d_z[k] = (no * Sigmoid::forward(z[k]) - yes * Sigmoid::forward(-z[k])) / static_cast<T>(N);
        }
        return sum / static_cast<T>(N);
    }
};

/// The squared error, for regression:
///     L = mean_k (y_k - t_k)^2,      d_y_k = 2 (y_k - t_k) / N
/// ```cpp
/// fit<MeanSquaredError>(regressor, numbers, Adam{}, {.epochs = 5});
/// ```
struct MeanSquaredError {
    static constexpr std::string_view name = "MeanSquaredError";

    template <class T, std::size_t N>
    T operator()(std::span<const T, N> y, std::span<const float, N> target, std::span<T, N> d_y) const {
        return detail::mean_of_errors(y, target, d_y, [](T error, T& slope) {
            slope = 2 * error;
            return error * error;
        });
    }
};

/// The absolute error, for regression:
///     L = mean_k |y_k - t_k|,      d_y_k = sign(y_k - t_k) / N,      with sign(0) = 0
/// ```cpp
/// fit<MeanAbsoluteError>(regressor, numbers, Adam{}, {.epochs = 5});
/// ```
struct MeanAbsoluteError {
    static constexpr std::string_view name = "MeanAbsoluteError";

    template <class T, std::size_t N>
    T operator()(std::span<const T, N> y, std::span<const float, N> target, std::span<T, N> d_y) const {
        return detail::mean_of_errors(y, target, d_y, [](T error, T& slope) {
            slope = static_cast<T>((error > 0) - (error < 0));
            return std::abs(error);
        });
    }
};

/// The squared error for small errors and the absolute error for large ones, for regression. With e = y_k - t_k:
///     L = mean_k( e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2) )
///     d_y_k = e / N, clamped to [-delta / N, delta / N]
/// ```cpp
/// fit(regressor, numbers, Huber{.delta = 0.5}, Adam{}, {.epochs = 5});
/// ```
/// Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).
struct Huber {
    static constexpr std::string_view name = "Huber";

    double delta = 1;  ///< the |e| above which the loss grows linearly; finite, above 0

    template <std::size_t N>
    void validate() const {
        detail::require_positive(name, "delta", delta);
    }

    [[nodiscard]] std::string describe() const { return detail::describe_options(name, {{"delta", delta}}); }

    template <class T, std::size_t N>
    T operator()(std::span<const T, N> y, std::span<const float, N> target, std::span<T, N> d_y) const {
        const T limit = static_cast<T>(delta);
        return detail::mean_of_errors(y, target, d_y, [limit](T error, T& slope) {
            slope = std::clamp(error, -limit, limit);
            return slope * (error - slope / 2);
        });
    }
};

}  // namespace TYPENET
