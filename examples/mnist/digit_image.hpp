#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "normalize.hpp"

namespace mnist {

/// Returns the result of normalized(). Throws typenet::ShapeError if `grey` doesn't have width x height values, and
/// typenet::DataError if there is no ink.
[[nodiscard]] DigitImage normalize_digit(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height);

/// Reads a PNG of any kind and size and prepares it with normalize_digit. Throws typenet::FileError if read_png does,
/// and if the picture shows no ink.
[[nodiscard]] DigitImage read_digit(const std::filesystem::path& png);

}  // namespace mnist
