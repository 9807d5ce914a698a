#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/compiler.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/metrics.hpp>
#include <typenet/evaluate/roc.hpp>
#include <typenet/report/detail/chart.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/detail/picture.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/options.hpp>
#include <typenet/train/history.hpp>
#include <typenet/version.hpp>

/// The parts of a report, each a function that returns HTML, or nothing where the part doesn't apply. `report_page`
/// puts them together.
namespace TYPENET::detail {

using Task = ReportData::Task;

// ---- Training ----

/// Returns a field of all epochs, NaN where it wasn't measured; nothing where no epoch has it.
inline std::vector<double> field_of(const History& history, std::optional<double> EpochRecord::*field) {
    std::vector<double> values;
    bool is_measured = false;
    for (const EpochRecord& epoch : history.epochs) {
        values.push_back((epoch.*field).value_or(nan<double>));
        is_measured = is_measured || (epoch.*field).has_value();
    }
    return is_measured ? values : std::vector<double>();
}
inline std::vector<double> field_of(const History& history, double EpochRecord::*field) {
    std::vector<double> values;
    for (const EpochRecord& epoch : history.epochs) values.push_back(epoch.*field);
    return values;
}

/// Returns the index of the smallest finite value; the count of values where none is finite.
inline std::size_t index_of_least(std::span<const double> values) {
    std::size_t least = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (is_finite(values[i]) && (least == values.size() || values[i] < values[least])) least = i;
    }
    return least;
}

/// Returns what a chart over the epochs shows, for those who don't see it.
inline std::string describe_lines(std::string_view title, std::span<const chart::Line> lines, chart::Unit unit) {
    const auto text = [unit](double value) {
        return unit == chart::Unit::percent ? html::percent(value) : html::significant(value);
    };
    std::string description = std::string(title) + " over " + html::count_of(lines.front().x.size(), "epoch");
    for (const chart::Line& line : lines) {
        description += "; " + line.name + ": from " + text(line.y.front()) + " to " + text(line.y.back());
    }
    return description;
}

/// Returns the chart of a quantity over the epochs, for training rows and, unless empty, for validation rows. One that
/// may fall by powers of ten has a logarithmic scale if it does.
inline std::string epoch_chart(std::string_view title, const ReportOptions& options, std::vector<double> training,
                               std::vector<double> validation, chart::Unit unit, bool may_fall_far = false) {
    chart::LineChart chart{.title = std::string(title), .x_name = "epoch", .y_unit = unit};
    std::vector<double> epochs(std::max(training.size(), validation.size()));
    std::iota(epochs.begin(), epochs.end(), 1.0);
    if (!training.empty()) chart.lines.push_back({"training", 'a', epochs, std::move(training)});
    if (!validation.empty()) chart.lines.push_back({options.validation_name, 'b', epochs, std::move(validation)});
    if (chart.lines.empty()) return {};
    std::optional<chart::Range> range;
    for (const chart::Line& line : chart.lines) range = chart::range_of(line.y, range);
    if (may_fall_far && range && range->low > 0 && range->high > 30 * range->low) {
        chart.y_scale = chart::Scale::logarithmic;
        chart.title += " (logarithmic)";
    }
    chart.description = describe_lines(title, chart.lines, unit);
    return chart::line_chart(chart);
}

