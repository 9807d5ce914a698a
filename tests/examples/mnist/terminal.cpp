#include <array>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <mnist/terminal.hpp>

namespace {

using mnist::Palette;
using Image = std::array<std::uint8_t, 784>;
using Probabilities = std::array<float, 10>;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> drawn(const Image& image, Palette palette = Palette::plain) {
    std::ostringstream out;
    mnist::print_digit(out, image, palette);
    return lines_of(out.str());
}

std::vector<std::string> listed(const Probabilities& probabilities) {
    std::ostringstream out;
    mnist::print_probabilities(out, probabilities);
    return lines_of(out.str());
}

/// Returns the number of characters of a UTF-8 text.
std::size_t width_of(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xc0u) != 0x80u;
    return count;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

std::string spaces(std::size_t count) { return std::string(count, ' '); }

}  // namespace

TEST_SUITE("examples/mnist/terminal") {
    TEST_CASE("a digit is 14 lines of 28 characters without escape sequences") {
        Image image{};
        for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 37 % 256);
        const std::vector<std::string> lines = drawn(image);
        REQUIRE(lines.size() == 14);
        for (const std::string& line : lines) {
            CHECK(width_of(line) == 28);
            CHECK(line.find('\x1b') == std::string::npos);
        }
    }

    TEST_CASE("a line shows an even row above an odd row") {
        Image image{};
        image[0 * 28 + 1] = 255;
        image[1 * 28 + 2] = 255;
        image[0 * 28 + 27] = 255;
        image[1 * 28 + 27] = 255;
        image[27 * 28 + 0] = 255;
        const std::vector<std::string> lines = drawn(image);
        REQUIRE(lines.size() == 14);
        CHECK(lines[0] == " ▀▄" + spaces(24) + "█");
        CHECK(lines[1] == spaces(28));
        CHECK(lines[13] == "▄" + spaces(27));
    }

    TEST_CASE("greys are drawn as shades, unless the halves differ too much") {
        Image image{};
        const std::array<std::array<std::uint8_t, 2>, 8> pairs{
            {{10, 10}, {64, 64}, {128, 128}, {200, 180}, {250, 250}, {20, 60}, {220, 40}, {30, 190}}};
        for (std::size_t x = 0; x < pairs.size(); ++x) {
            image[x] = pairs[x][0];
            image[28 + x] = pairs[x][1];
        }
        CHECK(drawn(image)[0] == " ░▒▓█░▀▄" + spaces(20));
    }

    TEST_CASE("with Palette::grey each half has its own colour, and each line resets the colours") {
        Image image{};
        image[0] = 255;
        image[28 + 1] = 128;
        const std::vector<std::string> lines = drawn(image, Palette::grey);
        REQUIRE(lines.size() == 14);
        CHECK(lines[0] ==
              "\x1b[38;5;231;48;5;16m▀\x1b[38;5;16;48;5;244m▀\x1b[38;5;16;48;5;16m" + repeated("▀", 26) + "\x1b[0m");
        CHECK(lines[13] == "\x1b[38;5;16;48;5;16m" + repeated("▀", 28) + "\x1b[0m");
    }

    TEST_CASE("every grey value gets a colour within 8 levels of it, and brighter values never get darker colours") {
        int last = -1;
        for (int value = 0; value < 256; ++value) {
            Image image{};
            image.fill(static_cast<std::uint8_t>(value));
            const std::string line = drawn(image, Palette::grey)[0];
            REQUIRE(line.starts_with("\x1b[38;5;"));
            const int code = std::stoi(line.substr(7));
            REQUIRE((code == 16 || (code >= 231 && code <= 255)));
            const int shown = code == 16 ? 0 : code == 231 ? 255 : 8 + 10 * (code - 232);
            CHECK(shown - value <= 8);
            CHECK(value - shown <= 8);
            CHECK(shown >= last);
            last = shown;
        }
    }

    TEST_CASE("probabilities are bars in eighths of a character, and percentages") {
        const Probabilities p{0.0f,       1.0f / 256, 2.0f / 256, 3.0f / 256, 4.0f / 256,
                              5.0f / 256, 6.0f / 256, 7.0f / 256, 0.5f,       0.25f};
        const std::vector<std::string> lines = listed(p);
        REQUIRE(lines.size() == 10);
        CHECK(lines[0] == "0  " + spaces(32) + "    0.0 %");
        CHECK(lines[1] == "1  ▏" + spaces(31) + "    0.4 %");
        CHECK(lines[2] == "2  ▎" + spaces(31) + "    0.8 %");
        CHECK(lines[3] == "3  ▍" + spaces(31) + "    1.2 %");
        CHECK(lines[4] == "4  ▌" + spaces(31) + "    1.6 %");
        CHECK(lines[5] == "5  ▋" + spaces(31) + "    2.0 %");
        CHECK(lines[6] == "6  ▊" + spaces(31) + "    2.3 %");
        CHECK(lines[7] == "7  ▉" + spaces(31) + "    2.7 %");
        CHECK(lines[8] == "8  " + repeated("█", 16) + spaces(16) + "   50.0 % <");
        CHECK(lines[9] == "9  " + repeated("█", 8) + spaces(24) + "   25.0 %");
    }

    TEST_CASE("a probability of 1 fills the bar and keeps the columns aligned") {
        Probabilities p{};
        p[3] = 1.0f;
        const std::vector<std::string> lines = listed(p);
        REQUIRE(lines.size() == 10);
        CHECK(lines[3] == "3  " + repeated("█", 32) + "  100.0 % <");
        for (std::size_t digit = 0; digit < 10; ++digit) CHECK(width_of(lines[digit]) == (digit == 3 ? 46 : 44));
    }

    TEST_CASE("exactly one line is marked: the first of equal values") {
        Probabilities p{};
        p.fill(0.05f);
        p[4] = p[7] = 0.3f;
        const std::vector<std::string> lines = listed(p);
        REQUIRE(lines.size() == 10);
        for (std::size_t digit = 0; digit < 10; ++digit) CHECK(lines[digit].ends_with(" <") == (digit == 4));
    }

    TEST_CASE("values that aren't probabilities are shown with bars limited to their range") {
        constexpr float nan = std::numeric_limits<float>::quiet_NaN();
        Probabilities p{};
        p[0] = nan;
        p[1] = -0.5f;
        p[2] = 3.0f;
        p[5] = nan;
        p[9] = std::numeric_limits<float>::infinity();
        const std::vector<std::string> lines = listed(p);
        REQUIRE(lines.size() == 10);
        CHECK(lines[0].starts_with("0  " + spaces(32)));
        CHECK(lines[1] == "1  " + spaces(32) + "  -50.0 %");
        CHECK(lines[2] == "2  " + repeated("█", 32) + "  300.0 %");
        CHECK(lines[9].starts_with("9  " + repeated("█", 32)));
        for (std::size_t digit = 0; digit < 10; ++digit) CHECK(lines[digit].ends_with(" <") == (digit == 9));
    }

    TEST_CASE("the stream's formatting settings have no effect and are kept") {
        Probabilities p{};
        p[1] = 0.123f;
        std::ostringstream out;
        out << std::scientific << std::setprecision(3) << std::setfill('*') << std::setw(80);
        mnist::print_probabilities(out, p);
        mnist::print_digit(out, Image{});
        const std::string text = out.str();
        CHECK(lines_of(text).size() == 24);
        CHECK(text.find('*') == std::string::npos);
        out.str("");
        out << 0.5;
        CHECK(out.str() == std::string(71, '*') + "5.000e-01");
    }
}
