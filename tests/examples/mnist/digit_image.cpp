#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

#include <mnist/digit_image.hpp>
#include <typenet/core/error.hpp>

namespace {

using mnist::DigitImage;
using mnist::normalize_digit;
using mnist::read_digit;

/// A picture of grey values, row by row, at first all white.
struct Picture {
    std::size_t width;
    std::size_t height;
    std::vector<std::uint8_t> grey = std::vector<std::uint8_t>(width * height, 255);

    std::uint8_t& at(std::size_t x, std::size_t y) { return grey[y * width + x]; }

    void fill(std::size_t left, std::size_t top, std::size_t columns, std::size_t rows, std::uint8_t value = 0) {
        for (std::size_t y = top; y < top + rows; ++y) {
            for (std::size_t x = left; x < left + columns; ++x) at(x, y) = value;
        }
    }

    /// Draws a straight stroke with a round pen.
    void stroke(double x0, double y0, double x1, double y1, double radius) {
        const double squared = (x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0);
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) {
                const double px = static_cast<double>(x) - x0;
                const double py = static_cast<double>(y) - y0;
                const double along = std::clamp((px * (x1 - x0) + py * (y1 - y0)) / squared, 0.0, 1.0);
                if (std::hypot(px - along * (x1 - x0), py - along * (y1 - y0)) <= radius) at(x, y) = 0;
            }
        }
    }

    [[nodiscard]] DigitImage normalized() const { return normalize_digit(grey, width, height); }
};

/// Returns a seven with a bar through it, on a sheet much larger than the digit.
Picture seven() {
    Picture picture{.width = 300, .height = 400};
    picture.stroke(60, 90, 190, 80, 11);
    picture.stroke(190, 80, 110, 300, 11);
    picture.stroke(110, 190, 190, 185, 9);
    return picture;
}

Picture inverted(Picture picture) {
    for (std::uint8_t& value : picture.grey) value = static_cast<std::uint8_t>(255 - value);
    return picture;
}

double mean_difference(const DigitImage& a, const DigitImage& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    return sum / static_cast<double>(a.size());
}

/// The extent of an image's ink, its total and its centre of mass.
struct Extent {
    std::size_t left = 28;
    std::size_t right = 0;  // the last column
    std::size_t top = 28;
    std::size_t bottom = 0;  // the last row
    double mass = 0.0;
    double centre_x = 0.0;
    double centre_y = 0.0;
};

Extent extent(const DigitImage& image) {
    Extent found;
    for (std::size_t i = 0; i < image.size(); ++i) {
        if (image[i] == 0) continue;
        const std::size_t x = i % 28;
        const std::size_t y = i / 28;
        found.left = std::min(found.left, x);
        found.right = std::max(found.right, x);
        found.top = std::min(found.top, y);
        found.bottom = std::max(found.bottom, y);
        found.mass += image[i];
        found.centre_x += static_cast<double>(image[i]) * static_cast<double>(x);
        found.centre_y += static_cast<double>(image[i]) * static_cast<double>(y);
    }
    found.centre_x /= found.mass;
    found.centre_y /= found.mass;
    return found;
}

/// Returns an image with 255 in the given columns and rows, 0 elsewhere.
DigitImage rectangle(std::size_t left, std::size_t top, std::size_t columns, std::size_t rows) {
    DigitImage image{};
    for (std::size_t y = top; y < top + rows; ++y) {
        for (std::size_t x = left; x < left + columns; ++x) image[y * 28 + x] = 255;
    }
    return image;
}

