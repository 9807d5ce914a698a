#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/data/dataset.hpp>

namespace typenet {

/// Shifts and scales each feature so that it has mean 0 and standard deviation 1 over the dataset it was made from:
///
///     y = (x - mean) / deviation,    deviation = sqrt(sum of (x - mean)^2 / rows),
///
/// where x is a scaled feature, as a network would see it. A feature that is the same in all rows has deviation 1.
/// Computed in double. Immutable, so it may be used from many threads.
///
/// It changes datasets once, before training, and must be kept beside the network for all rows to come. A Standardize
/// layer does the same inside the network, so that a model file has it: see typenet/train/standardize.hpp. Choose that
/// unless the network has no such layer.
template <std::size_t F>
class Standardizer {
public:
    /// Throws DataError when the dataset has no rows or a feature that isn't finite.
    template <class Target>
    explicit Standardizer(const Dataset<F, Target>& data) : means_(F, 0.0), deviations_(F, 0.0) {
        if (data.size() == 0) throw DataError("a dataset without rows can't be standardized");
        const auto rows = static_cast<double>(data.size());

        // Sums of the differences from the first row: a constant feature then has exactly its mean and no deviation.
        std::vector<double> first(F);
        for_each_row(data, [&, is_first = true](const float* x) mutable {
            if (std::exchange(is_first, false)) first.assign(x, x + F);
            for (std::size_t i = 0; i < F; ++i) means_[i] += x[i] - first[i];
        });
        for (std::size_t i = 0; i < F; ++i) means_[i] = first[i] + means_[i] / rows;

        for_each_row(data, [&](const float* x) {
            for (std::size_t i = 0; i < F; ++i) deviations_[i] += (x[i] - means_[i]) * (x[i] - means_[i]);
        });
        for (std::size_t i = 0; i < F; ++i) {
            deviations_[i] = deviations_[i] == 0 ? 1 : std::sqrt(deviations_[i] / rows);
            if (!std::isfinite(deviations_[i])) {
                throw DataError("feature " + std::to_string(i) + " has values that aren't finite");
            }
        }
    }

    [[nodiscard]] std::span<const double, F> means() const noexcept { return std::span<const double, F>(means_); }

    /// Never 0.
    [[nodiscard]] std::span<const double, F> deviations() const noexcept {
        return std::span<const double, F>(deviations_);
    }

    /// One row of scaled features, such as Dataset::row gives, standardized. No heap.
    [[nodiscard]] Vector<float, F> operator()(const Vector<float, F>& row) const {
        Vector<float, F> result;
        apply(row.data(), result.data());
        return result;
    }

    /// The same targets with standardized features, stored as floats with scale 1.
    template <class Target>
    [[nodiscard]] Dataset<F, Target> operator()(const Dataset<F, Target>& data) const {
        std::vector<float> values(data.size() * F);
        float* out = values.data();
        for_each_row(data, [&](const float* x) {
            apply(x, out);
            out += F;
        });
        return {Features<F>(std::move(values)), data.targets()};
    }

private:
    template <class Target, class Function>
    static void for_each_row(const Dataset<F, Target>& data, Function function) {
        std::vector<float> features(F);
        for (std::size_t i = 0; i < data.size(); ++i) {
            const auto row = static_cast<std::uint32_t>(i);
            data.gather(std::span(&row, 1), features.data());
            function(features.data());
        }
    }

    void apply(const float* x, float* y) const noexcept {
        for (std::size_t i = 0; i < F; ++i) y[i] = static_cast<float>((x[i] - means_[i]) / deviations_[i]);
    }

    std::vector<double> means_;
    std::vector<double> deviations_;
};

/// Standardizes all the datasets in place, with the means and deviations of the first, and returns these so that a
/// network's user can treat new rows alike. Throws DataError as Standardizer does; the datasets are then unchanged.
template <std::size_t F, class Target, class... OtherTargets>
Standardizer<F> standardize(Dataset<F, Target>& train, Dataset<F, OtherTargets>&... others) {
    Standardizer<F> standardizer(train);
    train = standardizer(train);
    ((others = standardizer(others)), ...);
    return standardizer;
}

}  // namespace typenet
