#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace mnist {

/// A picture: `height` rows of `width` grey values, 0 black and 255 white.
struct GreyImage {
    std::vector<std::uint8_t> pixels;
    std::size_t width = 0;
    std::size_t height = 0;
};

/// Reads a PNG of any kind. Colours become their luminance, transparent areas white.
///
/// Throws typenet::FileError if the file cannot be read, is not a PNG, is truncated, has a wrong checksum, has more
/// than 100 million pixels, or is too short for the pixels that its header claims.
[[nodiscard]] GreyImage read_png(const std::filesystem::path& path);

}  // namespace mnist
