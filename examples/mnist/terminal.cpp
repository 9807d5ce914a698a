#include "mnist/terminal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ios>
#include <ostream>
#include <string>
#include <string_view>

#if __has_include(<unistd.h>)
#    include <unistd.h>
#endif

namespace mnist {
namespace {

constexpr std::size_t side = 28;
constexpr std::size_t bar_width = 32;  // characters

/// A character and the brightness of its upper and its lower half, from 0 to 255.
struct Glyph {
    std::string_view text;
    int upper;
    int lower;
};

constexpr std::array<Glyph, 7> glyphs{
    {{" ", 0, 0}, {"░", 64, 64}, {"▒", 128, 128}, {"▓", 191, 191}, {"█", 255, 255}, {"▀", 255, 0}, {"▄", 0, 255}}};

/// Returns the character whose halves are nearest to these two pixels.
std::string_view nearest_glyph(int upper, int lower) {
    const auto distance = [&](const Glyph& glyph) {
        return (glyph.upper - upper) * (glyph.upper - upper) + (glyph.lower - lower) * (glyph.lower - lower);
    };
    return std::min_element(glyphs.begin(), glyphs.end(),
                            [&](const Glyph& a, const Glyph& b) { return distance(a) < distance(b); })
        ->text;
}

/// Returns the code of the nearest grey of xterm's 256 colours: 16 is black, 232 to 255 are the greys 8, 18, ..., 238,
/// and 231 is white.
int grey_code(int value) {
    if (value < 4) return 16;
    if (value > 246) return 231;
    return 232 + std::clamp((value - 3) / 10, 0, 23);
}

}  // namespace

Palette palette_of_stdout() {
#if __has_include(<unistd.h>)
    const char* const no_color = std::getenv("NO_COLOR");
    if (no_color != nullptr && *no_color != '\0') return Palette::plain;
    const char* const terminal = std::getenv("TERM");
    if (terminal == nullptr || std::string_view(terminal).find("256color") == std::string_view::npos) {
        return Palette::plain;
    }
    return isatty(STDOUT_FILENO) != 0 ? Palette::grey : Palette::plain;
#else
    return Palette::plain;
#endif
}

void print_digit(std::ostream& out, std::span<const std::uint8_t, 784> image, Palette palette) {
    std::string text;
    for (std::size_t y = 0; y < side; y += 2) {
        int last_upper = -1;
        int last_lower = -1;
        for (std::size_t x = 0; x < side; ++x) {
            const int upper = image[y * side + x];
            const int lower = image[(y + 1) * side + x];
            if (palette == Palette::plain) {
                text += nearest_glyph(upper, lower);
                continue;
            }
            const int foreground = grey_code(upper);
            const int background = grey_code(lower);
            if (foreground != last_upper || background != last_lower) {
                text += "\x1b[38;5;" + std::to_string(foreground) + ";48;5;" + std::to_string(background) + "m";
            }
            last_upper = foreground;
            last_lower = background;
            text += "▀";
        }
        text += palette == Palette::plain ? "\n" : "\x1b[0m\n";
    }
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

void print_probabilities(std::ostream& out, std::span<const float, 10> probabilities) {
    constexpr std::array<std::string_view, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    std::size_t largest = 0;
    for (std::size_t digit = 1; digit < probabilities.size(); ++digit) {
        if (probabilities[digit] > probabilities[largest] || std::isnan(probabilities[largest])) largest = digit;
    }

    std::string text;
    for (std::size_t digit = 0; digit < probabilities.size(); ++digit) {
        const float value = probabilities[digit];
        const float shown = value > 0.0f ? std::min(value, 1.0f) : 0.0f;  // 0 for NaN
        const auto length = static_cast<std::size_t>(std::lround(shown * static_cast<float>(8 * bar_width)));
        std::array<char, 64> percentage{};
        std::snprintf(percentage.data(), percentage.size(), "%5.1f %%", 100.0 * static_cast<double>(value));

        text += std::to_string(digit) + "  ";
        for (std::size_t cell = 0; cell < length / 8; ++cell) text += "█";
        text += eighths[length % 8];
        text.append(bar_width - (length + 7) / 8, ' ');
        text += "  ";
        text += percentage.data();
        text += digit == largest ? " <\n" : "\n";
    }
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace mnist
