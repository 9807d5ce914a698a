#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/metrics.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/platform/threads.hpp>

/// Applies a network to a whole dataset.
///   evaluate                                      the mean loss and, for classification, the accuracy
///   predict                                       the outputs for all rows
///   accuracy, top_k_accuracy, confusion_matrix    metrics of a classification
///   mean_squared_error, mean_absolute_error, r2   metrics of a regression
/// All of them call for_each_output, which runs the forward pass over chunks of `rows_at_once` rows, shared out among
/// PredictOptions::threads threads; the result doesn't depend on how many. The metrics then call the functions of the
/// same names in evaluate/metrics.hpp. Each row counts by its weight, if the dataset has weights. The network stays
/// unchanged. An empty dataset throws DataError, and so do a label that is none of the network's classes and a feature,
/// named, that makes outputs NaN or infinite: an infinite one, and NaN where the network doesn't begin with
/// Standardize. `fit` calls `evaluate` on its validation set after each epoch.
namespace TYPENET {

namespace detail {

/// Calls visit(row, outputs) for each row of `data` with the outputs of `Layers`. Several threads may call it at once,
/// each for other rows. Throws DataError where outputs are not finite because a feature isn't; see check_features.
template <class Layers, class Network, TrainingData Data, class Visit>
void for_each_output(const Network& network, const Data& data, const PredictOptions& options, Visit visit) {
    using T = typename Network::Scalar;
    static_assert(Data::feature_count == Network::inputs,
                  "the dataset has another number of features a row than the network has inputs");
    static_assert(suits_columns<Network, Data>, "the dataset has other columns than the network");
    if (data.size() == 0) throw DataError("the dataset has no rows");
    Team team(choose_threads(options.threads, Network::parameter_count * data.size()));
    Buffer<T> x(team.size() * rows_at_once * Layers::inputs);
    Buffer<T> y(team.size() * rows_at_once * Layers::outputs);
    std::atomic<bool> finite = true;
    ForwardMemory<Network, Layers> memory(network, rows_at_once, team.size());
    run_in_chunks(team, data.size(), [&](std::size_t first, std::size_t count, std::size_t thread) {
        std::array<std::uint32_t, rows_at_once> rows{};
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(first));
        const Rows<T, Layers::inputs> inputs{x.data() + thread * rows_at_once * Layers::inputs, count};
        const Rows<T, Layers::outputs> outputs{y.data() + thread * rows_at_once * Layers::outputs, count};
        data.gather(std::span(rows).first(count), inputs.data);
        memory.forward(inputs, outputs, thread);
        for (std::size_t r = 0; r < count; ++r) {
            visit(first + r, std::span<const T, Layers::outputs>(outputs[r], Layers::outputs));
        }
        if (!simd::all_finite(outputs.data, outputs.size()) ||
            (loses_nan && !simd::all_finite(inputs.data, inputs.size()))) {
            finite.store(false, std::memory_order_relaxed);
        }
    });
    for (std::size_t i = 0; !finite && i < data.size(); ++i) {
        const auto row = static_cast<std::uint32_t>(i);
        data.gather(std::span(&row, 1), x.data());
        check_features(std::span<const T>(x.data(), Layers::inputs), i, Layers::template Layer<0>::takes_missing);
    }
}

/// Returns the predicted class of each row; -1 where an output is NaN.
template <class Network, TrainingData Data>
std::vector<std::int32_t> classify_all(const Network& network, const Data& data, const PredictOptions& options) {
    std::vector<std::int32_t> classes(data.size());
    for_each_output<typename Network::Layers>(network, data, options, [&](std::size_t row, auto y) {
        classes[row] = class_or_none<typename Network::Scalar, Network::outputs>(y.data());
    });
    return classes;
}

/// Returns the label of each row. Throws DataError where a label is none of the network's classes.
template <class Network, TrainingData Data>
std::vector<std::int32_t> all_labels(const Data& data) {
    static_assert(std::integral<TargetOf<Data>>, "this metric compares classes: the dataset must have labels");
    std::vector<std::int32_t> labels(data.size());
    for (std::size_t row = 0; row < data.size(); ++row) {
        check_label<Network>(data, row, "the dataset");
        labels[row] = static_cast<std::int32_t>(data.target(row));
    }
    return labels;
}

/// Returns the targets as a matrix, [rows, columns].
template <TrainingData Data>
Matrix<float> target_matrix(const Data& data) {
    static_assert(!std::integral<TargetOf<Data>>, "this metric compares numbers: the dataset must have Targets<N>");
    constexpr std::size_t columns = TargetOf<Data>::extent;
    auto matrix = Matrix<float>::from_shape({data.size(), columns});
    for (std::size_t row = 0; row < data.size(); ++row) {
        const auto target = data.target(row);
        std::copy(target.begin(), target.end(), matrix.data() + row * columns);
    }
    return matrix;
}

}  // namespace detail

/// The result of `evaluate`. Both numbers count each row by its weight.
struct Evaluation {
    double loss = 0;  ///< mean loss over the rows
    /// Share of rows classified correctly, from 0 to 1; empty for regression. A row whose loss is NaN never counts.
    std::optional<double> accuracy;
};

