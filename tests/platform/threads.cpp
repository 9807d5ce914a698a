#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <support/allocations.hpp>
#include <thread>
#include <typenet/platform/threads.hpp>
#include <vector>

// Sanitizers need address space of their own, which a limit would deny them.
#if !defined(__linux__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define LIMITS_MEMORY 0
#elif defined(__has_feature)
#    define LIMITS_MEMORY (!__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer))
#else
#    define LIMITS_MEMORY 1
#endif
#if LIMITS_MEMORY
#    include <sys/resource.h>
#    include <unistd.h>
#endif

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("platform/threads") {
    TEST_CASE("a team that is told so leaves all tasks to the caller, in order, and shares them again afterwards") {
        Team team(3);
        CHECK(team.active() == 3);
        team.set_alone(true);
        CHECK(team.active() == 1);
        CHECK(team.size() == 3);
        std::vector<std::size_t> order;
        const auto caller = std::this_thread::get_id();
        team.run(50, [&](std::size_t i, std::size_t thread) {
            CHECK(thread == 0);
            CHECK(std::this_thread::get_id() == caller);
            order.push_back(i);
        });
        REQUIRE(order.size() == 50);
        CHECK(std::is_sorted(order.begin(), order.end()));
        team.set_alone(false);
        CHECK(team.active() == 3);
        // Each of the three waits for the other two.
        std::atomic<int> arrived{0};
        team.run(3, [&](std::size_t, std::size_t) {
            ++arrived;
            while (arrived < 3) std::this_thread::yield();
        });
        CHECK(arrived == 3);
    }

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

    TEST_CASE("a run reads what the run before it wrote") {
        Team team(3);
        std::vector<std::uint64_t> values(64);
        for (int run = 0; run < 20'000; ++run) {
            team.run(values.size(), [&](std::size_t i, std::size_t) { values[i] = values[i] + i; });
        }
        for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(values[i] == 20'000 * i);
    }

    TEST_CASE("no two tasks at a time have the same thread index") {
        Team team(4);
        std::vector<std::atomic<int>> busy(team.size());
        std::atomic<int> clashes = 0;
        team.run(2000, [&](std::size_t, std::size_t thread) {
            if (busy.at(thread).fetch_add(1) != 0) ++clashes;
            busy.at(thread).fetch_sub(1);
        });
        CHECK(clashes == 0);
    }

    TEST_CASE("threads that have gone to sleep take part again") {
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

    TEST_CASE("an exception reaches the caller after all other tasks, and the team stays usable") {
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

    TEST_CASE("0 threads means one for little work and all for much; any other number is taken as it is") {
        CHECK(choose_threads(3, 1) == 3);
        CHECK(choose_threads(0, 1000) == 1);
        CHECK(choose_threads(0, 1'000'000'000) == std::max(1U, std::thread::hardware_concurrency()));
    }

    TEST_CASE("a team that no system can start is refused as an option") {
        constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
        try {
            const Team team(most);
            FAIL("a team of so many threads was started");
        } catch (const OptionError& error) {
            CHECK(std::string(error.what())
                      .starts_with(detail::join({"threads is ", most, ", more than the system can start ("})));
        }
    }

#if LIMITS_MEMORY
    TEST_CASE("a team whose last threads can't be started ends those it started") {
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        rlimit limit{};
        REQUIRE(::getrlimit(RLIMIT_AS, &limit) == 0);
        const rlim_t before = limit.rlim_cur;
        limit.rlim_cur = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + (std::size_t{64} << 20);
        REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
        CHECK_THROWS_AS(Team(1000), OptionError);
        limit.rlim_cur = before;
        REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
    }
#endif
}
