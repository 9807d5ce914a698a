#pragma once

#include <csignal>

#include <typenet/core/namespace.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>

namespace TYPENET {

/// A callback that ends the training after the step under way, once a flag is set, for instance when Ctrl-C is pressed:
/// ```cpp
/// static volatile std::sig_atomic_t interrupted = 0;
/// std::signal(SIGINT, [](int) { interrupted = 1; });
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 50}, StopOn(interrupted));
/// ```
/// The flag is a std::atomic<bool> or a volatile std::sig_atomic_t, and must outlive the training. The library sets no
/// signal handlers. The History has the epochs that were finished, and the network is as trained so far. A Checkpoint
/// stores it, so that the resumed training ends with the same bits as one that was never stopped.
template <class Flag>
class StopOn {
public:
    static constexpr bool ignores_network = true;  ///< on_batch_end doesn't look at it

    /// Looks at `flag` after each step.
    explicit StopOn(const Flag& flag) : flag_(&flag) {}
    /// A flag that is a temporary object wouldn't outlive the training.
    explicit StopOn(const Flag&& flag) = delete;

    [[nodiscard]] CallbackResult on_batch_end(const BatchRecord&) const {
        return *flag_ ? CallbackResult::stop : CallbackResult::proceed;
    }

private:
    const Flag* flag_;
};

}  // namespace TYPENET
