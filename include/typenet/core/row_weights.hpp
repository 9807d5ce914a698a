#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

namespace TYPENET {

/// How much each row of a dataset counts, in training, evaluation and metrics: a finite number from 0 on. Without
/// weights every row counts 1.
///   metrics    the mean of a quantity m of the rows is sum(w_r m_r) / sum(w_r), and a count of rows is the sum of
///              their weights. So a whole weight k gives what k copies of the row would give.
///   training   the weights are scaled to a mean of 1 over all rows of the training data, so that learning rates keep
///              their meaning. A batch's gradient is the mean over its rows of w_r times the row's gradient.
/// A row of weight 0 is computed and checked like the others, but counts for nothing.
///
/// ```cpp
/// const RowWeights weights({1, 0.5F, 2});
/// std::cout << weights[2] << " of " << weights.total(3) << '\n';  // 2 of 3.5
/// ```
class RowWeights {
public:
    /// Makes no weights: every row counts 1.
    RowWeights() = default;

    /// Takes one weight for each row. Throws DataError for a weight that is negative or not finite, and where none is
    /// above 0.
    RowWeights(std::vector<float> values) : values_(std::move(values)) {
        for (std::size_t row = 0; row < values_.size(); ++row) {
            if (!(values_[row] >= 0 && detail::is_finite(values_[row]))) fail_row(row);
            sum_ += static_cast<double>(values_[row]);
        }
        if (sum_ == 0) fail_row(values_.size());
        scale_ = static_cast<double>(values_.size()) / sum_;
    }

    /// Returns whether there are no weights.
    [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
    /// Returns all weights; nothing where there are none.
    [[nodiscard]] const std::vector<float>& values() const noexcept { return values_; }
    /// Returns the weight of a row; 1 where there are no weights.
    [[nodiscard]] float operator[](std::size_t row) const noexcept { return empty() ? 1 : values_[row]; }

    /// Returns the weight of a row as training uses it: scaled to a mean of 1 over all rows; 1 where there are no
    /// weights.
    [[nodiscard]] double scaled(std::size_t row) const noexcept {
        return empty() ? 1 : static_cast<double>(values_[row]) * scale_;
    }

    /// Returns the sum of the weights of all rows, of which there are `rows`.
    [[nodiscard]] double total(std::size_t rows) const noexcept { return empty() ? static_cast<double>(rows) : sum_; }

    /// Returns the mean of value(row) over all rows, of which there are `rows`, each counting by its weight.
    template <class Value>
    [[nodiscard]] double mean(std::size_t rows, Value value) const {
        double sum = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            sum += static_cast<double>((*this)[row]) * static_cast<double>(value(row));
        }
        return sum / total(rows);
    }

    /// Throws DataError where there are weights, but not one for each of `rows` rows. `name` is the data in messages.
    void check_count(std::size_t rows, std::string_view name) const {
        if (!empty() && values_.size() != rows) fail_count(rows, name);
    }

    /// Returns copies of the weights of the given rows, in their order; no weights where there are none or no rows.
    /// Throws DataError where all of them are 0.
    [[nodiscard]] RowWeights subset(std::span<const std::uint32_t> rows) const {
        if (empty() || rows.empty()) return {};
        std::vector<float> taken;
        taken.reserve(rows.size());
        for (const std::size_t row : rows) taken.push_back(values_[row]);
        return taken;
    }

private:
    /// Throws for the weight of a row, or where that is the count of rows, for all weights.
    [[noreturn, gnu::noinline, gnu::cold]] void fail_row(std::size_t row) const {
        if (row == values_.size()) throw_error({"none of the ", row, " weights is above 0"});
        throw_error({"the weight in row ", row, " is ", static_cast<double>(values_[row]),
                     "; weights are finite numbers from 0 on"});
    }
    [[noreturn, gnu::noinline, gnu::cold]] void fail_count(std::size_t rows, std::string_view name) const {
        throw_error({name, ": ", values_.size(), " weights for ", rows, " rows"});
    }
    [[noreturn, gnu::noinline, gnu::cold]] static void throw_error(std::initializer_list<detail::TextPart> parts) {
        throw DataError(detail::join(parts));
    }

    std::vector<float> values_;
    double sum_ = 0;
    double scale_ = 1;  // weights times it have a mean of 1
};

}  // namespace TYPENET
