#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/text.hpp>
#include <typenet/network/mlp.hpp>

/// What must hold between a network, a loss and a dataset: checked by the compiler where types say it, and before
/// anything is computed where only the data show it. Training, evaluation and the gradient check call these.
/// `fit` and `evaluate` check all targets once; each step checks those of its own rows. The checks only read.
namespace TYPENET::detail {

/// Whether a loss takes over the final activation of the network.
template <class Loss>
inline constexpr bool fuses = requires {
    typename Loss::FusedActivation;
};

/// Whether a loss takes over an elementwise activation, as for independent yes-no outputs.
template <class Loss>
inline constexpr bool fuses_elementwise = [] {
    if constexpr (fuses<Loss>) return ElementwiseActivation<typename Loss::FusedActivation>;
    return false;
}();

/// The type of a row's target: a label or a span of numbers.
template <TrainingData Data>
using TargetOf = std::remove_cvref_t<decltype(std::declval<const Data&>().target(0))>;

/// Whether a type is that of a row's label or targets.
template <class T>
inline constexpr bool is_target = std::integral<T>;
template <std::size_t N>
inline constexpr bool is_target<std::span<const float, N>> = N != std::dynamic_extent;

/// Whether a loss takes over the activation A.
template <class Loss, class A>
inline constexpr bool fuses_with = [] {
    if constexpr (fuses<Loss>) return std::same_as<typename Loss::FusedActivation, A>;
    return false;
}();

/// Whether rows are classified, correctly or not: targets are labels, or the loss turns outputs into probabilities.
template <class Loss, TrainingData Data>
inline constexpr bool classifies =
    std::integral<TargetOf<Data>> || fuses_with<Loss, Softmax> || fuses_with<Loss, Sigmoid>;

/// Stops the compiler when a loss takes over another final activation than the network's: with the loss's own sentence,
/// if it has one. Returns whether they fit.
template <class Network, class Loss>
constexpr bool check_final_activation() {
    using Last = typename Network::template Layer<Network::layer_count - 1>::FinalActivation;
    if constexpr (fuses<Loss> && !fuses_with<Loss, Last>) {
        if constexpr (requires { Loss::template check<Last>(); }) {
            Loss::template check<Last>();
        } else {
            static_assert(fuses_with<Loss, Last>,
                          "the network must end in the activation that the loss takes over, its FusedActivation");
        }
        return false;
    }
    return true;
}

/// Stops the compiler with one sentence when network, loss and data don't fit together. Returns whether they do.
template <class Network, class Loss, TrainingData Data>
constexpr bool check_training_types() {
    if constexpr (Data::feature_count != Network::inputs) {
        static_assert(Data::feature_count == Network::inputs,
                      "this dataset has another number of features a row than the network has inputs");
        return false;
    } else if constexpr (!is_target<TargetOf<Data>>) {
        static_assert(is_target<TargetOf<Data>>,
                      "target(row) of a dataset must return a label, which is an integer, or a "
                      "std::span<const float, N> of targets");
        return false;
    } else if constexpr (!suits_columns<Network, Data>) {
        static_assert(suits_columns<Network, Data>, "this dataset has other columns than the network");
        return false;
    } else if constexpr (!check_final_activation<Network, Loss>()) {
        return false;
    } else {
        constexpr bool takes_targets = LossFor<Loss, typename Network::Scalar, Network::outputs, TargetOf<Data>>;
        static_assert(takes_targets,
                      "this loss can't use the dataset's targets: Targets<N> must have as many numbers as the network "
                      "has outputs, and Labels serve CrossEntropy and a BinaryCrossEntropy of one output");
        return takes_targets;
    }
}

/// Throws OptionError when the loss's options don't fit `Outputs` outputs.
template <std::size_t Outputs, class Loss>
void validate_loss(const Loss& loss) {
    if constexpr (requires { loss.template validate<Outputs>(); }) loss.template validate<Outputs>();
}

/// Returns whether a loss can take such numbers as a row's target.
template <class Loss, std::size_t N>
bool accepts(std::span<const float, N> target) {
    if constexpr (requires { Loss::accepts(target); }) return Loss::accepts(target);
    return std::all_of(target.begin(), target.end(), [](float t) { return is_finite(t); });
}

/// Returns what targets of numbers a loss takes, in words.
template <class Loss>
constexpr std::string_view target_rule() {
    if constexpr (requires { Loss::target_rule; }) return Loss::target_rule;
    return "finite numbers";
}

/// Returns whether a label is one of the network's classes.
template <class Network>
bool is_class(std::int64_t label) noexcept {
    return label >= 0 && label < static_cast<std::int64_t>(classes_of<Network>);
}

/// Throws DataError unless a row's label is one of the network's classes. `name` is the data in messages, such as "the
/// training data".
template <class Network, TrainingData Data>
void check_label(const Data& data, std::size_t row, std::string_view name) {
    const auto label_of = [&](std::size_t r) { return static_cast<std::int64_t>(data.target(r)); };
    const std::int64_t label = label_of(row);
    if (is_class<Network>(label)) return;
    constexpr std::size_t classes = classes_of<Network>;
    std::int64_t least = label;
    std::int64_t most = label;
    for (std::size_t other = 0; other < data.size(); ++other) {
        least = std::min(least, label_of(other));
        most = std::max(most, label_of(other));
    }
    const bool from_1 = least > 0 && most == static_cast<std::int64_t>(classes);
    throw DataError(join(
        {"the label ", label, " in row ", row, " of ", name, " ",
         label < 0 ? join({"is negative; labels count from 0 to ", classes - 1}) : too_large_label(classes, from_1)}));
}

/// Throws DataError unless a row's target fits the network's outputs and the loss. `name` is the data in messages.
template <class Network, class Loss, TrainingData Data>
void check_target(const Data& data, std::size_t row, std::string_view name) {
    if constexpr (std::integral<TargetOf<Data>>) {
        check_label<Network>(data, row, name);
    } else if (!accepts<Loss>(data.target(row))) {
        throw DataError(join({"the target in row ", row, " of ", name, " doesn't fit ", Loss::name, ", which takes ",
                              target_rule<Loss>()}));
    }
}

/// Throws DataError when a feature of a row, x as the network is given it, is not finite. NaN is a missing value where
/// the network's first layer takes those. Called when outputs are not finite, to tell whether the data are why.
template <Real T>
[[gnu::noinline, gnu::cold]] void check_features(std::span<const T> x, std::size_t row, bool takes_missing) {
    for (std::size_t k = 0; k < x.size(); ++k) {
        if (is_finite(x[k]) || (takes_missing && is_nan(x[k]))) continue;
        throw DataError(
            join({"feature ", k, " of row ", row,
                  is_nan(x[k]) ? " is NaN; replace it, leave the row out, or begin the network with Standardize, "
                                 "which takes NaN as a missing value"
                               : " is infinite; replace it or leave the row out"}));
    }
}

/// Returns the weights of a dataset's rows: none where it has no `weights()`. Throws DataError where there are weights,
/// but not one for each row. `name` is the data in messages.
template <TrainingData Data>
decltype(auto) weights_of(const Data& data, std::string_view name = "the dataset") {
    if constexpr (requires { data.weights(); }) {
        static_assert(std::same_as<decltype(data.weights()), const RowWeights&>,
                      "weights() of a dataset must return a const RowWeights&");
        data.weights().check_count(data.size(), name);
        return data.weights();
    } else {
        return RowWeights();
    }
}

/// Throws DataError when there are no rows, when there are weights, but not one for each row, or when a target doesn't
/// fit the network's outputs and the loss. `name` is the data in messages.
template <class Network, class Loss, TrainingData Data>
void check_targets(const Data& data, std::string_view name = "the dataset") {
    if (data.size() == 0) throw DataError(join({name, " has no rows"}));
    (void)weights_of(data, name);
    for (std::size_t row = 0; row < data.size(); ++row) check_target<Network, Loss>(data, row, name);
}

}  // namespace TYPENET::detail