/// Returns the table of the epochs: of all or, of more than 500, of every so many and the last.
inline std::string epoch_table(const History& history, const ReportOptions& options) {
    const auto number = [](double value) { return html::significant(value); };
    const auto share = [](double value) { return html::percent(value); };
    struct Column {
        std::string name;
        std::vector<double> values;
        std::string (*text)(double);
    };
    std::vector<Column> columns{
        {"training loss", field_of(history, &EpochRecord::loss), number},
        {"training accuracy", field_of(history, &EpochRecord::accuracy), share},
        {options.validation_name + " loss", field_of(history, &EpochRecord::validation_loss), number},
        {options.validation_name + " accuracy", field_of(history, &EpochRecord::validation_accuracy), share},
        {"learning rate", field_of(history, &EpochRecord::learning_rate), number},
        {"time", field_of(history, &EpochRecord::seconds), [](double value) { return html::duration(value); }}};
    std::erase_if(columns, [](const Column& column) { return column.values.empty(); });
    std::vector<std::string> headings{"epoch"};
    for (const Column& column : columns) headings.push_back(html::escaped(column.name));
    html::Table table("Every epoch in numbers", headings);
    const std::size_t count = history.epochs.size();
    const std::size_t every = (count + 499) / 500;
    for (std::size_t i = 0; i < count; i = i + 1 == count ? count : std::min(i + every, count - 1)) {
        std::vector<std::string> cells{html::count(history.epochs[i].epoch)};
        for (const Column& column : columns) cells.push_back(column.text(column.values[i]));
        table.add_row(cells);
    }
    return html::element("details", html::element("summary", "All epochs in numbers") + table.text()) + "\n";
}

inline std::string training_section(const History& history, const ReportOptions& options) {
    if (history.epochs.empty()) return {};
    const std::string figures =
        epoch_chart("Loss", options, field_of(history, &EpochRecord::loss),
                    field_of(history, &EpochRecord::validation_loss), chart::Unit::number, true) +
        epoch_chart("Accuracy", options, field_of(history, &EpochRecord::accuracy),
                    field_of(history, &EpochRecord::validation_accuracy), chart::Unit::percent) +
        epoch_chart("Learning rate", options, field_of(history, &EpochRecord::learning_rate), {}, chart::Unit::number);
    return html::section("Training", html::charts(figures) + epoch_table(history, options));
}

// ---- Answers ----

/// Returns the predicted class for outputs [outputs]; -1 where one of them is NaN.
inline std::int32_t class_of(std::span<const double> outputs) {
    if (std::any_of(outputs.begin(), outputs.end(), [](double output) { return is_nan(output); })) return -1;
    if (outputs.size() == 1) return outputs[0] >= 0.5 ? 1 : 0;
    return static_cast<std::int32_t>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
}

inline std::span<const double> row_of(const Matrix<double>& matrix, std::size_t row) {
    return {matrix.data() + row * matrix.shape()[1], matrix.shape()[1]};
}
inline std::vector<double> column_of(const Matrix<double>& matrix, std::size_t column) {
    std::vector<double> values(matrix.shape()[0]);
    for (std::size_t row = 0; row < values.size(); ++row) values[row] = matrix(row, column);
    return values;
}

/// Rows that have a class, with all their numbers: those whose outputs aren't NaN.
struct Classified {
    std::vector<std::int32_t> predicted;
    std::vector<std::int32_t> actual;
    std::vector<double> scores;  ///< with two classes: how likely the second one is
    RowWeights weights;
    std::size_t without_class = 0;  ///< rows that were left out
    double accuracy = 0;            ///< over all rows: one without a class is a mistake
};

inline Classified classify(const ReportData& report) {
    Classified all;
    std::vector<std::int32_t> predicted(report.rows());
    std::vector<std::uint32_t> kept;
    for (std::size_t row = 0; row < report.rows(); ++row) {
        predicted[row] = class_of(row_of(report.outputs, row));
        const bool counts = report.weights[row] > 0;
        if (predicted[row] < 0) {
            ++all.without_class;
        } else if (counts) {
            kept.push_back(static_cast<std::uint32_t>(row));
            all.predicted.push_back(predicted[row]);
            all.actual.push_back(report.labels[row]);
            all.scores.push_back(row_of(report.outputs, row).back());
        }
    }
    all.weights = report.weights.subset(kept);
    all.accuracy = report.weights.mean(report.rows(), [&](std::size_t r) { return predicted[r] == report.labels[r]; });
    return all;
}

