#include <array>
#include <typenet/train/pace.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Seconds that a row takes in each division.
using Times = std::array<double, 3>;

double time_of(const Times& times, Division division) { return times[static_cast<std::size_t>(division)]; }

/// Does so many windows of steps and returns how many of them had each division.
std::array<std::size_t, 3> run(Pace& pace, std::size_t windows, const Times& times, std::size_t more_rows = 0) {
    std::array<std::size_t, 3> counts{};
    for (std::size_t i = 0; i < windows; ++i) {
        ++counts[static_cast<std::size_t>(pace.current())];
        for (std::size_t step = 0; step < Pace::window; ++step) {
            const std::size_t rows = 1 + step % 3 + more_rows;  // a window may have batches of several sizes
            pace.add(rows, time_of(times, pace.current()) * static_cast<double>(rows));
        }
    }
    return counts;
}

Pace all_allowed() {
    Pace pace;
    pace.allow(Division::rows, true);
    pace.allow(Division::columns, true);
    return pace;
}

}  // namespace

TEST_SUITE("train/pace") {
    TEST_CASE("without a choice one thread does everything") {
        Pace pace;
        CHECK_FALSE(pace.has_choice());
        CHECK(pace.current() == Division::alone);
        pace.allow(Division::rows, true);
        CHECK(pace.has_choice());
        CHECK(pace.current() == Division::rows);
        pace.allow(Division::rows, false);
        pace.allow(Division::columns, true);
        CHECK(pace.has_choice());
        CHECK(pace.current() == Division::columns);
    }

    TEST_CASE("each division has one window, then the fastest goes on") {
        for (const Division fastest : {Division::alone, Division::rows, Division::columns}) {
            Times times{3, 3, 3};
            times[static_cast<std::size_t>(fastest)] = 2;
            Pace pace = all_allowed();
            const auto counts = run(pace, 3, times);
            CHECK(counts == std::array<std::size_t, 3>{1, 1, 1});
            for (std::size_t i = 0; i < 10; ++i) {
                CHECK(pace.current() == fastest);
                run(pace, 1, times);
            }
        }
    }

    TEST_CASE("what counts is the time of a row") {
        Pace pace = all_allowed();
        REQUIRE(pace.current() == Division::columns);
        run(pace, 1, {1, 2, 3});  // few rows, slow ones
        CHECK(pace.current() == Division::alone);
        run(pace, 1, {1, 2, 3}, 1000);  // many rows, fast ones
        run(pace, 1, {1, 2, 3});
        CHECK(pace.current() == Division::alone);
    }

    TEST_CASE("trials of slower divisions cost few windows, the fewer the longer they are slower") {
        Pace pace = all_allowed();
        const auto first = run(pace, 100, {2, 3, 1});
        CHECK(first[0] + first[1] >= 3);
        CHECK(first[0] + first[1] <= 6);
        CHECK(first[0] > 0);
        CHECK(first[1] > 0);
        const auto later = run(pace, 2000, {2, 3, 1});
        CHECK(later[0] + later[1] >= 2);
        CHECK(later[0] + later[1] <= 10);
    }

    TEST_CASE("a division that becomes slow is left at once") {
        Pace pace = all_allowed();
        run(pace, 10, {2, 3, 1});
        REQUIRE(pace.current() == Division::columns);
        run(pace, 1, {2, 3, 4});
        CHECK(pace.current() == Division::alone);
    }

    TEST_CASE("a division that becomes fast is found") {
        Pace pace = all_allowed();
        run(pace, 10, {1, 3, 4});
        REQUIRE(pace.current() == Division::alone);
        const auto counts = run(pace, 200, {2, 3, 1});
        CHECK(counts[2] > 100);
        CHECK(pace.current() == Division::columns);
    }

    TEST_CASE("a division that is no longer allowed isn't chosen, and may be again") {
        Pace pace = all_allowed();
        run(pace, 10, {2, 3, 1});
        pace.allow(Division::columns, false);
        CHECK(pace.current() == Division::rows);
        CHECK(run(pace, 50, {2, 3, 1})[2] == 0);
        CHECK(pace.current() == Division::alone);
        pace.allow(Division::columns, true);
        run(pace, 1, {2, 3, 1});
        CHECK(pace.current() == Division::columns);
    }
}
