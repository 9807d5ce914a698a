#include "normalize.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

namespace mnist {
namespace {

constexpr std::size_t side = 28;         // width and height of the image, in pixels
constexpr std::size_t box = 20;          // width and height of the square that the ink is scaled to fit, in pixels
constexpr double centre = 14.0;          // index of the pixel where the centre of mass belongs, in x and in y
constexpr double least_contrast = 16.0;  // least difference between background and ink, in grey levels
constexpr double speck = 0.002;          // a spot with less than this share of the largest spot's ink is noise

using Histogram = std::array<std::size_t, 256>;

/// Counts the grey values of a frame along the picture's edge, 1/28 of the shorter side thick.
Histogram border_histogram(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height) {
    const std::size_t thickness = std::max<std::size_t>(1, std::min(width, height) / side);
    Histogram count{};
    for (std::size_t y = 0; y < height; ++y) {
        const bool whole_row = y < thickness || y + thickness >= height;
        for (std::size_t x = 0; x < width; ++x) {
            if (whole_row || x < thickness || x + thickness >= width) ++count[grey[y * width + x]];
        }
    }
    return count;
}

/// Returns the median of the counted values, the lower median for an even count.
int median(const Histogram& count) {
    const std::size_t total = std::accumulate(count.begin(), count.end(), std::size_t{0});
    std::size_t seen = 0;
    for (std::size_t value = 0; value < count.size(); ++value) {
        seen += count[value];
        if (2 * seen >= total) return static_cast<int>(value);
    }
    return 0;
}

/// Two classes of grey values, those up to `threshold` and those above it, each with its mean.
struct TwoLevels {
    int threshold = 0;
    double dark_mean = 0.0;
    double light_mean = 0.0;
};

/// Otsu's method (IEEE Trans. SMC 9, 1979): returns the threshold that maximises
/// n_dark n_light (mean_light - mean_dark)^2. If all values are equal, both means are that value.
TwoLevels split(const Histogram& count) {
    double total = 0.0;
    double total_sum = 0.0;
    for (std::size_t value = 0; value < count.size(); ++value) {
        total += static_cast<double>(count[value]);
        total_sum += static_cast<double>(value) * static_cast<double>(count[value]);
    }
    TwoLevels best{.threshold = 255, .dark_mean = total_sum / total, .light_mean = total_sum / total};
    double best_spread = 0.0;
    double n_dark = 0.0;
    double dark_sum = 0.0;
    for (std::size_t value = 0; value < count.size(); ++value) {
        n_dark += static_cast<double>(count[value]);
        dark_sum += static_cast<double>(value) * static_cast<double>(count[value]);
        const double n_light = total - n_dark;
        if (n_dark == 0.0 || n_light == 0.0) continue;
        const double dark_mean = dark_sum / n_dark;
        const double light_mean = (total_sum - dark_sum) / n_light;
        const double spread = n_dark * n_light * (light_mean - dark_mean) * (light_mean - dark_mean);
        if (spread > best_spread) {
            best_spread = spread;
            best = {static_cast<int>(value), dark_mean, light_mean};
        }
    }
    return best;
}

/// How much ink each grey value stands for: 0 for background and noise, else the distance from the background.
using InkOfGrey = std::array<double, 256>;

/// Computes the ink of each grey value. Returns nothing if the contrast between background and ink is too low.
std::optional<InkOfGrey> ink_of_grey(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height) {
    Histogram all{};
    for (const std::uint8_t value : grey) ++all[value];
    const TwoLevels levels = split(all);

    const Histogram border = border_histogram(grey, width, height);
    const int paper = median(border);
    const bool light_paper = paper > levels.threshold;
    Histogram deviations{};
    for (int value = 0; value < 256; ++value) {
        deviations[static_cast<std::size_t>(std::abs(value - paper))] += border[static_cast<std::size_t>(value)];
    }

    const double contrast = light_paper ? paper - levels.dark_mean : levels.light_mean - paper;
    if (contrast < least_contrast) return std::nullopt;
    const double noise = std::clamp(5.0 * median(deviations), contrast / 32, contrast / 2);

    InkOfGrey ink{};
    for (int value = 0; value < 256; ++value) {
        const double distance = light_paper ? paper - value : value - paper;
        ink[static_cast<std::size_t>(value)] = distance > noise ? distance : 0.0;
    }
    return ink;
}

/// Half-open ranges of columns and rows.
struct Box {
    std::size_t left = 0;
    std::size_t right = 0;
    std::size_t top = 0;
    std::size_t bottom = 0;
};

/// Returns `grey` with specks replaced by the background's colour. A speck is a spot of connected ink with less than
/// `speck` times the ink of the largest spot.
std::vector<std::uint8_t> without_specks(std::span<const std::uint8_t> grey, std::size_t width, const InkOfGrey& ink) {
    struct Spot {
        std::size_t first;  // its pixels are first ... last - 1 of `pixels`
        std::size_t last;
        double mass;
    };
    const std::size_t height = grey.size() / width;
    std::vector<std::size_t> pixels;  // indices of all inked pixels, spot by spot
    std::vector<Spot> spots;
    std::vector<bool> seen(grey.size());
    const auto add = [&](std::size_t pixel) {
        if (seen[pixel] || ink[grey[pixel]] == 0.0) return;
        seen[pixel] = true;
        pixels.push_back(pixel);
    };
    double largest = 0.0;
    for (std::size_t start = 0; start < grey.size(); ++start) {
        Spot spot{.first = pixels.size(), .last = 0, .mass = 0.0};
        add(start);
        for (std::size_t next = spot.first; next < pixels.size(); ++next) {  // add() extends `pixels`
            spot.mass += ink[grey[pixels[next]]];
            const std::size_t x = pixels[next] % width;
            const std::size_t y = pixels[next] / width;
            for (std::size_t v = y - (y != 0); v < std::min(y + 2, height); ++v) {
                for (std::size_t u = x - (x != 0); u < std::min(x + 2, width); ++u) add(v * width + u);
            }
        }
        spot.last = pixels.size();
        if (spot.first != spot.last) spots.push_back(spot);
        largest = std::max(largest, spot.mass);
    }

    const auto paper = static_cast<std::uint8_t>(std::find(ink.begin(), ink.end(), 0.0) - ink.begin());
    std::vector<std::uint8_t> clean(grey.begin(), grey.end());
    for (const Spot& spot : spots) {
        if (spot.mass >= speck * largest) continue;
        for (std::size_t i = spot.first; i < spot.last; ++i) clean[pixels[i]] = paper;
    }
    return clean;
}

/// Returns the smallest box around all ink. Requires that there is ink.
Box bounds(std::span<const std::uint8_t> grey, std::size_t width, const InkOfGrey& ink) {
    Box found{.left = width, .right = 0, .top = grey.size() / width, .bottom = 0};
    for (std::size_t i = 0; i < grey.size(); ++i) {
        if (ink[grey[i]] == 0.0) continue;
        const std::size_t x = i % width;
        const std::size_t y = i / width;
        found.left = std::min(found.left, x);
        found.right = std::max(found.right, x + 1);
        found.top = std::min(found.top, y);
        found.bottom = y + 1;
    }
    return found;
}

/// Divides `count` pixels into `parts` equal stretches and calls `visit(part, pixel, share)` for each pixel that a
/// stretch overlaps. The shares of one stretch sum to 1, so that the sum of share times value is the mean over the
/// stretch.
template <class Visit>
void for_each_overlap(std::size_t count, std::size_t parts, const Visit& visit) {
    const double stretch = static_cast<double>(count) / static_cast<double>(parts);
    for (std::size_t part = 0; part < parts; ++part) {
        const double first = static_cast<double>(part) * stretch;
        const double last = std::min(static_cast<double>(part + 1) * stretch, static_cast<double>(count));
        for (auto pixel = static_cast<std::size_t>(first); static_cast<double>(pixel) < last; ++pixel) {
            const double from = std::max(first, static_cast<double>(pixel));
            const double to = std::min(last, static_cast<double>(pixel + 1));
            visit(part, pixel, (to - from) / stretch);
        }
    }
}

/// Returns `length` times 20 / `longest`, rounded, but at least one pixel: the longest side then fits the 20 x 20 box.
std::size_t fitted(std::size_t length, std::size_t longest) {
    const double scaled = static_cast<double>(length) * static_cast<double>(box) / static_cast<double>(longest);
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(scaled)));
}

