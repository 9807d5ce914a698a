#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/platform/threads.hpp>

/// Prediction of many rows: chunks of rows that one thread or several carry through a Chain, and the memory for that.
namespace typenet::detail {

/// Rows that pass all layers together in prediction: few enough to stay in the cache.
inline constexpr std::size_t rows_at_once = 64;

/// Calls task(first, rows, thread) for `count` rows in chunks of rows_at_once.
template <class Task>
void run_in_chunks(Team& team, std::size_t count, Task task) {
    team.run((count + rows_at_once - 1) / rows_at_once, [&](std::size_t chunk, std::size_t thread) {
        const std::size_t first = chunk * rows_at_once;
        task(first, std::min(rows_at_once, count - first), thread);
    });
}

/// The scratch memory of Chain::forward for up to `rows` rows, for each thread of a team.
template <class Layers>
class ForwardMemory {
public:
    using T = typename Layers::Scalar;

    ForwardMemory(std::size_t rows, std::size_t threads)
        : rows_(rows), numbers_(threads * Layers::scratch_size(rows)), words_(threads * Layers::scratch_words(rows)) {}

    void forward(const T* parameters, Rows<const T, Layers::inputs> x, Rows<T, Layers::outputs> y, std::size_t thread) {
        Layers::forward(parameters, x, y, numbers_.data() + thread * Layers::scratch_size(rows_),
                        words_.data() + thread * Layers::scratch_words(rows_));
    }

private:
    std::size_t rows_;
    Buffer<T> numbers_;
    std::vector<std::uint64_t> words_;
};

}  // namespace typenet::detail
