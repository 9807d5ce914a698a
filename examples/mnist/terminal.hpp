#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>

namespace mnist {

/// What may be written to a stream: `plain` for text without escape sequences, `grey` for xterm's 256-colour codes,
/// too.
enum class Palette { plain, grey };

/// Returns `grey` if standard output is a terminal with 256 colours and NO_COLOR is not set, else `plain`.
[[nodiscard]] Palette palette_of_stdout();

/// Writes 28 rows of 28 pixels (0 black, 255 white) as 14 lines of 28 characters in UTF-8, two rows per line. With
/// Palette::plain, white pixels have the colour of the terminal's text.
void print_digit(std::ostream& out, std::span<const std::uint8_t, 784> image, Palette palette = Palette::plain);

/// Writes ten lines, one per digit: a bar in UTF-8, the percentage, and `<` after the largest, the first if several are
/// equal. A value outside [0, 1] gets an empty or a full bar; its percentage is written unchanged.
void print_probabilities(std::ostream& out, std::span<const float, 10> probabilities);

}  // namespace mnist