/// Returns the confusion matrix as a table whose cells are shaded: the more rows of a true class a cell has, the
/// stronger.
inline std::string confusion_table_html(const ConfusionMatrix& counts, const std::vector<std::string>& names) {
    const std::size_t classes = names.size();
    std::vector<std::string> headings{"true \\ predicted"};
    for (const std::string& name : names) headings.push_back(html::escaped(name));
    html::Table table("Rows by true class (down) and predicted class (across)", headings);
    double most_wrong = 0;  // share of a class that is taken for another one
    std::vector<double> totals(classes, 0.0);
    for (std::size_t t = 0; t < classes; ++t) {
        for (std::size_t p = 0; p < classes; ++p) totals[t] += counts(t, p);
        for (std::size_t p = 0; p < classes; ++p) {
            if (t != p) most_wrong = std::max(most_wrong, ratio(counts(t, p), totals[t]));
        }
    }
    for (std::size_t t = 0; t < classes; ++t) {
        std::string cells = html::element("th scope=\"row\"", html::escaped(names[t]));
        for (std::size_t p = 0; p < classes; ++p) {
            const double share = ratio(counts(t, p), totals[t]);
            const double shade = t == p ? 0.5 * share : 0.08 + 0.42 * ratio(share, most_wrong);
            const std::string kind = counts(t, p) == 0 ? "td class=\"zero\""
                                                       : "td class=\"" + std::string(t == p ? "a" : "b") +
                                                             "\" style=\"--share:" + html::fixed(shade, 2) + "\"";
            cells += html::element(kind, html::count(counts(t, p)));
        }
        table.add_elements(cells);
    }
    return table.text("confusion");
}

/// Returns the pairs of classes that are confused most often, for more classes than a matrix can show.
inline std::string confused_pairs_table(const ConfusionMatrix& counts, const std::vector<std::string>& names) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t t = 0; t < names.size(); ++t) {
        for (std::size_t p = 0; p < names.size(); ++p) {
            if (t != p && counts(t, p) > 0) pairs.emplace_back(t, p);
        }
    }
    std::stable_sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) {
        return counts(a.first, a.second) > counts(b.first, b.second);
    });
    pairs.resize(std::min<std::size_t>(pairs.size(), 50));
    if (pairs.empty()) return {};
    html::Table table("The classes that are confused most often", {"true", "predicted", "rows"});
    for (const auto& [t, p] : pairs) {
        table.add_row({html::escaped(names[t]), html::escaped(names[p]), html::count(counts(t, p))});
    }
    return table.text();
}

inline std::string score_table(const std::vector<ClassScore>& scores, const std::vector<std::string>& names) {
    html::Table table("Precision, recall and F1 of each class", {"class", "precision", "recall", "F1", "rows"});
    const auto add = [&](const std::string& name, const ClassScore& score) {
        table.add_row({html::escaped(name), html::percent(score.precision), html::percent(score.recall),
                       html::percent(score.f1), html::count(score.support)});
    };
    for (std::size_t c = 0; c < scores.size(); ++c) add(names[c], scores[c]);
    add("mean", macro_average(scores));
    return table.text();
}

inline std::string roc_chart(const RocCurve& curve) {
    chart::LineChart chart{.title = "ROC curve, area " + html::fixed(curve.area, 4),
                           .x_name = "rows of the other class that are taken for it",
                           .description = "ROC curve, area under it " + html::fixed(curve.area, 4),
                           .lines = {{"", 'a', {}, {}}},
                           .x_unit = chart::Unit::percent,
                           .y_unit = chart::Unit::percent,
                           .is_square = true};
    for (const RocPoint& point : curve.points) {
        chart.lines[0].x.push_back(point.false_positives);
        chart.lines[0].y.push_back(point.true_positives);
    }
    return chart::line_chart(chart);
}

/// Returns the ROC curve of yes-no answers; nothing where there are no rows of one of the two.
inline std::optional<RocCurve> roc_if_both(std::span<const double> scores, std::span<const std::int32_t> actual,
                                           const RowWeights& weights) {
    double totals[2] = {0, 0};
    for (std::size_t r = 0; r < actual.size(); ++r) totals[actual[r]] += static_cast<double>(weights[r]);
    const bool has_nan = std::any_of(scores.begin(), scores.end(), [](double score) { return is_nan(score); });
    if (has_nan || totals[0] == 0 || totals[1] == 0) return {};
    return roc_curve(scores, actual, weights);
}

