#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <typenet/report/options.hpp>

/// What a report shows, without the types of the network and of the data: `collect` makes it,
/// report/detail/report_page.hpp writes it.
namespace TYPENET::detail {

/// A column of the table that the rows come from: one feature or, for a category, one for each value.
struct InputColumn {
    std::string name = {};
    std::size_t first = 0;                 ///< index of its first feature
    std::vector<std::string> values = {};  ///< a category: the text for each feature; empty for a number
};

struct ReportData {
    /// What the outputs answer: which class, a yes or no each, or numbers.
    enum class Task { classes, questions, numbers };

    std::string network = {};  ///< its architecture
    std::size_t parameters = 0;
    Task task = Task::classes;
    bool outputs_are_probabilities = false;
    Matrix<double> outputs = {};            ///< [rows, outputs]
    std::vector<std::int32_t> labels = {};  ///< classes: of each row
    Matrix<double> targets = {};            ///< questions and numbers: [rows, outputs]
    std::vector<std::string> names = {};    ///< of the classes, or of the outputs
    RowWeights weights = {};
    std::size_t sampled_rows = 0;  ///< of which the layers' outputs were taken
    std::vector<LayerSummary> layers = {};
    std::vector<InputColumn> columns = {};
    Matrix<double> first_weights = {};  ///< [inputs, units] of the first layer with weights, for images; else empty
    std::size_t first_weights_layer = 0;
    std::function<std::vector<double>(std::size_t row)> features = {};  ///< refers to the data

    [[nodiscard]] std::size_t rows() const { return outputs.shape()[0]; }
};

using Task = ReportData::Task;

/// Throws OptionError where a report's options don't fit the network.
template <AnyNetwork Network>
void check_report_options(const ReportOptions& options) {
    const auto check = [](std::string_view option, std::size_t given, std::size_t wanted, std::string_view what) {
        if (given == 0 || given == wanted) return;
        throw OptionError(join({"write_report: ", given, " ", option, " for ", wanted, " ", what}));
    };
    check("input_names", options.input_names.size(), Network::inputs, "inputs");
    check("output_names", options.output_names.size(), Network::outputs, "outputs");
    check("class_names", options.class_names.size(), classes_of<Network>, "classes");
    const ImageShape& image = options.image;
    if ((image.height != 0 || image.width != 0) &&
        (image.height == 0 || Network::inputs % image.height != 0 || Network::inputs / image.height != image.width)) {
        throw OptionError(join({"write_report: images of ", image.height, " x ", image.width,
                                " pixels don't have the network's ", Network::inputs, " inputs"}));
    }
}

/// Returns the columns of the rows: the network's Columns, or one for each input.
template <AnyNetwork Network>
std::vector<InputColumn> input_columns(const ReportOptions& options) {
    std::vector<InputColumn> columns = {};
    if constexpr (HasColumns<typename Network::InputType>) {
        if (options.input_names.empty()) {
            for (const auto& rule : Network::InputType::rules) {
                InputColumn column{.name = std::string(rule.name), .first = rule.first};
                for (const std::string_view value : rule.values) {
                    column.values.emplace_back(value.empty() ? "other" : value);
                }
                if (rule.kind == decltype(rule.kind)::missing) column.name += " is missing";
                columns.push_back(std::move(column));
            }
            return columns;
        }
    }
    for (std::size_t i = 0; i < Network::inputs; ++i) {
        columns.push_back({options.input_names.empty() ? join({"input ", i}) : options.input_names[i], i, {}});
    }
    return columns;
}

/// Returns the names of classes or outputs: the first list that isn't empty, or numbers after `prefix`.
inline std::vector<std::string> names_or_numbers(const std::vector<std::string>& chosen,
                                                 const std::vector<std::string>& known, std::size_t count,
                                                 std::string_view prefix) {
    if (!chosen.empty()) return chosen;
    if (known.size() == count) return known;
    std::vector<std::string> names = {};
    for (std::size_t i = 0; i < count; ++i) names.push_back(join({prefix, i}));
    return names;
}

/// Fills in what the rows are to be, and the names of classes or outputs.
template <AnyNetwork Network, TrainingData Data>
void collect_targets(const Data& data, const ReportOptions& options, ReportData& report) {
    using Last = typename Network::template Layer<Network::layer_count - 1>::FinalActivation;
    if constexpr (std::integral<TargetOf<Data>>) {
        report.labels = all_labels<Network>(data);
        std::vector<std::string> known;
        if constexpr (requires { data.class_names(); }) known = data.class_names();
        report.names = names_or_numbers(options.class_names, known, classes_of<Network>, "");
    } else {
        static_assert(TargetOf<Data>::extent == Network::outputs,
                      "write_report: the dataset must have as many targets a row as the network has outputs");
        report.targets = xt::cast<double>(target_matrix(data));
        for (std::size_t i = 0; i < report.targets.size(); ++i) {
            if (is_finite(report.targets.data()[i])) continue;
            throw DataError(join({"write_report: the target in row ", i / Network::outputs, " is not finite"}));
        }
        const auto is_0_or_1 = [](double target) { return target == 0 || target == 1; };
        const bool are_0_or_1 = std::all_of(report.targets.begin(), report.targets.end(), is_0_or_1);
        report.task = std::same_as<Last, Softmax>                 ? Task::classes
                      : std::same_as<Last, Sigmoid> && are_0_or_1 ? Task::questions
                                                                  : Task::numbers;
        if (report.task == Task::questions && Network::outputs == 1) report.task = Task::classes;
        if (report.task == Task::classes) {
            for (std::size_t row = 0; row < data.size(); ++row) {
                report.labels.push_back(predicted_class<float, Network::outputs>(data.target(row).data()));
            }
            report.names = names_or_numbers(options.class_names, {}, classes_of<Network>, "");
        } else {
            report.names = names_or_numbers(options.output_names, {}, Network::outputs, "output ");
        }
    }
    report.outputs_are_probabilities = std::same_as<Last, Softmax> || std::same_as<Last, Sigmoid>;
}

/// Fills in the weights of the first layer that has any, if it takes the rows' pixels.
template <AnyNetwork Network>
void collect_first_weights(const Network& network, ReportData& report) {
    bool is_found = false;
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        if constexpr (Layer::weight_count == Network::inputs * Layer::outputs) {
            if (std::exchange(is_found, true)) return;
            report.first_weights = network.template weights<I>();
            report.first_weights_layer = I;
        } else if constexpr (Layer::weight_count > 0) {
            is_found = true;
        }
    });
}

/// Returns what a report shows of a network and of rows that it is tried on. The result refers to the data.
template <AnyNetwork Network, TrainingData Data>
ReportData collect(const Network& network, const Data& data, const ReportOptions& options) {
    check_report_options<Network>(options);
    ReportData report{.network = Network::architecture(), .parameters = Network::parameter_count};
    report.outputs = xt::cast<double>(predict(network, data, {.threads = options.threads}));
    report.weights = weights_of(data);
    collect_targets<Network>(data, options, report);
    const std::vector<std::uint32_t> sample = spread_rows(data.size(), options.sampled_rows);
    report.sampled_rows = sample.size();
    report.layers = summarize_layers(network, data, sample);
    report.columns = input_columns<Network>(options);
    if (options.image.height > 0) collect_first_weights(network, report);
    report.features = [&data](std::size_t row) {
        std::vector<typename Network::Scalar> features(Network::inputs);
        const auto index = static_cast<std::uint32_t>(row);
        data.gather(std::span(&index, 1), features.data());
        return std::vector<double>(features.begin(), features.end());
    };
    return report;
}

}  // namespace TYPENET::detail
