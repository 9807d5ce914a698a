#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>

/// Splits a dataset in two at random, such as into rows for training and rows for validation.
namespace TYPENET {

/// The options of `split`.
struct SplitOptions {
    double fraction = 0.1;   ///< which fraction of the rows the second dataset gets; above 0 and below 1
    bool stratified = true;  ///< whether each class is split by this fraction too; without effect on Targets<N>
    Seed seed = {};          ///< of the choice
};

namespace detail {

/// The rows of one class, among rows that are sorted by class.
struct Stratum {
    std::size_t first = 0;
    std::size_t rows = 0;
    std::size_t taken = 0;  ///< how many of them the second dataset gets
};

/// Sorts `rows` by their labels and returns one stratum a class. Divides `taken` rows among the classes in proportion
/// to their sizes: shares are rounded down, and the rows that remain go to the classes with the largest remainders, of
/// equal ones to the lower class.
inline std::vector<Stratum> make_strata(std::span<std::uint32_t> rows, const Labels& labels, std::size_t taken) {
    std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return labels[a] < labels[b]; });
    std::vector<Stratum> strata;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i == 0 || labels[rows[i]] != labels[rows[i - 1]]) strata.push_back({.first = i});
        ++strata.back().rows;
    }

    // The exact share of a class is rows * taken / all. Both factors are below 2^32, so the product fits.
    const std::uint64_t all = rows.size();
    std::size_t left = taken;
    for (Stratum& stratum : strata) {
        const std::uint64_t share = std::uint64_t{stratum.rows} * taken / all;
        stratum.taken = static_cast<std::size_t>(share);
        left -= stratum.taken;
    }
    std::vector<std::size_t> order(strata.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::uint64_t{strata[a].rows} * taken % all > std::uint64_t{strata[b].rows} * taken % all;
    });
    for (std::size_t i = 0; i < left; ++i) ++strata[order[i]].taken;
    return strata;
}

}  // namespace detail

/// Splits a dataset at random: the second dataset gets round(fraction * size) of the rows, the first gets the others.
/// Rows keep their order in both. With `stratified`, each class is split by the same fraction, to within one row. The
/// same data and options give the same split on every machine.
///
/// ```cpp
/// const auto [training, held_out] = split(train, {.fraction = 0.1, .seed = Seed{1}});
/// ```
///
/// Throws OptionError when the fraction is not between 0 and 1, and DataError when one of the two would be empty.
template <std::size_t FeatureCount, class Target, class Row>
[[nodiscard]] std::pair<Dataset<FeatureCount, Target, Row>, Dataset<FeatureCount, Target, Row>> split(
    const Dataset<FeatureCount, Target, Row>& data, const SplitOptions& options = {}) {
    detail::require_inner_fraction("split", "fraction", options.fraction);
    const auto taken = static_cast<std::size_t>(std::round(options.fraction * static_cast<double>(data.size())));
    if (taken == 0 || taken >= data.size()) {
        throw DataError(detail::join({"the fraction ", options.fraction, " of ", data.size(), " rows is ", taken,
                                      " rows; both datasets of a split need at least 1"}));
    }

    std::vector<std::uint32_t> rows(data.size());
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<detail::Stratum> strata = {{.first = 0, .rows = rows.size(), .taken = taken}};
    if constexpr (std::same_as<Target, Labels>) {
        if (options.stratified) strata = detail::make_strata(rows, data.targets(), taken);
    }

    Random random(options.seed, Purpose::split);
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> second;
    first.reserve(rows.size() - taken);
    second.reserve(taken);
    for (const detail::Stratum& stratum : strata) {
        const std::span<std::uint32_t> shuffled = std::span(rows).subspan(stratum.first, stratum.rows);
        shuffle(shuffled, random);
        const auto end_of_taken = shuffled.begin() + static_cast<std::ptrdiff_t>(stratum.taken);
        second.insert(second.end(), shuffled.begin(), end_of_taken);
        first.insert(first.end(), end_of_taken, shuffled.end());
    }
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    return {data.subset(first), data.subset(second)};
}

}  // namespace TYPENET
