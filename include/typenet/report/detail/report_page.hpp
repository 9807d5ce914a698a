#pragma once

#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/metrics.hpp>
#include <typenet/report/detail/answers_section.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/mistakes_section.hpp>
#include <typenet/report/detail/network_section.hpp>
#include <typenet/report/detail/notes_section.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/detail/training_section.hpp>
#include <typenet/report/options.hpp>
#include <typenet/train/history.hpp>
#include <typenet/version.hpp>

/// A whole report: `report_page` puts the parts together. Each part is a function that returns HTML, or nothing where
/// it doesn't apply.
namespace TYPENET::detail {

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
        if (rows.rows > 0) add("mean F1", html::percent(macro_average(rows.scores).f1));
        if (rows.roc) add("area under ROC", html::fixed(rows.roc->area, 4));
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
