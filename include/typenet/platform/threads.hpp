#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// Threads for a training step and for predictions. A `Team` starts its threads once and then runs many short lists of
/// tasks, such as the chunks of rows of a batch: Trainer runs two lists in each step, or three with clip_norm; predict
/// and evaluate run one in each call. `choose_threads` turns the option `threads` into a count.
///
/// Each thread first takes the tasks of its own range, which are the same indices in each run, so that what they work
/// on stays in its core's cache; then it takes what is left of the other ranges. A run ends when all its tasks are
/// done, not when all threads have taken part: a thread that the system delays holds up only the task it is working on.
/// Idle threads spin briefly and then sleep.
namespace TYPENET {

namespace detail {

/// Lets threads sleep until an atomic number changes.
class Sleep {
public:
#if defined(__GLIBCXX__) && !defined(_GLIBCXX_HAVE_PLATFORM_WAIT)
    // Where libstdc++ 12 has no futex, as on Windows, std::atomic::wait can miss a change and sleep for ever.
    template <class Value, class Wanted>
    void until(const std::atomic<Value>& value, Wanted wanted) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return wanted(value.load(std::memory_order_acquire)); });
    }
    template <class Value>
    void end(std::atomic<Value>&) noexcept {
        {
            const std::scoped_lock lock(mutex_);  // no thread is between its look at the value and its sleep
        }
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
#else
    /// Returns when wanted(value) is true.
    template <class Value, class Wanted>
    void until(const std::atomic<Value>& value, Wanted wanted) noexcept {
        for (;;) {
            const Value seen = value.load(std::memory_order_acquire);
            if (wanted(seen)) return;
            value.wait(seen, std::memory_order_acquire);
        }
    }
    /// Wakes the threads that sleep, so that they look at the changed value.
    template <class Value>
    void end(std::atomic<Value>& value) noexcept {
        value.notify_all();
    }
#endif
};

}  // namespace detail

/// Threads that run indexed tasks. `run` allocates nothing; only one thread may call it at a time.
class Team {
public:
    /// Starts a team of `threads`, one of which is the caller; 0 means 1. Throws OptionError where the system can't
    /// start so many.
    explicit Team(std::size_t threads) {
        try {
            ranges_ = std::vector<Range>(std::max<std::size_t>(1, threads));
            for (std::size_t i = 1; i < threads; ++i) threads_.emplace_back([this, i] { work(i); });
        } catch (const std::exception& error) {
            stop();
            throw OptionError(
                detail::join({"threads is ", threads, ", more than the system can start (", error.what(), ")"}));
        }
    }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;
    ~Team() { stop(); }

    /// Returns the number of threads, the caller among them.
    [[nodiscard]] std::size_t size() const noexcept { return ranges_.size(); }

    /// Whether the caller does the runs to come alone, while the other threads sleep. False at first.
    void set_alone(bool alone) noexcept { alone_ = alone; }
    /// Returns the number of threads that take part in the runs to come.
    [[nodiscard]] std::size_t active() const noexcept { return alone_ ? 1 : size(); }

    /// Calls task(i, thread) for each i < count, in any order, and returns when all calls have returned. `thread` <
    /// size() is the index of the calling thread. If tasks throw, the others are still called, and one of the
    /// exceptions is thrown here; a team of one thread stops at the first. A task must not call `run`. `count` is below
    /// 2^32.
    template <class Task>
    void run(std::size_t count, const Task& task) {
        run(count, &task, [](const void* context, std::size_t i, std::size_t thread) {
            (*static_cast<const Task*>(context))(i, thread);
        });
    }

private:
    using Call = void (*)(const void* context, std::size_t i, std::size_t thread);

    /// The tasks of one thread's range that nobody has taken: the index of the first in the low 32 bits, the end of the
    /// range in the high 32.
    struct alignas(64) Range {
        std::atomic<std::uint64_t> left{0};
    };

