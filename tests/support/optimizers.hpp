#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <golden/optimizers.hpp>
#include <initializer_list>
#include <limits>
#include <span>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

/// What is tested of each optimizer: `check_golden` compares 20 steps with PyTorch's, `check_slicing` steps on slices
/// of the parameters with steps on all of them, `check_ranges` the ranges of the options. `OptimizerRun` makes the
/// steps.
namespace support {

/// Returns the gradient of parameter i. It is exact in float and at most 11/16 in size, down to 2^-34 or 0; that of the
/// last parameter is always 0.
inline double golden_gradient(std::size_t i, std::size_t step) {
    if (i + 1 == golden::parameter_count) return 0;
    const auto k = static_cast<double>((7 * i + 11 * step + 3 * i * step) % 23) - 11;
    return std::ldexp(k, 5 * static_cast<int>(i % 7) - 34);
}

/// Parameters with an optimizer and its state.
template <class T, class O>
class OptimizerRun {
public:
    O optimizer;
    double learning_rate;
    std::vector<T> w;
    std::vector<T> state;
    std::vector<double> numbers;

    OptimizerRun(O chosen, std::vector<T> start)
        : optimizer(std::move(chosen)),
          learning_rate(optimizer.learning_rate),
          w(std::move(start)),
          state(optimizer.state_vectors() * w.size()),
          numbers(typenet::detail::state_numbers<O>) {}

    /// Makes one step on two slices of the parameters; the second starts at `middle`.
    void step(const std::vector<T>& d_w, std::size_t middle = 0) {
        if constexpr (requires { optimizer.begin_step(std::span(numbers)); }) optimizer.begin_step(std::span(numbers));
        update(d_w, 0, middle);
        update(d_w, middle, w.size());
    }

private:
    void update(const std::vector<T>& d_w, std::size_t first, std::size_t last) {
        optimizer.update(std::span<T>(w).subspan(first, last - first),
                         std::span<const T>(d_w).subspan(first, last - first),
                         typenet::OptimizerState<T>{state.data(), w.size(), first, numbers}, learning_rate);
    }
};

/// Checks that the parameters after golden::step_count steps are `wanted` to within `tolerance`, which is relative for
/// those above 1. The learning rate halves after half of the steps.
template <class T, class O>
void check_golden(const O& optimizer, const golden::Parameters& wanted, double tolerance) {
    std::vector<T> start(golden::parameter_count);
    for (std::size_t i = 0; i < start.size(); ++i) start[i] = (static_cast<T>(i) - 10) / 8;
    OptimizerRun<T, O> run(optimizer, start);
    std::vector<T> d_w(start.size());
    for (std::size_t step = 0; step < golden::step_count; ++step) {
        if (step == golden::step_count / 2) run.learning_rate = optimizer.learning_rate / 2;
        for (std::size_t i = 0; i < d_w.size(); ++i) d_w[i] = static_cast<T>(golden_gradient(i, step));
        run.step(d_w);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CAPTURE(i);
        CAPTURE(run.w[i]);
        CAPTURE(wanted[i]);
        CHECK(std::abs(static_cast<double>(run.w[i]) - wanted[i]) <= tolerance * std::max(1.0, std::abs(wanted[i])));
    }
}

template <class O>
void check_golden(const O& optimizer, const golden::Parameters& wanted) {
    INFO(optimizer.describe());
    check_golden<float>(optimizer, wanted, 1e-6);
    check_golden<double>(optimizer, wanted, 1e-12);
}

/// Checks that parameters and state after three steps have the same bits wherever the parameters are cut in two.
template <class T, class O>
void check_slicing(const O& optimizer) {
    constexpr std::size_t count = 41;
    const auto run = [&](std::size_t middle) {
        OptimizerRun<T, O> result(optimizer, std::vector<T>(count, T(0.7)));
        for (std::size_t step = 0; step < 3; ++step) {
            std::vector<T> d_w(count);
            for (std::size_t i = 0; i < count; ++i) d_w[i] = std::sin(static_cast<T>(i + 5 * step));
            result.step(d_w, middle);
        }
        result.w.insert(result.w.end(), result.state.begin(), result.state.end());
        return result.w;
    };
    INFO(optimizer.describe());
    const auto whole = run(0);
    for (std::size_t middle = 1; middle < count; ++middle) CHECK(run(middle) == whole);
}

template <class O>
void check_slicing(const O& optimizer) {
    check_slicing<float>(optimizer);
    check_slicing<double>(optimizer);
}

/// Checks that every number is refused where it is negative, infinite or NaN, and that `fields` are all the numbers
/// that have a rule.
template <class O>
void check_ranges(std::initializer_list<double O::*> fields) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto options = O{}.options();
    const auto has_rule = [](const auto& option) { return option.rule != nullptr; };
    CHECK(std::count_if(options.begin(), options.end(), has_rule) == static_cast<std::ptrdiff_t>(fields.size()));
    CHECK_NOTHROW(O{}.validate());
    for (double O::*const field : fields) {
        for (const double bad : {-0.1, infinity, std::numeric_limits<double>::quiet_NaN()}) {
            O optimizer;
            optimizer.*field = bad;
            CAPTURE(optimizer.describe());
            CHECK_THROWS_AS(optimizer.validate(), typenet::OptionError);
        }
    }
}

/// Returns one parameter after each of `count` steps with the gradient 2. It starts at 1.
template <class O>
std::vector<double> steps_of_one(const O& optimizer, std::size_t count) {
    OptimizerRun<double, O> run(optimizer, {1.0});
    std::vector<double> path;
    for (std::size_t step = 0; step < count; ++step) {
        run.step({2.0});
        path.push_back(run.w[0]);
    }
    return path;
}

}  // namespace support
