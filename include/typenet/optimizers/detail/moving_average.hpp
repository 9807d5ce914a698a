#pragma once

#include <typenet/kernels/simd.hpp>

/// Moving averages, which start at 0 and forget the past step by step. Adam and its relatives, RmsProp and Lion keep
/// averages of gradients or of their squares.
namespace typenet::detail {

/// a <- beta a + (1 - beta) x, with 0 in place of a subnormal a
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

/// Brings `sum`, what the weights of all x in an average add up to, forward by one step. It is 0 before the first step
/// and 1 - beta^t after t steps with the same beta. An average divided by it is unbiased.
inline void add_to_sum(double& sum, double beta) { sum = beta * sum + (1 - beta); }

}  // namespace typenet::detail
