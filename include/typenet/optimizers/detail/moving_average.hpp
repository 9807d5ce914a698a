#pragma once

#include <typenet/kernels/simd.hpp>

/// Averages that begin at 0 and forget the past step by step.
namespace typenet::detail {

/// a <- beta a + (1 - beta) x, and 0 in place of a subnormal a
template <class V>
class MovingAverage {
public:
    explicit MovingAverage(double beta)
        : beta_(static_cast<simd::Element<V>>(beta)), rest_(static_cast<simd::Element<V>>(1 - beta)) {}

    void operator()(V& a, const V& x) const { a = simd::flush_subnormal(simd::fma(beta_, a, rest_ * x)); }

private:
    V beta_;
    V rest_;
};

/// What the weights of such an average sum to after one step more: 1 - beta^t after t steps with the same beta.
/// `sum` is 0 before the first.
inline void add_to_sum(double& sum, double beta) { sum = beta * sum + (1 - beta); }

}  // namespace typenet::detail
