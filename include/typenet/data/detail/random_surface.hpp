#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/kernels/simd.hpp>

/// Random smooth surfaces over an image: the displacements of ElasticDistortion in data/augment.hpp.
namespace TYPENET::detail {

/// Fills `words` from a stream of random numbers of their own, whose seed `random` draws: faster than one by one.
inline void draw_words(Random& random, std::span<std::uint32_t> words) noexcept {
    const std::uint64_t high = random();
    random_words(Seed{high << 32 | random()}, Purpose::augmentation, 0, 0, words);
}

/// A cubic B-spline along an axis, evaluated at the places 0, 1, ... Places - 1. Its value at place i is
///
///     sum over k = 0 ... 3 of weights[i][k] * coefficient[first[i] + k].
///
/// Source: Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing Magazine 16 (1999).
template <std::size_t Places>
struct SplineAxis {
    static constexpr double least_spacing = std::numbers::sqrt3;
    static constexpr std::size_t most_nodes = static_cast<std::size_t>(Places / least_spacing) + 5;

    std::array<std::size_t, Places> first;
    std::array<std::array<float, 4>, Places> weights;
    std::size_t nodes;  ///< how many coefficients the spline has, at most most_nodes

    /// Nodes are `spacing` places apart. Place 0 is `phase` spacings after a node, from 0 to below 1.
    SplineAxis(double spacing, double phase) noexcept {
        for (std::size_t i = 0; i < Places; ++i) {
            const double at = phase + static_cast<double>(i) / spacing;
            first[i] = static_cast<std::size_t>(at);
            const auto t = static_cast<float>(at - static_cast<double>(first[i]));
            const float u = 1 - t;
            const auto inner = [](float d) { return simd::fma(d * d, simd::fma(3.0F, d, -6.0F), 4.0F) / 6; };
            weights[i] = {u * u * u / 6, inner(t), inner(u), t * t * t / 6};
        }
        nodes = first[Places - 1] + 4;
    }
};

/// Adds a random smooth surface to `values`: a cubic B-spline in x and y whose coefficients are uniform on
/// [-amplitude, amplitude].
template <std::size_t Height, std::size_t Width>
void add_surface(std::span<float, Height * Width> values, const SplineAxis<Height>& axis_y,
                 const SplineAxis<Width>& axis_x, float amplitude, Random& random) noexcept {
    constexpr std::size_t most_x = SplineAxis<Width>::most_nodes;
    constexpr std::size_t most_y = SplineAxis<Height>::most_nodes;
    std::array<std::uint32_t, most_x * most_y> words;
    draw_words(random, std::span(words).first(axis_x.nodes * axis_y.nodes));

    // First the splines along x: the weights as a matrix [nodes, Width], times the coefficients of each line of nodes.
    std::array<std::array<float, Width>, most_x> weights;
    for (std::size_t node = 0; node < axis_x.nodes; ++node) weights[node].fill(0);
    for (std::size_t x = 0; x < Width; ++x) {
        for (std::size_t k = 0; k < 4; ++k) weights[axis_x.first[x] + k][x] = axis_x.weights[x][k];
    }
    std::array<std::array<float, Width>, most_y> lines;
    const std::uint32_t* word = words.data();
    for (std::size_t line = 0; line < axis_y.nodes; ++line) {
        std::array<float, Width> sum{};
        for (std::size_t node = 0; node < axis_x.nodes; ++node) {
            const float coefficient = amplitude * 0x1p-31F * static_cast<float>(static_cast<std::int32_t>(*word++));
            for (std::size_t x = 0; x < Width; ++x) sum[x] = simd::fma(coefficient, weights[node][x], sum[x]);
        }
        lines[line] = sum;
    }
    // Then the splines along y.
    for (std::size_t y = 0; y < Height; ++y) {
        const std::array<float, Width>* line = &lines[axis_y.first[y]];
        const std::array<float, 4>& w = axis_y.weights[y];
        float* out = values.data() + y * Width;
        for (std::size_t x = 0; x < Width; ++x) {
            const float first_two = simd::fma(w[0], line[0][x], w[1] * line[1][x]);
            out[x] += simd::fma(w[3], line[3][x], simd::fma(w[2], line[2][x], first_two));
        }
    }
}

}  // namespace TYPENET::detail