/// Returns where a picture of `length` pixels must start in the image so that its `centre_of_mass`, an index in the
/// picture, comes to [13.5, 14.5) in the image, as in all of MNIST, or as near to it as keeps the picture inside.
std::size_t start_of(double centre_of_mass, std::size_t length) {
    constexpr double rounding = 1e-9;  // rounds exact halves always to the same side
    const double start = std::ceil(centre - 0.5 - centre_of_mass - rounding);
    return static_cast<std::size_t>(std::clamp(start, 0.0, static_cast<double>(side - length)));
}

}  // namespace

std::optional<DigitImage> normalized(std::span<const std::uint8_t> grey, std::size_t width, std::size_t height) {
    if (grey.empty()) return std::nullopt;
    const std::optional<InkOfGrey> known_ink = ink_of_grey(grey, width, height);
    if (!known_ink) return std::nullopt;
    const InkOfGrey& ink = *known_ink;
    const std::vector<std::uint8_t> clean = without_specks(grey, width, ink);
    const Box ink_box = bounds(clean, width, ink);
    const std::size_t ink_width = ink_box.right - ink_box.left;
    const std::size_t ink_height = ink_box.bottom - ink_box.top;
    const std::size_t columns = fitted(ink_width, std::max(ink_width, ink_height));
    const std::size_t rows = fitted(ink_height, std::max(ink_width, ink_height));

    std::array<std::array<double, box>, box> fit{};  // only the first `rows` x `columns` are used
    for_each_overlap(ink_height, rows, [&](std::size_t row, std::size_t y, double row_share) {
        const auto line = std::span(clean).subspan((ink_box.top + y) * width + ink_box.left, ink_width);
        for_each_overlap(ink_width, columns, [&](std::size_t column, std::size_t x, double column_share) {
            fit[row][column] += row_share * column_share * ink[line[x]];
        });
    });

    double mass = 0.0;
    double mass_x = 0.0;
    double mass_y = 0.0;
    double brightest = 0.0;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            mass += fit[row][column];
            mass_x += fit[row][column] * static_cast<double>(column);
            mass_y += fit[row][column] * static_cast<double>(row);
            brightest = std::max(brightest, fit[row][column]);
        }
    }

    const std::size_t left = start_of(mass_x / mass, columns);
    const std::size_t top = start_of(mass_y / mass, rows);
    DigitImage image{};
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            const long value = std::lround(255.0 * fit[row][column] / brightest);
            image[(top + row) * side + left + column] = static_cast<std::uint8_t>(value);
        }
    }
    return image;
}

}  // namespace mnist
