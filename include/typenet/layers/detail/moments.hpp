#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>

namespace TYPENET::detail {

/// Mean and standard deviation of each of N columns of numbers, in double: deviation = sqrt(sum of (x - mean)^2 /
/// count) over the `count` numbers of the column that are not NaN, or 1 for a column whose numbers are all the same.
template <std::size_t N>
class Moments {
public:
    /// read(i, x) writes row i to x [N]; it is called twice for each row. Throws DataError, in the name of `function`,
    /// where there are no rows, where a number is infinite and where a column has only NaN. `column` is the word for a
    /// column in messages, such as "feature".
    template <class Read>
    Moments(std::string_view function, std::string_view column, std::size_t rows, Read read)
        : means_(N), deviations_(N) {
        if (rows == 0) {
            throw DataError(join({function, ": the dataset has no rows to take means and deviations from"}));
        }
        std::vector<float> x(N);
        const auto for_each_number = [&](auto visit) {
            for (std::size_t row = 0; row < rows; ++row) {
                read(row, x.data());
                for (std::size_t i = 0; i < N; ++i) {
                    if (!is_nan(x[i])) visit(i, static_cast<double>(x[i]));
                }
            }
        };

        // Sums of the differences from the column's first number: the mean of a constant column is then exact.
        std::vector<double> first(N);
        std::vector<std::size_t> counts(N);
        for_each_number([&](std::size_t i, double number) {
            if (counts[i]++ == 0) first[i] = number;
            means_[i] += number - first[i];
        });
        for (std::size_t i = 0; i < N; ++i) {
            if (counts[i] == 0) {
                throw DataError(join({function, ": ", column, " ", i, " is missing in every row; leave it out (",
                                      column, "s count from 0)"}));
            }
            means_[i] = first[i] + means_[i] / static_cast<double>(counts[i]);
        }

        for_each_number(
            [&](std::size_t i, double number) { deviations_[i] += (number - means_[i]) * (number - means_[i]); });
        for (std::size_t i = 0; i < N; ++i) {
            deviations_[i] = deviations_[i] == 0 ? 1 : std::sqrt(deviations_[i] / static_cast<double>(counts[i]));
            if (is_finite(deviations_[i])) continue;
            throw DataError(
                join({function, ": ", column, " ", i, " has a value that isn't finite; ", column, "s count from 0"}));
        }
    }

    /// Writes the means, then the deviations, to `parameters` [2, N]. A deviation that rounds to 0 becomes 1.
    template <Real T>
    void write(T* parameters) const {
        for (std::size_t i = 0; i < N; ++i) {
            parameters[i] = static_cast<T>(means_[i]);
            const T deviation = static_cast<T>(deviations_[i]);
            parameters[N + i] = deviation > 0 ? deviation : T(1);
        }
    }

private:
    std::vector<double> means_;
    std::vector<double> deviations_;
};

/// Base of the layers whose parameters are Moments: the means m [N], initially 0, then the deviations s [N], initially
/// 1. Training doesn't change them.
template <Real T, std::size_t N>
struct MomentsLayer : LayerBase<T, N> {
    static constexpr std::size_t parameter_rows = 2;
    static constexpr std::array tensors{LayerTensor{.name = "mean", .first = 0, .columns = N},
                                        LayerTensor{.name = "deviation", .first = N, .columns = N}};
    static constexpr bool fixed = true;

    static void initialize(Random&, T* parameters) {
        std::fill_n(parameters, N, T(0));
        std::fill_n(parameters + N, N, T(1));
    }
};

}  // namespace TYPENET::detail
