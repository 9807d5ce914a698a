#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>

/// Metrics: how well predictions agree with the true values, both given as arrays. evaluate/evaluate.hpp has metrics of
/// the same names that take a network and a dataset, and calls these.
///   labels        accuracy, top_k_accuracy, confusion_matrix
///   as text       confusion_table, with the names of classes
///   per class     class_scores (precision, recall, F1) of a confusion matrix, macro_average of the scores
///   regression    mean_squared_error, mean_absolute_error, r2
/// `predicted` comes first and `actual` second; row r of both belongs together, and with weight r of the RowWeights
/// that the metrics of labels and of regression may be given. These metrics throw DataError where predictions, true
/// values and weights differ in their count of rows or columns, and where there are no rows; those of labels also for a
/// negative label, top_k_accuracy and confusion_matrix for one that isn't below the count of classes, too.
namespace TYPENET {

/// counts(t, p) is the sum of the weights of the rows of class t that were predicted as class p: without weights, the
/// count of these rows.
using ConfusionMatrix = xt::xtensor<double, 2, xt::layout_type::row_major>;

namespace detail {

/// Throws DataError unless both counts of rows are the same and above 0, and there is a weight for each row or none.
inline void check_rows(const char* metric, std::size_t predicted, std::size_t actual, const RowWeights& weights) {
    if (predicted != actual) {
        throw DataError(std::string(metric) + ": " + std::to_string(predicted) + " predictions for " +
                        std::to_string(actual) + " rows");
    }
    if (actual == 0) throw DataError(std::string(metric) + ": there are no rows");
    weights.check_count(actual, metric);
}

/// Throws DataError for a negative label.
inline void check_label(const char* metric, std::int32_t label) {
    if (label < 0) throw DataError(std::string(metric) + ": label " + std::to_string(label) + " is negative");
}

/// Throws DataError unless `label` is at least 0 and below `classes`.
inline void check_label(const char* metric, std::int32_t label, std::size_t classes) {
    if (label < 0 || static_cast<std::size_t>(label) >= classes) {
        throw DataError(std::string(metric) + ": label " + std::to_string(label) + " is not one of " +
                        std::to_string(classes) + " classes");
    }
}

/// Returns a count of rows, or a sum of their weights, as text: whole numbers with all digits.
inline std::string count_text(double count) {
    constexpr double exact = 9007199254740992;  // 2^53; from here on, not every whole number is a double
    const bool is_whole = count == std::floor(count) && std::abs(count) < exact;
    return is_whole ? std::to_string(static_cast<std::int64_t>(count)) : number_text(count);
}

/// Returns part / whole; 0 where whole is 0.
inline double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Returns a vector as a matrix of one column, and a matrix as it is.
template <class Array>
Matrix<double> as_columns(const Array& array) {
    if constexpr (ArrayOfRank<Array, 1>) {
        auto column = Matrix<double>::from_shape({array.shape()[0], 1});
        for (std::size_t row = 0; row < array.shape()[0]; ++row) column(row, 0) = static_cast<double>(array(row));
        return column;
    } else {
        return xt::cast<double>(array);
    }
}

/// Throws DataError unless both have the same shape, with at least one row and one column, and there is a weight for
/// each row or none.
inline void check_shapes(const char* metric, const Matrix<double>& predicted, const Matrix<double>& actual,
                         const RowWeights& weights) {
    check_rows(metric, predicted.shape()[0], actual.shape()[0], weights);
    if (predicted.shape()[1] != actual.shape()[1] || actual.shape()[1] == 0) {
        throw DataError(std::string(metric) + ": " + std::to_string(predicted.shape()[1]) + " predicted columns for " +
                        std::to_string(actual.shape()[1]));
    }
}

/// Returns the mean of term(predicted - actual) over all rows and columns.
template <class Term>
double mean_over(const char* metric, const Matrix<double>& predicted, const Matrix<double>& actual,
                 const RowWeights& weights, Term term) {
    check_shapes(metric, predicted, actual, weights);
    const std::size_t columns = actual.shape()[1];
    const auto row_sum = [&](std::size_t r) {
        double sum = 0;
        for (std::size_t c = 0; c < columns; ++c) sum += term(predicted(r, c) - actual(r, c));
        return sum;
    };
    return weights.mean(actual.shape()[0], row_sum) / static_cast<double>(columns);
}

}  // namespace detail

/// Returns the share of rows whose label is predicted correctly.
inline double accuracy(std::span<const std::int32_t> predicted, std::span<const std::int32_t> actual,
                       const RowWeights& weights = {}) {
    detail::check_rows("accuracy", predicted.size(), actual.size(), weights);
    return weights.mean(actual.size(), [&](std::size_t r) {
        detail::check_label("accuracy", predicted[r]);
        detail::check_label("accuracy", actual[r]);
        return predicted[r] == actual[r];
    });
}

/// Returns the share of rows whose label is among the k largest of `outputs`, [rows, classes]. Of equal outputs the one
/// with the lower class ranks first. The label ranks behind each NaN, and last where its own output is NaN.
template <class T>
double top_k_accuracy(const Matrix<T>& outputs, std::span<const std::int32_t> actual, std::size_t k,
                      const RowWeights& weights = {}) {
    detail::check_rows("top_k_accuracy", outputs.shape()[0], actual.size(), weights);
    const std::size_t classes = outputs.shape()[1];
    return weights.mean(actual.size(), [&](std::size_t r) {
        detail::check_label("top_k_accuracy", actual[r], classes);
        const T* row = outputs.data() + r * classes;
        const auto label = static_cast<std::size_t>(actual[r]);
        std::size_t better = 0;
        for (std::size_t c = 0; c < classes; ++c) {
            const bool is_above = detail::is_nan(row[label]) || detail::is_nan(row[c]) || row[c] > row[label];
            better += c != label && (is_above || (row[c] == row[label] && c < label));
        }
        return better < k;
    });
}

/// Returns the counts [classes, classes] of rows by actual and predicted class, each row counting by its weight.
inline ConfusionMatrix confusion_matrix(std::span<const std::int32_t> predicted, std::span<const std::int32_t> actual,
                                        std::size_t classes, const RowWeights& weights = {}) {
    detail::check_rows("confusion_matrix", predicted.size(), actual.size(), weights);
    ConfusionMatrix counts = xt::zeros<double>({classes, classes});
    for (std::size_t r = 0; r < actual.size(); ++r) {
        detail::check_label("confusion_matrix", predicted[r], classes);
        detail::check_label("confusion_matrix", actual[r], classes);
        counts(static_cast<std::size_t>(actual[r]), static_cast<std::size_t>(predicted[r])) +=
            static_cast<double>(weights[r]);
    }
    return counts;
}

/// Returns a confusion matrix as lines of text: a line for each actual class and a column for each predicted one, under
/// the classes' names, or under their numbers where there are none. Sums of weights that are not whole have six digits.
/// ```cpp
/// std::cout << confusion_table(confusion_matrix(net, test), test.class_names());
/// ```
/// Throws DataError where the confusion matrix is not square, or has another number of classes than there are names.
inline std::string confusion_table(const ConfusionMatrix& counts, std::span<const std::string> names = {}) {
    const std::size_t classes = counts.shape()[0];
    if (counts.shape()[1] != classes) throw DataError("confusion_table: the confusion matrix is not square");
    if (!names.empty() && names.size() != classes) {
        throw DataError(detail::join({"confusion_table: ", names.size(), " names for ", classes, " classes"}));
    }
    // The names stand in line 0 and in column 0.
    std::vector<std::vector<std::string>> cells(classes + 1, std::vector<std::string>(classes + 1));
    cells[0][0] = "actual \\ predicted";
    for (std::size_t c = 0; c < classes; ++c) {
        cells[0][c + 1] = cells[c + 1][0] = names.empty() ? std::to_string(c) : names[c];
        for (std::size_t p = 0; p < classes; ++p) cells[c + 1][p + 1] = detail::count_text(counts(c, p));
    }
    std::vector<std::size_t> widths(classes + 1);
    for (const auto& line : cells) {
        for (std::size_t column = 0; column <= classes; ++column) {
            widths[column] = std::max(widths[column], line[column].size());
        }
    }
    std::string text;
    for (const auto& line : cells) {
        text.append(line[0]).append(widths[0] - line[0].size(), ' ');
        for (std::size_t column = 1; column <= classes; ++column) {
            text.append(2 + widths[column] - line[column].size(), ' ').append(line[column]);
        }
        text += '\n';
    }
    return text;
}

/// How well one class is told from the others. A score whose denominator is 0 is 0.
struct ClassScore {
    double precision = 0;  ///< the share of the rows predicted as this class that belong to it
    double recall = 0;     ///< the share of the rows of this class that are predicted as it
    double f1 = 0;         ///< 2 precision recall / (precision + recall)
    double support = 0;    ///< count of the rows of this class, or the sum of their weights
};

/// Returns one score for each class. Throws DataError where the confusion matrix is not square.
/// ```cpp
/// const std::vector<ClassScore> scores = class_scores(confusion_matrix(net, test));
/// const double f1 = macro_average(scores).f1;
/// ```
inline std::vector<ClassScore> class_scores(const ConfusionMatrix& counts) {
    const std::size_t classes = counts.shape()[0];
    if (counts.shape()[1] != classes) throw DataError("class_scores: the confusion matrix is not square");
    std::vector<ClassScore> scores(classes);
    for (std::size_t c = 0; c < classes; ++c) {
        double taken = 0;
        for (std::size_t other = 0; other < classes; ++other) {
            taken += counts(other, c);
            scores[c].support += counts(c, other);
        }
        scores[c].precision = detail::ratio(counts(c, c), taken);
        scores[c].recall = detail::ratio(counts(c, c), scores[c].support);
        scores[c].f1 =
            detail::ratio(2 * scores[c].precision * scores[c].recall, scores[c].precision + scores[c].recall);
    }
    return scores;
}

/// Returns the mean of each score over the classes, each class weighing the same; `support` is the count of all rows.
inline ClassScore macro_average(std::span<const ClassScore> scores) {
    ClassScore mean;
    for (const ClassScore& score : scores) {
        mean.precision += score.precision / static_cast<double>(scores.size());
        mean.recall += score.recall / static_cast<double>(scores.size());
        mean.f1 += score.f1 / static_cast<double>(scores.size());
        mean.support += score.support;
    }
    return mean;
}

/// A vector [rows], or a matrix [rows, columns] with one predicted quantity per column.
template <class Array>
concept VectorOrMatrix = ArrayOfRank<Array, 1> || ArrayOfRank<Array, 2>;

/// Returns the mean of (predicted - actual)^2 over all rows and columns.
template <VectorOrMatrix Predicted, VectorOrMatrix Actual>
double mean_squared_error(const Predicted& predicted, const Actual& actual, const RowWeights& weights = {}) {
    return detail::mean_over("mean_squared_error", detail::as_columns(predicted), detail::as_columns(actual), weights,
                             [](double e) { return e * e; });
}

/// Returns the mean of |predicted - actual| over all rows and columns.
template <VectorOrMatrix Predicted, VectorOrMatrix Actual>
double mean_absolute_error(const Predicted& predicted, const Actual& actual, const RowWeights& weights = {}) {
    return detail::mean_over("mean_absolute_error", detail::as_columns(predicted), detail::as_columns(actual), weights,
                             [](double e) { return std::abs(e); });
}

/// Returns the mean over the columns of the coefficient of determination,
///     1 - sum w (predicted - actual)^2 / sum w (actual - mean)^2
/// with each row's weight w and the mean by these weights. It is at most 1, for exact predictions, and 0 for predicting
/// the mean. A constant column counts as 1 where it is predicted exactly, else as 0.
template <VectorOrMatrix Predicted, VectorOrMatrix Actual>
double r2(const Predicted& predicted_array, const Actual& actual_array, const RowWeights& weights = {}) {
    const Matrix<double> predicted = detail::as_columns(predicted_array);
    const Matrix<double> actual = detail::as_columns(actual_array);
    detail::check_shapes("r2", predicted, actual, weights);
    const std::size_t rows = actual.shape()[0];
    const std::size_t columns = actual.shape()[1];
    std::size_t first = 0;  // row that counts
    while (weights[first] == 0) ++first;
    double total = 0;
    for (std::size_t c = 0; c < columns; ++c) {
        const double mean = weights.mean(rows, [&](std::size_t r) { return actual(r, c); });
        double residual = 0;
        double variation = 0;
        bool varies = false;  // `variation` can't tell: where the mean is rounded, a constant column's is above 0
        for (std::size_t r = 0; r < rows; ++r) {
            const auto weight = static_cast<double>(weights[r]);
            residual += weight * (predicted(r, c) - actual(r, c)) * (predicted(r, c) - actual(r, c));
            variation += weight * (actual(r, c) - mean) * (actual(r, c) - mean);
            varies = varies || (weight > 0 && actual(r, c) != actual(first, c));
        }
        total += varies && variation > 0 ? 1 - residual / variation
                                         : (!detail::is_nan(residual) && residual == 0 ? 1.0 : 0.0);
    }
    return total / static_cast<double>(columns);
}

}  // namespace TYPENET
