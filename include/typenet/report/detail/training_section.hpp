#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/report/detail/chart.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/options.hpp>
#include <typenet/train/history.hpp>

/// The part of a report about the epochs: `training_section`.
namespace TYPENET::detail {

/// Returns a field of all epochs, NaN where it wasn't measured; nothing where no epoch has it.
template <class Field>
std::vector<double> field_of(const History& history, Field EpochRecord::*field) {
    std::vector<double> values;
    bool is_measured = false;
    for (const EpochRecord& epoch : history.epochs) {
        const std::optional<double> value = epoch.*field;
        values.push_back(value.value_or(nan<double>));
        is_measured = is_measured || value.has_value();
    }
    return is_measured ? values : std::vector<double>();
}

/// Returns what a chart over the epochs shows, for those who don't see it. Epochs in which a line has no number, such
/// as those before a resumed training was given validation rows, are passed over.
inline std::string describe_lines(std::string_view title, std::span<const chart::Line> lines, chart::Unit unit) {
    const auto text = [unit](double value) {
        return unit == chart::Unit::percent ? html::percent(value) : html::significant(value);
    };
    const auto is_shown = [](double value) { return is_finite(value); };
    std::string description = std::string(title) + " over " + html::count_of(lines.front().x.size(), "epoch");
    for (const chart::Line& line : lines) {
        const auto first = std::find_if(line.y.begin(), line.y.end(), is_shown);
        const auto last = std::find_if(line.y.rbegin(), line.y.rend(), is_shown);
        description += "; " + line.name + ": " +
                       (first == line.y.end() ? "no finite number" : "from " + text(*first) + " to " + text(*last));
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

/// Returns the table of the epochs: of all or, of more than 500, of every so many and the last. What wasn't measured in
/// an epoch is empty.
inline std::string epoch_table(const History& history, const ReportOptions& options) {
    std::vector<std::string> headings{"epoch"};
    std::vector<std::function<std::string(const EpochRecord&)>> columns{
        [](const EpochRecord& epoch) { return html::count(epoch.epoch); }};
    const auto add = [&](std::string_view name, auto field, auto text) {
        if (field_of(history, field).empty()) return;
        headings.push_back(html::escaped(name));
        columns.push_back([field, text](const EpochRecord& epoch) {
            const std::optional<double> value = epoch.*field;
            return value ? text(*value) : std::string();
        });
    };
    const auto number = [](double value) { return html::significant(value); };
    const auto share = [](double value) { return html::percent(value); };
    add("training loss", &EpochRecord::loss, number);
    add("training accuracy", &EpochRecord::accuracy, share);
    add(options.validation_name + " loss", &EpochRecord::validation_loss, number);
    add(options.validation_name + " accuracy", &EpochRecord::validation_accuracy, share);
    add("learning rate", &EpochRecord::learning_rate, number);
    add("time", &EpochRecord::seconds, html::duration);
    html::Table table("Every epoch in numbers", headings);
    const std::size_t count = history.epochs.size();
    const std::size_t every = (count + 499) / 500;
    for (std::size_t i = 0; i < count; i = i + 1 == count ? count : std::min(i + every, count - 1)) {
        std::vector<std::string> cells;
        cells.reserve(columns.size());
        for (const auto& text : columns) cells.push_back(text(history.epochs[i]));
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

}  // namespace TYPENET::detail
