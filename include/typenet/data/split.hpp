#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>

namespace typenet {

struct SplitOptions {
    double fraction = 0.1;   ///< of the rows that go into the second part, above 0 and below 1
    bool stratified = true;  ///< each class has the same share of both parts; only labels have classes
    Seed seed = {};
};

namespace detail {

/// Rows of one class: `rows` from `first` on, of which `taken` go into the second part.
struct Stratum {
    std::size_t first = 0;
    std::size_t rows = 0;
    std::size_t taken = 0;
};

/// Sorts `rows` by their labels and shares `taken` of them out among the classes, in proportion to the classes' sizes.
/// The shares are rounded down, and what is left goes to the largest remainders, of equal ones to the lower class.
inline std::vector<Stratum> make_strata(std::span<std::uint32_t> rows, const Labels& labels, std::size_t taken) {
    std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return labels[a] < labels[b]; });
    std::vector<Stratum> strata;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i == 0 || labels[rows[i]] != labels[rows[i - 1]]) strata.push_back({.first = i});
        ++strata.back().rows;
    }

    // The exact share of a class is rows * taken / all, the product of two numbers below 2^32.
    const std::uint64_t all = rows.size();
    std::size_t left = taken;
    for (Stratum& stratum : strata) {
        stratum.taken = static_cast<std::size_t>(std::uint64_t{stratum.rows} * taken / all);
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

/// Splits a dataset at random into the rest and a part with round(fraction * size) of its rows. Rows keep their order
/// in both. `stratified` keeps each class's share to within one row; with Targets<N> instead of labels it has no
/// effect. The same data and options give the same split everywhere.
///
///     auto [train, validation] = split(data, {.fraction = 0.1});
///
/// Throws OptionError when the fraction is not between 0 and 1, and DataError when either part would be empty.
template <std::size_t FeatureCount, class Target>
[[nodiscard]] std::pair<Dataset<FeatureCount, Target>, Dataset<FeatureCount, Target>> split(
    const Dataset<FeatureCount, Target>& data, const SplitOptions& options = {}) {
    if (!(options.fraction > 0 && options.fraction < 1)) {
        throw OptionError("the fraction of a split must be above 0 and below 1, not " +
                          std::to_string(options.fraction));
    }
    const auto taken = static_cast<std::size_t>(std::round(options.fraction * static_cast<double>(data.size())));
    if (taken == 0 || taken >= data.size()) {
        throw DataError("a split of " + std::to_string(data.size()) + " rows by the fraction " +
                        std::to_string(options.fraction) + " leaves one part empty");
    }

    std::vector<std::uint32_t> rows(data.size());
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<detail::Stratum> strata = {{.first = 0, .rows = rows.size(), .taken = taken}};
    if constexpr (std::same_as<Target, Labels>) {
        if (options.stratified) strata = detail::make_strata(rows, data.targets(), taken);
    }

    Random random(options.seed, Purpose::split);
    std::vector<std::uint32_t> rest;
    std::vector<std::uint32_t> part;
    rest.reserve(rows.size() - taken);
    part.reserve(taken);
    for (const detail::Stratum& stratum : strata) {
        const std::span<std::uint32_t> members = std::span(rows).subspan(stratum.first, stratum.rows);
        shuffle(members, random);
        part.insert(part.end(), members.begin(), members.begin() + static_cast<std::ptrdiff_t>(stratum.taken));
        rest.insert(rest.end(), members.begin() + static_cast<std::ptrdiff_t>(stratum.taken), members.end());
    }
    std::sort(rest.begin(), rest.end());
    std::sort(part.begin(), part.end());
    return {data.subset(rest), data.subset(part)};
}

}  // namespace typenet
