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
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/evaluate/metrics.hpp>
#include <typenet/evaluate/roc.hpp>
#include <typenet/report/detail/chart.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/options.hpp>

/// The part of a report about what the network answers, by what its outputs mean: `classes_section`,
/// `questions_section` and `numbers_section`.
namespace TYPENET::detail {

/// Returns the predicted class for outputs [outputs]; -1 where one of them is NaN.
inline std::int32_t class_of(std::span<const double> outputs) {
    if (std::any_of(outputs.begin(), outputs.end(), [](double output) { return is_nan(output); })) return -1;
    if (outputs.size() == 1) return outputs[0] >= 0.5 ? 1 : 0;
    return static_cast<std::int32_t>(std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
}

/// Returns a row, or a column, of a matrix, as a view of it.
inline std::span<const double> row_of(const Matrix<double>& matrix, std::size_t row) {
    return {matrix.data() + row * matrix.shape()[1], matrix.shape()[1]};
}
inline auto column_of(const Matrix<double>& matrix, std::size_t column) { return xt::view(matrix, xt::all(), column); }

/// Returns the ROC curve of yes-no answers; nothing where there are no rows of one of the two.
inline std::optional<RocCurve> roc_if_both(std::span<const double> scores, std::span<const std::int32_t> actual,
                                           const RowWeights& weights) {
    double totals[2] = {0, 0};
    for (std::size_t r = 0; r < actual.size(); ++r) totals[actual[r]] += static_cast<double>(weights[r]);
    const bool has_nan = std::any_of(scores.begin(), scores.end(), [](double score) { return is_nan(score); });
    if (has_nan || totals[0] == 0 || totals[1] == 0) return {};
    return roc_curve(scores, actual, weights);
}

/// How rows were classified. Those of weight 0 count nowhere.
struct Classified {
    std::size_t rows = 0;                 ///< that have a class: those whose outputs aren't NaN
    std::size_t without_class = 0;        ///< all others
    double accuracy = 0;                  ///< over both: a row without a class is a mistake
    ConfusionMatrix counts = {};          ///< of the rows that have a class, as all below
    std::vector<ClassScore> scores = {};  ///< of each class
    std::optional<RocCurve> roc = {};     ///< with two classes, if there are rows of both
};

inline Classified classify(const ReportData& report) {
    Classified result;
    std::vector<std::int32_t> predicted(report.rows());
    std::vector<std::uint32_t> kept;
    std::vector<std::int32_t> kept_predicted;
    std::vector<std::int32_t> kept_actual;
    std::vector<double> last_outputs;  // of two classes, how likely the second one is
    for (std::size_t row = 0; row < report.rows(); ++row) {
        const std::span outputs = row_of(report.outputs, row);
        predicted[row] = class_of(outputs);
        if (report.weights[row] == 0) continue;
        if (predicted[row] < 0) {
            ++result.without_class;
            continue;
        }
        kept.push_back(static_cast<std::uint32_t>(row));
        kept_predicted.push_back(predicted[row]);
        kept_actual.push_back(report.labels[row]);
        last_outputs.push_back(outputs.back());
    }
    const std::size_t classes = report.names.size();
    const RowWeights weights = report.weights.subset(kept);
    result.rows = kept.size();
    result.accuracy =
        report.weights.mean(report.rows(), [&](std::size_t r) { return predicted[r] == report.labels[r]; });
    result.counts = kept.empty() ? ConfusionMatrix(xt::zeros<double>({classes, classes}))
                                 : confusion_matrix(kept_predicted, kept_actual, classes, weights);
    result.scores = class_scores(result.counts);
    if (classes == 2) result.roc = roc_if_both(last_outputs, kept_actual, weights);
    return result;
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

inline std::string classes_section(const ReportData& report, const Classified& rows, const ReportOptions& options) {
    if (rows.rows == 0) return {};
    constexpr std::size_t largest_matrix = 40;  // classes
    std::string content = report.names.size() <= largest_matrix ? confusion_table_html(rows.counts, report.names)
                                                                : confused_pairs_table(rows.counts, report.names);
    content += score_table(rows.scores, report.names);
    if (rows.roc) {
        content += html::element("h3", "How well " + html::escaped(report.names[1]) + " is told from " +
                                           html::escaped(report.names[0])) +
                   html::charts(roc_chart(*rows.roc));
    }
    return html::section("Classes, by " + html::count_of(rows.rows, options.data_name + " row"), content);
}

/// Returns the scores of outputs that answer yes or no each.
inline std::string questions_section(const ReportData& report, const ReportOptions& options) {
    html::Table table("How well each output says yes or no",
                      {"output", "precision", "recall", "F1", "area under the ROC curve", "rows with yes"});
    for (std::size_t k = 0; k < report.names.size(); ++k) {
        const auto outputs = column_of(report.outputs, k);
        const std::vector<double> scores(outputs.begin(), outputs.end());
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
    const auto all = column_of(report.outputs, output) - column_of(report.targets, output);
    const Distribution distribution = distribution_of(std::vector<double>(all.begin(), all.end()));
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
        const auto predicted = column_of(report.outputs, k);
        const auto actual = column_of(report.targets, k);
        const double mean = report.weights.mean(report.rows(), [&](std::size_t r) { return actual(r); });
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

}  // namespace TYPENET::detail
