#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <typenet/core/random.hpp>

namespace mnist {

/// Digits in MNIST's form: 28 x 28 grey levels per digit, row by row, 0 for paper and 255 for ink.
struct DigitImages {
    std::vector<std::uint8_t> pixels;
    std::vector<std::int32_t> labels;
};

/// Draws `count` handwritten digits, each in one of several writing styles with its own slant, proportions, pen and
/// wobble. As in MNIST, a digit's longer side has 20 pixels, and its centre of mass is within half a pixel of pixel
/// (14, 14), counted from 0. (A very lopsided digit, about one in 100,000, is kept inside the image instead.)
///
/// Digit i depends only on `seed` and i, so that a longer set starts with the shorter one. Among the digits 10 k to
/// 10 k + 9 each label occurs once, in random order.
DigitImages draw_digits(std::size_t count, typenet::Seed seed);

}  // namespace mnist
