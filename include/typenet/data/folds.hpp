#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/split.hpp>

namespace typenet {

struct FoldOptions {
    std::size_t folds = 5;   ///< at least 2, at most one a row
    bool stratified = true;  ///< each class has the same share of all folds; only labels have classes
    Seed seed = {};
};

/// Deals the rows of a dataset out to folds, at random: each row is in one of them, and their sizes differ by one at
/// most. `stratified` keeps that so for the rows of each class as well. The rows of a fold are in rising order. The
/// same data and options give the same folds everywhere. Throws OptionError for fewer than 2 folds or more than rows.
template <std::size_t FeatureCount, class Target>
[[nodiscard]] std::vector<std::vector<std::uint32_t>> make_folds(const Dataset<FeatureCount, Target>& data,
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
    // In turn and without a break between classes, so that neither a class nor all rows together favour a fold.
    std::vector<std::vector<std::uint32_t>> folds(options.folds);
    for (std::size_t i = 0; i < rows.size(); ++i) folds[i % options.folds].push_back(rows[i]);
    for (std::vector<std::uint32_t>& fold : folds) std::sort(fold.begin(), fold.end());
    return folds;
}

}  // namespace typenet
