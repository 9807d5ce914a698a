#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

/// Shared by the C++ programs of the comparison: command line, clock, output. peers.py does the same for Python.
namespace compare {

using Json = nlohmann::ordered_json;

/// The command line: TASK [--threads N] [--data DIR] [--seed N]
struct Command {
    std::string task;
    std::size_t threads = 1;
    std::string data;  ///< folder with MNIST's raw IDX files and, in csv/, its CSV files
    std::uint64_t seed = 1;

    /// Returns N if the task is `kind`, an underscore and N: epoch_64 gives 64. Otherwise returns nothing.
    [[nodiscard]] std::optional<std::size_t> number_after(const std::string& kind) const;
};

/// Thrown if a peer can't do a task; compare.py then omits its result.
struct Unavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads the command line, runs the task, and prints its result as one line of JSON:
///     {"seconds": {"epoch_64": 0.123}, "loss": 0.3}
/// Returns the exit code for main.
int run(int argc, char** argv, const std::function<Json(const Command&)>& task);

/// Returns {"seconds": {name: seconds}}.
Json seconds_of(const std::string& name, double seconds);

double median(std::vector<double> values);

template <class F>
double seconds_for(F&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Returns the seconds per call of f(i), i < calls: the median over `passes` passes, after a warm-up pass. A pass
/// repeats all calls so often that it lasts about least_seconds or longer. peers.py must have the same least_seconds.
template <class F>
double time_calls(std::size_t calls, F f, std::size_t passes = 5) {
    constexpr double least_seconds = 0.02;
    const auto pass = [&](double times) {
        return seconds_for([&] {
            for (double time = 0; time < times; ++time) {
                for (std::size_t i = 0; i < calls; ++i) f(i);
            }
        });
    };
    const double times = std::max(1.0, std::ceil(least_seconds / pass(1)));
    pass(times);
    std::vector<double> seconds;
    for (std::size_t i = 0; i < passes; ++i) seconds.push_back(pass(times) / (times * static_cast<double>(calls)));
    return median(seconds);
}

/// Keeps the compiler from removing the computation of `value`.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

/// Return `count` random numbers in (0, 1] and `count` random labels below `classes`.
std::vector<float> uniform(std::size_t count, std::uint64_t seed);
std::vector<std::int32_t> random_labels(std::size_t count, std::uint32_t classes, std::uint64_t seed);

}  // namespace compare
