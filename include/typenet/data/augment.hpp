#pragma once

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

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/options.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/random_surface.hpp>
#include <typenet/data/detail/resample.hpp>
#include <typenet/kernels/simd.hpp>

/// Augmentation: random changes of images that keep their class, such as small rotations of a digit. A trainer applies
/// them to each row whenever it trains on it, so that a network hardly ever sees exactly the same image twice.
///
/// `augment<28, 28>(Rotate{...}, Noise{...})` makes an `Augment` of some transforms. For each image, Augment composes
/// the affine transforms (Shift, Rotate, Scale, Shear) to one map, adds the displacements of ElasticDistortion (made by
/// detail/random_surface.hpp), has detail/resample.hpp compute the changed image, and adds Noise at the end.
///
/// An image is Height lines of Width pixels, from the top; x counts columns to the right, y lines downwards.
/// An augmentation changes a step's copy of a row, never the dataset. Evaluation and prediction see rows unchanged.
namespace TYPENET {

namespace detail {

/// Requires an option from `least` to `most`.
inline void require_amount(std::string_view owner, std::string_view option, double value, double least = 0,
                           double most = 1e6) {
    require_option(value >= least && value <= most, owner, option, value,
                   join({"it must be from ", number_text(least), " to ", number_text(most)}));
}

}  // namespace detail

/// Moves the image by a random distance along each axis, uniform from -pixels to pixels.
struct Shift {
    double pixels = 0;  ///< the largest distance along each axis; 0 to 10^6

    void validate() const { detail::require_amount("Shift", "pixels", pixels); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Shift", {{"pixels", pixels}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        const double x = uniform(random, -pixels, pixels);
        return detail::shifted(x, uniform(random, -pixels, pixels));
    }
};

/// Turns the image about its centre by a random angle, uniform from -degrees to degrees.
struct Rotate {
    double degrees = 0;  ///< the largest angle to either side; 0 to 180

    void validate() const { detail::require_amount("Rotate", "degrees", degrees, 0, 180); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Rotate", {{"degrees", degrees}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        return detail::rotated(uniform(random, -degrees, degrees));
    }
};

/// Stretches the image about its centre: multiplies width and height by a random factor each, uniform from 1 - by to
/// 1 + by.
struct Scale {
    double by = 0;  ///< the largest change of a factor; 0 to 0.99

    void validate() const { detail::require_amount("Scale", "by", by, 0, 0.99); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Scale", {{"by", by}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        const double x = uniform(random, 1 - by, 1 + by);
        return detail::scaled(x, uniform(random, 1 - by, 1 + by));
    }
};

/// Slants the image: moves each line sideways by a random factor times the line's distance from the centre, uniform
/// from -by to by.
struct Shear {
    double by = 0;  ///< the largest factor; 0 to 10^6

    void validate() const { detail::require_amount("Shear", "by", by); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Shear", {{"by", by}}); }
    [[nodiscard]] detail::Affine origin(Random& random) const noexcept {
        return detail::sheared(uniform(random, -by, by));
    }
};

/// Moves each pixel a little, and neighbours by nearly the same distance. The paper below smooths white noise by a
/// Gaussian with deviation sigma and multiplies by alpha. Here the displacement is a cubic B-spline with random
/// coefficients at nodes sqrt(3) sigma apart, which smooths by a kernel of the same deviation at a fraction of the
/// cost. The grid of nodes starts at a random place, so that all pixels have the same distribution. The paper's alpha
/// equals 2 sqrt(3 pi) sigma times `pixels`.
/// Source: Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document
/// analysis", ICDAR 2003, section 2.
struct ElasticDistortion {
    double pixels = 0;  ///< standard deviation of the distance along each axis; 0 to 10^6
    double sigma = 4;   ///< of the Gaussian, in pixels: how far neighbours move together; 1 to 10^6

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
        // The variance of a coefficient is amplitude^2 / 3; the integral of the B-spline's square is 151 / 315.
        constexpr double per_axis = 151.0 / 315;
        const auto amplitude = static_cast<float>(pixels * std::numbers::sqrt3 / per_axis);
        const double spacing = std::numbers::sqrt3 * sigma;
        const detail::SplineAxis<Height> axis_y(spacing, uniform(random));
        const detail::SplineAxis<Width> axis_x(spacing, uniform(random));
        detail::add_surface<Height, Width>(displacements.x, axis_y, axis_x, amplitude, random);
        detail::add_surface<Height, Width>(displacements.y, axis_y, axis_x, amplitude, random);
    }
};

/// Adds an independent random number to each pixel: the sum of four uniform numbers, which is nearly normal and at most
/// 3.5 deviations. The result may leave the pixels' range.
struct Noise {
    double deviation = 0;  ///< standard deviation of what is added; 0 to 10^6

