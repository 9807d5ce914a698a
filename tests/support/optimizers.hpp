#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <golden/optimizers.hpp>
#include <span>
#include <typenet/core/concepts.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

/// Tests that each optimizer's file calls.
namespace support {

/// Returns a parameter's gradient in a step: exact in float, with absolute values from 2^-34 to 11/16, sometimes 0, and
/// always 0 for the last parameter.
inline double golden_gradient(std::size_t i, std::size_t step) {
    if (i + 1 == golden::parameter_count) return 0;
    const auto k = static_cast<double>((7 * i + 11 * step + 3 * i * step) % 23) - 11;
    return std::ldexp(k, 5 * static_cast<int>(i % 7) - 34);
}

/// Parameters, their optimizer and its state, as in a Trainer.
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

    /// Takes a step in two updates, the second for the parameters from `middle` on.
    void step(const std::vector<T>& d_w, std::size_t middle = 0) {
        if constexpr (requires { optimizer.begin_step(std::span(numbers)); }) optimizer.begin_step(std::span(numbers));
        part(d_w, 0, middle);
        part(d_w, middle, w.size());
    }

private:
    void part(const std::vector<T>& d_w, std::size_t first, std::size_t last) {
        optimizer.update(std::span<T>(w).subspan(first, last - first),
                         std::span<const T>(d_w).subspan(first, last - first),
                         typenet::OptimizerState<T>{state.data(), w.size(), first, numbers}, learning_rate);
    }
};

/// Checks the parameters after golden::step_count steps. `tolerance` is relative for parameters above 1.
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

/// Checks that parameters and state have the same bits after three steps of one update or of any two.
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

/// Returns a parameter after each of `count` steps; it is 1 at first, its gradient always 2.
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
