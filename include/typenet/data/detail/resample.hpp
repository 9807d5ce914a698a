#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

#include <typenet/core/namespace.hpp>
#include <typenet/kernels/simd.hpp>

/// Resamples an image: each pixel takes the value at its origin, which an affine map and a displacement say. For the
/// transforms of data/augment.hpp. An image is Height lines of Width pixels, from the top; x counts columns to the
/// right, y lines downwards.
namespace TYPENET::detail {

/// The map (x, y) -> (xx x + xy y + x0, yx x + yy y + y0).
struct Affine {
    double xx = 1, xy = 0, x0 = 0;
    double yx = 0, yy = 1, y0 = 0;
};

/// Returns the map that applies b first, then a.
inline Affine operator*(const Affine& a, const Affine& b) noexcept {
    using simd::fma;
    return {fma(a.xx, b.xx, a.xy * b.yx), fma(a.xx, b.xy, a.xy * b.yy), fma(a.xx, b.x0, a.xy * b.y0) + a.x0,
            fma(a.yx, b.xx, a.yy * b.yx), fma(a.yx, b.xy, a.yy * b.yy), fma(a.yx, b.x0, a.yy * b.y0) + a.y0};
}

// Each of these functions returns a map that gives the origin of a point: where it was before the image was changed.
// Points are measured from the image's centre.

/// The image is moved by (x, y) pixels.
inline Affine shifted(double x, double y) noexcept { return {1, 0, -x, 0, 1, -y}; }
/// The image is turned clockwise, as seen with y downwards.
inline Affine rotated(double degrees) noexcept {
    const double angle = degrees * (std::numbers::pi / 180);
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    return {c, s, 0, -s, c, 0};
}
/// The image's width is multiplied by x and its height by y.
inline Affine scaled(double x, double y) noexcept { return {1 / x, 0, 0, 0, 1 / y, 0}; }
/// Each line is moved to the right by `by` times its distance below the centre.
inline Affine sheared(double by) noexcept { return {1, -by, 0, 0, 1, 0}; }

/// For each pixel, a distance in pixels along each axis, which is added before the affine map.
template <std::size_t Height, std::size_t Width>
struct Displacements {
    std::array<float, Height * Width> x{};
    std::array<float, Height * Width> y{};
};

/// Computes image(p) <- image(origin(p + displacement(p))), with points measured from the centre. Between pixels the
/// image is interpolated bilinearly; outside it is 0.
template <std::size_t Height, std::size_t Width>
void resample(std::span<float, Height * Width> image, const Affine& origin,
              const Displacements<Height, Width>& displacements) noexcept {
    // The padding is one line and column of zeros before the image and two after it: points farther outside are moved
    // to one pixel outside, and interpolation reads one pixel further.
    constexpr std::size_t stride = Width + 3;
    std::array<float, (Height + 3) * stride> padded{};
    for (std::size_t y = 0; y < Height; ++y) {
        std::copy_n(image.data() + y * Width, Width, padded.data() + (y + 1) * stride + 1);
    }
    constexpr float centre_x = (Width - 1) / 2.0F;
    constexpr float centre_y = (Height - 1) / 2.0F;
    const auto xx = static_cast<float>(origin.xx);
    const auto xy = static_cast<float>(origin.xy);
    const auto yx = static_cast<float>(origin.yx);
    const auto yy = static_cast<float>(origin.yy);
    const float x0 = static_cast<float>(origin.x0) + centre_x + 1;  // measured in the padded image
    const float y0 = static_cast<float>(origin.y0) + centre_y + 1;
    // Clamps to [0, most]. The order of the comparisons gives 0 for NaN.
    const auto within = [](float value, float most) {
        const float above = value > 0 ? value : 0.0F;
        return above < most ? above : most;
    };
    for (std::size_t line = 0; line < Height; ++line) {
        const float* d_x = displacements.x.data() + line * Width;
        const float* d_y = displacements.y.data() + line * Width;
        const float line_y = static_cast<float>(static_cast<int>(line)) - centre_y;
        std::array<float, Width> x;
        std::array<float, Width> y;
        for (std::size_t i = 0; i < Width; ++i) {
            const float from_x = static_cast<float>(static_cast<int>(i)) - centre_x + d_x[i];
            const float from_y = line_y + d_y[i];
            x[i] = simd::fma(xx, from_x, xy * from_y) + x0;
            y[i] = simd::fma(yx, from_x, yy * from_y) + y0;
        }
        for (float& value : x) value = within(value, Width + 1);
        for (float& value : y) value = within(value, Height + 1);
        std::array<float, Width> changed;
        for (std::size_t i = 0; i < Width; ++i) {
            const int left = static_cast<int>(x[i]);
            const int top = static_cast<int>(y[i]);
            const float right_share = x[i] - static_cast<float>(left);
            const float lower_share = y[i] - static_cast<float>(top);
            const int corner = top * static_cast<int>(stride) + left;
            const float* above = padded.data();
            const float* below = padded.data() + stride;
            const float upper = simd::fma(right_share, above[corner + 1] - above[corner], above[corner]);
            const float lower = simd::fma(right_share, below[corner + 1] - below[corner], below[corner]);
            changed[i] = simd::fma(lower_share, lower - upper, upper);
        }
        std::copy_n(changed.data(), Width, image.data() + line * Width);
    }
}

}  // namespace TYPENET::detail
