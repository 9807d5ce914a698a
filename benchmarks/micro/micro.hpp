#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <typenet/core/random.hpp>
#include <typenet/kernels/buffer.hpp>

/// Micro-benchmarks. Each file registers those of one room. A benchmark's name, such as affine/784x128/64, says
/// what it runs; --benchmark_filter selects by name.
namespace micro {

void register_kernels();
void register_formulas();
void register_loaders();
void register_network();

/// Returns random numbers in (-1, 1), of which a share of `zeros` is replaced by 0.
inline typenet::Buffer<float> random_numbers(std::size_t count, double zeros = 0) {
    typenet::Random random(typenet::Seed{1});
    typenet::Buffer<float> numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<float>(uniform(random, -1, 1));
        numbers.data()[i] = typenet::uniform(random) < zeros ? 0.0f : value;
    }
    return numbers;
}

/// Times `work()`. Its writes to memory count as used, so that the compiler keeps them.
template <class F>
void add(const std::string& name, const char* rate, double amount, F work) {
    benchmark::RegisterBenchmark(name.c_str(), [rate, amount, work](benchmark::State& state) mutable {
        for (auto _ : state) {
            work();
            benchmark::ClobberMemory();
        }
        state.counters[rate] = benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
    });
}

}  // namespace micro
