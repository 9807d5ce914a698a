#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <support/allocations.hpp>
#include <thread>
#include <typenet/platform/threads.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("platform/threads") {
    TEST_CASE("each task is done once, whatever the number of threads") {
        for (const std::size_t threads : {0U, 1U, 2U, 3U, 7U}) {
            Team team(threads);
            CHECK(team.size() == std::max<std::size_t>(1, threads));
            for (const std::size_t count : {0U, 1U, 2U, 5U, 1000U}) {
                std::vector<int> times(count);  // each is written by one task alone
                team.run(count, [&](std::size_t i, std::size_t) { ++times[i]; });
                REQUIRE(std::all_of(times.begin(), times.end(), [](int t) { return t == 1; }));
            }
        }
    }

    TEST_CASE("what a run wrote is there for the next") {
        Team team(3);
        std::vector<std::uint64_t> values(64);
        for (int run = 0; run < 20'000; ++run) {
            team.run(values.size(), [&](std::size_t i, std::size_t) { values[i] = values[i] + i; });
        }
        for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(values[i] == 20'000 * i);
    }

    TEST_CASE("no two tasks at a time have the same member") {
        Team team(4);
        std::vector<std::atomic<int>> busy(team.size());
        std::atomic<int> clashes = 0;
        team.run(2000, [&](std::size_t, std::size_t member) {
            if (busy.at(member).fetch_add(1) != 0) ++clashes;
            busy.at(member).fetch_sub(1);
        });
        CHECK(clashes == 0);
    }

    TEST_CASE("helpers that have gone to sleep come back") {
        Team team(2);
        std::atomic<int> done = 0;
        for (int run = 0; run < 5; ++run) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            // Two tasks that wait for each other: no single thread could do them.
            std::atomic<int> arrived = 0;
            team.run(2, [&](std::size_t, std::size_t) {
                ++arrived;
                while (arrived != 2) std::this_thread::yield();
                ++done;
            });
        }
        CHECK(done == 10);
    }

    TEST_CASE("an exception reaches the caller after all tasks, and the team goes on") {
        for (const std::size_t threads : {1U, 3U}) {
            Team team(threads);
            std::atomic<int> done = 0;
            const auto task = [&](std::size_t i, std::size_t) {
                if (i == 9) throw std::runtime_error("nine");
                ++done;
            };
            CHECK_THROWS_WITH_AS(team.run(10, task), "nine", std::runtime_error);
            CHECK(done == 9);
            team.run(5, task);
            CHECK(done == 14);
        }
    }

    TEST_CASE("a run allocates nothing") {
        Team team(2);
        std::atomic<std::size_t> sum = 0;
        team.run(10, [&](std::size_t i, std::size_t) { sum += i; });
        const std::size_t before = support::allocation_count();
        for (int run = 0; run < 100; ++run) team.run(10, [&](std::size_t i, std::size_t) { sum += i; });
        CHECK(support::allocation_count() == before);
        CHECK(sum == 101 * 45);
    }

    TEST_CASE("automatic takes one thread for little work, and a number that is given as it is") {
        CHECK(choose_threads(3, 1) == 3);
        CHECK(choose_threads(0, 1000) == 1);
        CHECK(choose_threads(0, 1'000'000'000) == std::max(1U, std::thread::hardware_concurrency()));
    }
}
