#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <typenet/core/tensor.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/train/history.hpp>
#include <utility>
#include <vector>

/// What reports are about, by hand: rows, their outputs and losses.
namespace support {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline typenet::Matrix<double> matrix(std::size_t columns, const std::vector<double>& values) {
    auto result = typenet::Matrix<double>::from_shape({values.size() / columns, columns});
    std::copy(values.begin(), values.end(), result.begin());
    return result;
}

/// Returns a report on rows of two classes, of which the network says how likely each is.
inline typenet::detail::ReportData two_classes(const std::vector<double>& outputs, std::vector<std::int32_t> labels) {
    typenet::detail::ReportData report{
        .network = "net", .outputs_are_probabilities = true, .outputs = matrix(2, outputs)};
    report.labels = std::move(labels);
    report.names = {"no", "yes"};
    report.columns = {{"x", 0, {}}};
    report.features = [](std::size_t row) { return std::vector<double>{static_cast<double>(row)}; };
    return report;
}

/// Returns a report on rows whose targets are numbers.
inline typenet::detail::ReportData numbers(std::size_t columns, const std::vector<double>& outputs,
                                           const std::vector<double>& targets) {
    typenet::detail::ReportData report{.task = typenet::detail::Task::numbers,
                                       .outputs = matrix(columns, outputs),
                                       .targets = matrix(columns, targets)};
    for (std::size_t k = 0; k < columns; ++k) report.names.push_back("y" + std::to_string(k));
    report.features = [](std::size_t) { return std::vector<double>(); };
    return report;
}

/// Returns the history of epochs with these losses.
inline typenet::History losses(const std::vector<double>& training, const std::vector<double>& validation = {}) {
    typenet::History history;
    for (std::size_t i = 0; i < training.size(); ++i) {
        history.epochs.push_back({.epoch = i + 1, .loss = training[i]});
        if (!validation.empty()) history.epochs.back().validation_loss = validation[i];
    }
    return history;
}

}  // namespace support
