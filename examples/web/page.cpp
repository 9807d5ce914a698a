// The module behind the digit page. The page's script calls clear(), draw() for each piece of a stroke, and
// recognise(), whose results are at image() and probabilities() until it is called again.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <optional>

#include "digits_net.hpp"
#include "mnist/normalize.hpp"

static_assert(digits::input_count == 784 && digits::output_count == 10,
              "the page needs a network that makes ten probabilities of 28 x 28 pixels");

namespace {

constexpr std::size_t side = 280;   // of the drawing, in pixels
constexpr float pen_radius = 9.5f;  // in pixels: digits of a comfortable size come to strokes as thick as MNIST's

constinit std::array<std::uint8_t, side * side> drawing{};  // white ink on black
constinit mnist::DigitImage seen{};
constinit digits::Outputs outputs{};

/// Returns the pixels that a pen reaches between the positions `a` and `b` on one axis, as a half-open range.
struct Range {
    Range(float a, float b)
        : first(pixel(std::floor(std::min(a, b) - pen_radius - 1))),
          last(pixel(std::ceil(std::max(a, b) + pen_radius + 1))) {}

    static std::size_t pixel(float position) {
        return static_cast<std::size_t>(std::clamp(position, 0.0f, static_cast<float>(side)));
    }

    std::size_t first;
    std::size_t last;
};

}  // namespace

// The standard library's operator new may print that it failed, which would make the module ask the page for files.
void* operator new(std::size_t size) {
    void* const memory = std::malloc(size);
    if (memory == nullptr) std::abort();
    return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" {

/// Returns the pen's width as a fraction of the drawing's side.
float pen_width() { return 2 * pen_radius / side; }

void clear() { drawing.fill(0); }

/// Draws a straight line with a round pen, or a dot. (0, 0) is the drawing's upper left corner, (1, 1) the lower right
/// one.
void draw(float x0, float y0, float x1, float y1) {
    const float left = x0 * side;
    const float top = y0 * side;
    const float dx = (x1 - x0) * side;
    const float dy = (y1 - y0) * side;
    const float squared = dx * dx + dy * dy;
    const Range columns(left, left + dx);
    const Range rows(top, top + dy);
    for (std::size_t row = rows.first; row < rows.last; ++row) {
        for (std::size_t column = columns.first; column < columns.last; ++column) {
            const float x = static_cast<float>(column) + 0.5f - left;
            const float y = static_cast<float>(row) + 0.5f - top;
            const float along = squared > 0 ? std::clamp((x * dx + y * dy) / squared, 0.0f, 1.0f) : 0.0f;
            const float off_x = x - along * dx;
            const float off_y = y - along * dy;
            const float inside = pen_radius + 0.5f - std::sqrt(off_x * off_x + off_y * off_y);
            const auto ink = static_cast<std::uint8_t>(255 * std::clamp(inside, 0.0f, 1.0f));
            drawing[row * side + column] = std::max(drawing[row * side + column], ink);
        }
    }
}

/// Recognises the drawing. Returns false where there is nothing to recognise, and leaves image() and probabilities() as
/// they are.
bool recognise() {
    const std::optional<mnist::DigitImage> image = mnist::normalized(drawing, side, side);
    if (!image) return false;
    seen = *image;
    outputs = digits::predict(seen);
    return true;
}

/// Returns what the network sees: 28 rows of 28 pixels, white ink on black.
const std::uint8_t* image() { return seen.data(); }

/// Returns ten probabilities, from that of a 0 to that of a 9.
const float* probabilities() { return outputs.values; }

}  // extern "C"
