#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "normalize.hpp"

namespace mnist {

/// What normalized() gives, with exceptions: typenet::ShapeError where `grey` is not width x height values,
/// typenet::DataError where there is no ink.
[[nodiscard]] DigitImage normalize_digit(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height);

/// Reads a PNG of any kind and size and prepares it with normalize_digit. Throws typenet::FileError where read_png does
/// and where the picture shows no ink.
[[nodiscard]] DigitImage read_digit(const std::filesystem::path& png);

}  // namespace mnist