inline std::string classes_section(const ReportData& report, const Classified& rows, const ReportOptions& options) {
    if (rows.actual.empty()) return {};
    constexpr std::size_t largest_matrix = 40;
    const std::size_t classes = report.names.size();
    const ConfusionMatrix counts = confusion_matrix(rows.predicted, rows.actual, classes, rows.weights);
    std::string content = classes <= largest_matrix ? confusion_table_html(counts, report.names)
                                                    : confused_pairs_table(counts, report.names);
    content += score_table(class_scores(counts), report.names);
    if (classes == 2) {
        if (const auto curve = roc_if_both(rows.scores, rows.actual, rows.weights)) {
            content += html::element("h3", "How well " + html::escaped(report.names[1]) + " is told from " +
                                               html::escaped(report.names[0])) +
                       html::charts(roc_chart(*curve));
        }
    }
    return html::section("Classes, by " + html::count_of(rows.actual.size(), options.data_name + " row"), content);
}

/// Returns the scores of outputs that answer yes or no each.
inline std::string questions_section(const ReportData& report, const ReportOptions& options) {
    html::Table table("How well each output says yes or no",
                      {"output", "precision", "recall", "F1", "area under the ROC curve", "rows with yes"});
    for (std::size_t k = 0; k < report.names.size(); ++k) {
        const std::vector<double> scores = column_of(report.outputs, k);
        std::vector<std::int32_t> predicted;
        std::vector<std::int32_t> actual;
        for (std::size_t r = 0; r < report.rows(); ++r) {
            predicted.push_back(scores[r] >= 0.5 ? 1 : 0);
            actual.push_back(report.targets(r, k) == 1 ? 1 : 0);
        }
        const ClassScore yes = class_scores(confusion_matrix(predicted, actual, 2, report.weights))[1];
        const auto curve = roc_if_both(scores, actual, report.weights);
        table.add_row({html::escaped(report.names[k]), html::percent(yes.precision), html::percent(yes.recall),
                       html::percent(yes.f1), curve ? html::fixed(curve->area, 4) : "", html::count(yes.support)});
    }
    return html::section("Outputs, by " + html::count_of(report.rows(), options.data_name + " row"), table.text());
}

/// Returns a column as a matrix, as metrics take it.
inline Matrix<double> column_matrix(const Matrix<double>& matrix, std::size_t column) {
    auto values = Matrix<double>::from_shape({matrix.shape()[0], 1});
    for (std::size_t row = 0; row < matrix.shape()[0]; ++row) values(row, 0) = matrix(row, column);
    return values;
}

/// Returns the charts of one output: predicted against true values, residuals against predicted values, and the
/// residuals' histogram.
inline std::string residual_charts(const ReportData& report, std::size_t output, const ReportOptions& options) {
    std::vector<double> actual;
    std::vector<double> predicted;
    std::vector<double> residuals;
    for (const std::size_t row : spread_rows(report.rows(), options.sampled_rows)) {
        actual.push_back(report.targets(row, output));
        predicted.push_back(report.outputs(row, output));
        residuals.push_back(predicted.back() - actual.back());
    }
    const std::string rows = html::count_of(actual.size(), "row");
    std::string figures = chart::point_chart({.title = "Predicted against true",
                                              .x_name = "true",
                                              .description = "Predicted against true values of " + rows,
                                              .x = actual,
                                              .y = predicted,
                                              .is_square = true});
    figures += chart::point_chart({.title = "Residuals against predicted",
                                   .x_name = "predicted",
                                   .description = "Residuals against predicted values of " + rows,
                                   .x = predicted,
                                   .y = residuals});
    Distribution distribution;
    for (std::size_t row = 0; row < report.rows(); ++row) {
        distribution.see(report.outputs(row, output) - report.targets(row, output));
    }
    for (std::size_t row = 0; row < report.rows(); ++row) {
        distribution.count(report.outputs(row, output) - report.targets(row, output));
    }
    if (!distribution.empty()) {
        figures += chart::histogram_chart("Residuals (predicted minus true)",
                                          "mean " + html::significant(distribution.mean()) + ", deviation " +
                                              html::significant(distribution.deviation()),
                                          "residual", distribution.histogram());
    }
    return html::charts(figures);
}

