#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include <mnist/normalize.hpp>

namespace {

using mnist::DigitImage;
using mnist::normalized;

/// Returns a picture of the colour `paper` with a rectangle of the colour `ink`.
std::vector<std::uint8_t> picture(std::size_t width, std::size_t height, std::uint8_t paper, std::uint8_t ink,
                                  std::size_t left, std::size_t top, std::size_t columns, std::size_t rows) {
    std::vector<std::uint8_t> grey(width * height, paper);
    for (std::size_t y = top; y < top + rows; ++y) {
        for (std::size_t x = left; x < left + columns; ++x) grey[y * width + x] = ink;
    }
    return grey;
}

/// Returns an image with 255 in the given columns and rows, 0 elsewhere.
DigitImage rectangle(std::size_t left, std::size_t top, std::size_t columns, std::size_t rows) {
    DigitImage image{};
    for (std::size_t y = top; y < top + rows; ++y) {
        for (std::size_t x = left; x < left + columns; ++x) image[y * 28 + x] = 255;
    }
    return image;
}

}  // namespace

// The details of the preparation are tested in digit_image.cpp, through normalize_digit.
TEST_SUITE("examples/mnist/normalize") {
    TEST_CASE("ink is scaled to 20 x 20 and centred, wherever it is") {
        const DigitImage expected = rectangle(9, 4, 10, 20);
        CHECK(normalized(picture(300, 200, 255, 0, 10, 20, 60, 120), 300, 200) == expected);
        CHECK(normalized(picture(200, 300, 0, 255, 130, 170, 60, 120), 200, 300) == expected);
    }

    TEST_CASE("a drawing may fill the whole sheet except its edge") {
        CHECK(normalized(picture(42, 42, 255, 0, 1, 1, 40, 40), 42, 42) == rectangle(4, 4, 20, 20));
    }

    TEST_CASE("a single dot is ink") {
        CHECK(normalized(picture(280, 280, 255, 0, 277, 3, 1, 1), 280, 280) == rectangle(4, 4, 20, 20));
    }

    TEST_CASE("a picture without ink gives nothing") {
        CHECK(normalized({}, 0, 0) == std::nullopt);
        for (const std::uint8_t paper : {std::uint8_t{0}, std::uint8_t{128}, std::uint8_t{255}}) {
            CHECK(normalized(picture(40, 30, paper, paper, 0, 0, 40, 30), 40, 30) == std::nullopt);
        }
        CHECK(normalized(picture(40, 30, 255, 240, 10, 10, 5, 5), 40, 30) == std::nullopt);
        CHECK(normalized(picture(40, 30, 255, 239, 10, 10, 5, 5), 40, 30) != std::nullopt);
    }
}
