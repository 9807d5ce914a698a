#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace mnist {

/// 28 rows of 28 pixels, row by row: 0 is the black background, 255 the white ink.
using DigitImage = std::array<std::uint8_t, 784>;

/// Prepares a picture of one digit the way MNIST's makers prepared theirs: white on black, cropped to the ink, scaled
/// to fit 20 x 20 with its proportions kept, and moved by whole pixels so that the ink's centre of mass comes to
/// [13.5, 14.5) in x and in y, counting pixels from 0, or as near to it as keeps all ink inside. The brightest pixel
/// is 255.
///
/// `grey` has `height` rows of `width` values, 0 black and 255 white. The border decides which side is the background.
/// Whatever differs from the background by less than the noise seen along the border, or by less than 1/32 of the
/// ink's contrast, is background too; so are specks with less than 1/500 of the ink of the largest stroke. A drawn
/// frame counts as ink.
///
/// Throws typenet::ShapeError where `grey` is not width x height values, typenet::DataError where there is no ink: the
/// picture is uniform, or has less than 16 of 255 levels between ink and background.
[[nodiscard]] DigitImage normalize_digit(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height);

/// Reads a PNG of any kind and size and prepares it with normalize_digit. Throws typenet::FileError where read_png does
/// and where the picture shows no ink.
[[nodiscard]] DigitImage read_digit(const std::filesystem::path& png);

}  // namespace mnist
