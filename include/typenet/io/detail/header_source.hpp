#pragma once

#include <string_view>

#include <typenet/core/namespace.hpp>

/// The C++17 source that every exported header contains: `export_header` (io/header.hpp) copies header_source into the
/// header's namespace `detail`. The calls in `predict` are written by HeaderWriter (io/detail/header_writer.hpp). The
/// tests compile header_source and compare each function with the standard library's.
///
/// The functions use no library and are constexpr. exp clamps its argument to where its result is finite, because a
/// compiler refuses to evaluate an overflow. Sources: exp by the argument reduction of Cody and Waite, "Software manual
/// for the elementary functions" (1980), and a Taylor series; erf by Abramowitz and Stegun, "Handbook of mathematical
/// functions" (1964), 7.1.26, to within 1.5e-7.
namespace TYPENET::detail {

inline constexpr std::string_view header_source = R"(
constexpr float exp(float x) {
    if (x != x) return x;
    x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    const int n = static_cast<int>(x * 1.44269504f + (x < 0 ? -0.5f : 0.5f));
    const float r = x - static_cast<float>(n) * 0.693359375f + static_cast<float>(n) * 2.12194440e-4f;
    float y = 1.3888889e-3f;
    y = y * r + 8.3333333e-3f;
    y = y * r + 4.1666667e-2f;
    y = y * r + 1.6666667e-1f;
    y = y * r + 0.5f;
    y = y * r + 1;
    y = y * r + 1;
    float power = n < 0 ? 0.5f : 2;
    for (unsigned left = static_cast<unsigned>(n < 0 ? -n : n);; power *= power) {
        if (left % 2 == 1) y *= power;
        left /= 2;
        if (left == 0) return y;
    }
}

// ln(1 + e) for e from 0 to 1, as 2 artanh(e / (2 + e))
constexpr float log1p(float e) {
    const float s = e / (2 + e);
    float sum = 0;
    for (int k = 17; k > 0; k -= 2) sum = sum * s * s + 1 / static_cast<float>(k);
    return 2 * s * sum;
}

constexpr float erf(float x) {
    const float size = x < 0 ? -x : x;
    const float t = 1 / (1 + 0.3275911f * size);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const float y = 1 - p * t * exp(-size * size);
    return x < 0 ? -y : y;
}

// 1 / sqrt(x) by Newton's method, after x is scaled into [1, 4] by powers of 4; 0 for infinity
constexpr float inverse_sqrt(float x) {
    if (x > 3.4028235e38f) return 0;
    float scale = 1;
    for (int i = 0; i < 64 && x > 4; ++i, scale *= 0.5f) x *= 0.25f;
    for (int i = 0; i < 64 && x < 1; ++i, scale *= 2) x *= 4;
    float y = 0.7f;
    for (int i = 0; i < 7; ++i) y *= 1.5f - 0.5f * x * y * y;
    return scale * y;
}

// y = x w + b, with w of shape [Inputs, Outputs]
template <std::size_t Inputs, std::size_t Outputs>
constexpr void affine(const float* x, const float* weights, const float* biases, float* y) {
    for (std::size_t k = 0; k < Outputs; ++k) y[k] = biases[k];
    for (std::size_t i = 0; i < Inputs; ++i) {
        for (std::size_t k = 0; k < Outputs; ++k) y[k] += x[i] * weights[i * Outputs + k];
    }
}

// An integer of 32 bits or more.
template <bool FitsInt>
struct whole {
    using type = int;
};
template <>
struct whole<false> {
    using type = long;
};

// y = factors * (bytes weights) + offsets, where x = low + step * bytes. What is not finite makes all of y NaN. The sums
// are whole numbers.
template <std::size_t Inputs, std::size_t Outputs>
constexpr void affine(const float* x, const signed char* weights, const float* factors, const float* offsets, float low,
                      float step, float* y) {
    using sum_type = whole<(sizeof(int) >= 4)>::type;
    const float factor = 1 / step;
    const float start = 0.5f - low / step;
    const float high = (low / 255 + step) * 255;
    float odd = 0;  // the last x that is not finite
    sum_type sums[Outputs] = {};
    for (std::size_t i = 0; i < Inputs; ++i) {
        odd = x[i] >= -3.4028235e38f && x[i] <= 3.4028235e38f ? odd : x[i];
        const float limited = x[i] < low ? low : x[i] > high ? high : x[i];  // so that no product overflows
        const float place = limited * factor + start;
        const sum_type byte = place >= 255 ? 255 : place > 0 ? static_cast<unsigned char>(place) : 0;
        if (byte == 0) continue;
        for (std::size_t k = 0; k < Outputs; ++k) sums[k] += byte * weights[i * Outputs + k];
    }
    for (std::size_t k = 0; k < Outputs; ++k) {
        y[k] = static_cast<float>(sums[k]) * factors[k] + offsets[k] + (odd - odd);
    }
}

// NaN is a missing value: the mean takes its place
template <std::size_t N>
constexpr void standardize(const float* x, const float* means, const float* deviations, float* y) {
    for (std::size_t i = 0; i < N; ++i) y[i] = x[i] == x[i] ? (x[i] - means[i]) / deviations[i] : 0;
}

template <std::size_t N>
constexpr void unstandardize(const float* x, const float* means, const float* deviations, float* y) {
    for (std::size_t i = 0; i < N; ++i) y[i] = x[i] * deviations[i] + means[i];
}

template <std::size_t N>
constexpr void layer_norm(const float* x, const float* gains, const float* biases, float epsilon, float* y) {
    float mean = 0;
    for (std::size_t i = 0; i < N; ++i) mean += x[i] / N;
    float variance = 0;
    for (std::size_t i = 0; i < N; ++i) variance += (x[i] - mean) * (x[i] - mean) / N;
    const float scale = inverse_sqrt(variance + epsilon);
    for (std::size_t i = 0; i < N; ++i) y[i] = gains[i] * ((x[i] - mean) * scale) + biases[i];
}

template <std::size_t N>
constexpr void sum(const float* x, const float* skipped, float* y) {
    for (std::size_t i = 0; i < N; ++i) y[i] = x[i] + skipped[i];
}

// Activations of one value

constexpr float sigmoid(float z) { return 1 / (1 + exp(-z)); }

constexpr float tanh(float z) {
    const float e = exp(z < 0 ? 2 * z : -2 * z);
    return (z < 0 ? e - 1 : 1 - e) / (1 + e);
}

constexpr float relu(float z) { return z <= 0 ? 0 : z; }
constexpr float elu(float z) { return z > 0 ? z : exp(z) - 1; }
constexpr float gelu(float z) { return 0.5f * z * (1 + erf(z * 0.70710678f)); }
constexpr float silu(float z) { return z < -88.0f ? 0 : z * sigmoid(z); }
constexpr float softplus(float z) { return (z > 0 ? z : 0) + log1p(exp(z < 0 ? z : -z)); }

// Activations of a row, in place

template <std::size_t N, float (*Activation)(float)>
constexpr void apply(float* y) {
    for (std::size_t i = 0; i < N; ++i) y[i] = Activation(y[i]);
}

template <std::size_t N>
constexpr void leaky_relu(float* y, float slope) {
    for (std::size_t i = 0; i < N; ++i) y[i] = y[i] > 0 ? y[i] : slope * y[i];
}

template <std::size_t N>
constexpr void softmax(float* y) {
    float largest = y[0];
    for (std::size_t i = 1; i < N; ++i) largest = y[i] > largest ? y[i] : largest;
    float total = 0;
    for (std::size_t i = 0; i < N; ++i) total += y[i] = exp(y[i] - largest);
    for (std::size_t i = 0; i < N; ++i) y[i] /= total;
}
)";

}  // namespace TYPENET::detail
