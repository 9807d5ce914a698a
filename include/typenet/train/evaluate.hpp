#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <typenet/core/buffer.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/metrics.hpp>
#include <typenet/train/checks.hpp>
#include <typenet/train/step.hpp>

/// A network on a whole dataset. All of these run over the rows in pieces and leave the network as it is; an empty
/// dataset throws DataError.
namespace typenet {

namespace detail {

/// Calls visit(row, outputs) for each row of `data`, with the outputs of `Layers`.
template <class Layers, class Network, class Data, class Visit>
void for_each_output(const Network& network, const Data& data, Visit visit) {
    using T = typename Network::Scalar;
    static_assert(Data::features == Network::inputs,
                  "the dataset has another number of features a row than the network has inputs");
    if (data.size() == 0) throw DataError("the dataset has no rows");
    constexpr std::size_t chunk = 64;
    Buffer<T> x(chunk * Layers::inputs);
    Buffer<T> y(chunk * Layers::outputs);
    Buffer<T> scratch(Layers::scratch_size(chunk));
    std::array<std::uint32_t, chunk> rows{};
    for (std::size_t first = 0; first < data.size(); first += chunk) {
        const std::size_t count = std::min(chunk, data.size() - first);
        for (std::size_t r = 0; r < count; ++r) rows[r] = static_cast<std::uint32_t>(first + r);
        data.inputs().gather(std::span(rows).first(count), x.data());
        Layers::forward(network.parameters().data(), {x.data(), count}, {y.data(), count}, scratch.data());
        for (std::size_t r = 0; r < count; ++r) {
            visit(first + r, std::span<const T, Layers::outputs>(y.data() + r * Layers::outputs, Layers::outputs));
        }
    }
}

/// The classes a network finds for the rows of a dataset.
template <class Network, class Data>
std::vector<std::int32_t> classify_all(const Network& network, const Data& data) {
    std::vector<std::int32_t> classes(data.size());
    for_each_output<typename Network::Layers>(network, data, [&](std::size_t row, auto y) {
        classes[row] = decide<typename Network::Scalar, Network::outputs>(y.data());
    });
    return classes;
}

/// A dataset's targets as a matrix.
template <class Data>
Matrix<float> target_matrix(const Data& data) {
    constexpr std::size_t columns = TargetOf<Data>::extent;
    auto matrix = Matrix<float>::from_shape({data.size(), columns});
    std::copy(data.targets().values().begin(), data.targets().values().end(), matrix.data());
    return matrix;
}

}  // namespace detail

/// What a network comes to on a dataset.
struct Evaluation {
    double loss = 0;                 ///< mean over the rows
    std::optional<double> accuracy;  ///< share of rows classified right; for classification only
};

/// Throws OptionError or DataError where the loss's options or the targets don't fit.
template <class Loss, AnyNetwork Network, class Data>
Evaluation evaluate(const Network& network, const Data& data, const Loss& loss = {}) {
    using T = typename Network::Scalar;
    using Layers = TrainedLayers<Network, Loss>;
    detail::check_training_types<Network, Loss, Data>();
    detail::validate_loss<Network::outputs>(loss);
    detail::check_targets<Network, Loss>(data);
    std::array<T, Network::outputs> d_y;
    double sum = 0;
    std::size_t hits = 0;
    detail::for_each_output<Layers>(network, data, [&](std::size_t row, std::span<const T, Network::outputs> y) {
        const auto target = data.targets()[row];
        sum += static_cast<double>(loss(y, target, std::span(d_y)));
        hits += detail::is_hit<Loss>(y, target);
    });
    Evaluation result;
    result.loss = sum / static_cast<double>(data.size());
    if constexpr (detail::classifies<Loss, Data>) {
        result.accuracy = static_cast<double>(hits) / static_cast<double>(data.size());
    }
    return result;
}

/// The outputs [rows, outputs] for all rows.
template <AnyNetwork Network, class Data>
Matrix<typename Network::Scalar> predict(const Network& network, const Data& data) {
    auto outputs = Matrix<typename Network::Scalar>::from_shape({data.size(), Network::outputs});
    detail::for_each_output<typename Network::Layers>(network, data, [&](std::size_t row, auto y) {
        std::copy(y.begin(), y.end(), outputs.data() + row * Network::outputs);
    });
    return outputs;
}

/// The share of labels that the network finds.
template <AnyNetwork Network, class Data>
double accuracy(const Network& network, const Data& data) {
    return accuracy(detail::classify_all(network, data), data.targets().values());
}

/// The share of labels that are among the network's k largest outputs.
template <AnyNetwork Network, class Data>
double top_k_accuracy(const Network& network, const Data& data, std::size_t k) {
    return top_k_accuracy(predict(network, data), data.targets().values(), k);
}

/// counts(t, p): how many rows of class t the network takes for class p.
template <AnyNetwork Network, class Data>
ConfusionMatrix confusion_matrix(const Network& network, const Data& data) {
    return confusion_matrix(detail::classify_all(network, data), data.targets().values(), detail::classes_of<Network>);
}

template <AnyNetwork Network, class Data>
double mean_squared_error(const Network& network, const Data& data) {
    return mean_squared_error(predict(network, data), detail::target_matrix(data));
}

template <AnyNetwork Network, class Data>
double mean_absolute_error(const Network& network, const Data& data) {
    return mean_absolute_error(predict(network, data), detail::target_matrix(data));
}

template <AnyNetwork Network, class Data>
double r2(const Network& network, const Data& data) {
    return r2(predict(network, data), detail::target_matrix(data));
}

}  // namespace typenet
