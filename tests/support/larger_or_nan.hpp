#pragma once

#include <cmath>

namespace support {

/// Returns the larger of two numbers, or NaN where one of them is NaN: the largest of many errors. Both std::max and
/// !(b <= a) lose a NaN as soon as a number follows.
inline double larger_or_nan(double a, double b) { return a < b || std::isnan(b) ? b : a; }

}  // namespace support
