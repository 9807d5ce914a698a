#pragma once

#include <chrono>

#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Measures the time since it was made.
class Stopwatch {
public:
    /// Returns the seconds that have passed, by a clock that is never set back.
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace TYPENET::detail