    void run(std::size_t count, const void* context, Call call) {
        if (active() == 1 || count < 2) {
            for (std::size_t i = 0; i < count; ++i) call(context, i, 0);
            return;
        }
        context_ = context;
        call_ = call;
        done_.store(0, std::memory_order_relaxed);
        count_ = static_cast<std::uint32_t>(count);
        for (std::size_t t = 0; t < size(); ++t) {
            const std::uint64_t first = count * t / size();
            const std::uint64_t end = count * (t + 1) / size();
            ranges_[t].left.store(end << 32 | first, std::memory_order_release);
        }
        runs_.fetch_add(1, std::memory_order_release);
        sleep_.end(runs_);
        take_tasks(0);
        wait_for(done_, [this](std::uint32_t done) { return done == count_; });
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

    static constexpr std::chrono::microseconds spin_time{20};

    /// Returns as soon as wanted(value) is true. Spins for a short time, yielding to other threads in between, then
    /// sleeps until the value is changed and notified.
    template <class Value, class Wanted>
    void wait_for(const std::atomic<Value>& value, Wanted wanted) {
        const auto end = std::chrono::steady_clock::now() + spin_time;
        do {
            constexpr int tries = 100;
            for (int i = 0; i < tries; ++i) {
                if (wanted(value.load(std::memory_order_acquire))) return;
            }
            std::this_thread::yield();
        } while (std::chrono::steady_clock::now() < end);
        sleep_.until(value, wanted);
    }

    /// Takes and runs tasks until none is left: first those of the thread's own range.
    void take_tasks(std::size_t thread) noexcept {
        for (std::size_t i = 0; i < size(); ++i) take_from((thread + i) % size(), thread);
    }

    /// Takes and runs tasks of one range until none is left. A taken task keeps the run from ending, so that call_,
    /// context_ and count_, which are read after taking it, belong to its run.
    void take_from(std::size_t range, std::size_t thread) noexcept {
        std::atomic<std::uint64_t>& left = ranges_[range].left;
        std::uint64_t seen = left.load(std::memory_order_acquire);
        for (;;) {
            const auto task = static_cast<std::uint32_t>(seen);
            if (task >= seen >> 32) return;
            if (!left.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) continue;
            try {
                call_(context_, task, thread);
            } catch (...) {
                const std::scoped_lock lock(failure_mutex_);
                failure_ = std::current_exception();
            }
            const std::uint32_t count = count_;  // read before done_ changes: the next run may begin right after
            if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) sleep_.end(done_);
            seen = left.load(std::memory_order_acquire);
        }
    }

    /// Takes part in each run until the team stops.
    void work(std::size_t thread) noexcept {
        for (std::uint32_t seen = 0;;) {
            wait_for(runs_, [seen](std::uint32_t runs) { return runs != seen; });
            seen = runs_.load(std::memory_order_acquire);
            if (stopped_.load(std::memory_order_acquire)) return;
            take_tasks(thread);
        }
    }

    /// Ends and joins the threads.
    void stop() noexcept {
        stopped_.store(true, std::memory_order_release);
        runs_.fetch_add(1, std::memory_order_release);
        sleep_.end(runs_);
        for (std::thread& thread : threads_) thread.join();
    }

    bool alone_ = false;
    Call call_ = nullptr;                             ///< of the current run, as are context_ and count_
    const void* context_ = nullptr;                   ///< the task
    std::uint32_t count_ = 0;                         ///< how many tasks the run has
    std::vector<Range> ranges_;                       ///< one for each thread
    alignas(64) std::atomic<std::uint32_t> runs_{0};  ///< how many runs have begun
    alignas(64) std::atomic<std::uint32_t> done_{0};  ///< how many tasks of the run are done
    std::atomic<bool> stopped_{false};
    detail::Sleep sleep_;
    std::mutex failure_mutex_;
    std::exception_ptr failure_;        ///< the exception of a task; null where none threw
    std::vector<std::thread> threads_;  ///< all but the caller
};

/// Returns how many threads to use. `wanted` is the user's choice; 0 leaves it to the library: as many threads as the
/// machine has, but a single one where `work`, about the multiplications of what the team does at once, such as a
/// training step or the prediction of many rows, is too little to divide.
inline std::size_t choose_threads(std::size_t wanted, std::size_t work) {
    // Measured with training steps of 784-128-64-10: with batches of 32 (10 million) a second thread saves up to a
    // tenth of the time, with batches of 64 up to a fourth.
    constexpr std::size_t least_work = 6'000'000;
    if (wanted != 0) return wanted;
    return work < least_work ? 1 : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace TYPENET
