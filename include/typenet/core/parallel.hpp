#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace typenet {

/// A few threads that share out numbered tasks. A run ends when all its tasks are done, not when all threads have come
/// by: a thread that the system keeps waiting delays nothing but the task that it is in the middle of. Idle threads
/// spin briefly and then sleep. `run` allocates nothing; one thread may call it at a time.
class Team {
public:
    /// A team of `threads` with the caller among them, so that 0 and 1 start none.
    explicit Team(std::size_t threads) {
        try {
            for (std::size_t i = 1; i < threads; ++i) helpers_.emplace_back([this, i] { help(i); });
        } catch (...) {
            dismiss();
            throw;
        }
    }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;
    ~Team() { dismiss(); }

    [[nodiscard]] std::size_t size() const noexcept { return helpers_.size() + 1; }

    /// Calls task(i) for each i below `count`, in any order, on any thread, and returns when all calls have. All tasks
    /// are called even if one throws; one of the exceptions is then thrown here (the first at once, where the caller is
    /// alone). A task must not call `run` itself. At most 2^32 - 2 tasks.
    template <class Task>
    void run(std::size_t count, const Task& task) {
        if (helpers_.empty() || count < 2) {
            for (std::size_t i = 0; i < count; ++i) task(i, std::size_t{0});
            return;
        }
        context_ = &task;
        call_ = [](const void* context, std::size_t i, std::size_t member) {
            (*static_cast<const Task*>(context))(i, member);
        };
        done_.store(0, std::memory_order_relaxed);
        tickets_.store(std::uint64_t{count} << 32, std::memory_order_release);
        tickets_.notify_all();
        take_tasks(0);
        wait_for(done_, [count](std::uint32_t done) { return done == count; });
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

private:
    static constexpr std::uint64_t dismissed = 0xFFFFFFFF'FFFFFFFFU;
    static constexpr std::chrono::microseconds spin_time{20};

    static std::uint32_t count_of(std::uint64_t tickets) noexcept { return static_cast<std::uint32_t>(tickets >> 32); }
    static std::uint32_t taken_of(std::uint64_t tickets) noexcept { return static_cast<std::uint32_t>(tickets); }
    static bool has_tasks(std::uint64_t tickets) noexcept { return taken_of(tickets) < count_of(tickets); }

    /// Returns when wanted(value): spins for a short time, letting other threads run in between, then sleeps until the
    /// value is changed and notified.
    template <class Value, class Wanted>
    static void wait_for(const std::atomic<Value>& value, Wanted wanted) {
        const auto end = std::chrono::steady_clock::now() + spin_time;
        do {
            constexpr int looks = 100;
            for (int i = 0; i < looks; ++i) {
                if (wanted(value.load(std::memory_order_acquire))) return;
            }
            std::this_thread::yield();
        } while (std::chrono::steady_clock::now() < end);
        for (;;) {
            const Value seen = value.load(std::memory_order_acquire);
            if (wanted(seen)) return;
            value.wait(seen, std::memory_order_acquire);
        }
    }

    /// Takes and does tasks as long as there are any. A ticket that was taken stays good: no new run can begin before
    /// its task is done, so that what is read after taking it belongs to it.
    void take_tasks(std::size_t member) noexcept {
        std::uint64_t tickets = tickets_.load(std::memory_order_acquire);
        while (has_tasks(tickets)) {
            if (!tickets_.compare_exchange_weak(tickets, tickets + 1, std::memory_order_acq_rel)) continue;
            try {
                call_(context_, taken_of(tickets), member);
            } catch (...) {
                const std::scoped_lock lock(failure_mutex_);
                failure_ = std::current_exception();
            }
            if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_of(tickets)) done_.notify_all();
            tickets = tickets_.load(std::memory_order_acquire);
        }
    }

    void help(std::size_t member) noexcept {
        for (;;) {
            take_tasks(member);
            wait_for(tickets_, [](std::uint64_t tickets) { return has_tasks(tickets) || tickets == dismissed; });
            if (tickets_.load(std::memory_order_acquire) == dismissed) return;
        }
    }

    void dismiss() noexcept {
        tickets_.store(dismissed, std::memory_order_release);
        tickets_.notify_all();
        for (std::thread& helper : helpers_) helper.join();
    }

    void (*call_)(const void*, std::size_t, std::size_t) = nullptr;
    const void* context_ = nullptr;
    alignas(64) std::atomic<std::uint64_t> tickets_{0};  // the tasks of a run, and below them how many are taken
    alignas(64) std::atomic<std::uint32_t> done_{0};
    std::mutex failure_mutex_;
    std::exception_ptr failure_;
    std::vector<std::thread> helpers_;
};

/// The number of threads that an option asks for: 0 stands for as many as the machine has, but 1 where `work`, in
/// multiplications a run, is too little to share out.
inline std::size_t choose_threads(std::size_t wanted, std::size_t work) {
    // Handing out a run takes some microseconds; a core does some 50,000 multiplications in one.
    constexpr std::size_t least_work = 1'000'000;
    if (wanted != 0) return wanted;
    return work < least_work ? 1 : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace typenet
