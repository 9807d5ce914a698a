#pragma once

#include <typenet/core/namespace.hpp>
#include <typenet/kernels/simd.hpp>

/// Exponential moving averages that start at 0. Adam, AdamW, Nadam, RmsProp and Lion keep such averages of gradients or
/// of their squares.
namespace TYPENET::detail {

/// average(a, x) updates a <- beta a + (1 - beta) x and flushes a subnormal result to 0.
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

/// Updates `sum`, the total weight of all x in an average, by one step. It is 0 before the first step and 1 - beta^t
/// after t steps with the same beta. The average divided by it is unbiased.
inline void add_to_sum(double& sum, double beta) { sum = beta * sum + (1 - beta); }

}  // namespace TYPENET::detail
