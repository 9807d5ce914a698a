#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/train/history.hpp>

namespace TYPENET {

/// What a callback's hook may return: whether the training goes on after it.
enum class CallbackResult { proceed, stop };

namespace detail {

/// The hooks as functions of a callback and of what it is told. Each can be called exactly where the callback has it.
namespace hooks {

inline constexpr auto check = [](auto& c, auto&... told) -> decltype(c.check(told...)) { return c.check(told...); };
inline constexpr auto train_begin = [](auto& c, auto&... told) -> decltype(c.on_train_begin(told...)) {
    return c.on_train_begin(told...);
};
inline constexpr auto batch_end = [](auto& c, auto&... told) -> decltype(c.on_batch_end(told...)) {
    return c.on_batch_end(told...);
};
inline constexpr auto epoch_end = [](auto& c, auto&... told) -> decltype(c.on_epoch_end(told...)) {
    return c.on_epoch_end(told...);
};
inline constexpr auto after_epoch = [](auto& c, auto&... told) -> decltype(c.after_epoch(told...)) {
    return c.after_epoch(told...);
};
inline constexpr auto train_end = [](auto& c, auto&... told) -> decltype(c.on_train_end(told...)) {
    return c.on_train_end(told...);
};

}  // namespace hooks

template <class Hook, class C, class Told, class Run>
concept HasHook = std::invocable<Hook, C&, const Told&, Run&> || std::invocable<Hook, C&, const Told&>;

/// Whether a callback may look at the network, or change it, between two steps.
template <class C, class Run>
inline constexpr bool watches_steps = [] {
    if constexpr (requires { C::ignores_network; }) return !C::ignores_network;
    return HasHook<decltype(hooks::batch_end), C, BatchRecord, Run>;
}();

/// Calls a callback's hook, where it has that hook, with the run if it takes the run.
template <class Hook, class C, class Told, class Run>
CallbackResult call(Hook hook, C& callback, const Told& told, Run& run) {
    const auto result_of = [&](auto&... arguments) {
        using Result = decltype(hook(callback, arguments...));
        static_assert(std::is_void_v<Result> || std::same_as<Result, CallbackResult>,
                      "a callback's hook must return nothing, CallbackResult::proceed or CallbackResult::stop");
        if constexpr (std::same_as<Result, CallbackResult>) {
            return hook(callback, arguments...);
        } else {
            hook(callback, arguments...);
            return CallbackResult::proceed;
        }
    };
    if constexpr (std::invocable<Hook, C&, const Told&, Run&>) {
        return result_of(told, run);
    } else if constexpr (std::invocable<Hook, C&, const Told&>) {
        return result_of(told);
    }
    return CallbackResult::proceed;
}

/// Tells a callback that an epoch has ended. A callback that is a function is called directly.
template <class C, class Run>
CallbackResult call_epoch_end(C& callback, const EpochRecord& epoch, Run& run) {
    if constexpr (!HasHook<decltype(hooks::epoch_end), C, EpochRecord, Run> && std::invocable<C&, const EpochRecord&>) {
        return call([](auto& c, auto& told) { return c(told); }, callback, epoch, run);
    } else {
        return call(hooks::epoch_end, callback, epoch, run);
    }
}

}  // namespace detail

/// A callback is told by `fit` how the training goes. It has at least one of these hooks; each is optional, and each
/// may take the TrainingRun as a second argument:
///   check(const TrainingPlan&)           throws when it can't work with this training; nothing has changed yet
///   on_train_begin(const TrainingPlan&)  may return CallbackResult::stop
///   on_batch_end(const BatchRecord&)     called after each step; should be quick; may return CallbackResult::stop:
///                                        the training then ends within the epoch
///   on_epoch_end(const EpochRecord&)     may return CallbackResult::stop
///   after_epoch(const EpochRecord&)      called after the on_epoch_end of all callbacks
///   on_train_end(const History&)         not called when an exception ends the training
/// A function of an EpochRecord serves as on_epoch_end:
///
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 3},
///                   [](const EpochRecord& epoch) { std::cout << epoch.epoch << ": " << epoch.loss << '\n'; });
/// ```
///
/// A callback whose results depend on earlier epochs lets a checkpoint store what it keeps:
///   name, save_state(), restore_state(std::string_view)   what it keeps, as bytes; empty bytes mean "nothing"
/// A callback whose on_batch_end neither reads nor changes the network may say so, since two threads then train faster:
///   static constexpr bool ignores_network = true
/// A callback that can continue an earlier training has
///   resume(run)                          called after all checks and before all on_train_begin
///   suspend(run)                         called before all on_train_end, if an on_batch_end stopped the training
template <class C, class Run>
concept CallbackOf = detail::HasHook<decltype(detail::hooks::check), C, TrainingPlan, Run> ||
    detail::HasHook<decltype(detail::hooks::train_begin), C, TrainingPlan, Run> ||
    detail::HasHook<decltype(detail::hooks::batch_end), C, BatchRecord, Run> ||
    detail::HasHook<decltype(detail::hooks::epoch_end), C, EpochRecord, Run> ||
    detail::HasHook<decltype(detail::hooks::after_epoch), C, EpochRecord, Run> ||
    detail::HasHook<decltype(detail::hooks::train_end), C, History, Run> || std::invocable<C&, const EpochRecord&>;

/// What a callback keeps between epochs, for a checkpoint to store and put back.
struct CallbackState {
    std::string name;                               ///< of the callback's type
    std::function<std::string()> save;              ///< returns the state as bytes
    std::function<void(std::string_view)> restore;  ///< takes these bytes
};

namespace detail {

/// Lets a callback that can do so put the run back to where an earlier one was.
template <class C, class Run>
void call_resume(C& callback, Run& run) {
    if constexpr (requires { callback.resume(run); }) callback.resume(run);
}

/// Lets a callback that can do so store a run that was stopped by an on_batch_end.
template <class C, class Run>
void call_suspend(C& callback, Run& run) {
    if constexpr (requires { callback.suspend(run); }) callback.suspend(run);
}

/// Adds the callback's state to `states` if it keeps any.
template <class C>
void add_callback_state(C& callback, std::vector<CallbackState>& states) {
    if constexpr (requires { callback.save_state(); }) {
        states.push_back({std::string(C::name), [&callback] { return callback.save_state(); },
                          [&callback](std::string_view bytes) { callback.restore_state(bytes); }});
    }
}

}  // namespace detail

}  // namespace TYPENET