inline std::string numbers_section(const ReportData& report, const ReportOptions& options) {
    constexpr std::size_t most_charts = 8;  // outputs
    html::Table table("How far predictions are from the true values",
                      {"output", "R²", "root mean square error", "mean absolute error", "true values: mean"});
    for (std::size_t k = 0; k < report.names.size(); ++k) {
        const Matrix<double> predicted = column_matrix(report.outputs, k);
        const Matrix<double> actual = column_matrix(report.targets, k);
        const double mean = report.weights.mean(report.rows(), [&](std::size_t r) { return actual(r, 0); });
        table.add_row({html::escaped(report.names[k]), html::fixed(r2(predicted, actual, report.weights), 4),
                       html::significant(std::sqrt(mean_squared_error(predicted, actual, report.weights))),
                       html::significant(mean_absolute_error(predicted, actual, report.weights)),
                       html::significant(mean)});
    }
    std::string content = table.text();
    for (std::size_t k = 0; k < std::min(report.names.size(), most_charts); ++k) {
        content += html::element("h3", html::escaped(report.names[k])) + residual_charts(report, k, options);
    }
    if (report.names.size() > most_charts) {
        content += html::paragraph("The other outputs have no charts here.");
    }
    return html::section("Predictions, by " + html::count_of(report.rows(), options.data_name + " row"), content);
}

// ---- Mistakes ----

/// A row with a wrong answer.
struct Mistake {
    std::size_t row = 0;
    double size = 0;  ///< the largest come first; at the same size, the first row
    std::string actual = {};
    std::string predicted = {};
    std::string certainty = {};  ///< the output behind the answer; for numbers the error
};

/// Returns the worst mistakes, at most as many as the options want.
inline std::vector<Mistake> worst_mistakes(const ReportData& report, const ReportOptions& options) {
    struct Place {
        std::size_t row;
        std::size_t output;
        double size;
    };
    std::vector<Place> places;
    std::vector<double> scales(report.outputs.shape()[1], 1.0);  // of each output's errors: their root mean square
    for (std::size_t k = 0; report.task == Task::numbers && k < scales.size(); ++k) {
        double squares = 0;
        for (std::size_t row = 0; row < report.rows(); ++row) {
            const double error = report.outputs(row, k) - report.targets(row, k);
            if (is_finite(error)) squares += error * error;
        }
        if (squares > 0) scales[k] = std::sqrt(squares / static_cast<double>(report.rows()));
    }
    for (std::size_t row = 0; row < report.rows(); ++row) {
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

/// Returns the values of a row's columns as texts.
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

/// How many pixels the pictures of mistakes, and those of weights, have at most, so that the page stays below 1 MB.
inline constexpr std::size_t most_pixels = 200'000;

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

// ---- Network ----

inline std::string layer_title(std::size_t index, const LayerSummary& layer) {
    return html::count(index) + ": " + layer.name;
}

inline std::string layer_table(const ReportData& report) {
    html::Table table("Layers, with the outputs for " + html::count_of(report.sampled_rows, "row"),
                      {"layer", "parameters", "weights: mean", "weights: deviation", "units", "always 0",
                       "always the same", "outputs: mean", "outputs: deviation"});
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerSummary& layer = report.layers[i];
        const auto if_any = [](const Distribution& numbers, double value) {
            return numbers.empty() ? std::string() : html::significant(value, 3);
        };
        table.add_row({html::escaped(layer_title(i, layer)), html::count(layer.parameters),
                       if_any(layer.weights, layer.weights.mean()), if_any(layer.weights, layer.weights.deviation()),
                       html::count(layer.units), html::count(layer.zero_units), html::count(layer.constant_units),
                       if_any(layer.outputs, layer.outputs.mean()), if_any(layer.outputs, layer.outputs.deviation())});
    }
    return table.text();
}

inline std::string layer_charts(const ReportData& report) {
    std::string rows;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerSummary& layer = report.layers[i];
        std::string figures;
        if (layer.has_units && !layer.outputs.empty()) {
            const bool has_zeros = layer.outputs.zeros() >= 0.0005;
            figures += chart::histogram_chart(
                "Outputs of " + layer_title(i, layer),
                has_zeros ? html::percent(layer.outputs.zeros(), 1) + " are 0 and not drawn" : "", "output",
                has_zeros ? layer.outputs.histogram_without_zeros() : layer.outputs.histogram(), 'b');
        }
        if (!layer.weights.empty()) {
            figures +=
                chart::histogram_chart("Weights of " + layer_title(i, layer), "", "weight", layer.weights.histogram());
        }
        rows += html::charts(figures, "charts pair");
    }
    return rows;
}

