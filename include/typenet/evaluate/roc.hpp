#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/evaluate/metrics.hpp>

/// The ROC curve (receiver operating characteristic) of two classes: what share of the rows of class 1 is found, and
/// what share of those of class 0 is taken for class 1, for each threshold above which a score says "class 1". It tells
/// how well the scores order the rows, whatever threshold a program then uses.
namespace TYPENET {

/// One threshold, and what it does.
struct RocPoint {
    double threshold = 0;        ///< rows whose score is at least this are taken for class 1
    double false_positives = 0;  ///< share of the rows of class 0 that are taken for class 1
    double true_positives = 0;   ///< share of the rows of class 1 that are taken for class 1
};

/// A curve, and the area under it.
struct RocCurve {
    /// By falling threshold. The first point is (0, 0) with an infinite threshold; then each score has a point, the
    /// lowest one (1, 1).
    std::vector<RocPoint> points;
    /// The area under the curve: the probability that a row of class 1 has a higher score than one of class 0, ties
    /// counting half. 1 where the scores part the classes, 0.5 where they tell nothing.
    double area = 0;
};

/// Returns the ROC curve of scores, the higher the likelier class 1, and labels, 0 or 1. Each row counts by its weight.
/// ```cpp
/// const std::vector<double> scores{0.9, 0.8, 0.3, 0.1};
/// const std::vector<std::int32_t> labels{1, 0, 1, 0};
/// std::cout << "area under the curve " << roc_curve(scores, labels).area << '\n';  // 0.75
/// ```
/// Throws DataError where scores, labels and weights differ in their count, a label is neither 0 nor 1, a score is NaN,
/// or no row of one of the classes counts.
inline RocCurve roc_curve(std::span<const double> scores, std::span<const std::int32_t> actual,
                          const RowWeights& weights = {}) {
    detail::check_rows("roc_curve", scores.size(), actual.size(), weights);
    double totals[2] = {0, 0};
    for (std::size_t r = 0; r < actual.size(); ++r) {
        detail::check_label("roc_curve", actual[r], 2);
        if (detail::is_nan(scores[r])) throw DataError(detail::join({"roc_curve: the score of row ", r, " is NaN"}));
        totals[actual[r]] += static_cast<double>(weights[r]);
    }
    for (const std::size_t label : {0U, 1U}) {
        if (totals[label] == 0) throw DataError(detail::join({"roc_curve: there are no rows of class ", label}));
    }
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });

    RocCurve curve{.points = {{.threshold = detail::infinity<double>}}};
    double taken[2] = {0, 0};  // the weight of the rows of each class whose score is at least the threshold
    for (std::size_t i = 0; i < order.size();) {
        const double threshold = scores[order[i]];
        for (; i < order.size() && scores[order[i]] == threshold; ++i) {
            taken[actual[order[i]]] += static_cast<double>(weights[order[i]]);
        }
        const RocPoint before = curve.points.back();
        // The last point is (1, 1) however sums are rounded.
        const bool is_last = i == order.size();
        const RocPoint point{.threshold = threshold,
                             .false_positives = is_last ? 1 : taken[0] / totals[0],
                             .true_positives = is_last ? 1 : taken[1] / totals[1]};
        curve.area +=
            (point.false_positives - before.false_positives) * (point.true_positives + before.true_positives) / 2;
        curve.points.push_back(point);
    }
    return curve;
}

/// Returns the ROC curve of a network that tells two classes apart: with one output, that is the score; with two, the
/// second one is.
/// ```cpp
/// Mlp<float, Input<4>, Dense<8, ReLU>, Dense<1, Sigmoid>> fails;
/// std::cout << "area under the curve " << roc_curve(fails, test).area << '\n';
/// ```
template <AnyPredictor Network, TrainingData Data>
RocCurve roc_curve(const Network& network, const Data& data, const PredictOptions& options = {}) {
    static_assert(detail::classes_of<Network> == 2, "roc_curve: the network must tell two classes apart");
    const auto labels = detail::all_labels<Network>(data);
    std::vector<double> scores(data.size());
    detail::for_each_output<typename Network::Layers>(
        network, data, options, [&](std::size_t row, auto y) { scores[row] = static_cast<double>(y.back()); });
    return roc_curve(scores, labels, detail::weights_of(data));
}

}  // namespace TYPENET
