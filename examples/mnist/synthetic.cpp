#include "synthetic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "glyphs.hpp"

namespace mnist {
namespace {

using typenet::normal;
using typenet::Random;
using typenet::Seed;

constexpr std::size_t image_side = 28;
constexpr std::size_t image_size = image_side * image_side;
constexpr std::size_t box_side = 20;
constexpr double centre_of_mass = 14;

// How handwritings differ. A spread is a standard deviation. The unit of length is the height of a digit.
constexpr double point_spread = 0.065;   // of a point around its place in the glyph
constexpr double point_drift = 0.5;      // correlation of this error between neighbouring points of a stroke
constexpr double stroke_spread = 0.015;  // of a stroke as a whole
constexpr double end_spread = 0.12;      // of the length by which a stroke overruns its ends
constexpr double bend_spread = 0.12;     // of each bending coefficient
constexpr double aspect_spread = 0.16;   // of the logarithm of width / height
constexpr double slant_mean = 0.12;      // to the right, as most people write
constexpr double slant_spread = 0.26;
constexpr double turn_spread = 0.11;  // of the rotation, in radians

// The pen, in pixels.
constexpr double mean_radius = 1.3;
constexpr double radius_spread = 0.32;  // of the radius' logarithm
constexpr double thinnest_radius = 0.7;
constexpr double thickest_radius = 3.0;
constexpr double edge_width = 1.1;  // distance over which full ink fades to 0

struct Point {
    double x;
    double y;
};

using Polyline = std::vector<Point>;

// ---- Writing: a style becomes lines.

const Style& pick_style(std::int32_t digit, Random& random) {
    const std::span<const Style> styles = styles_of(digit);
    double shares = 0;
    for (const Style& style : styles) shares += style.share;
    double rest = typenet::uniform(random, 0, shares);
    for (const Style& style : styles) {
        rest -= style.share;
        if (rest < 0) return style;
    }
    return styles.back();
}

Point normal_point(Random& random, double spread) {
    const double x = spread * normal(random);
    const double y = spread * normal(random);
    return {x, y};
}

/// Moves every point of a stroke. The errors of neighbouring points are correlated, since a hand drifts: the error e_i
/// of point i is e_0 = n_0, e_i = r e_{i-1} + sqrt(1 - r^2) n_i, with n_i normal and r = point_drift. All e_i have the
/// same deviation.
void wobble(Stroke& stroke, Random& random) {
    const Point offset = normal_point(random, stroke_spread);
    const double renewal = std::sqrt(1 - point_drift * point_drift);
    Point error = normal_point(random, point_spread);
    for (PathPoint& point : stroke) {
        point.x += offset.x + error.x;
        point.y += offset.y + error.y;
        const Point fresh = normal_point(random, point_spread);
        error = {point_drift * error.x + renewal * fresh.x, point_drift * error.y + renewal * fresh.y};
    }
}

/// Moves `end` away from its neighbour or towards it, as if the pen was lifted late or early.
void overrun(PathPoint& end, const PathPoint& neighbour, Random& random) {
    constexpr double softening = 0.05;  // limits the effect of a very near neighbour
    const double dx = end.x - neighbour.x;
    const double dy = end.y - neighbour.y;
    const double factor = end_spread * normal(random) / (std::hypot(dx, dy) + softening);
    end.x += factor * dx;
    end.y += factor * dy;
}

Stroke vary(Stroke stroke, Random& random) {
    wobble(stroke, random);
    overrun(stroke.front(), stroke[1], random);
    overrun(stroke.back(), stroke[stroke.size() - 2], random);
    return stroke;
}

/// Returns the Catmull-Rom spline from b to c with neighbours a and d, at t in [0, 1]: the cubic p with p(0) = b, p(1)
/// = c, p'(0) = (c - a) / 2, p'(1) = (d - b) / 2.
double catmull_rom(double a, double b, double c, double d, double t) {
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/// Returns the smooth line through a stroke's points. At a corner and at both ends the curve has no further neighbour.
Polyline trace(const Stroke& stroke) {
    constexpr int steps = 5;
    Polyline line = {{stroke[0].x, stroke[0].y}};
    for (std::size_t i = 1; i < stroke.size(); ++i) {
        const PathPoint& from = stroke[i - 1];
        const PathPoint& to = stroke[i];
        const PathPoint& before = i == 1 || from.join == Join::corner ? from : stroke[i - 2];
        const PathPoint& after = i + 1 == stroke.size() || to.join == Join::corner ? to : stroke[i + 1];
        for (int step = 1; step <= steps; ++step) {
            const double t = static_cast<double>(step) / steps;
            line.push_back(
                {catmull_rom(before.x, from.x, to.x, after.x, t), catmull_rom(before.y, from.y, to.y, after.y, t)});
        }
    }
    return line;
}

// ---- Distortion: changes a whole digit.

/// First a quadratic form is added to x and one to y: it bends stems, tapers, and makes upper loops larger than lower
/// ones. Then the digit is widened, slanted and rotated.
struct Distortion {
    std::array<double, 3> bend_x;
    std::array<double, 3> bend_y;
    double aspect;
    double slant;
    double turn;
};

Distortion random_distortion(Random& random) {
    Distortion distortion{};
    for (double& coefficient : distortion.bend_x) coefficient = bend_spread * normal(random);
    for (double& coefficient : distortion.bend_y) coefficient = bend_spread * normal(random);
    distortion.aspect = std::exp(aspect_spread * normal(random));
    distortion.slant = slant_mean + slant_spread * normal(random);
    distortion.turn = turn_spread * normal(random);
    return distortion;
}

Point distort(Point point, const Distortion& distortion) {
    constexpr double glyph_width = 0.8;
    const double u = 2 * point.x - glyph_width;  // (u, v) is (0, 0) in the glyph's middle; v is -1 at its top
    const double v = 2 * point.y - 1;
    const auto bend = [&](const std::array<double, 3>& b) { return b[0] * u * u + b[1] * u * v + b[2] * v * v; };
    const double y = v + bend(distortion.bend_y);
    const double x = distortion.aspect * (u + bend(distortion.bend_x)) - distortion.slant * y;
    const double cosine = std::cos(distortion.turn);
    const double sine = std::sin(distortion.turn);
    return {cosine * x - sine * y, sine * x + cosine * y};
}

/// Scales and moves the lines so that, drawn with a pen of radius `reach`, they just fit the box and are centred in it.
void fit_box(std::vector<Polyline>& lines, double reach) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Point low = {infinity, infinity};
    Point high = {-infinity, -infinity};
    for (const Polyline& line : lines) {
        for (const Point& point : line) {
            low = {std::min(low.x, point.x), std::min(low.y, point.y)};
            high = {std::max(high.x, point.x), std::max(high.y, point.y)};
        }
    }
    const double scale = (box_side - 2 * reach) / std::max(high.x - low.x, high.y - low.y);
    for (Polyline& line : lines) {
        for (Point& point : line) {
            point.x = box_side / 2.0 + scale * (point.x - (low.x + high.x) / 2);
            point.y = box_side / 2.0 + scale * (point.y - (low.y + high.y) / 2);
        }
    }
}

// ---- Drawing: the lines become pixels. Pixel (row, column) of the box is centred at y = row + 1/2, x = column + 1/2.

/// The pixels of the box that the digit fills, row by row: from 0 for paper to 1 for ink.
using Box = std::array<double, box_side * box_side>;

double distance_to_segment(Point point, Point a, Point b) {
    const double dx = b.x - a.x;
    const double dy = b.y - a.y;
    const double length = std::max(dx * dx + dy * dy, std::numeric_limits<double>::min());
    const double t = std::clamp(((point.x - a.x) * dx + (point.y - a.y) * dy) / length, 0.0, 1.0);
    const double away_x = point.x - a.x - t * dx;
    const double away_y = point.y - a.y - t * dy;
    return std::sqrt(away_x * away_x + away_y * away_y);
}

/// Inks the pixels near the segment from a to b. The ink fades over `edge_width` at the pen's rim: smooth edges.
void draw_segment(Box& box, Point a, Point b, double radius) {
    const double reach = radius + edge_width / 2;
    const auto first = [&](double from) { return static_cast<std::size_t>(std::max(from - reach, 0.0)); };
    const auto last = [&](double to) { return static_cast<std::size_t>(std::min(to + reach, box_side - 1.0)); };
    for (std::size_t row = first(std::min(a.y, b.y)); row <= last(std::max(a.y, b.y)); ++row) {
        for (std::size_t column = first(std::min(a.x, b.x)); column <= last(std::max(a.x, b.x)); ++column) {
            const Point centre = {static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5};
            const double ink = (reach - distance_to_segment(centre, a, b)) / edge_width;
            double& pixel = box[row * box_side + column];
            pixel = std::max(pixel, std::min(ink, 1.0));
        }
    }
}

std::uint8_t grey_level(double ink) { return static_cast<std::uint8_t>(std::floor(255 * ink + 0.5)); }

/// Copies the box into the image, shifted by whole pixels so that its centre of mass is as near to the image's centre
/// as possible.
void place(const Box& box, std::span<std::uint8_t> image) {
    std::size_t mass = 0;
    std::size_t moment_x = 0;
    std::size_t moment_y = 0;
    for (std::size_t i = 0; i < box.size(); ++i) {
        const std::size_t level = grey_level(box[i]);
        mass += level;
        moment_x += level * (i % box_side);
        moment_y += level * (i / box_side);
    }
    const auto offset = [&](std::size_t moment) {
        constexpr double room = image_side - box_side;
        const double centre = static_cast<double>(moment) / static_cast<double>(mass);
        return static_cast<std::size_t>(std::clamp(std::floor(centre_of_mass - centre + 0.5), 0.0, room));
    };
    const std::size_t corner = offset(moment_y) * image_side + offset(moment_x);
    for (std::size_t i = 0; i < box.size(); ++i)
        image[corner + i / box_side * image_side + i % box_side] = grey_level(box[i]);
}

void draw_digit(std::int32_t digit, Random& random, std::span<std::uint8_t> image) {
    const Style& style = pick_style(digit, random);
    const Distortion distortion = random_distortion(random);
    const double radius =
        std::clamp(mean_radius * std::exp(radius_spread * normal(random)), thinnest_radius, thickest_radius);

    std::vector<Polyline> lines;
    for (const Stroke& stroke : style.strokes) {
        lines.push_back(trace(vary(stroke, random)));
        for (Point& point : lines.back()) point = distort(point, distortion);
    }
    fit_box(lines, radius + edge_width / 2);

    Box box{};
    for (const Polyline& line : lines)
        for (std::size_t i = 1; i < line.size(); ++i) draw_segment(box, line[i - 1], line[i], radius);
    place(box, image);
}

}  // namespace

DigitImages draw_digits(std::size_t count, Seed seed) {
    DigitImages digits{.pixels = std::vector<std::uint8_t>(count * image_size),
                       .labels = std::vector<std::int32_t>(count)};
    std::array<std::int32_t, 10> order{};
    for (std::size_t i = 0; i < count; ++i) {
        if (i % order.size() == 0) {
            std::iota(order.begin(), order.end(), 0);
            Random shuffling(seed, ~std::uint64_t{i});  // streams from the last one down: no digit uses them
            typenet::shuffle(std::span<std::int32_t>(order), shuffling);
        }
        digits.labels[i] = order[i % order.size()];
        Random random(seed, i);
        draw_digit(digits.labels[i], random, std::span(digits.pixels).subspan(i * image_size, image_size));
    }
    return digits;
}

}  // namespace mnist
