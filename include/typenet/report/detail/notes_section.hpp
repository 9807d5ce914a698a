#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/report/detail/answers_section.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <typenet/report/detail/network_section.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/detail/training_section.hpp>
#include <typenet/report/options.hpp>
#include <typenet/train/history.hpp>

/// The part of a report that says in words what deserves a look: `notes_section`.
namespace TYPENET::detail {

/// Returns the index of the smallest finite value; the count of values where none is finite.
inline std::size_t index_of_least(std::span<const double> values) {
    std::size_t least = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (is_finite(values[i]) && (least == values.size() || values[i] < values[least])) least = i;
    }
    return least;
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
    if (best + 1 >= validation.size()) return;
    const double rise = validation.back() - validation[best];
    if (!(rise > 0.05 * std::abs(validation[best]))) return;
    // Close to 0, a loss wavers by factors, and no answer changes.
    if (best > 0 && rise < 0.01 * (validation.front() - validation[best])) return;
    notes.push_back(
        "The " + options.validation_name + " loss was lowest in epoch " + html::count(history.epochs[best].epoch) +
        ", at " + html::significant(validation[best]) + ", and ended at " + html::significant(validation.back()) +
        (training.back() > training[best] ? ". The training loss rose, too: the learning rate may be too high."
                                          : ": since then the network has learned the training rows by heart."));
}

/// Adds sentences about classes that are missing, on one side or the other.
inline void note_classes(const ReportData& report, const Classified& rows, std::vector<std::string>& notes) {
    if (rows.without_class > 0) {
        notes.push_back(html::count_of(rows.without_class, "row") +
                        " got outputs that are NaN. The accuracy counts them as wrong; what is about classes leaves "
                        "them out.");
    }
    std::string without_rows;
    std::string never_predicted;
    for (std::size_t c = 0; c < report.names.size(); ++c) {
        double taken = 0;
        for (std::size_t t = 0; t < report.names.size(); ++t) taken += rows.counts(t, c);
        const bool has_rows = rows.scores[c].support > 0;
        if (has_rows && taken > 0) continue;
        std::string& list = has_rows ? never_predicted : without_rows;
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
                            html::count_of(report.sampled_rows, "row") + ": they are dead. A lower learning rate" +
                            (layer.zero_units > 0 ? ", or LeakyReLU in the place of ReLU," : "") +
                            " keeps units alive.");
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

}  // namespace TYPENET::detail