    void validate() const { detail::require_amount("Noise", "deviation", deviation); }
    [[nodiscard]] std::string describe() const { return detail::describe_options("Noise", {{"deviation", deviation}}); }
    /// Adds noise to each pixel.
    template <std::size_t Pixels>
    void add(std::span<float, Pixels> image, Random& random) const noexcept {
        if (deviation == 0) return;
        std::array<std::uint32_t, Pixels> words;
        detail::draw_words(random, words);
        // Each of the word's four bytes is uniform on 0 ... 255, with mean 127.5 and variance (256^2 - 1) / 12.
        const auto scale = static_cast<float>(deviation / std::sqrt(4 * 65535.0 / 12));
        for (std::size_t i = 0; i < Pixels; ++i) {
            const std::uint32_t w = words[i];
            const auto sum = static_cast<int>((w & 255) + (w >> 8 & 255) + (w >> 16 & 255) + (w >> 24));
            image[i] = simd::fma(scale, static_cast<float>(sum - 510), image[i]);
        }
    }
};

namespace detail {

/// A transform that maps all pixels alike: `origin(random)` returns the map from points to their origins.
template <class T>
concept AffineTransform = requires(const T& transform, Random& random) {
    { transform.origin(random) } -> std::same_as<Affine>;
};

/// A transform that moves each pixel by itself: `displace(displacements, random)` adds to their displacements.
template <class T>
concept DisplacingTransform = requires(const T& transform, Displacements<2, 2>& displacements, Random& random) {
    transform.displace(displacements, random);
};

/// A transform of values: `add(image, random)` adds to the pixels.
template <class T>
concept AddingTransform = requires(const T& transform, std::span<float, 4> image, Random& random) {
    transform.add(image, random);
};

}  // namespace detail

/// One of the transforms above, or a type with the same functions.
template <class T>
concept ImageTransform = (detail::AffineTransform<T> || detail::DisplacingTransform<T> ||
                          detail::AddingTransform<T>)&&requires(const T& transform) {
    transform.validate();
    { transform.describe() } -> std::convertible_to<std::string>;
};

/// Applies transforms to Height x Width images; `augment` makes it. The affine transforms act in their order, then the
/// elastic ones, then noise. All but noise are composed to one map from pixels to their origins, so that the image is
/// interpolated only once, bilinearly and with zeros outside. The result depends on the image and `random` alone; it is
/// the same bit for bit with every compiler, if the processor's instructions and the C library are the same. Uses no
/// heap. A transform whose amounts are 0 changes nothing.
template <std::size_t Height, std::size_t Width, ImageTransform... Transforms>
class Augment {
public:
    /// Throws OptionError for an option that is out of range.
    explicit Augment(Transforms... transforms) : transforms_(transforms...) {
        std::apply([](const auto&... transform) { (transform.validate(), ...); }, transforms_);
    }

    /// Changes an image in place.
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

    /// Returns all names and options, such as "augment<28, 28>(Rotate(degrees 10), Noise(deviation 0.02))".
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

/// Makes an augmentation of Height x Width images, for the option `augmentation` of `fit` and `Trainer`. Throws
/// OptionError for an option out of range.
///
/// ```cpp
/// const auto augmentation = augment<28, 28>(Rotate{.degrees = 10}, Shift{.pixels = 2}, Noise{.deviation = 0.02});
/// ```
template <std::size_t Height, std::size_t Width, ImageTransform... Transforms>
[[nodiscard]] Augment<Height, Width, Transforms...> augment(Transforms... transforms) {
    return Augment<Height, Width, Transforms...>(transforms...);
}

}  // namespace TYPENET
