#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/report/detail/html.hpp>

/// Charts as SVG: lines, points and histograms. A chart is a <figure> whose caption holds its title and its legend; the
/// picture has a text for those who don't see it. Colours come from the page's style, by the classes "a" and "b" of
/// what is drawn. Numbers that aren't finite aren't drawn, and a line has a gap there.
namespace TYPENET::detail::chart {

/// Values from the lowest to the highest.
struct Range {
    double low = 0;
    double high = 0;
};

/// Returns the range of the finite numbers, within -1e307 ... 1e307, so that what is computed with it doesn't overflow;
/// nothing where there is none.
inline std::optional<Range> range_of(std::span<const double> values, std::optional<Range> with = {}) {
    for (const double number : values) {
        if (!is_finite(number)) continue;
        const double value = std::clamp(number, -1e307, 1e307);
        if (!with) with = Range{value, value};
        with->low = std::min(with->low, value);
        with->high = std::max(with->high, value);
    }
    return with;
}

/// Returns the smallest of 1, 2, 5, 10, 20, ... times a power of ten that divides `length` into at most `most` parts.
inline double tick_step(double length, int most) {
    const double raw = length / most;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= raw * (1 - 1e-9)) return factor * power;
    }
    return 10 * power;
}

struct Tick {
    double value = 0;
    std::string text;
};

enum class Scale { linear, logarithmic };
enum class Unit { number, percent, whole };

/// Maps values to a place along an axis, from 0 to 1, and has its ticks. The axis begins and ends at a tick, unless
/// `exact` asks for the range as it is.
class Axis {
public:
    Axis(Range range, Scale scale, Unit unit, int most_ticks = 5, bool exact = false) : scale_(scale) {
        if (scale == Scale::logarithmic) {
            set_logarithmic(range, most_ticks);
        } else {
            set_linear(range, unit, most_ticks, exact);
        }
    }

    [[nodiscard]] double operator()(double value) const {
        const double from = scaled(low_);
        return (scaled(value) - from) / (scaled(high_) - from);
    }
    [[nodiscard]] const std::vector<Tick>& ticks() const noexcept { return ticks_; }
    [[nodiscard]] Range range() const noexcept { return {low_, high_}; }
    [[nodiscard]] bool shows(double value) const { return is_finite(value) && (scale_ == Scale::linear || value > 0); }

private:
    [[nodiscard]] double scaled(double value) const { return scale_ == Scale::linear ? value : std::log10(value); }

    void set_linear(Range range, Unit unit, int most_ticks, bool exact) {
        const double size = std::max(std::abs(range.low), std::abs(range.high));
        if (!(range.high - range.low > 1e-9 * size)) {  // all the same, or nearly
            const double margin = size > 0 ? size / 10 : 1;
            range = {range.low - margin, range.high + margin};
        }
        double step = tick_step(range.high - range.low, most_ticks);
        if (unit == Unit::whole) step = std::max(step, 1.0);
        const double first = exact ? std::ceil(range.low / step - 1e-9) : std::floor(range.low / step + 1e-9);
        const double last = exact ? std::floor(range.high / step + 1e-9) : std::ceil(range.high / step - 1e-9);
        low_ = exact ? range.low : first * step;
        high_ = exact ? range.high : last * step;
        const double shown_step = unit == Unit::percent ? 100 * step : step;
        const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(shown_step) + 1e-9)), 0, 12);
        const bool is_plain = std::max(std::abs(low_), std::abs(high_)) < 1e6 && decimals < 5;
        const int count = static_cast<int>(last - first);
        for (int k = 0; k <= count; ++k) {
            const double i = first + k;
            const double value = i * step;
            ticks_.push_back({value, i == 0 && unit != Unit::percent ? "0"
                                     : unit == Unit::percent         ? html::percent(value, decimals)
                                     : is_plain                      ? html::fixed(value, decimals)
                                                                     : html::significant(value, 4)});
        }
    }

    /// The ticks are 1, 2 and 5 times powers of ten or, where these would be too many, powers of ten alone.
    void set_logarithmic(Range range, int most_ticks) {
        static constexpr std::array factors{1.0, 2.0, 5.0};
        const int first_power = static_cast<int>(std::floor(std::log10(range.low)));
        const int last_power = static_cast<int>(std::floor(std::log10(range.high)));
        std::vector<double> all;
        for (int power = first_power; power <= last_power; ++power) {
            for (const double factor : factors) all.push_back(factor * std::pow(10, power));
        }
        all.push_back(std::pow(10, last_power + 1));
        std::size_t first = 0;
        while (first + 1 < all.size() && all[first + 1] <= range.low * (1 + 1e-9)) ++first;
        std::size_t last = all.size() - 1;
        while (last > first + 1 && all[last - 1] >= range.high * (1 - 1e-9)) --last;
        low_ = all[first];
        high_ = all[last];
        std::vector<double> chosen(all.begin() + static_cast<std::ptrdiff_t>(first),
                                   all.begin() + static_cast<std::ptrdiff_t>(last) + 1);
        if (chosen.size() > static_cast<std::size_t>(most_ticks) + 1) {
            chosen.clear();
            const int every = (last_power - first_power) / most_ticks + 1;
            for (std::size_t i = 0; i < all.size(); i += 3 * static_cast<std::size_t>(every)) {
                if (i >= first && i <= last) chosen.push_back(all[i]);
            }
        }
        for (const double value : chosen) ticks_.push_back({value, html::significant(value, 3)});
    }

    Scale scale_;
    double low_ = 0;
    double high_ = 1;
    std::vector<Tick> ticks_;
};

