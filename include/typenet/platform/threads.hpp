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

/// A few threads that share out numbered tasks. Each first takes those of its own share, which in the next run are its
/// own again, so that what they work on stays in its cache; then it helps the others. A run ends when all its tasks are
/// done, not when all threads have come by: a thread that the system keeps waiting delays nothing but the task that it
/// is in the middle of. Idle threads spin briefly and then sleep. `run` allocates nothing; one thread may call it at a
/// time.
class Team {
public:
    /// A team of `threads` with the caller among them, so that 0 and 1 start none.
    explicit Team(std::size_t threads) : shares_(std::max<std::size_t>(1, threads)) {
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

    [[nodiscard]] std::size_t size() const noexcept { return shares_.size(); }

    /// Calls task(i, member) for each i below `count`, in any order, on any thread, and returns when all calls have.
    /// `member`, below size(), tells the threads apart. All tasks are called even if one throws; one of the exceptions
    /// is then thrown here (the first at once, where the caller is alone). A task must not call `run` itself. At most
    /// 2^32 - 1 tasks.
    template <class Task>
    void run(std::size_t count, const Task& task) {
        run(count, &task, [](const void* context, std::size_t i, std::size_t member) {
            (*static_cast<const Task*>(context))(i, member);
        });
    }

private:
    using Call = void (*)(const void* context, std::size_t i, std::size_t member);

    void run(std::size_t count, const void* context, Call call) {
        if (size() == 1 || count < 2) {
            for (std::size_t i = 0; i < count; ++i) call(context, i, 0);
            return;
        }
        context_ = context;
        call_ = call;
        done_.store(0, std::memory_order_relaxed);
        count_ = static_cast<std::uint32_t>(count);
        for (std::size_t m = 0; m < size(); ++m) {
            const std::uint64_t next = count * m / size();
            const std::uint64_t end = count * (m + 1) / size();
            shares_[m].tickets.store(end << 32 | next, std::memory_order_release);
        }
        runs_.fetch_add(1, std::memory_order_release);
        runs_.notify_all();
        take_tasks(0);
        wait_for(done_, [this](std::uint32_t done) { return done == count_; });
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

    static constexpr std::chrono::microseconds spin_time{20};

    /// Tasks that are still to be taken: the next one's number, and above it the number behind the last.
    struct alignas(64) Share {
        std::atomic<std::uint64_t> tickets{0};
    };

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

    /// Takes and does tasks as long as there are any, those of its own share first.
    void take_tasks(std::size_t member) noexcept {
        for (std::size_t i = 0; i < size(); ++i) take_share((member + i) % size(), member);
    }

    /// A ticket that was taken stays good: no other run can begin before its task is done, so that what is read after
    /// taking it belongs to it.
    void take_share(std::size_t share, std::size_t member) noexcept {
        std::atomic<std::uint64_t>& tickets = shares_[share].tickets;
        std::uint64_t seen = tickets.load(std::memory_order_acquire);
        for (;;) {
            const auto next = static_cast<std::uint32_t>(seen);
            if (next >= seen >> 32) return;
            if (!tickets.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) continue;
            try {
                call_(context_, next, member);
            } catch (...) {
                const std::scoped_lock lock(failure_mutex_);
                failure_ = std::current_exception();
            }
            const std::uint32_t count = count_;  // before the caller is told that it may go on
            if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) done_.notify_all();
            seen = tickets.load(std::memory_order_acquire);
        }
    }

    void help(std::size_t member) noexcept {
        for (std::uint32_t seen = 0;;) {
            wait_for(runs_, [seen](std::uint32_t runs) { return runs != seen; });
            seen = runs_.load(std::memory_order_acquire);
            if (dismissed_.load(std::memory_order_acquire)) return;
            take_tasks(member);
        }
    }

    void dismiss() noexcept {
        dismissed_.store(true, std::memory_order_release);
        runs_.fetch_add(1, std::memory_order_release);
        runs_.notify_all();
        for (std::thread& helper : helpers_) helper.join();
    }

    Call call_ = nullptr;
    const void* context_ = nullptr;
    std::uint32_t count_ = 0;
    std::vector<Share> shares_;
    alignas(64) std::atomic<std::uint32_t> runs_{0};
    alignas(64) std::atomic<std::uint32_t> done_{0};
    std::atomic<bool> dismissed_{false};
    std::mutex failure_mutex_;
    std::exception_ptr failure_;
    std::vector<std::thread> helpers_;
};

/// The number of threads that an option asks for: 0 stands for as many as the machine has, but 1 where `work`, in
/// multiplications a run, is too little to share out.
inline std::size_t choose_threads(std::size_t wanted, std::size_t work) {
    // Measured with 784-128-64-10: two threads lose a little on batches of 32 (3.5 million), gain a little on 64.
    constexpr std::size_t least_work = 6'000'000;
    if (wanted != 0) return wanted;
    return work < least_work ? 1 : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace typenet
