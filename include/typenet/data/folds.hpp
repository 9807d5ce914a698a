#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/split.hpp>

/// Divides the rows of a dataset into folds, for cross-validation.
namespace TYPENET {

/// The options of `make_folds`.
struct FoldOptions {
    std::size_t folds = 5;   ///< how many; at least 2 and at most the number of rows
    bool stratified = true;  ///< whether each class is divided evenly too; without effect on Targets<N>
    Seed seed = {};          ///< of the order in which rows are dealt
};

/// Divides the rows of a dataset into folds at random and returns each fold's row indices, in rising order. Each row is
/// in one fold, and the sizes of folds differ by at most one; with `stratified`, so do the rows that they have of each
/// class. The same data and options give the same folds on every machine. Throws OptionError for fewer than 2 folds or
/// more folds than rows.
///
/// ```cpp
/// for (const std::vector<std::uint32_t>& fold : make_folds(train, {.folds = 5})) {
///     const Dataset<4> rows_of_fold = train.subset(fold);
/// }
/// ```
template <std::size_t FeatureCount, class Target, class Row>
[[nodiscard]] std::vector<std::vector<std::uint32_t>> make_folds(const Dataset<FeatureCount, Target, Row>& data,
                                                                 const FoldOptions& options = {}) {
    if (options.folds < 2 || options.folds > data.size()) {
        throw OptionError(detail::join(
            {"folds is ", options.folds, "; it must be at least 2 and at most the number of rows, ", data.size()}));
    }
    std::vector<std::uint32_t> rows(data.size());
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<detail::Stratum> strata = {{.first = 0, .rows = rows.size()}};
    if constexpr (std::same_as<Target, Labels>) {
        if (options.stratified) strata = detail::make_strata(rows, data.targets(), 0);
    }

    Random random(options.seed, Purpose::folds);
    for (const detail::Stratum& stratum : strata) shuffle(std::span(rows).subspan(stratum.first, stratum.rows), random);
    // Folds take turns, and each class goes on where the one before stopped: so neither the rows of a class nor all
    // rows are unevenly divided.
    std::vector<std::vector<std::uint32_t>> folds(options.folds);
    for (std::size_t i = 0; i < rows.size(); ++i) folds[i % options.folds].push_back(rows[i]);
    for (std::vector<std::uint32_t>& fold : folds) std::sort(fold.begin(), fold.end());
    return folds;
}

}  // namespace TYPENET
