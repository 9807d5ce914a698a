#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <typenet/core/random.hpp>
#include <typenet/kernels/buffer.hpp>

/// Micro-benchmarks: each file registers those of one room under a name that says what runs, such as
/// affine/784x128/kernel/64, which --benchmark_filter takes.
namespace micro {

void register_kernels();
void register_formulas();
void register_loaders();
void register_network();

/// Random numbers in (-1, 1), `zeros` of them replaced by 0.
inline typenet::Buffer<float> random_numbers(std::size_t count, double zeros = 0) {
    typenet::Random random(typenet::Seed{1});
    typenet::Buffer<float> numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<float>(uniform(random, -1, 1));
        numbers.data()[i] = typenet::uniform(random) < zeros ? 0.0f : value;
    }
    return numbers;
}

/// Times `work()`; what it wrote to memory counts as used.
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
