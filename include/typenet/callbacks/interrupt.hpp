#pragma once

#include <atomic>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history.hpp>

namespace TYPENET {

/// A callback that ends a training after the current step when a flag is set, from another thread or by a signal. `fit`
/// then throws InterruptedError; the network stays as the last step left it, and a Checkpoint has the last finished
/// epoch, from which a training resumes to the same bits. The library itself never handles signals: a program does.
/// ```cpp
/// #include <csignal>
/// #include <typenet/callbacks/interrupt.hpp>
///
/// static std::atomic<bool> interrupted{false};
/// std::signal(SIGINT, [](int signal) {
///     interrupted = true;
///     std::signal(signal, SIG_DFL);  // a second Ctrl-C ends the program at once
/// });
/// try {
///     fit<CrossEntropy>(net, train, Adam{}, {.epochs = 100}, ProgressBar{}, Interrupt(interrupted));
/// } catch (const InterruptedError& error) {
///     std::cerr << error.what() << '\n';
///     std::exit(130);
/// }
/// ```
class Interrupt {
    static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set only flags without locks");

public:
    static constexpr bool ignores_network = true;  ///< on_batch_end doesn't look at it

    /// Looks at `flag` after each step; it must outlive the training.
    explicit Interrupt(const std::atomic<bool>& flag) : flag_(&flag) {}

    /// Throws InterruptedError if the flag is set.
    void on_batch_end(const BatchRecord& batch) const {
        if (!flag_->load(std::memory_order_relaxed)) return;
        throw InterruptedError(detail::join({"the training was interrupted in epoch ", batch.epoch}));
    }

private:
    const std::atomic<bool>* flag_;
};

}  // namespace TYPENET