/// A unique path; the destructor removes the file there.
class TemporaryPath {
public:
    TemporaryPath() {
        static std::atomic<unsigned> count{0};
        const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
        path_ =
            std::filesystem::temp_directory_path() / ("typenet_digit_" + std::to_string(std::random_device{}()) + "_" +
                                                      std::to_string(now) + "_" + std::to_string(++count) + ".png");
    }
    explicit TemporaryPath(std::string_view contents) : TemporaryPath() { write(contents); }
    TemporaryPath(const TemporaryPath&) = delete;
    TemporaryPath& operator=(const TemporaryPath&) = delete;
    ~TemporaryPath() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    void write(std::string_view contents) const {
        std::ofstream file(path_, std::ios::binary | std::ios::trunc);
        file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
        REQUIRE(file.flush());
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

void append_to_string(void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

/// Returns a PNG file with 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) bytes per pixel.
std::string png_of(std::size_t width, std::size_t height, std::size_t channels,
                   const std::vector<std::uint8_t>& bytes) {
    std::string file;
    const int written =
        stbi_write_png_to_func(append_to_string, &file, static_cast<int>(width), static_cast<int>(height),
                               static_cast<int>(channels), bytes.data(), static_cast<int>(width * channels));
    REQUIRE(written != 0);
    return file;
}

std::string png_of(const Picture& picture) { return png_of(picture.width, picture.height, 1, picture.grey); }

/// Returns the PNG file of seven() with another size in its header.
std::string seven_claiming(std::uint32_t width, std::uint32_t height) {
    std::string file = png_of(seven());
    for (std::size_t i = 0; i < 4; ++i) {
        file[16 + i] = static_cast<char>(width >> (24 - 8 * i));
        file[20 + i] = static_cast<char>(height >> (24 - 8 * i));
    }
    return file;
}

/// Returns the message of the typenet::FileError that reading `path` must throw, without the file's name at its start.
std::string refusal(const std::filesystem::path& path) {
    try {
        static_cast<void>(read_digit(path));
    } catch (const typenet::FileError& error) {
        CHECK(error.file() == path.string());
        const std::string message = error.what();
        const std::string start = path.string() + ": ";
        REQUIRE(message.starts_with(start));
        return message.substr(start.size());
    }
    return "(read without an error)";
}

/// Returns refusal() for a file with these contents.
std::string refusal_of(std::string_view contents) { return refusal(TemporaryPath(contents).path()); }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_SUITE("examples/mnist/digit_image") {
    TEST_CASE("the longer side of the ink becomes 20 pixels, the other keeps its proportion") {
        Picture square{.width = 500, .height = 400};
        square.fill(37, 51, 200, 200);
        CHECK(square.normalized() == rectangle(4, 4, 20, 20));

        Picture tall{.width = 500, .height = 400};
        tall.fill(300, 100, 100, 200);
        CHECK(tall.normalized() == rectangle(9, 4, 10, 20));

        Picture wide{.width = 500, .height = 400};
        wide.fill(10, 300, 400, 80);
        CHECK(wide.normalized() == rectangle(4, 12, 20, 4));
    }

    TEST_CASE("a square gets the same place at every size") {
        for (std::size_t side = 3; side < 120; ++side) {
            Picture picture{.width = 200, .height = 150};
            picture.fill(11, 17, side, side);
            CHECK_MESSAGE(picture.normalized() == rectangle(4, 4, 20, 20), "side " << side);
        }
    }

    TEST_CASE("ink smaller than 20 pixels is enlarged") {
        Picture small{.width = 12, .height = 9};
        small.fill(4, 2, 2, 5);
        CHECK(small.normalized() == rectangle(10, 4, 8, 20));
    }

    TEST_CASE("a pixel's value is the inked share of its area") {
        Picture picture{.width = 100, .height = 100};
        picture.fill(30, 30, 40, 40);  // 2 x 2 of these make a pixel
        picture.fill(50, 50, 1, 1, 255);
        picture.fill(40, 40, 2, 1, 255);
        picture.fill(60, 30, 1, 2, 128);
        DigitImage expected = rectangle(4, 4, 20, 20);
        expected[(4 + 10) * 28 + 4 + 10] = 191;  // 3/4
        expected[(4 + 5) * 28 + 4 + 5] = 128;    // 1/2
        expected[(4 + 0) * 28 + 4 + 15] = 191;   // half of its area is half-dark
        CHECK(picture.normalized() == expected);
    }

    TEST_CASE("an area that overlaps several pixels is divided among them") {
        Picture picture{.width = 60, .height = 60};
        picture.fill(10, 10, 30, 30);  // 1.5 x 1.5 of these make a pixel
        picture.fill(11, 20, 1, 3, 255);
        DigitImage expected = rectangle(4, 4, 20, 20);
        // Source column 1 covers the last third of pixel 0 and the first third of pixel 1; source rows 10, 11 and 12
        // cover a third of pixel 6, all of pixel 7 and two thirds of pixel 8.
        for (const std::size_t column : {4u, 5u}) {
            expected[(4 + 6) * 28 + column] = 227;  // 255 (1 - 1/3 1/3)
            expected[(4 + 7) * 28 + column] = 170;  // 255 (1 - 1/3)
            expected[(4 + 8) * 28 + column] = 198;  // 255 (1 - 1/3 2/3)
        }
        CHECK(picture.normalized() == expected);
    }

    TEST_CASE("the centre of mass determines the place, not the bounding box") {
        Picture triangle{.width = 400, .height = 400};
        for (std::size_t y = 0; y < 200; ++y) triangle.fill(80, 50 + y, y + 1, 1);
        const Extent found = extent(triangle.normalized());
        CHECK(found.right - found.left == 19);
        CHECK(found.bottom - found.top == 19);
        CHECK(found.left > 4);  // most of the ink is in the lower left
        CHECK(found.top < 4);
        CHECK(found.centre_x >= 13.5);
        CHECK(found.centre_x < 14.5);
        CHECK(found.centre_y >= 13.5);
        CHECK(found.centre_y < 14.5);
    }

    TEST_CASE("no ink leaves the image, however lopsided the digit is") {
        Picture picture{.width = 300, .height = 300};
        picture.fill(20, 20, 60, 60);
        picture.fill(80, 75, 140, 5);
        picture.fill(75, 80, 5, 140);
        const Extent low = extent(picture.normalized());
        CHECK(low.left == 8);
        CHECK(low.right == 27);
        CHECK(low.top == 8);
        CHECK(low.bottom == 27);

        std::reverse(picture.grey.begin(), picture.grey.end());
        const Extent high = extent(picture.normalized());
        CHECK(high.left == 0);
        CHECK(high.right == 19);
        CHECK(high.top == 0);
        CHECK(high.bottom == 19);
    }

    TEST_CASE("dark on light and light on dark give the same digit") {
        CHECK(inverted(seven()).normalized() == seven().normalized());
    }

    TEST_CASE("a digit that covers most of the picture, or touches its border, is still the ink") {
        Picture bold{.width = 100, .height = 100};  // 81 % dark
        bold.fill(5, 5, 90, 90);
        CHECK(bold.normalized() == rectangle(4, 4, 20, 20));

        Picture cropped{.width = 60, .height = 100};  // an upside-down T that fills the picture
        cropped.fill(0, 80, 60, 20);
        cropped.fill(20, 0, 20, 100);
        const DigitImage image = cropped.normalized();
        const Extent found = extent(image);
        CHECK(found.right - found.left == 11);
        CHECK(found.bottom - found.top == 19);
        CHECK(image[found.top * 28 + found.left] == 0);
        CHECK(image[found.bottom * 28 + found.left] == 255);
        CHECK(inverted(cropped).normalized() == image);
    }

    TEST_CASE("an enlarged digit in MNIST's form becomes the original again") {
        const DigitImage digit = seven().normalized();
        for (const std::size_t factor : {1u, 3u, 10u}) {
            Picture print{.width = 28 * factor, .height = 28 * factor};
            for (std::size_t y = 0; y < print.height; ++y) {
                for (std::size_t x = 0; x < print.width; ++x) {
                    print.at(x, y) = static_cast<std::uint8_t>(255 - digit[y / factor * 28 + x / factor]);
                }
            }
            CHECK(mean_difference(print.normalized(), digit) < 0.5);
        }
    }

    TEST_CASE("faint ink becomes white as well") {
        Picture pencil = seven();
        for (std::uint8_t& value : pencil.grey) value = value == 0 ? 170 : 230;
        CHECK(pencil.normalized() == seven().normalized());
    }

    TEST_CASE("a stroke far thinner than a pixel of the result stays visible") {
        Picture hairline{.width = 1000, .height = 1000};
        hairline.fill(300, 100, 1, 800);
        CHECK(hairline.normalized() == rectangle(14, 4, 1, 20));
    }

    TEST_CASE("noise on paper is not ink") {
        std::mt19937 random(7);
        std::normal_distribution<double> noise(0.0, 10.0);
        Picture scan = seven();
        for (std::uint8_t& value : scan.grey) {
            const double level = value == 0 ? 70.0 : 200.0;
            value = static_cast<std::uint8_t>(std::clamp(level + noise(random), 0.0, 255.0));
        }
        const DigitImage image = scan.normalized();
        CHECK(mean_difference(image, seven().normalized()) < 1.5);
        CHECK(image[0] == 0);
        CHECK(std::count(image.begin(), image.end(), std::uint8_t{0}) > 500);
    }

    TEST_CASE("stains far fainter than the ink are not ink") {
        Picture stained = seven();
        stained.fill(200, 250, 100, 150, 249);
        CHECK(stained.normalized() == seven().normalized());
    }

    TEST_CASE("unevenly lit paper is not ink") {
        Picture photo = seven();
        for (std::size_t y = 0; y < photo.height; ++y) {
            for (std::size_t x = 0; x < photo.width; ++x) {
                photo.at(x, y) = static_cast<std::uint8_t>(photo.at(x, y) == 0 ? 20 : 250 - x / 3);
            }
        }
        CHECK(mean_difference(photo.normalized(), seven().normalized()) < 3.0);
    }

    TEST_CASE("specks far from the digit are not ink, a separate stroke is") {
        Picture dusty = seven();
        dusty.fill(5, 5, 3, 3);
        dusty.fill(290, 390, 2, 4);
        CHECK(dusty.normalized() == seven().normalized());

        Picture two_strokes = seven();
        two_strokes.fill(60, 360, 120, 10);
        CHECK(mean_difference(two_strokes.normalized(), seven().normalized()) > 5.0);
    }

    TEST_CASE("the dots of a dotted digit are not specks") {
        const Picture solid = seven();
        Picture dotted = solid;
        for (std::size_t i = 0; i < dotted.grey.size(); ++i) {
            if (i % dotted.width % 3 != 0 || i / dotted.width % 3 != 0) dotted.grey[i] = 255;
        }
        const Extent found = extent(dotted.normalized());
        CHECK(found.bottom - found.top == 19);
        CHECK(found.right - found.left > 9);
        CHECK(mean_difference(dotted.normalized(), solid.normalized()) < 40.0);
    }

    TEST_CASE("a picture without ink is refused") {
        for (const int value : {0, 1, 128, 254, 255}) {
            Picture blank{.width = 40, .height = 30};
            blank.fill(0, 0, 40, 30, static_cast<std::uint8_t>(value));
            CHECK_THROWS_AS(static_cast<void>(blank.normalized()), typenet::DataError);
        }
        Picture nearly_blank{.width = 40, .height = 30};
        nearly_blank.fill(10, 10, 5, 5, 240);
        CHECK_THROWS_AS(static_cast<void>(nearly_blank.normalized()), typenet::DataError);
        nearly_blank.fill(10, 10, 5, 5, 239);
        CHECK_NOTHROW(static_cast<void>(nearly_blank.normalized()));
        CHECK_THROWS_AS(static_cast<void>(normalize_digit({}, 0, 0)), typenet::DataError);
    }

    TEST_CASE("sizes that do not fit the values are refused") {
        const std::vector<std::uint8_t> grey(12, 255);
        CHECK_THROWS_AS(static_cast<void>(normalize_digit(grey, 3, 5)), typenet::ShapeError);
        CHECK_THROWS_AS(static_cast<void>(normalize_digit(grey, 5, 2)), typenet::ShapeError);
        CHECK_THROWS_AS(static_cast<void>(normalize_digit(grey, 0, 12)), typenet::ShapeError);
        CHECK_THROWS_AS(static_cast<void>(normalize_digit(grey, 12, 0)), typenet::ShapeError);
        CHECK_THROWS_AS(static_cast<void>(normalize_digit({}, 3, 4)), typenet::ShapeError);
    }

    TEST_CASE("a PNG in grey or in colour gives the same result as its grey values") {
        const Picture picture = seven();
        const DigitImage expected = picture.normalized();
        CHECK(read_digit(TemporaryPath(png_of(picture)).path()) == expected);

        std::vector<std::uint8_t> blue_on_yellow;
        for (const std::uint8_t value : picture.grey) {
            if (value == 0) {
                blue_on_yellow.insert(blue_on_yellow.end(), {20, 20, 160});
            } else {
                blue_on_yellow.insert(blue_on_yellow.end(), {250, 240, 120});
            }
        }
        CHECK(read_digit(TemporaryPath(png_of(picture.width, picture.height, 3, blue_on_yellow)).path()) == expected);
    }

    TEST_CASE("transparent parts are white paper") {
        const Picture picture = seven();
        std::vector<std::uint8_t> grey_alpha;  // black everywhere, opaque only where there is ink
        std::vector<std::uint8_t> rgba;
        for (const std::uint8_t value : picture.grey) {
            const auto alpha = static_cast<std::uint8_t>(255 - value);
            grey_alpha.insert(grey_alpha.end(), {0, alpha});
            rgba.insert(rgba.end(), {0, 0, 0, alpha});
        }
        const DigitImage expected = picture.normalized();
        CHECK(read_digit(TemporaryPath(png_of(picture.width, picture.height, 2, grey_alpha)).path()) == expected);
        CHECK(read_digit(TemporaryPath(png_of(picture.width, picture.height, 4, rgba)).path()) == expected);
    }

    TEST_CASE("half-transparent ink is half as dark") {
        std::vector<std::uint8_t> grey_alpha;
        for (std::size_t y = 0; y < 100; ++y) {
            for (std::size_t x = 0; x < 100; ++x) {
                const bool left = x >= 30 && x < 50 && y >= 30 && y < 70;
                const bool right = x >= 50 && x < 70 && y >= 30 && y < 70;
                grey_alpha.insert(grey_alpha.end(), {0, static_cast<std::uint8_t>(left ? 255 : right ? 128 : 0)});
            }
        }
        const DigitImage image = read_digit(TemporaryPath(png_of(100, 100, 2, grey_alpha)).path());
        const Extent found = extent(image);
        CHECK(image[14 * 28 + found.left] == 255);
        CHECK(image[14 * 28 + found.right] == 128);
    }

    TEST_CASE("a file that isn't a PNG is refused with an error that names it") {
        const TemporaryPath absent;
        CHECK(contains(refusal(absent.path()), "cannot be opened"));
        CHECK(contains(refusal(std::filesystem::temp_directory_path()), "is a directory"));
        CHECK(contains(refusal_of(""), "is not a PNG image"));
        CHECK(contains(refusal_of("\x89PNG"), "is not a PNG image"));
        CHECK(contains(refusal_of("P5 2 2 255\n four more bytes"), "is not a PNG image"));

        std::string jpeg;
        const Picture picture = seven();
        REQUIRE(stbi_write_jpg_to_func(append_to_string, &jpeg, 300, 400, 1, picture.grey.data(), 90) != 0);
        CHECK(contains(refusal_of(jpeg), "is not a PNG image"));
    }

    TEST_CASE("a PNG cut short anywhere is refused") {
        Picture picture{.width = 30, .height = 30};
        picture.fill(10, 5, 6, 20);
        const std::string whole = png_of(picture);
        const TemporaryPath file(whole);
        CHECK_NOTHROW(static_cast<void>(read_digit(file.path())));
        for (std::size_t size = 8; size < whole.size(); ++size) {
            file.write(std::string_view(whole).substr(0, size));
            CHECK_MESSAGE(contains(refusal(file.path()), "truncated"), "after " << size << " bytes");
        }
    }

    TEST_CASE("a PNG with a changed byte anywhere is refused") {
        Picture picture{.width = 30, .height = 30};
        picture.fill(10, 5, 6, 20);
        const std::string whole = png_of(picture);
        const TemporaryPath file;
        for (std::size_t at = 0; at < whole.size(); ++at) {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
            file.write(damaged);
            CHECK_MESSAGE(contains(refusal(file.path()), "is "), "byte " << at);
        }
        std::string other_chunk = whole;
        other_chunk[12] = 'i';
        CHECK(contains(refusal_of(other_chunk), "does not start with its header"));
    }

    TEST_CASE("a PNG with intact chunks but without a picture is refused") {
        const std::string whole = png_of(seven());
        constexpr std::size_t up_to_header = 8 + 25;
        constexpr std::size_t end_chunk = 12;
        CHECK(contains(refusal_of(whole.substr(0, up_to_header) + whole.substr(whole.size() - end_chunk)), "damaged"));
    }

    TEST_CASE("bytes after the end of a PNG are ignored") {
        CHECK(read_digit(TemporaryPath(png_of(seven()) + "trailing bytes").path()) == seven().normalized());
    }

    TEST_CASE("sizes over 100 million pixels are refused before anything is decoded") {
        CHECK(contains(refusal_of(seven_claiming(10'000, 10'001)), "is too large: 10000 x 10001 pixels"));
        CHECK(contains(refusal_of(seven_claiming(0x7fffffff, 0x7fffffff)), "is too large"));
        CHECK(contains(refusal_of(seven_claiming(0xffffffff, 0xffffffff)), "is too large"));
        CHECK(contains(refusal_of(seven_claiming(1, 100'000'001)), "is too large"));
    }

    TEST_CASE("sizes for which the file is too short are refused before anything is decoded") {
        const std::string file = seven_claiming(10'000, 10'000);
        CHECK(contains(refusal_of(file), "bytes can't hold 10000 x 10000 pixels"));
        // A file that is long enough for the size is refused only for its checksum.
        CHECK(contains(refusal_of(file + std::string(10'000 * 10'000 / 1032, '\0')), "checksum"));
        CHECK(contains(refusal_of(seven_claiming(300, 401)), "checksum"));
    }

    TEST_CASE("a PNG without ink is refused with an error that names the file") {
        const Picture blank{.width = 20, .height = 20};
        CHECK(contains(refusal_of(png_of(blank)), "no ink"));
        const std::vector<std::uint8_t> transparent(20 * 20 * 4, 0);
        CHECK(contains(refusal_of(png_of(20, 20, 4, transparent)), "no ink"));
    }
}
