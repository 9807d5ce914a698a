#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/folds.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/options.hpp>

/// Cross-validation: estimates how well a kind of network, trained in a given way, does on rows that it hasn't seen.
/// cross_validate is the entry point; it calls make_folds, `fit` and `evaluate`. As the score of a random_search, it
/// helps to choose the options of a training.
namespace TYPENET {

/// The options of `cross_validate`.
template <class Network, TrainingData Data>
struct CrossValidationOptions {
    std::size_t folds = 5;   ///< how many; at least 2 and at most the number of rows
    bool stratified = true;  ///< whether each class is divided evenly too; without effect on Targets<N>
    /// Called with each new network and its training rows before it is trained: for instance to set a Standardize
    /// layer, or to freeze or penalise a layer. Empty for nothing to do.
    std::function<void(Network&, const Data&)> prepare = {};
};

/// The mean and the standard deviation of some numbers x.
struct Spread {
    double mean = 0;       ///< over the folds
    double deviation = 0;  ///< sqrt(sum of (x - mean)^2 / (count - 1))
};

/// The result of cross_validate.
struct CrossValidation {
    std::vector<Evaluation> folds;        ///< one for each fold, from the network that was trained on the other folds
    Spread loss;                          ///< of the folds' losses
    std::optional<Spread> accuracy = {};  ///< of the folds' accuracies; empty for regression
};

namespace detail {

/// Returns the mean and the standard deviation of at least two numbers.
inline Spread spread_of(std::span<const double> numbers) {
    const auto count = static_cast<double>(numbers.size());
    Spread spread;
    for (const double number : numbers) spread.mean += number / count;
    double squares = 0;
    for (const double number : numbers) squares += (number - spread.mean) * (number - spread.mean);
    spread.deviation = std::sqrt(squares / (count - 1));
    return spread;
}

/// Returns the row indices below `count` that are not in `fold`, whose indices must be in rising order.
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

/// Returns the seed of the network that is evaluated on a fold, drawn from the seed of the cross-validation.
inline Seed seed_of_fold(Seed seed, std::size_t fold) {
    Random random(seed, Purpose::folds, fold + 1);
    const std::uint64_t high = random();
    return {high << 32 | random()};
}

/// Returns the evaluations with the spread of their losses and accuracies.
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

/// Estimates how well a training does on rows that it hasn't seen: divides the dataset into folds, and for each fold
/// trains a new network by `fit` on the other folds and evaluates it on this one.
/// ```cpp
/// const CrossValidation result = cross_validate<Net>(train, CrossEntropy{}, Adam{}, {.epochs = 20, .seed = Seed{1}});
/// std::cout << "loss " << result.loss.mean << " +- " << result.loss.deviation << '\n';
/// ```
/// The folds depend on options.seed; each network's initial parameters and training depend on options.seed and the
/// index of its fold. Each call of `fit` gets the same callbacks. One copy of the dataset's rows is in memory beside
/// the dataset.
///
/// Throws what make_folds and fit throw, and OptionError where options.validation is set, since each fold serves as the
/// validation set of the others.
///
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

}  // namespace TYPENET
