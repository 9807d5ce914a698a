#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/folds.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/options.hpp>

namespace typenet {

template <class Network, TrainingData Data>
struct CrossValidationOptions {
    std::size_t folds = 5;  ///< see FoldOptions, also for the next
    bool stratified = true;
    /// Called with each new network and the rows that it is about to be trained on: to set a Standardize layer, say, or
    /// what is to be frozen or penalised.
    std::function<void(Network&, const Data&)> prepare = {};
};

/// The mean of some numbers, and their standard deviation: sqrt(sum of (x - mean)^2 / (count - 1)).
struct Spread {
    double mean = 0;
    double deviation = 0;
};

/// What cross-validation comes to.
struct CrossValidation {
    std::vector<Evaluation> folds;        ///< each of a network that had not seen that fold
    Spread loss;                          ///< over the folds
    std::optional<Spread> accuracy = {};  ///< likewise; for classification only
};

namespace detail {

/// Of two numbers or more.
inline Spread spread_of(std::span<const double> numbers) {
    const auto count = static_cast<double>(numbers.size());
    Spread spread;
    for (const double number : numbers) spread.mean += number / count;
    double squares = 0;
    for (const double number : numbers) squares += (number - spread.mean) * (number - spread.mean);
    spread.deviation = std::sqrt(squares / (count - 1));
    return spread;
}

/// The rows, of `count`, that are not in a fold.
inline std::vector<std::uint32_t> rows_beside(std::span<const std::uint32_t> fold, std::size_t count) {
    std::vector<std::uint32_t> rows;
    rows.reserve(count - fold.size());
    auto next = fold.begin();
    for (std::uint32_t row = 0; row < count; ++row) {
        if (next != fold.end() && *next == row) {
            ++next;
        } else {
            rows.push_back(row);
        }
    }
    return rows;
}

inline Seed seed_of_fold(Seed seed, std::size_t fold) {
    Random random(seed, Purpose::folds, fold + 1);
    const std::uint64_t high = random();
    return {high << 32 | random()};
}

inline CrossValidation summarise(std::vector<Evaluation> folds) {
    std::vector<double> losses;
    std::vector<double> accuracies;
    for (const Evaluation& fold : folds) {
        losses.push_back(fold.loss);
        if (fold.accuracy) accuracies.push_back(*fold.accuracy);
    }
    CrossValidation result{.folds = std::move(folds), .loss = spread_of(losses)};
    if (!accuracies.empty()) result.accuracy = spread_of(accuracies);
    return result;
}

}  // namespace detail

/// Estimates how well such a training does on rows that it hasn't seen: makes folds of the dataset and for each of them
/// trains a new network, by `fit`, on all the others and evaluates it on that one. The folds depend on options.seed,
/// and the first parameters and the training of each network on options.seed and the number of its fold. The callbacks
/// are those of each fit. Beside the dataset there is a copy of its rows in memory.
///
///     const CrossValidation result = cross_validate<Net>(data, CrossEntropy{}, Adam{}, {.epochs = 20, .seed =
///     Seed{1}});
///
/// Throws as make_folds and fit do, and OptionError where options.validation is given, since the folds take its place.
/// Source: Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model selection", IJCAI 1995.
template <AnyNetwork Network, TrainingData Data, class Loss, Optimizer OptimizerType, class... Callbacks>
CrossValidation cross_validate(const Data& data, const Loss& loss, const OptimizerType& optimizer,
                               const FitOptions<Data>& options = {},
                               const CrossValidationOptions<Network, Data>& validation = {}, Callbacks&&... callbacks) {
    if (options.validation != nullptr) {
        throw OptionError("cross_validate: the option `validation` must not be set; each fold is that in its turn");
    }
    const auto folds =
        make_folds(data, {.folds = validation.folds, .stratified = validation.stratified, .seed = options.seed});
    std::vector<Evaluation> evaluations;
    for (std::size_t fold = 0; fold < folds.size(); ++fold) {
        FitOptions<Data> fold_options = options;
        fold_options.seed = detail::seed_of_fold(options.seed, fold);
        const Data train = data.subset(detail::rows_beside(folds[fold], data.size()));
        Network network(fold_options.seed);
        if (validation.prepare) validation.prepare(network, train);
        fit(network, train, loss, optimizer, fold_options, callbacks...);
        evaluations.push_back(evaluate(network, data.subset(folds[fold]), loss, {.threads = options.threads}));
    }
    return detail::summarise(std::move(evaluations));
}

}  // namespace typenet