/// Returns the weights of the first units of the first layer, each unit's as an image of the rows' shape, all in one
/// picture: the stronger the colour, the larger the weight.
inline std::string weight_pictures(const ReportData& report, const ImageShape& shape) {
    if (report.first_weights.size() == 0) return {};
    constexpr std::size_t gap = 2;
    const std::size_t pixels = shape.height * shape.width;
    const std::size_t units =
        std::min({report.first_weights.shape()[1], std::size_t{64}, std::max<std::size_t>(1, most_pixels / pixels)});
    const std::size_t across = std::min<std::size_t>(units, 8);
    const std::size_t down = (units + across - 1) / across;
    // All but one of 200 weights have a colour of their own; the others have the strongest.
    std::vector<double> sizes;
    for (std::size_t p = 0; p < pixels; ++p) {
        for (std::size_t u = 0; u < units; ++u) {
            const double weight = report.first_weights(p, u);
            if (is_finite(weight)) sizes.push_back(std::abs(weight));
        }
    }
    if (sizes.empty()) return {};
    const auto limit = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) * 199 / 200);
    std::nth_element(sizes.begin(), limit, sizes.end());
    const double most = *limit;

    Picture picture{.width = across * (shape.width + gap) - gap, .height = down * (shape.height + gap) - gap};
    constexpr std::uint8_t outside = 0;
    constexpr int zero = 128;
    for (int i = 0; i < 256; ++i) {  // from orange by transparent to blue
        const double strength = std::abs(i - zero) / 127.0;
        const auto opacity = static_cast<std::uint8_t>(std::min(255.0, 255 * std::sqrt(strength)));
        picture.palette.push_back(i < zero ? Picture::Color{224, 110, 20, opacity}
                                           : Picture::Color{20, 125, 200, opacity});
    }
    picture.palette[outside] = {128, 128, 128, 70};
    picture.pixels.assign(picture.width * picture.height, outside);
    for (std::size_t u = 0; u < units; ++u) {
        const std::size_t top = u / across * (shape.height + gap);
        const std::size_t left = u % across * (shape.width + gap);
        for (std::size_t p = 0; p < pixels; ++p) {
            const double weight = report.first_weights(p, u);
            const double part = most > 0 && is_finite(weight) ? std::clamp(weight / most, -1.0, 1.0) : 0;
            picture.pixels[(top + p / shape.width) * picture.width + left + p % shape.width] =
                static_cast<std::uint8_t>(zero + std::lround(127 * part));
        }
    }
    const std::string title = "Weights of the first " + html::count(units) + " of " +
                              html::count_of(report.first_weights.shape()[1], "unit") + " of layer " +
                              html::count(report.first_weights_layer);
    const std::string image = R"(<img class="weights" src=")" + picture_address(picture) + "\" width=\"" +
                              std::to_string(picture.width) + "\" height=\"" + std::to_string(picture.height) +
                              "\" alt=\"" + html::escaped(title) + ", each as an image\"/>";
    return chart::figure(title,
                         html::element("span class=\"note\"",
                                       "blue: above 0, orange: below; full colour from " + html::significant(most, 3)),
                         image);
}

