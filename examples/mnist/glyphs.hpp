#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mnist {

/// How a stroke passes through a point of its path.
enum class Join { smooth, corner };

/// A point on the pen's path: x to the right, y downwards. A digit is about 1 tall, its top at y = 0.
struct PathPoint {
    double x;
    double y;
    Join join = Join::smooth;
};

/// A line drawn without lifting the pen: at least two points, joined by a curve that is smooth except at the corners.
using Stroke = std::vector<PathPoint>;

/// One way of writing a digit. `share` is how often people use it, relative to the digit's other styles.
struct Style {
    double share;
    std::vector<Stroke> strokes;
};

/// Returns the styles of `digit`, 0 ... 9; never empty, and valid as long as the program runs.
std::span<const Style> styles_of(std::int32_t digit);

}  // namespace mnist
