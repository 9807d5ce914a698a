#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mnist {

/// 28 rows of 28 pixels, row by row: 0 is the black background, 255 the white ink.
using DigitImage = std::array<std::uint8_t, 784>;

/// Prepares a picture of one digit the way MNIST's makers prepared theirs: white on black, cropped to the ink, scaled
/// to fit 20 x 20 with its proportions kept, and moved by whole pixels so that the ink's centre of mass comes to
/// [13.5, 14.5) in x and in y, counting pixels from 0, or as near to it as keeps all ink inside. The brightest pixel
/// is 255.
///
/// `grey` has `height` rows of `width` values, 0 black and 255 white; other sizes are undefined behaviour. The border
/// decides whether dark or light is the background. A pixel that differs from the background by less than the noise
/// along the border, or by less than 1/32 of the ink's contrast, is background too; so are specks with less than 1/500
/// of the ink of the largest stroke. A drawn frame counts as ink.
///
/// Returns nothing if there is no ink: the picture has no pixels, is uniform, or has less than 16 of 255 levels between
/// ink and background. Throws only std::bad_alloc, and so also compiles without exceptions.
[[nodiscard]] std::optional<DigitImage> normalized(std::span<const std::uint8_t> grey, std::size_t width,
                                                   std::size_t height);

}  // namespace mnist
