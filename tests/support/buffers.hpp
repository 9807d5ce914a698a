#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <typenet/core/random.hpp>
#include <typenet/kernels/buffer.hpp>

namespace support {

/// Returns normal random numbers; each stream has its own.
template <class T>
typenet::Buffer<T> random_buffer(std::size_t size, std::uint64_t stream) {
    typenet::Random random(typenet::Seed{1}, stream);
    typenet::Buffer<T> buffer(size);
    std::generate_n(buffer.data(), size, [&] { return static_cast<T>(normal(random)); });
    return buffer;
}

/// Returns NaNs: memory for results, in which a number that isn't written shows, and one that is only added to.
template <class T>
typenet::Buffer<T> nan_buffer(std::size_t size) {
    typenet::Buffer<T> buffer(size);
    std::fill_n(buffer.data(), size, std::numeric_limits<T>::quiet_NaN());
    return buffer;
}

/// Returns whether `count` numbers have the same bits: unlike ==, it tells -0 from +0 and finds a NaN equal to itself.
template <class T>
bool same_bits(const T* a, const T* b, std::size_t count) {
    return std::memcmp(a, b, count * sizeof(T)) == 0;
}

}  // namespace support
