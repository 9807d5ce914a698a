#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <ostream>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/network/predictor.hpp>
#include <typenet/train/divergence.hpp>
#include <typenet/train/history.hpp>

namespace TYPENET {

/// A callback that prints a sentence for each thing that is almost surely a mistake, most of them before the training
/// begins:
///
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 10}, Warnings{});
/// ```
///
/// It looks for features and targets far from the range that networks learn from, a Standardize or Unstandardize layer
/// that was never set, a learning rate that is far too large, and labels of a single class. After two epochs or more it
/// looks whether a classification learned anything at all. It never changes or stops the training.
class Warnings {
public:
    /// Prints to `out`, which must outlive the callback.
    explicit Warnings(std::ostream& out = std::cerr) : out_(&out) {}

    template <class Run>
    void on_train_begin(const TrainingPlan&, Run& run) const {
        using Network = typename Run::Network;
        using First = typename Network::template Layer<0>;
        using Last = detail::LastLayer<Network>;
        using Data = std::remove_cvref_t<decltype(run.data())>;
        using T = typename Network::Scalar;
        constexpr bool has_numbers = !std::integral<detail::TargetOf<Data>>;
        constexpr double largest_target = 100;
        constexpr double largest_rate = 10;
        if constexpr (std::is_same_v<First, StandardizeLayer<T, Network::inputs>>) {
            if (is_unset<First>(run.network().parameters().data())) {
                warn("the Standardize layer has means 0 and deviations 1; call standardize(network, data) before fit");
            }
        } else if (const double largest = largest_of(run.data()); largest > detail::largest_scaled_feature) {
            warn(detail::join({"a feature is as large as ", largest, "; ", detail::scale_advice}));
        }
        if (const double rate = run.optimizer().learning_rate; rate > largest_rate) {
            warn(detail::join({"the learning rate is ", detail::number_text(rate), "; common ones are below 1"}));
        }
        if constexpr (std::is_same_v<Last, UnstandardizeLayer<T, Network::outputs>>) {
            if (is_unset<Last>(run.network().parameters().data() +
                               Network::Layers::offsets[Network::layer_count - 1])) {
                warn(
                    "the Unstandardize layer has means 0 and deviations 1; call standardize_targets(network, data) "
                    "before fit");
            }
        } else if constexpr (has_numbers) {
            if (const double largest = largest_target_of(run.data()); largest > largest_target) {
                warn(
                    detail::join({"a target is as large as ", detail::number_text(largest),
                                  "; end the network with Unstandardize and call standardize_targets(network, data)"}));
            }
        }
        if constexpr (!has_numbers) {
            const auto& data = run.data();
            const auto label = data.target(0);
            std::size_t row = 1;
            while (row < data.size() && data.target(row) == label) ++row;
            if (row > 1 && row == data.size()) {
                warn(detail::join({"all labels of the training data are ", label, "; is it the right column?"}));
            }
        }
    }

    template <class Run>
    void on_train_end(const History& history, Run& run) const {
        using Data = std::remove_cvref_t<decltype(run.data())>;
        using Loss = std::remove_cvref_t<decltype(run.loss())>;
        if constexpr (std::integral<detail::TargetOf<Data>> && detail::fuses<Loss>) {
            if (history.epochs.size() < 2) return;  // a single epoch may be too short
            const double constant = loss_of_constant_answer(run);
            if (const double loss = history.epochs.back().loss; constant > 0 && loss >= 0.99 * constant) {
                warn(detail::join({"the last training loss is ", detail::number_text(loss),
                                   ", and the same answer for every row has ", detail::number_text(constant),
                                   ": the network has learned nothing from the features; try other learning rates, ",
                                   "and look whether the labels belong to their rows"}));
            }
        }
    }

private:
    void warn(const std::string& sentence) const { *out_ << "typenet: " << sentence << '\n'; }

    /// Returns whether a layer has its initial parameters, which draw no random numbers.
    template <class Layer>
    static bool is_unset(const typename Layer::Scalar* parameters) {
        std::vector<typename Layer::Scalar> unset(Layer::parameter_rows * Layer::parameter_columns);
        Random random(Seed{});
        Layer::initialize(random, unset.data());
        return std::equal(unset.begin(), unset.end(), parameters);
    }

    /// Returns the mean loss of an answer that doesn't depend on the features: the share of each class, or the same
    /// probability for all, whichever is better. 0 if all labels are the same.
    template <class Run>
    static double loss_of_constant_answer(const Run& run) {
        using Network = typename Run::Network;
        using T = typename Network::Scalar;
        constexpr std::size_t outputs = Network::outputs;
        const auto& data = run.data();
        const RowWeights& weights = detail::weights_of(data);
        std::vector<double> shares(detail::classes_of<Network>);
        double sum = 0;
        for (std::size_t row = 0; row < data.size(); ++row) {
            const auto weight = static_cast<double>(weights[row]);  // 1 without weights
            shares[static_cast<std::size_t>(data.target(row))] += weight;
            sum += weight;
        }
        for (double& share : shares) share /= sum;
        if (*std::max_element(shares.begin(), shares.end()) == 1) return 0;

        std::vector<T> z(outputs);  // the outputs before their Softmax or Sigmoid
        std::vector<T> d_z(outputs);
        const auto loss_of_z = [&] {
            double loss = 0;
            for (std::size_t k = 0; k < shares.size(); ++k) {
                if (shares[k] == 0) continue;
                loss += shares[k] *
                        static_cast<double>(run.loss()(std::span<const T, outputs>(z), static_cast<std::int32_t>(k),
                                                       std::span<T, outputs>(d_z)));
            }
            return loss;
        };
        const double of_uniform = loss_of_z();
        const auto logarithm = [&](std::size_t k) { return static_cast<T>(std::log(std::max(shares[k], 1e-9))); };
        for (std::size_t k = 0; k < outputs; ++k) z[k] = outputs == 1 ? logarithm(1) - logarithm(0) : logarithm(k);
        return std::min(of_uniform, loss_of_z());
    }

    /// Returns the largest absolute value of all targets.
    template <class Data>
    static double largest_target_of(const Data& data) {
        float largest = 0;
        for (std::size_t row = 0; row < data.size(); ++row) {
            for (const float value : data.target(row)) largest = std::max(largest, std::abs(value));
        }
        return static_cast<double>(largest);
    }

    /// Returns the largest absolute value of all features.
    template <class Data>
    static double largest_of(const Data& data) {
        std::vector<float> x(Data::feature_count);
        float largest = 0;
        for (std::size_t i = 0; i < data.size(); ++i) {
            const auto row = static_cast<std::uint32_t>(i);
            data.gather(std::span(&row, 1), x.data());
            for (const float value : x) largest = std::max(largest, std::abs(value));
        }
        return static_cast<double>(largest);
    }

    std::ostream* out_;
};

}  // namespace TYPENET
