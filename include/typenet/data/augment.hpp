#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/simd.hpp>

/// Random changes of images that don't change what they show. Images are rows of Height x Width numbers, line by line
/// from the top; x counts columns to the right, y lines downwards, and a pixel is a point at its whole numbers.
namespace typenet {

namespace detail {

/// (x, y) -> (xx x + xy y + x0, yx x + yy y + y0)
struct Affine {
    double xx = 1, xy = 0, x0 = 0;
    double yx = 0, yy = 1, y0 = 0;
};

/// First b, then a.
inline Affine operator*(const Affine& a, const Affine& b) noexcept {
    using simd::fma;
    return {fma(a.xx, b.xx, a.xy * b.yx), fma(a.xx, b.xy, a.xy * b.yy), fma(a.xx, b.x0, a.xy * b.y0) + a.x0,
            fma(a.yx, b.xx, a.yy * b.yx), fma(a.yx, b.xy, a.yy * b.yy), fma(a.yx, b.x0, a.yy * b.y0) + a.y0};
}

// Where each point of the changed image was before, measured from the image's centre.
inline Affine shifted(double x, double y) noexcept { return {1, 0, -x, 0, 1, -y}; }
/// Clockwise, as seen with y downwards.
inline Affine rotated(double degrees) noexcept {
    const double angle = degrees * (std::numbers::pi / 180);
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    return {c, s, 0, -s, c, 0};
}
inline Affine scaled(double x, double y) noexcept { return {1 / x, 0, 0, 0, 1 / y, 0}; }
inline Affine sheared(double by) noexcept { return {1, -by, 0, 0, 1, 0}; }

/// How far each pixel's origin is from where it would be.
template <std::size_t Height, std::size_t Width>
struct Displacements {
    std::array<float, Height * Width> x{};
    std::array<float, Height * Width> y{};
};

/// image(p) <- image(origin(p + displacement(p))), where points are measured from the centre, values between pixels are
/// bilinear, and all is 0 outside.
template <std::size_t Height, std::size_t Width>
void resample(std::span<float, Height * Width> image, const Affine& origin,
              const Displacements<Height, Width>& displacements) noexcept {
    // One line and column of zeros before the image and two behind: a point is moved to at most 1 before or behind.
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
    const float x0 = static_cast<float>(origin.x0) + centre_x + 1;  // in the padded image
    const float y0 = static_cast<float>(origin.y0) + centre_y + 1;
    // In the order that gives 0 for NaN.
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

/// Many words at once, from a stream of their own that `random` picks.
inline void draw_words(Random& random, std::span<std::uint32_t> words) noexcept {
    const std::uint64_t high = random();
    random_words(Seed{high << 32 | random()}, Purpose::augmentation, 0, 0, words);
}

/// Places along an axis among the nodes of a cubic B-spline: at place i it is the sum over k = 0 ... 3 of
/// weights[i][k] times the coefficient of node first[i] + k.
/// Source: Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing Magazine 16 (1999).
template <std::size_t Places>
struct SplineAxis {
    static constexpr double least_spacing = std::numbers::sqrt3;
    static constexpr std::size_t most_nodes = static_cast<std::size_t>(Places / least_spacing) + 5;

    std::array<std::size_t, Places> first;
    std::array<std::array<float, 4>, Places> weights;
    std::size_t nodes;

    /// Place 0 is `phase`, in [0, 1), of a spacing behind a node.
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

/// values += a random surface: a cubic B-spline in x and y with coefficients uniform on [-amplitude, amplitude].
template <std::size_t Height, std::size_t Width>
void add_surface(std::span<float, Height * Width> values, const SplineAxis<Height>& axis_y,
                 const SplineAxis<Width>& axis_x, float amplitude, Random& random) noexcept {
    constexpr std::size_t most_x = SplineAxis<Width>::most_nodes;
    constexpr std::size_t most_y = SplineAxis<Height>::most_nodes;
    std::array<std::uint32_t, most_x * most_y> words;
    draw_words(random, std::span(words).first(axis_x.nodes * axis_y.nodes));

    // The weights as a matrix [nodes, Width], and with them the spline along each line of nodes.
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

inline void require_amount(std::string_view owner, std::string_view option, double value, double least = 0,
                           double most = 1e6) {
    require_option(value >= least && value <= most, owner, option, value,
                   join({"it must be from ", number_text(least), " to ", number_text(most)}));
}

}  // namespace detail

/// Moves the image by a uniform distance along each axis.
struct Shift {
    double pixels = 0;  ///< the farthest along each axis; 0 to 10^6

    void validate() const { detail::require_amount("Shift", "pixels", pixels); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Shift", {{"pixels", pixels}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        const double x = uniform(random, -pixels, pixels);
        return detail::shifted(x, uniform(random, -pixels, pixels));
    }
};

/// Turns the image about its centre by a uniform angle.
struct Rotate {
    double degrees = 0;  ///< the farthest to either side; 0 to 180

    void validate() const { detail::require_amount("Rotate", "degrees", degrees, 0, 180); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Rotate", {{"degrees", degrees}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        return detail::rotated(uniform(random, -degrees, degrees));
    }
};

/// Stretches the image about its centre: width and height each by a uniform factor from 1 - by to 1 + by.
struct Scale {
    double by = 0;  ///< 0 to 0.99

    void validate() const { detail::require_amount("Scale", "by", by, 0, 0.99); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Scale", {{"by", by}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        const double x = uniform(random, 1 - by, 1 + by);
        return detail::scaled(x, uniform(random, 1 - by, 1 + by));
    }
};

/// Slants the image: moves each line to the side by a uniform factor times its distance from the centre.
struct Shear {
    double by = 0;  ///< the largest factor to either side; 0 to 10^6

    void validate() const { detail::require_amount("Shear", "by", by); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Shear", {{"by", by}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        return detail::sheared(uniform(random, -by, by));
    }
};

/// Moves each pixel a little, its neighbours much alike. There, white noise is smoothed by a Gaussian with deviation
/// sigma and multiplied by alpha. Here, a cubic B-spline has random coefficients at nodes sqrt(3) sigma apart: it
/// smooths by a kernel of the same deviation, at a fraction of the cost. The grid of nodes begins at a random place, so
/// that all pixels move alike. alpha is 2 sqrt(3 pi) sigma pixels.
/// Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
/// analysis", ICDAR 2003, section 2.
struct ElasticDistortion {
    double pixels = 0;  ///< standard deviation of the distance along each axis; 0 to 10^6
    double sigma = 4;   ///< in pixels; 1 to 10^6

    void validate() const {
        detail::require_amount("ElasticDistortion", "pixels", pixels);
        detail::require_amount("ElasticDistortion", "sigma", sigma, 1);
    }
    [[nodiscard]] std::string describe() const {
        return detail::describe_options("ElasticDistortion", {{"pixels", pixels}, {"sigma", sigma}});
    }
    template <std::size_t Height, std::size_t Width>
    void displace(detail::Displacements<Height, Width>& displacements, Random& random) const noexcept {
        if (pixels == 0) return;
        // A coefficient's variance is amplitude^2 / 3, and the B-spline's square has the integral 151 / 315.
        constexpr double per_axis = 151.0 / 315;
        const auto amplitude = static_cast<float>(pixels * std::numbers::sqrt3 / per_axis);
        const double spacing = std::numbers::sqrt3 * sigma;
        const detail::SplineAxis<Height> axis_y(spacing, uniform(random));
        const detail::SplineAxis<Width> axis_x(spacing, uniform(random));
        detail::add_surface<Height, Width>(displacements.x, axis_y, axis_x, amplitude, random);
        detail::add_surface<Height, Width>(displacements.y, axis_y, axis_x, amplitude, random);
    }
};

/// Adds to each pixel a random number of its own. It is nearly normal: the sum of four uniform ones, at most 3.5
/// deviations. The result is not limited to the pixels' range.
struct Noise {
    double deviation = 0;  ///< 0 to 10^6

    void validate() const { detail::require_amount("Noise", "deviation", deviation); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Noise", {{"deviation", deviation}}); }
    template <std::size_t Pixels>
    void add(std::span<float, Pixels> image, Random& random) const noexcept {
        if (deviation == 0) return;
        std::array<std::uint32_t, Pixels> words;
        detail::draw_words(random, words);
        // Each byte is uniform on 0 ... 255, with mean 127.5 and variance (256^2 - 1) / 12.
        const auto scale = static_cast<float>(deviation / std::sqrt(4 * 65535.0 / 12));
        for (std::size_t i = 0; i < Pixels; ++i) {
            const std::uint32_t w = words[i];
            const auto sum = static_cast<int>((w & 255) + (w >> 8 & 255) + (w >> 16 & 255) + (w >> 24));
            image[i] = simd::fma(scale, static_cast<float>(sum - 510), image[i]);
        }
    }
};

namespace detail {

/// `origin(random)` is where each point of the changed image was before, measured from the centre.
template <class T>
concept AffineTransform = requires(const T& transform, Random& random) {
    { transform.origin(random) } -> std::same_as<Affine>;
};
template <class T>
concept DisplacingTransform = requires(const T& transform, Displacements<2, 2>& displacements, Random& random) {
    transform.displace(displacements, random);
};
template <class T>
concept AddingTransform = requires(const T& transform, std::span<float, 4> image, Random& random) {
    transform.add(image, random);
};

}  // namespace detail

/// One of the transforms above.
template <class T>
concept ImageTransform = (detail::AffineTransform<T> || detail::DisplacingTransform<T> ||
                          detail::AddingTransform<T>)&&requires(const T& transform) {
    transform.validate();
    { transform.describe() } -> std::convertible_to<std::string>;
};

/// Transforms of Height x Width images one after the other, made by `augment`. The affine ones act in their order, then
/// the elastic ones, then noise. All but noise are composed into one map from pixels to their origins, so that the
/// image is interpolated once, bilinearly and with zeros outside. Hangs on nothing but the image and `random`, and uses
/// no heap; compilers give the same bits where the processor's instructions and the C library are the same. An option
/// of 0 turns a transform off.
template <std::size_t Height, std::size_t Width, ImageTransform... Transforms>
class Augment {
public:
    /// Throws OptionError for an option that is out of range.
    explicit Augment(Transforms... transforms) : transforms_(transforms...) {
        std::apply([](const auto&... transform) { (transform.validate(), ...); }, transforms_);
    }

    void operator()(std::span<float, Height * Width> image, Random& random) const noexcept {
        if constexpr ((!detail::AddingTransform<Transforms> || ...)) {
            detail::Affine origin;
            for_each([&](const auto& transform) {
                if constexpr (requires { transform.origin(random); }) origin = origin * transform.origin(random);
            });
            detail::Displacements<Height, Width> displacements;
            for_each([&](const auto& transform) {
                if constexpr (requires { transform.displace(displacements, random); }) {
                    transform.displace(displacements, random);
                }
            });
            detail::resample<Height, Width>(image, origin, displacements);
        }
        for_each([&](const auto& transform) {
            if constexpr (requires { transform.add(image, random); }) transform.add(image, random);
        });
    }

    /// All names and options, such as "augment<28, 28>(Rotate(degrees 10), Noise(deviation 0.02))".
    [[nodiscard]] std::string describe() const {
        std::string text = detail::join({"augment<", Height, ", ", Width, ">("});
        const char* before = "";
        for_each([&](const auto& transform) {
            text += detail::join({before, transform.describe()});
            before = ", ";
        });
        return text += ")";
    }

private:
    template <class Visit>
    void for_each(Visit visit) const {
        std::apply([&](const auto&... transform) { (visit(transform), ...); }, transforms_);
    }

    std::tuple<Transforms...> transforms_;
};

/// For FitOptions::augmentation: augment<28, 28>(Rotate{.degrees = 10}, Shift{.pixels = 2}). Throws OptionError for an
/// option that is out of range.
template <std::size_t Height, std::size_t Width, ImageTransform... Transforms>
[[nodiscard]] Augment<Height, Width, Transforms...> augment(Transforms... transforms) {
    return Augment<Height, Width, Transforms...>(transforms...);
}

}  // namespace typenet
