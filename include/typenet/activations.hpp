#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <ratio>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <typenet/core/concepts.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/initializers.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>

/// Activations: the functions y = f(z) that a layer applies to its sums z. A network names them as types, such as
/// Dense<8, ReLU>.
///   elementwise   Identity, Sigmoid, Tanh, ReLU, LeakyReLU, LeakyReLUWith<Slope>, ELU, GELU, SiLU, Softplus
///   of a row      Softmax, for the last layer only
/// They model ElementwiseActivation and RowActivation (core/concepts.hpp). Dense calls forward and derivative or
/// backward with packs or single numbers V; the losses call Softmax, Sigmoid and Softplus for what they fuse.
/// y is finite for every finite z, and within a few ulp of the exact value in the tails too; below the smallest normal
/// number it may be 0. A derivative computed from y is only as exact as y: it is 0 where y has rounded to its limit.
namespace TYPENET {

/// y = z
struct Identity {
    static constexpr std::string_view name = "Identity";
    static constexpr auto derivative_of = DerivativeOf::output;
    static constexpr LayerOperation operation{OperationKind::identity};

    template <class V>
    static V forward(V z) {
        return z;
    }
    template <class V>
    static V derivative(V) {
        return V(simd::Element<V>(1));
    }
};

/// y = 1 / (1 + e^-z), y' = y (1 - y)
struct Sigmoid {
    static constexpr std::string_view name = "Sigmoid";
    static constexpr auto derivative_of = DerivativeOf::output;
    static constexpr LayerOperation operation{OperationKind::sigmoid};

    template <class V>
    static V forward(V z) {
        const V one(simd::Element<V>(1));
        return one / (one + simd::exp(-z));
    }
    template <class V>
    static V derivative(V y) {
        return y * (V(simd::Element<V>(1)) - y);
    }
};

/// y = tanh z, y' = (1 - y) (1 + y)
struct Tanh {
    static constexpr std::string_view name = "Tanh";
    static constexpr auto derivative_of = DerivativeOf::output;
    static constexpr LayerOperation operation{OperationKind::tanh};

    template <class V>
    static V forward(V z) {
        return simd::tanh(z);
    }
    template <class V>
    static V derivative(V y) {
        const V one(simd::Element<V>(1));
        return (one - y) * (one + y);
    }
};

/// y = max(z, 0), y' = 1 where z > 0, else 0
struct ReLU {
    static constexpr std::string_view name = "ReLU";
    static constexpr auto derivative_of = DerivativeOf::output;
    static constexpr LayerOperation operation{OperationKind::relu};
    using Initializer = HeUniform;

    template <class V>
    static V forward(V z) {
        const V zero(simd::Element<V>(0));
        return simd::select(z <= zero, zero, z);  // passes a NaN on
    }
    template <class V>
    static V derivative(V y) {
        const V zero(simd::Element<V>(0));
        return simd::select(y > zero, V(simd::Element<V>(1)), zero);
    }
};

/// y = z where z > 0, else s z; y' = 1 where z > 0, else s. Slope is a std::ratio; s = Slope::num / Slope::den must be
/// in (0, 1].
template <class Slope>
struct LeakyReLUWith {
    static_assert(Slope::num > 0 && Slope::num <= Slope::den, "LeakyReLUWith: the slope must be above 0, at most 1");
    static constexpr std::string_view name = "LeakyReLU";
    static constexpr auto derivative_of = DerivativeOf::output;
    /// The slope of the outputs where inputs are negative.
    static constexpr double slope = static_cast<double>(Slope::num) / static_cast<double>(Slope::den);
    static constexpr LayerOperation operation{OperationKind::leaky_relu, slope};
    using Initializer = HeUniform;

    static std::string describe() {
        if constexpr (std::ratio_equal_v<Slope, std::ratio<1, 100>>) return std::string(name);
        return "LeakyReLUWith<" + std::to_string(Slope::num) + "/" + std::to_string(Slope::den) + ">";
    }

