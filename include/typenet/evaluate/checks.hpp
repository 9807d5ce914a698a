#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>

/// What must hold between a network, a loss and a dataset before anything is computed.
namespace typenet::detail {

/// Whether a loss takes over the final activation.
template <class Loss>
inline constexpr bool fuses = requires {
    typename Loss::FusedActivation;
};

/// Whether that is an elementwise one, as for independent yes-no outputs.
template <class Loss>
inline constexpr bool fuses_elementwise = [] {
    if constexpr (fuses<Loss>) return ElementwiseActivation<typename Loss::FusedActivation>;
    return false;
}();

/// What one row of a dataset has as its target: a label or a span of numbers.
template <TrainingData Data>
using TargetOf = std::remove_cvref_t<decltype(std::declval<const Data&>().target(0))>;

template <class Loss, class A>
inline constexpr bool fuses_with = [] {
    if constexpr (fuses<Loss>) return std::same_as<typename Loss::FusedActivation, A>;
    return false;
}();

/// Whether a row is right or wrong: its target is a label, or the loss makes probabilities of the outputs.
template <class Loss, TrainingData Data>
inline constexpr bool classifies =
    std::integral<TargetOf<Data>> || fuses_with<Loss, Softmax> || fuses_with<Loss, Sigmoid>;

/// How many classes a network tells apart: one output says yes or no.
template <class Network>
inline constexpr std::size_t classes_of = Network::outputs == 1 ? 2 : Network::outputs;

/// Stops the compiler where the network ends in another activation than the one that a loss takes over: with the
/// loss's own sentence, where it has one.
template <class Network, class Loss>
constexpr void check_final_activation() {
    using Last = typename Network::template Layer<Network::layer_count - 1>;
    if constexpr (requires { Loss::template check<typename Last::FinalActivation>(); }) {
        Loss::template check<typename Last::FinalActivation>();
    }
    if constexpr (fuses<Loss>) {
        static_assert(std::same_as<typename Last::FinalActivation, typename Loss::FusedActivation>,
                      "the network must end in the activation that the loss takes over, its FusedActivation");
    }
}

/// Stops the compiler, with a sentence, where network, loss and data don't belong together.
template <class Network, class Loss, TrainingData Data>
constexpr void check_training_types() {
    static_assert(Data::feature_count == Network::inputs,
                  "this dataset has another number of features a row than the network has inputs");
    check_final_activation<Network, Loss>();
    static_assert(LossFor<Loss, typename Network::Scalar, Network::outputs, TargetOf<Data>>,
                  "this loss can't use the dataset's targets: Targets<N> must have as many numbers as the network has "
                  "outputs, and Labels serve CrossEntropy and a BinaryCrossEntropy of one output");
}

/// Throws OptionError where the loss's options don't fit.
template <std::size_t Outputs, class Loss>
void validate_loss(const Loss& loss) {
    if constexpr (requires { loss.template validate<Outputs>(); }) loss.template validate<Outputs>();
}

template <class Loss, std::size_t N>
bool accepts(std::span<const float, N> target) {
    if constexpr (requires { Loss::accepts(target); }) return Loss::accepts(target);
    return std::all_of(target.begin(), target.end(), [](float t) { return std::isfinite(t); });
}

template <class Loss>
constexpr std::string_view target_rule() {
    if constexpr (requires { Loss::target_rule; }) return Loss::target_rule;
    return "finite numbers";
}

/// Throws DataError where there are no rows, or a target is none that the network's outputs and the loss can mean.
template <class Network, class Loss, TrainingData Data>
void check_targets(const Data& data) {
    if (data.size() == 0) throw DataError("the dataset has no rows");
    for (std::size_t row = 0; row < data.size(); ++row) {
        const auto target = data.target(row);
        if constexpr (std::integral<TargetOf<Data>>) {
            if (static_cast<std::size_t>(target) < classes_of<Network>) continue;
            throw DataError("label " + std::to_string(target) + " in row " + std::to_string(row) +
                            " is too large: the network tells " + std::to_string(classes_of<Network>) +
                            " classes apart");
        } else {
            if (accepts<Loss>(target)) continue;
            throw DataError("the target in row " + std::to_string(row) + " is none for " + std::string(Loss::name) +
                            ", which takes " + std::string(target_rule<Loss>()));
        }
    }
}

}  // namespace typenet::detail