/// The size of a chart's picture, in units that are about pixels, and the margins for the ticks.
struct Frame {
    double width = 360;
    double height = 220;
    double left = 48;
    double right = 18;
    double top = 10;
    double bottom = 36;

    [[nodiscard]] double x(double place) const { return left + place * (width - left - right); }
    [[nodiscard]] double y(double place) const { return height - bottom - place * (height - top - bottom); }
};

inline std::string number(double coordinate) { return html::fixed(coordinate, 1); }

/// Returns a point of a path.
inline std::string point(const Frame& frame, double x, double y) {
    return number(frame.x(x)) + " " + number(frame.y(y));
}

inline std::string label(std::string_view kind, double x, double y, std::string_view text) {
    return html::element("text class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\"",
                         html::escaped(text));
}

inline std::string path(std::string_view kind, std::string_view data) {
    return "<path class=\"" + std::string(kind) + "\" d=\"" + std::string(data) + "\"/>";
}

/// Returns gridlines, ticks and the name of the horizontal axis.
inline std::string axes(const Frame& frame, const Axis* x, const Axis* y, std::string_view x_name) {
    std::string grid;
    std::string texts;
    if (y != nullptr) {
        for (const Tick& tick : y->ticks()) {
            const double place = frame.y((*y)(tick.value));
            grid += "M" + number(frame.left) + " " + number(place) + "H" + number(frame.width - frame.right);
            texts += label("y", frame.left - 6, place + 4, tick.text);
        }
    } else {
        grid += "M" + number(frame.left) + " " + number(frame.y(0)) + "H" + number(frame.width - frame.right);
    }
    for (const Tick& tick : x->ticks()) {
        texts += label("x", frame.x((*x)(tick.value)), frame.height - frame.bottom + 17, tick.text);
    }
    texts += label("x name", frame.x(0.5), frame.height - 5, x_name);
    return path("grid", grid) + texts;
}

/// Returns the picture of a chart. `description` is what a screen reader says.
inline std::string picture(const Frame& frame, std::string_view description, std::string_view content) {
    const std::string text = html::escaped(description);
    return html::element(R"(svg role="img" viewBox="0 0 )" + number(frame.width) + " " + number(frame.height) +
                             "\" aria-label=\"" + text + "\"",
                         html::element("title", text) + std::string(content));
}

/// Returns a figure with its title above the picture. `more` is HTML beside the title, such as the legend.
inline std::string figure(std::string_view title, std::string_view more, std::string_view content) {
    return html::element("figure", html::element("figcaption",
                                                 html::element("strong", html::escaped(title)) + std::string(more)) +
                                       std::string(content)) +
           "\n";
}

/// A line through (x[i], y[i]).
struct Line {
    std::string name = {};
    char color = 'a';  ///< a class of the style
    std::vector<double> x = {};
    std::vector<double> y = {};
};

struct LineChart {
    std::string title = {};
    std::string x_name = {};
    std::string description = {};
    std::vector<Line> lines = {};
    Unit x_unit = Unit::whole;
    Unit y_unit = Unit::number;
    Scale y_scale = Scale::linear;
    bool is_square = false;  ///< both axes from 0 to 1, with the diagonal
};

/// Returns the path of a line. Only every so many points are drawn where a line has more than 1000, but always the
/// last.
inline std::string line_path(const Frame& frame, const Axis& x, const Axis& y, const Line& line) {
    const std::size_t count = line.x.size();
    const std::size_t every = count / 1000 + 1;
    std::string data;
    bool is_drawing = false;
    for (std::size_t i = 0; i < count; i = i + 1 == count ? count : std::min(i + every, count - 1)) {
        if (!y.shows(line.y[i])) {
            is_drawing = false;
            continue;
        }
        data += (is_drawing ? "L" : "M") + point(frame, x(line.x[i]), y(line.y[i]));
        const bool is_alone = !is_drawing && (i + 1 == count || !y.shows(line.y[std::min(i + every, count - 1)]));
        if (is_alone) data += "h0";  // its round cap is a dot
        is_drawing = true;
    }
    return data;
}

inline std::string legend(std::span<const Line> lines) {
    std::string text;
    for (const Line& line : lines) {
        const std::string kind(1, line.color);
        text += html::element("span class=\"key\"",
                              html::element("i class=\"" + kind + "\"", "") + html::escaped(line.name));
    }
    return text;
}

