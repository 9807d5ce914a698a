#pragma once

#include <concepts>
#include <string_view>
#include <vector>

#include <typenet/train/history.hpp>
#include <typenet/train/training_run.hpp>

namespace typenet {

/// What a callback may answer to end the training.
enum class Training { go_on, stop };

/// Something that `fit` tells how it goes. Each hook is optional, at least one is there; each may take the TrainingRun
/// as a second argument:
///   check(const TrainingPlan&)           throws where the training isn't one for it, before anything has changed
///   on_train_begin(const TrainingPlan&)  may return Training::stop
///   on_batch_end(const BatchRecord&)     after each step; should be quick
///   on_epoch_end(const EpochRecord&)     may return Training::stop
///   after_epoch(const EpochRecord&)      after the on_epoch_end of all callbacks
///   on_train_end(const History&)         not where an exception ends the training
/// A function of an EpochRecord serves as on_epoch_end. Further, where it keeps something that its later answers hang
/// on,
///   name, save_state(), restore_state(std::string_view)   that as bytes, for a checkpoint; none: it has nothing
/// and, where it can put the run back to where a former one was,
///   resume(run)                          called after all checks and before on_train_begin of all callbacks
template <class C, class Run>
concept CallbackOf = requires(C& c, Run& run, const TrainingPlan& plan) {
    c.check(plan, run);
}
|| requires(C& c, const TrainingPlan& plan) { c.check(plan); }
|| requires(C& c, Run& run, const TrainingPlan& plan) { c.on_train_begin(plan, run); }
|| requires(C& c, const TrainingPlan& plan) { c.on_train_begin(plan); }
|| requires(C& c, Run& run, const BatchRecord& batch) { c.on_batch_end(batch, run); }
|| requires(C& c, const BatchRecord& batch) { c.on_batch_end(batch); }
|| requires(C& c, Run& run, const EpochRecord& epoch) { c.on_epoch_end(epoch, run); }
|| requires(C& c, const EpochRecord& epoch) { c.on_epoch_end(epoch); }
|| requires(C& c, Run& run, const EpochRecord& epoch) { c.after_epoch(epoch, run); }
|| requires(C& c, const EpochRecord& epoch) { c.after_epoch(epoch); }
|| requires(C& c, Run& run, const History& history) { c.on_train_end(history, run); }
|| requires(C& c, const History& history) { c.on_train_end(history); }
|| std::invocable<C&, const EpochRecord&>;

namespace detail {

/// What a hook answers; one that returns nothing goes on.
template <class Hook>
Training answer_of(Hook hook) {
    using Result = decltype(hook());
    static_assert(std::same_as<Result, void> || std::same_as<Result, Training>,
                  "a callback's hook must return nothing, or Training::stop or Training::go_on");
    if constexpr (std::same_as<Result, Training>) {
        return hook();
    } else {
        hook();
        return Training::go_on;
    }
}

template <class C, class Run>
void call_check(C& c, const TrainingPlan& plan, Run& run) {
    if constexpr (requires { c.check(plan, run); }) {
        c.check(plan, run);
    } else if constexpr (requires { c.check(plan); }) {
        c.check(plan);
    }
}
template <class C, class Run>
Training call_train_begin(C& c, const TrainingPlan& plan, Run& run) {
    if constexpr (requires { c.on_train_begin(plan, run); }) {
        return answer_of([&] { return c.on_train_begin(plan, run); });
    } else if constexpr (requires { c.on_train_begin(plan); }) {
        return answer_of([&] { return c.on_train_begin(plan); });
    }
    return Training::go_on;
}
template <class C, class Run>
void call_batch_end(C& c, const BatchRecord& batch, Run& run) {
    if constexpr (requires { c.on_batch_end(batch, run); }) {
        c.on_batch_end(batch, run);
    } else if constexpr (requires { c.on_batch_end(batch); }) {
        c.on_batch_end(batch);
    }
}
template <class C, class Run>
Training call_epoch_end(C& c, const EpochRecord& epoch, Run& run) {
    if constexpr (requires { c.on_epoch_end(epoch, run); }) {
        return answer_of([&] { return c.on_epoch_end(epoch, run); });
    } else if constexpr (requires { c.on_epoch_end(epoch); }) {
        return answer_of([&] { return c.on_epoch_end(epoch); });
    } else if constexpr (std::invocable<C&, const EpochRecord&>) {
        return answer_of([&] { return c(epoch); });
    }
    return Training::go_on;
}
template <class C, class Run>
void call_after_epoch(C& c, const EpochRecord& epoch, Run& run) {
    if constexpr (requires { c.after_epoch(epoch, run); }) {
        c.after_epoch(epoch, run);
    } else if constexpr (requires { c.after_epoch(epoch); }) {
        c.after_epoch(epoch);
    }
}
template <class C, class Run>
void call_train_end(C& c, const History& history, Run& run) {
    if constexpr (requires { c.on_train_end(history, run); }) {
        c.on_train_end(history, run);
    } else if constexpr (requires { c.on_train_end(history); }) {
        c.on_train_end(history);
    }
}

template <class C, class Run>
void call_resume(C& c, Run& run) {
    if constexpr (requires { c.resume(run); }) c.resume(run);
}

template <class C>
void add_callback_state(C& c, std::vector<CallbackState>& states) {
    if constexpr (requires { c.save_state(); }) {
        states.push_back({std::string(C::name), [&c] { return c.save_state(); },
                          [&c](std::string_view bytes) { c.restore_state(bytes); }});
    }
}

}  // namespace detail

}  // namespace typenet
