#include "mnist/digit_image.hpp"

#include <optional>
#include <string>

#include <typenet/core/error.hpp>

#include "mnist/png.hpp"

namespace mnist {

DigitImage normalize_digit(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height) {
    const bool sizes_agree = grey.empty() ? width == 0 || height == 0
                                          : width != 0 && grey.size() % width == 0 && grey.size() / width == height;
    if (!sizes_agree) {
        throw typenet::ShapeError("an image of " + std::to_string(width) + " x " + std::to_string(height) +
                                  " pixels cannot have " + std::to_string(grey.size()) + " values");
    }
    if (grey.empty()) throw typenet::DataError("the image has no ink: it has no pixels");

    const std::optional<DigitImage> image = normalized(grey, width, height);
    if (!image) throw typenet::DataError("the image has no ink: all of it is about one colour");
    return *image;
}

DigitImage read_digit(const std::filesystem::path& png) {
    const GreyImage image = read_png(png);
    try {
        return normalize_digit(image.pixels, image.width, image.height);
    } catch (const typenet::DataError& error) {
        throw typenet::FileError(png.string(), error.what());
    }
}

}  // namespace mnist
