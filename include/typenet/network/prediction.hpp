#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/platform/threads.hpp>

/// How many rows are carried through a chain of layers, by one thread or several.
namespace typenet::detail {

/// How many rows go through all layers together in prediction: few enough that they stay in the cache on their way.
inline constexpr std::size_t rows_at_once = 64;

/// Calls task(first, rows, member) for `count` rows in chunks of rows_at_once.
template <class Task>
void run_in_chunks(Team& team, std::size_t count, Task task) {
    team.run((count + rows_at_once - 1) / rows_at_once, [&](std::size_t chunk, std::size_t member) {
        const std::size_t first = chunk * rows_at_once;
        task(first, std::min(rows_at_once, count - first), member);
    });
}

/// What Chain::forward needs for up to `rows` rows, for each member of a team.
template <class Layers>
class ForwardMemory {
public:
    using T = typename Layers::Scalar;

    ForwardMemory(std::size_t rows, std::size_t members)
        : rows_(rows), numbers_(members * Layers::scratch_size(rows)), words_(members * Layers::scratch_words(rows)) {}

    void forward(const T* parameters, Rows<const T, Layers::inputs> x, Rows<T, Layers::outputs> y, std::size_t member) {
        Layers::forward(parameters, x, y, numbers_.data() + member * Layers::scratch_size(rows_),
                        words_.data() + member * Layers::scratch_words(rows_));
    }

private:
    std::size_t rows_;
    Buffer<T> numbers_;
    std::vector<std::uint64_t> words_;
};

}  // namespace typenet::detail
