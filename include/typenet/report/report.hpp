#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/path_text.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/detail/report_page.hpp>
#include <typenet/report/options.hpp>
#include <typenet/train/history.hpp>

/// Reports of trainings as web pages: `write_report`, and the callback `HtmlReport`.
namespace TYPENET {

/// Writes a report of a training: one HTML file that holds everything itself, without scripts, for screens of any size,
/// paper and screen readers. It shows how loss, accuracy and learning rate went; how well the network does on `data`,
/// with confusion matrix, scores and ROC curve, or residuals; the worst mistakes; and what the layers hold and put out.
/// What doesn't apply is left out, and the history may be empty. docs/report.md tells how to read it.
/// ```cpp
/// #include <typenet/report/report.hpp>
///
/// const History history = fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .validation = &validation});
/// write_report("report.html", net, history, test, {.title = "Iris", .data_name = "test"});
/// ```
/// The same network, history, data and options give the same file. Throws OptionError where an option doesn't fit the
/// network; DataError where `predict` would, and for a label that is none of the network's classes or a target that
/// isn't finite; and FileError where the file can't be written: an old file then stays.
template <AnyNetwork Network, TrainingData Data>
void write_report(const std::filesystem::path& path, const Network& network, const History& history, const Data& data,
                  const ReportOptions& options = {}) {
    const std::string page = detail::report_page(detail::collect(network, data, options), history, options);
    replace_file(path, std::as_bytes(std::span(page)));
}

/// A callback that writes a report when the training ends, on the validation rows or, without any, on the training
/// rows. The report also lists what the training depends on, as a checkpoint does: optimizer, schedule, seed, data and
/// so on.
/// ```cpp
/// #include <typenet/report/report.hpp>
///
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .validation = &validation}, HtmlReport("report.html"));
/// ```
/// Before the training it throws OptionError where an option doesn't fit the network, and FileError where there is no
/// folder for the file; after the training, what `write_report` throws.
class HtmlReport {
public:
    /// Writes to the file at `path`.
    explicit HtmlReport(std::filesystem::path path, ReportOptions options = {})
        : path_(std::move(path)), options_(std::move(options)) {}

    template <class Run>
    void check(const TrainingPlan&, Run&) {
        detail::check_report_options<typename Run::Network>(options_);
        std::error_code ignored;
        if (path_.has_parent_path() && !std::filesystem::is_directory(path_.parent_path(), ignored)) {
            throw FileError(detail::path_text(path_), "can't be written: there is no such folder");
        }
    }

    template <class Run>
    void on_train_end(const History& history, Run& run) {
        ReportOptions options = options_;
        for (const auto& [name, text] : run.description()) {
            if (name != "network") options.settings.emplace_back(name, text);  // the report has it
        }
        const bool validates = run.options().validation != nullptr;
        if (!validates) options.data_name = "training";
        write_report(path_, run.network(), history, validates ? *run.options().validation : run.data(), options);
    }

private:
    std::filesystem::path path_;
    ReportOptions options_;
};

}  // namespace TYPENET