/// Returns a figure of lines; nothing where there is no point to draw.
inline std::string line_chart(const LineChart& chart) {
    std::optional<Range> xs;
    std::optional<Range> ys;
    for (const Line& line : chart.lines) {
        xs = range_of(line.x, xs);
        ys = range_of(line.y, ys);
    }
    if (!xs || !ys) return {};
    if (chart.is_square) xs = ys = Range{0, 1};
    Frame frame;
    if (chart.is_square) frame.height = 330;
    const Axis x(*xs, Scale::linear, chart.x_unit, 6, true);
    const Axis y(*ys, chart.y_scale, chart.y_unit);
    std::string content = axes(frame, &x, &y, chart.x_name);
    if (chart.is_square) content += path("reference", "M" + point(frame, 0, 0) + "L" + point(frame, 1, 1));
    for (const Line& line : chart.lines) {
        content += path(std::string("line ") + line.color, line_path(frame, x, y, line));
    }
    return figure(chart.title, chart.lines.size() > 1 ? legend(chart.lines) : std::string(),
                  picture(frame, chart.description, content));
}

struct PointChart {
    std::string title = {};
    std::string x_name = {};
    std::string description = {};
    std::vector<double> x = {};
    std::vector<double> y = {};
    bool is_square = false;  ///< both axes have the same range, with the diagonal
};

/// Returns a figure of points, (x[i], y[i]); nothing where there is none to draw. Without a diagonal it has a line
/// where y is 0.
inline std::string point_chart(const PointChart& chart) {
    std::optional<Range> xs = range_of(chart.x);
    std::optional<Range> ys = range_of(chart.y);
    if (!xs || !ys) return {};
    if (chart.is_square) {
        xs = ys = range_of(chart.y, xs);
    } else {
        ys = Range{std::min(ys->low, 0.0), std::max(ys->high, 0.0)};
    }
    Frame frame;
    frame.height = 330;
    const Axis x(*xs, Scale::linear, Unit::number);
    const Axis y(*ys, Scale::linear, Unit::number);
    std::string content = axes(frame, &x, &y, chart.x_name);
    const double from = chart.is_square ? 0 : y(0);
    const double to = chart.is_square ? 1 : y(0);
    content += path("reference", "M" + point(frame, 0, from) + "L" + point(frame, 1, to));
    std::string data;
    for (std::size_t i = 0; i < chart.x.size(); ++i) {
        if (!is_finite(chart.x[i]) || !is_finite(chart.y[i])) continue;
        data += "M" + point(frame, x(chart.x[i]), y(chart.y[i])) + "h0";
    }
    content += path("points", data);
    return figure(chart.title, {}, picture(frame, chart.description, content));
}

/// Counts of numbers in equal parts of a range.
struct Histogram {
    Range range;
    std::array<std::size_t, 48> counts{};

    void add(double value) { ++counts[bin_of(value)]; }

    [[nodiscard]] std::size_t bin_of(double value) const {
        if (!(range.high > range.low)) return counts.size() / 2;
        const double part = (value - range.low) / (range.high - range.low) * static_cast<double>(counts.size());
        return static_cast<std::size_t>(std::clamp(std::floor(part), 0.0, static_cast<double>(counts.size() - 1)));
    }
};

/// Returns a figure of a histogram. `note` is text beside the title.
inline std::string histogram_chart(std::string_view title, std::string_view note, std::string_view x_name,
                                   const Histogram& histogram, char color = 'a') {
    Frame frame{.height = 130, .left = 12};
    Range range = histogram.range;
    if (!(range.high > range.low)) range = {range.low - 1, range.high + 1};
    const Axis x(range, Scale::linear, Unit::number, 5, true);
    const std::size_t most = *std::max_element(histogram.counts.begin(), histogram.counts.end());
    std::string data;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
        if (histogram.counts[i] == 0) continue;
        const double share = static_cast<double>(histogram.counts[i]) / static_cast<double>(most);
        const auto bins = static_cast<double>(histogram.counts.size());
        const double left = frame.x(static_cast<double>(i) / bins);
        const double width = frame.x(static_cast<double>(i + 1) / bins) - left - 0.6;
        const double height = std::max(1.0, frame.y(0) - frame.y(share));
        data += "M" + number(left) + " " + number(frame.y(0)) + "v-" + number(height) + "h" + number(width) + "v" +
                number(height) + "z";
    }
    const std::string description = std::string(title) + ", histogram from " + html::significant(histogram.range.low) +
                                    " to " + html::significant(histogram.range.high) +
                                    (note.empty() ? "" : "; " + std::string(note));
    const std::string more = note.empty() ? "" : html::element("span class=\"note\"", html::escaped(note));
    return figure(
        title, more,
        picture(frame, description, axes(frame, &x, nullptr, x_name) + path(std::string("bar ") + color, data)));
}

}  // namespace TYPENET::detail::chart
