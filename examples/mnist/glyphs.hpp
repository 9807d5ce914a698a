#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mnist {

/// How a stroke passes through a point of its path.
enum class Join { smooth, corner };

/// A point the pen passes: x to the right, y downwards. A digit is about 1 tall, its top at y = 0.
struct PathPoint {
    double x;
    double y;
    Join join = Join::smooth;
};

/// What the pen draws without being lifted: at least two points, joined by a smooth curve that turns sharply only at
/// the corners.
using Stroke = std::vector<PathPoint>;

/// One way of writing a digit. `share` is how often people write it so, relative to the digit's other styles.
struct Style {
    double share;
    std::vector<Stroke> strokes;
};

/// The styles of `digit`, 0 ... 9; never empty. They live as long as the program.
std::span<const Style> styles_of(std::int32_t digit);

}  // namespace mnist