/// Returns the mean loss of a network over the rows of a dataset and, for classification, its accuracy.
/// ```cpp
/// const Evaluation result = evaluate<CrossEntropy>(net, test);
/// std::cout << "loss " << result.loss << ", accuracy " << *result.accuracy << '\n';
/// ```
/// The loss of a network that ends in Unstandardize is in units of the targets' deviation, as in training.
/// Throws OptionError where an option of the loss is out of range, and DataError where the dataset is empty, a target
/// is invalid for the network and the loss, or there are weights, but not one for each row.
template <class Loss, AnyPredictor Network, TrainingData Data>
Evaluation evaluate(const Network& network, const Data& data, const Loss& loss = {},
                    const PredictOptions& options = {}) {
    using T = typename Network::Scalar;
    using Layers = TrainedLayers<Network, Loss>;
    detail::check_training_types<Network, Loss, Data>();
    detail::validate_loss<Network::outputs>(loss);
    detail::check_targets<Network, Loss>(data);
    std::vector<double> losses(data.size());
    std::vector<std::uint8_t> hits(data.size());
    const auto& loss_on_targets = detail::loss_on_targets(network, loss);
    const auto score = [&](std::size_t row, std::span<const T, Network::outputs> y) {
        Scratch<T, Network::outputs> d_y;
        const auto target = data.target(row);
        losses[row] =
            static_cast<double>(loss_on_targets(y, target, std::span<T, Network::outputs>(d_y.data(), y.size())));
        hits[row] = !detail::is_nan(losses[row]) && detail::is_hit<Loss>(y, target);
    };
    detail::for_each_output<Layers>(network, data, options, score);
    Evaluation result;
    const RowWeights& weights = detail::weights_of(data);
    result.loss = weights.mean(data.size(), [&](std::size_t row) { return losses[row]; });
    if constexpr (detail::classifies<Loss, Data>) {
        result.accuracy = weights.mean(data.size(), [&](std::size_t row) { return hits[row]; });
    }
    return result;
}

/// Returns the outputs for all rows, [rows, outputs].
/// ```cpp
/// const Matrix<float> probabilities = predict(net, test);
/// std::cout << "row 0 is of class 2 with probability " << probabilities(0, 2) << '\n';
/// ```
template <AnyPredictor Network, TrainingData Data>
Matrix<typename Network::Scalar> predict(const Network& network, const Data& data, const PredictOptions& options = {}) {
    auto outputs = Matrix<typename Network::Scalar>::from_shape({data.size(), Network::outputs});
    detail::for_each_output<typename Network::Layers>(network, data, options, [&](std::size_t row, auto y) {
        std::copy(y.begin(), y.end(), outputs.data() + row * Network::outputs);
    });
    return outputs;
}

/// Returns the share of rows whose label the network predicts.
/// ```cpp
/// std::cout << 100 * accuracy(net, test) << " % are right\n";
/// ```
/// A row with an output that is NaN never counts.
template <AnyPredictor Network, TrainingData Data>
double accuracy(const Network& network, const Data& data, const PredictOptions& options = {}) {
    const auto classes = detail::classify_all(network, data, options);
    const auto labels = detail::all_labels<Network>(data);
    const RowWeights& weights = detail::weights_of(data);
    return weights.mean(labels.size(), [&](std::size_t row) { return classes[row] == labels[row]; });
}

/// Returns the share of rows whose label is among the network's k largest outputs.
template <AnyPredictor Network, TrainingData Data>
double top_k_accuracy(const Network& network, const Data& data, std::size_t k, const PredictOptions& options = {}) {
    return top_k_accuracy(predict(network, data, options), detail::all_labels<Network>(data), k,
                          detail::weights_of(data));
}

/// Returns counts(t, p), the count of rows of class t that the network predicts as class p, or the sum of their
/// weights.
/// ```cpp
/// const ConfusionMatrix counts = confusion_matrix(net, test);
/// std::cout << counts(0, 2) << " rows of class 0 are taken for class 2\n";
/// ```
/// Throws DataError for a row with an output that is NaN.
template <AnyPredictor Network, TrainingData Data>
ConfusionMatrix confusion_matrix(const Network& network, const Data& data, const PredictOptions& options = {}) {
    const auto classes = detail::classify_all(network, data, options);
    const auto none = std::find(classes.begin(), classes.end(), -1);
    if (none != classes.end()) detail::fail_without_class(detail::join({"row ", none - classes.begin()}));
    return confusion_matrix(classes, detail::all_labels<Network>(data), detail::classes_of<Network>,
                            detail::weights_of(data));
}

/// Returns the mean of (output - target)^2 over all rows and outputs, in the targets' units.
template <AnyPredictor Network, TrainingData Data>
double mean_squared_error(const Network& network, const Data& data, const PredictOptions& options = {}) {
    return mean_squared_error(predict(network, data, options), detail::target_matrix(data), detail::weights_of(data));
}

/// Returns the mean of |output - target| over all rows and outputs.
template <AnyPredictor Network, TrainingData Data>
double mean_absolute_error(const Network& network, const Data& data, const PredictOptions& options = {}) {
    return mean_absolute_error(predict(network, data, options), detail::target_matrix(data), detail::weights_of(data));
}

/// Returns the coefficient of determination, averaged over the outputs; see r2 in evaluate/metrics.hpp.
template <AnyPredictor Network, TrainingData Data>
double r2(const Network& network, const Data& data, const PredictOptions& options = {}) {
    return r2(predict(network, data, options), detail::target_matrix(data), detail::weights_of(data));
}

}  // namespace TYPENET