    template <class V>
    static V forward(V z) {
        using T = simd::Element<V>;
        return simd::select(z > V(T(0)), z, V(T(slope)) * z);
    }
    template <class V>
    static V derivative(V y) {  // y has the sign of z
        using T = simd::Element<V>;
        return simd::select(y > V(T(0)), V(T(1)), V(T(slope)));
    }
};
/// LeakyReLUWith the slope 0.01.
using LeakyReLU = LeakyReLUWith<std::ratio<1, 100>>;

/// y = z where z > 0, else e^z - 1; y' = 1 where z > 0, else y + 1.
/// Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units",
/// ICLR 2016, with alpha = 1.
struct ELU {
    static constexpr std::string_view name = "ELU";
    static constexpr auto derivative_of = DerivativeOf::output;
    static constexpr LayerOperation operation{OperationKind::elu};
    using Initializer = HeUniform;

    template <class V>
    static V forward(V z) {
        return simd::select(z > V(simd::Element<V>(0)), z, simd::expm1(z));
    }
    template <class V>
    static V derivative(V y) {
        using T = simd::Element<V>;
        return simd::select(y > V(T(0)), V(T(1)), y + V(T(1)));
    }
};

/// y = z P(z), y' = P(z) + z p(z). P and p are the distribution function and the density of the standard normal:
/// P(z) = erfc(-z / sqrt 2) / 2, p(z) = e^(-z^2 / 2) / sqrt(2 pi).
/// Source: Hendrycks, Gimpel, "Gaussian error linear units", arXiv 1606.08415 (the exact form).
struct GELU {
    static constexpr std::string_view name = "GELU";
    static constexpr auto derivative_of = DerivativeOf::input;
    static constexpr LayerOperation operation{OperationKind::gelu};
    using Initializer = HeUniform;

    template <class V>
    static V forward(V z) {
        return simd::each(z, [](simd::Element<V> number) {
            const auto x = static_cast<Wide<V>>(number);
            return static_cast<simd::Element<V>>(x * distribution(x));
        });
    }
    template <class V>
    static V derivative(V z) {
        return simd::each(z, [](simd::Element<V> number) {
            const auto x = static_cast<Wide<V>>(number);
            constexpr auto scale = std::numbers::inv_sqrtpi_v<Wide<V>> / std::numbers::sqrt2_v<Wide<V>>;
            return static_cast<simd::Element<V>>(distribution(x) + x * scale * std::exp(-x * x / 2));
        });
    }

private:
    // In the left tail P magnifies a relative error of z by about z^2. P and p are therefore computed in double for
    // float and in long double, where the platform has a wider one, for double.
    template <class V>
    using Wide = std::conditional_t<std::is_same_v<simd::Element<V>, float>, double, long double>;

    template <class W>
    static W distribution(W z) {
        return std::erfc(-z / std::numbers::sqrt2_v<W>) / 2;
    }
};

/// y = z s(z), y' = s(z) (1 + z s(-z)), with the logistic function s(z) = 1 / (1 + e^-z).
/// Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", Neural Networks 107 (2018).
struct SiLU {
    static constexpr std::string_view name = "SiLU";
    static constexpr auto derivative_of = DerivativeOf::input;
    static constexpr LayerOperation operation{OperationKind::silu};
    using Initializer = HeUniform;

