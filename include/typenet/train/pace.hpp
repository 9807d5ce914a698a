#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

/// Chooses, while a training runs, how its threads divide a step: `Pace`.
namespace TYPENET {

/// How a team divides a training step. All ways give the same bits.
///   alone     one thread does everything
///   rows      threads take rows of the batch, and then slices of the parameters (train/step.hpp)
///   columns   threads own columns of the first layer (train/column_blocks.hpp)
enum class Division { alone, rows, columns };

/// Finds the fastest division by measuring: which one that is depends on the network, on the processor, and on what
/// else the machine does at the time. Steps are measured in windows. Each division gets one window; then the fastest
/// goes on, and is measured on. Now and then another one gets a window, in case it has become faster: the more rarely,
/// the more often it was not.
class Pace {
public:
    static constexpr std::size_t window = 32;        ///< steps that are measured together
    static constexpr std::size_t first_gap = 16;     ///< windows until the first trial of another division
    static constexpr std::size_t longest_gap = 512;  ///< most windows between two trials; each trial doubles the gap

    /// Sets whether a division may be chosen; `alone` always may. Without a call no other may.
    void allow(Division division, bool allowed) noexcept { way(division).allowed = allowed; }

    /// Returns whether there is a choice, so that steps must be measured.
    [[nodiscard]] bool has_choice() const noexcept {
        return way(Division::rows).allowed || way(Division::columns).allowed;
    }
    /// Returns the division of the next step.
    [[nodiscard]] Division current() const noexcept {
        if (way(current_).allowed) return current_;
        return way(Division::rows).allowed ? Division::rows : Division::alone;
    }

    /// Takes the time of a step with the current division, of so many rows.
    void add(std::size_t rows, double seconds) noexcept {
        rows_ += rows;
        seconds_ += seconds;
        if (++steps_ < window) return;
        Way& measured = way(current());
        measured.seconds_a_row = seconds_ / static_cast<double>(rows_);
        measured.windows_ago = 0;
        for (Way& each : ways_) ++each.windows_ago;
        rows_ = steps_ = 0;
        seconds_ = 0;
        const Division best = least([](const Way& each) { return each.seconds_a_row; });
        if (best != best_) gap_ = first_gap;
        best_ = best;
        if (++since_trial_ < gap_) {
            current_ = best;
            return;
        }
        // The division whose last window is longest ago.
        current_ = least([](const Way& each) { return -static_cast<double>(each.windows_ago); });
        since_trial_ = 0;
        gap_ = std::min(2 * gap_, longest_gap);
    }

private:
    struct Way {
        bool allowed = false;
        double seconds_a_row = 0;     // in its last window; 0 before it
        std::size_t windows_ago = 0;  // when that was
    };

    [[nodiscard]] Way& way(Division division) noexcept { return ways_[static_cast<std::size_t>(division)]; }
    [[nodiscard]] const Way& way(Division division) const noexcept { return ways_[static_cast<std::size_t>(division)]; }

    /// Returns the allowed division for which measure(way) is least.
    template <class Measure>
    [[nodiscard]] Division least(Measure measure) const noexcept {
        Division found = Division::alone;
        for (const Division division : {Division::rows, Division::columns}) {
            if (way(division).allowed && measure(way(division)) < measure(way(found))) found = division;
        }
        return found;
    }

    std::array<Way, 3> ways_ = {Way{.allowed = true}};
    Division current_ = Division::columns;
    Division best_ = Division::columns;
    std::size_t gap_ = first_gap;  // windows between two trials
    std::size_t since_trial_ = 0;  // windows since the last one
    std::size_t steps_ = 0;        // in the current window, as are rows_ and seconds_
    std::size_t rows_ = 0;
    double seconds_ = 0;
};

}  // namespace TYPENET
