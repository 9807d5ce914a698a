#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <typenet/core/random.hpp>

namespace mnist {

/// Digits in the form of the MNIST set: 28 x 28 grey levels a digit, row by row, 0 the paper and 255 the ink.
struct DigitImages {
    std::vector<std::uint8_t> pixels;
    std::vector<std::int32_t> labels;
};

/// Draws `count` handwritten digits, each in one of several writing styles with its own slant, proportions, pen and
/// wobble. As in MNIST a digit is 20 pixels long in its longer direction and lies with its centre of mass within half
/// a pixel of pixel (14, 14), counted from 0. (A very lopsided digit, one in some 100,000, stays inside the image
/// instead.)
///
/// Digit i depends only on `seed` and i, so a longer set starts with the shorter one. Digits 10 k to 10 k + 9 have each
/// label once, in random order.
DigitImages draw_digits(std::size_t count, typenet::Seed seed);

}  // namespace mnist
