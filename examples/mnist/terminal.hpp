#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>

namespace mnist {

/// What may be written to a stream: `plain` is text without escape sequences, `grey` also xterm's 256-colour codes.
enum class Palette { plain, grey };

/// Returns `grey` if standard output is a terminal with 256 colours and NO_COLOR is not set, else `plain`.
[[nodiscard]] Palette palette_of_stdout();

/// Writes 28 rows of 28 pixels (0 black, 255 white) as 14 lines of 28 characters, two rows a line, in UTF-8. With
/// Palette::plain, white is the colour of the terminal's text.
void print_digit(std::ostream& out, std::span<const std::uint8_t, 784> image, Palette palette = Palette::plain);

/// Writes ten lines, one for each digit: a bar in UTF-8, the percentage, and `<` after the first of the largest. A
/// value outside [0, 1] gets an empty or a full bar; its percentage is written as it is.
void print_probabilities(std::ostream& out, std::span<const float, 10> probabilities);

}  // namespace mnist
