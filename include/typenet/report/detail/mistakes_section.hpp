#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/report/detail/answers_section.hpp>
#include <typenet/report/detail/chart.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/detail/picture.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/options.hpp>

/// The part of a report about the rows with the worst answers: `mistakes_section`.
namespace TYPENET::detail {

/// A row with a wrong answer.
struct Mistake {
    std::size_t row = 0;
    double size = 0;  ///< the largest come first; at the same size, the first row
    std::string actual = {};
    std::string predicted = {};
    std::string certainty = {};  ///< the output behind the answer; for numbers the error
};

/// Returns the worst mistakes, at most as many as the options want. Rows of weight 0 are none.
inline std::vector<Mistake> worst_mistakes(const ReportData& report, const ReportOptions& options) {
    struct Place {
        std::size_t row;
        std::size_t output;
        double size;
    };
    std::vector<Place> places;
    std::vector<double> scales(report.outputs.shape()[1], 1.0);  // of each output's errors: their root mean square
    for (std::size_t k = 0; report.task == Task::numbers && k < scales.size(); ++k) {
        const double square = report.weights.mean(report.rows(), [&](std::size_t row) {
            const double error = report.outputs(row, k) - report.targets(row, k);
            return is_finite(error) ? error * error : 0;
        });
        if (square > 0) scales[k] = std::sqrt(square);
    }
    for (std::size_t row = 0; row < report.rows(); ++row) {
        if (report.weights[row] == 0) continue;
        const std::span outputs = row_of(report.outputs, row);
        if (report.task == Task::classes) {
            const std::int32_t predicted = class_of(outputs);
            if (predicted < 0 || predicted == report.labels[row]) continue;
            const auto output = outputs.size() == 1 ? 0 : static_cast<std::size_t>(predicted);
            const bool says_no = outputs.size() == 1 && predicted == 0;
            places.push_back({row, output, says_no ? 1 - outputs[0] : outputs[output]});
            continue;
        }
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const double error = std::abs(outputs[k] - report.targets(row, k)) / scales[k];
            const bool is_mistake =
                report.task == Task::numbers ? error > 0 : (outputs[k] >= 0.5 ? 1.0 : 0.0) != report.targets(row, k);
            if (is_mistake && is_finite(error)) places.push_back({row, k, error});
        }
    }
    const auto is_worse = [](const Place& a, const Place& b) {
        return a.size != b.size ? a.size > b.size : a.row != b.row ? a.row < b.row : a.output < b.output;
    };
    const std::size_t count = std::min(places.size(), options.mistakes);
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count), places.end(), is_worse);
    places.resize(count);

    std::vector<Mistake> mistakes;
    for (const Place& place : places) {
        Mistake mistake{.row = place.row, .size = place.size};
        const double output = report.outputs(place.row, place.output);
        if (report.task == Task::classes) {
            mistake.actual = report.names[static_cast<std::size_t>(report.labels[place.row])];
            mistake.predicted = report.names[static_cast<std::size_t>(class_of(row_of(report.outputs, place.row)))];
            mistake.certainty =
                report.outputs_are_probabilities ? html::percent(place.size) : html::significant(place.size);
        } else {
            const double target = report.targets(place.row, place.output);
            const std::string before = report.names.size() > 1 ? report.names[place.output] + ": " : "";
            const bool is_number = report.task == Task::numbers;
            mistake.actual = before + (is_number ? html::significant(target, 6) : target == 1 ? "yes" : "no");
            mistake.predicted = before + (is_number ? html::significant(output, 6) : output >= 0.5 ? "yes" : "no");
            mistake.certainty =
                is_number ? html::significant(output - target) : html::percent(std::max(output, 1 - output));
        }
        mistakes.push_back(std::move(mistake));
    }
    return mistakes;
}

/// Returns the value of a row's column as text.
inline std::string input_text(const InputColumn& column, std::span<const double> features) {
    if (column.values.empty()) {
        const double value = features[column.first];
        return is_nan(value) ? "missing" : html::significant(value, 6);
    }
    for (std::size_t i = 0; i < column.values.size(); ++i) {
        if (features[column.first + i] == 1) return column.values[i];
    }
    return "none";
}

inline std::string mistakes_table(const ReportData& report, const std::vector<Mistake>& mistakes) {
    constexpr std::size_t most_columns = 30;
    const std::size_t columns = std::min(report.columns.size(), most_columns);
    std::vector<std::string> headings{"row", "true", "predicted", report.task == Task::numbers ? "error" : "output"};
    for (std::size_t i = 0; i < columns; ++i) headings.push_back(html::escaped(report.columns[i].name));
    html::Table table(columns < report.columns.size() ? "The mistakes, with the first columns of their rows"
                                                      : "The mistakes, with their rows",
                      headings);
    for (const Mistake& mistake : mistakes) {
        std::vector<std::string> cells{html::count(mistake.row), html::escaped(mistake.actual),
                                       html::escaped(mistake.predicted), mistake.certainty};
        const std::vector<double> features = report.features(mistake.row);
        for (std::size_t i = 0; i < columns; ++i) {
            cells.push_back(html::escaped(input_text(report.columns[i], features)));
        }
        table.add_row(cells);
    }
    return table.text();
}

inline std::string mistakes_pictures(const ReportData& report, std::vector<Mistake> mistakes, const ImageShape& shape) {
    const std::size_t pixels = shape.height * shape.width;
    mistakes.resize(std::min(mistakes.size(), std::max<std::size_t>(1, most_pixels / pixels)));
    std::vector<std::vector<double>> rows;
    std::optional<chart::Range> range;
    for (const Mistake& mistake : mistakes) {
        rows.push_back(report.features(mistake.row));
        range = chart::range_of(rows.back(), range);
    }
    std::string items;
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        Picture picture{.width = shape.width, .height = shape.height};
        for (const double value : rows[i]) {
            const double grey = range && range->high > range->low && is_finite(value)
                                    ? 255 * (value - range->low) / (range->high - range->low)
                                    : 0;
            picture.pixels.push_back(static_cast<std::uint8_t>(std::lround(grey)));
        }
        const std::string row = "row " + html::count(mistakes[i].row);
        const std::string text =
            "true " + html::escaped(mistakes[i].actual) + ", predicted " + html::escaped(mistakes[i].predicted);
        const std::string image =
            join({"<img src=\"", picture_address(picture), "\" width=\"", std::to_string(shape.width), "\" height=\"",
                  std::to_string(shape.height), "\" alt=\"", row, ", an image: ", text, "\"/>"});
        const std::string caption = html::element("strong", text) + "<br/>" + mistakes[i].certainty + "<br/>" +
                                    html::element("span class=\"muted\"", row);
        items += html::element("li", html::element("figure", image + html::element("figcaption", caption))) + "\n";
    }
    return html::element("ul class=\"pictures\"", items) + "\n";
}

inline std::string mistakes_section(const ReportData& report, const ReportOptions& options) {
    const std::vector<Mistake> mistakes = worst_mistakes(report, options);
    if (mistakes.empty()) return {};
    const std::string intro =
        report.task == Task::numbers
            ? "The largest errors come first. Rows count from 0."
            : "The most certain ones come first. Look whether the label is wrong, or the row unlike others of its "
              "class. Rows count from 0.";
    return html::section(
        report.task == Task::numbers ? "Largest errors" : "Most confident mistakes",
        html::paragraph(intro) + (options.image.height > 0 ? mistakes_pictures(report, mistakes, options.image)
                                                           : mistakes_table(report, mistakes)));
}

}  // namespace TYPENET::detail