inline std::string network_section(const ReportData& report, const ReportOptions& options) {
    std::string content =
        html::paragraph("A unit that is always 0, or always the same, tells the next layer nothing.") +
        layer_table(report);
    if (options.image.height > 0) content += weight_pictures(report, options.image);
    return html::section("Network", content + layer_charts(report));
}

// ---- Around them ----

/// Returns the compiler's name and version.
inline std::string compiler_text() {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "g++ " __VERSION__;
#elif defined(_MSC_VER)
    return join({"MSVC ", _MSC_VER});
#else
    return "unknown";
#endif
}

inline std::string settings_section(const ReportData& report, const History& history, const ReportOptions& options) {
    html::Table table("Options and versions", {"what", "value"});
    const auto add = [&](std::string_view name, std::string_view text) {
        table.add_row({html::escaped(name), html::escaped(text)});
    };
    add("network", report.network);
    for (const auto& [name, text] : options.settings) add(name, text);
    if (!history.epochs.empty()) add("epochs trained", html::count(history.epochs.back().epoch));
    add("typenet", version);
    add("compiler", compiler_text());
    std::string content = table.text("texts");
    if (!options.command.empty()) {
        content += html::element("p", "Command: " + html::element("code", html::escaped(options.command))) + "\n";
    }
    return html::section("How it was made", content);
}

/// Returns the numbers that one looks for first.
inline std::string tiles(const ReportData& report, const Classified& rows, const History& history) {
    std::string content;
    const auto add = [&](std::string_view name, const std::string& text) {
        content += html::element("div", html::element("dt", name) + html::element("dd", text));
    };
    if (report.task == Task::classes) {
        add("accuracy", html::percent(rows.accuracy));
        if (!rows.actual.empty()) {
            const std::vector<ClassScore> scores =
                class_scores(confusion_matrix(rows.predicted, rows.actual, report.names.size(), rows.weights));
            add("mean F1", html::percent(macro_average(scores).f1));
            if (report.names.size() == 2) {
                const auto curve = roc_if_both(rows.scores, rows.actual, rows.weights);
                if (curve) add("area under ROC", html::fixed(curve->area, 4));
            }
        }
    } else if (report.task == Task::numbers) {
        add("R²", html::fixed(r2(report.outputs, report.targets, report.weights), 4));
        add("root mean square error",
            html::significant(std::sqrt(mean_squared_error(report.outputs, report.targets, report.weights))));
        add("mean absolute error",
            html::significant(mean_absolute_error(report.outputs, report.targets, report.weights)));
    }
    if (!history.epochs.empty()) {
        const std::vector<double> seconds = field_of(history, &EpochRecord::seconds);
        const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
        add("epochs", html::count(history.epochs.back().epoch));
        add("training time", html::duration(total));
        add("time an epoch", html::duration(total / static_cast<double>(seconds.size())));
    }
    add("parameters", html::count(report.parameters));
    return html::element("dl class=\"tiles\"", content) + "\n";
}

/// Adds sentences about how the losses went.
inline void note_losses(const History& history, const ReportOptions& options, std::vector<std::string>& notes) {
    const std::vector<double> training = field_of(history, &EpochRecord::loss);
    const auto broken = std::find_if(training.begin(), training.end(), [](double loss) { return !is_finite(loss); });
    if (broken != training.end()) {
        notes.push_back("The training loss is not finite in epoch " +
                        html::count(history.epochs[static_cast<std::size_t>(broken - training.begin())].epoch) +
                        ": the learning rate may be too high, or features may not be scaled.");
    } else if (training.size() >= 3 && training.back() > 0.98 * training.front() && training.front() > 0) {
        notes.push_back("The training loss hardly fell, from " + html::significant(training.front()) + " to " +
                        html::significant(training.back()) + ": the learning rate may be too low or too high.");
    }
    const std::vector<double> validation = field_of(history, &EpochRecord::validation_loss);
    const std::size_t best = index_of_least(validation);
    if (best + 1 < validation.size() && validation.back() > 1.05 * validation[best] && validation[best] > 0) {
        notes.push_back("The " + options.validation_name + " loss was lowest in epoch " +
                        html::count(history.epochs[best].epoch) + ", at " + html::significant(validation[best]) +
                        ", and ended at " + html::significant(validation.back()) +
                        ": since then the network has learned the training rows by heart.");
    }
}

