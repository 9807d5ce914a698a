#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/platform/threads.hpp>

/// Prediction of many rows: chunks of rows that one thread or several carry through a network, and the memory for that.
namespace TYPENET::detail {

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

/// The scratch memory of a network's forward pass through `Part`, for up to `rows` rows and for each thread of a team.
/// It refers to the network.
template <class Network, class Part>
class ForwardMemory {
public:
    using T = typename Network::Scalar;

    ForwardMemory(const Network& network, std::size_t rows, std::size_t threads)
        : network_(network),
          size_(Network::template scratch_size<Part>(rows)),
          words_each_(Network::template scratch_words<Part>(rows)),
          numbers_(threads * size_),
          words_(threads * words_each_) {}

    void forward(Rows<const T, Part::inputs> x, Rows<T, Part::outputs> y, std::size_t thread) {
        network_.template forward<Part>(x, y, numbers_.data() + thread * size_, words_.data() + thread * words_each_);
    }

private:
    const Network& network_;
    std::size_t size_;
    std::size_t words_each_;
    Buffer<T> numbers_;
    std::vector<std::uint64_t> words_;
};

}  // namespace TYPENET::detail
