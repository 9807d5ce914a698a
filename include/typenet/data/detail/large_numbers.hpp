#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>

/// Numbers of 2^24 or more. A float doesn't hold every whole number there, so that different ones can become equal:
/// seconds since 1970, or dates written as 20240105. The loaders and make_dataset refuse such data.
namespace TYPENET::detail {

/// Up to it, a float holds every whole number.
inline constexpr double exact_floats = 1 << 24;

/// What to do about large numbers, for messages.
inline constexpr std::string_view large_numbers_remedy =
    ": floats have 24 bits. Subtract a number from the whole column, such as its first, or leave the column out";

/// What is wrong where `LargeNumbers::are_lost`, behind a number, for messages.
inline constexpr std::string_view lost_numbers =
    " isn't a float, and there are too few floats from the smallest to the largest number of its column";

/// Returns whether floats have so few values from `least` to `greatest` (fewer than 2^16 steps) that they don't do for
/// numbers which aren't floats themselves. The same number in all rows has enough.
inline bool are_few_floats(double least, double greatest) {
    const auto magnitude = static_cast<float>(std::max(std::abs(least), std::abs(greatest)));
    const double step = static_cast<double>(std::nextafter(magnitude, 2 * magnitude)) - static_cast<double>(magnitude);
    return greatest > least && greatest - least < (1 << 16) * step;
}

/// The large numbers of a column so far.
class LargeNumbers {
public:
    /// Takes a number of exact_floats or more, and where it stands. Returns whether it differs from the last one, but
    /// not as a float.
    [[nodiscard]] bool meets_its_like(double number, FilePosition position) noexcept {
        if (inexact_ == 0 && static_cast<double>(static_cast<float>(number)) != number) {
            inexact_ = number;
            position_ = position;
        }
        const bool is_like = last_ != number && static_cast<float>(last_) == static_cast<float>(number);
        last_ = number;
        return is_like;
    }

    /// Returns whether numbers of the column were rounded to few floats. `matrix` holds all floats, in rows of `width`;
    /// the column has the index `column`.
    [[nodiscard]] bool are_lost(std::span<const float> matrix, std::size_t width, std::size_t column) const noexcept {
        if (inexact_ == 0) return false;
        float least = std::numeric_limits<float>::max();
        float greatest = -least;
        for (std::size_t i = column; i < matrix.size(); i += width) {
            if (is_nan(matrix[i])) continue;
            least = std::min(least, matrix[i]);
            greatest = std::max(greatest, matrix[i]);
        }
        return are_few_floats(static_cast<double>(least), static_cast<double>(greatest));
    }

    /// Returns the first number that isn't a float; 0 where there is none.
    [[nodiscard]] double inexact() const noexcept { return inexact_; }
    /// Returns where it stands.
    [[nodiscard]] FilePosition position() const noexcept { return position_; }

private:
    double last_ = 0;
    double inexact_ = 0;
    FilePosition position_ = {};
};

}  // namespace TYPENET::detail