/// Adds sentences about classes that are missing, on one side or the other.
inline void note_classes(const ReportData& report, const Classified& rows, std::vector<std::string>& notes) {
    if (rows.without_class > 0) {
        notes.push_back(html::count_of(rows.without_class, "row") +
                        " got outputs that are NaN. The accuracy counts them as wrong; what is about classes leaves "
                        "them out.");
    }
    std::vector<std::uint8_t> is_actual(report.names.size());
    std::vector<std::uint8_t> is_predicted(report.names.size());
    for (const std::int32_t label : rows.actual) is_actual[static_cast<std::size_t>(label)] = 1;
    for (const std::int32_t label : rows.predicted) is_predicted[static_cast<std::size_t>(label)] = 1;
    std::string without_rows;
    std::string never_predicted;
    for (std::size_t c = 0; c < report.names.size(); ++c) {
        std::string& list = is_actual[c] == 0 ? without_rows : never_predicted;
        if (is_actual[c] != 0 && is_predicted[c] != 0) continue;
        list += (list.empty() ? "" : ", ") + report.names[c];
    }
    if (!without_rows.empty()) notes.push_back("There are no rows of these classes: " + without_rows + ".");
    if (!never_predicted.empty()) notes.push_back("These classes are never predicted: " + never_predicted + ".");
}

inline void note_layers(const ReportData& report, std::vector<std::string>& notes) {
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerSummary& layer = report.layers[i];
        if (layer.weights.not_finite() > 0) {
            notes.push_back(html::count_of(layer.weights.not_finite(), "parameter") + " of layer " +
                            layer_title(i, layer) + " are not finite: the training diverged.");
        }
        const std::size_t idle = layer.zero_units + layer.constant_units;
        if (layer.is_trained && idle > 0) {
            notes.push_back(html::count(idle) + " of " + html::count_of(layer.units, "unit") + " of layer " +
                            layer_title(i, layer) + " put out the same for each of " +
                            html::count_of(report.sampled_rows, "row") +
                            ": they are dead. A lower learning rate, or LeakyReLU in the place of ReLU, keeps units "
                            "alive.");
        }
    }
}

/// Returns what deserves a look, in sentences; nothing where nothing does.
inline std::string notes_section(const ReportData& report, const Classified& rows, const History& history,
                                 const ReportOptions& options) {
    std::vector<std::string> notes;
    note_losses(history, options, notes);
    if (report.task == Task::classes) note_classes(report, rows, notes);
    note_layers(report, notes);
    std::string items;
    for (const std::string& note : notes) items += html::element("li", html::escaped(note)) + "\n";
    return items.empty() ? items : html::section("Worth a look", html::element("ul class=\"notes\"", items) + "\n");
}

/// Returns the whole report as an HTML page.
inline std::string report_page(const ReportData& report, const History& history, const ReportOptions& options) {
    const Classified rows = report.task == Task::classes ? classify(report) : Classified();
    std::string content = html::element("h1", html::escaped(options.title)) + "\n";
    content +=
        html::element("p class=\"muted\"", html::escaped(report.network + ", tried on " +
                                                         html::count_of(report.rows(), options.data_name + " row"))) +
        "\n";
    content += tiles(report, rows, history) + notes_section(report, rows, history, options) +
               training_section(history, options);
    if (report.task == Task::classes) content += classes_section(report, rows, options);
    if (report.task == Task::questions) content += questions_section(report, options);
    if (report.task == Task::numbers) content += numbers_section(report, options);
    content += mistakes_section(report, options) + network_section(report, options) +
               settings_section(report, history, options);
    return html::page(options.title, content);
}

}  // namespace TYPENET::detail
