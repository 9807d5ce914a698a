#pragma once

#include <cstddef>

namespace support {

/// Returns how often this program has allocated heap memory so far, through operator new, malloc and its relatives.
/// Sanitizers have a malloc of their own: under them, only operator new is counted.
std::size_t allocation_count() noexcept;

/// While it lives, the n-th of the allocations that allocation_count counts fails, from 1 on; all others succeed.
class FailingAllocation {
public:
    explicit FailingAllocation(std::size_t n) noexcept;
    ~FailingAllocation();
    FailingAllocation(const FailingAllocation&) = delete;
    FailingAllocation& operator=(const FailingAllocation&) = delete;

    /// Returns whether there were n allocations, and so one failed.
    [[nodiscard]] bool has_failed() const noexcept;
};

}  // namespace support