    template <class V>
    static V forward(V z) {
        return times_logistic(z, z);
    }
    template <class V>
    static V derivative(V z) {
        const V one(simd::Element<V>(1));
        return times_logistic(one + z * times_logistic(one, -z), z);
    }

private:
    /// Returns factor s(z). With h = e^(-|z|/2), s(z) is h h / (1 + h h) for negative z, else 1 / (1 + h h).
    /// Multiplying factor by h twice can give a normal number where h h alone underflows.
    template <class V>
    static V times_logistic(V factor, V z) {
        using T = simd::Element<V>;
        const V h = simd::exp(V(T(-0.5)) * simd::abs(z));
        return simd::select(z < V(T(0)), factor * h * h, factor) / (V(T(1)) + h * h);
    }
};

/// y = ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|), y' = 1 / (1 + e^-z) = 1 - e^-y
struct Softplus {
    static constexpr std::string_view name = "Softplus";
    static constexpr auto derivative_of = DerivativeOf::output;
    static constexpr LayerOperation operation{OperationKind::softplus};
    using Initializer = HeUniform;

    template <class V>
    static V forward(V z) {
        return simd::max(z, V(simd::Element<V>(0))) + simd::log1p(simd::exp(-simd::abs(z)));
    }
    template <class V>
    static V derivative(V y) {
        return -simd::expm1(-y);
    }
};

/// For the last layer only: y_k = e^(z_k - m) / sum_j e^(z_j - m) with m = max z;
/// d_z_k = y_k (d_y_k - sum_j d_y_j y_j)
struct Softmax {
    static constexpr std::string_view name = "Softmax";
    static constexpr LayerOperation operation{OperationKind::softmax};

    template <class T, std::size_t N>
    static void forward(std::span<const T, N> z, std::span<T, N> y) {
        if constexpr (N <= simd::width<T>) {  // one pack holds the row, which stays in registers
            const auto row = simd::load_partial<T>(z.data(), N, least<T>);
            const auto powers = simd::exp(row - simd::Pack<T>(simd::reduce_max(row)));
            simd::store_partial<T>(y.data(), powers / simd::Pack<T>(simd::reduce_add(powers)), N);
            return;
        }
        const T sum = exponentials(z, largest(z), y);
        simd::transform(
            N, y.data(), [sum](auto e) { return e / decltype(e)(sum); }, y.data());
    }
    template <class T, std::size_t N>
    static void backward(std::span<const T, N> y, std::span<const T, N> d_y, std::span<T, N> d_z) {
        T mean = 0;
        for (std::size_t k = 0; k < N; ++k) mean += d_y[k] * y[k];
        for (std::size_t k = 0; k < N; ++k) d_z[k] = y[k] * (d_y[k] - mean);
    }

    /// Returns max z.
    template <class T, std::size_t N>
    static T largest(std::span<const T, N> z) {
        simd::Pack<T> result(least<T>);
        for_each_pack<T>(z, [&](std::size_t, std::size_t, auto v) { result = simd::max(result, v); });
        return simd::reduce_max(result);
    }

    /// Writes e_k = e^(z_k - shift) and returns their sum.
    template <class T, std::size_t N>
    static T exponentials(std::span<const T, N> z, T shift, std::span<T, N> e) {
        simd::Pack<T> sum(T(0));
        for_each_pack<T>(z, [&](std::size_t k, std::size_t count, auto v) {
            const simd::Pack<T> power = simd::exp(v - simd::Pack<T>(shift));
            simd::store_partial<T>(e.data() + k, power, count);
            sum = sum + power;
        });
        return simd::reduce_add(sum);
    }

private:
    /// Minus infinity. Where the compiler allows no infinities, the least number, which does for finite z.
    template <class T>
    static constexpr T least = detail::loses_nan ? std::numeric_limits<T>::lowest() : -detail::infinity<T>;

    /// Calls f(k, count, pack) for each pack of z: its first `count` lanes hold the numbers from z_k on, the remaining
    /// lanes `least`.
    template <class T, std::size_t N, class F>
    static void for_each_pack(std::span<const T, N> z, F f) {
        constexpr std::size_t w = simd::width<T>;
        for (std::size_t k = 0; k < N; k += w) {
            const std::size_t count = std::min(w, N - k);
            f(k, count, simd::load_partial<T>(z.data() + k, count, least<T>));
        }
    }
};

}  // namespace TYPENET
