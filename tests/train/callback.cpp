#include <cstddef>
#include <string>
#include <string_view>
#include <typenet/train/callback.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

struct Stopper {
    CallbackResult on_epoch_end(const EpochRecord& epoch) {
        return epoch.epoch >= 2 ? CallbackResult::stop : CallbackResult::proceed;
    }
};
struct Watcher {
    int calls = 0;
    void on_epoch_end(const EpochRecord&) { ++calls; }
    void on_batch_end(const BatchRecord&) { calls += 10; }
};
struct Checker {
    std::size_t epochs = 0;
    void check(const TrainingPlan& plan) { epochs = plan.epochs; }
};
struct Follower {
    std::size_t last = 0;
    void after_epoch(const EpochRecord& epoch) { last = epoch.epoch; }
};
struct Nothing {};

struct Run {
    int number = 7;
};

/// Takes the run as a parameter in each hook.
struct Curious {
    int sum = 0;
    void check(const TrainingPlan&, Run& run) { sum -= run.number; }
    void after_epoch(const EpochRecord& epoch, Run& run) { sum = run.number + static_cast<int>(epoch.epoch); }
    CallbackResult on_train_begin(const TrainingPlan& plan, Run& run) {
        sum += run.number;
        return plan.epochs_done > 0 ? CallbackResult::stop : CallbackResult::proceed;
    }
    void on_batch_end(const BatchRecord&, Run& run) { sum += 10 * run.number; }
    CallbackResult on_epoch_end(const EpochRecord&, Run& run) {
        return run.number == 7 ? CallbackResult::proceed : CallbackResult::stop;
    }
    void on_train_end(const History&, Run& run) { run.number = 0; }
    void resume(Run& run) { run.number = 8; }
};

struct Keeper {
    static constexpr std::string_view name = "Keeper";
    std::string kept = "a";
    void on_epoch_end(const EpochRecord&) {}
    [[nodiscard]] std::string save_state() const { return kept; }
    void restore_state(std::string_view bytes) { kept = bytes; }
};

}  // namespace

TEST_SUITE("train/callback") {
    TEST_CASE("a type with at least one hook is a callback, a type without hooks isn't") {
        CHECK(CallbackOf<Stopper, Run>);
        CHECK(CallbackOf<Watcher, Run>);
        CHECK(CallbackOf<Curious, Run>);
        CHECK(CallbackOf<Checker, Run>);
        CHECK(CallbackOf<Follower, Run>);
        CHECK_FALSE(CallbackOf<Curious, Watcher>);
        CHECK_FALSE(CallbackOf<Nothing, Run>);
        const auto function = [](const EpochRecord&) {};
        CHECK(CallbackOf<decltype(function), Run>);
    }

    TEST_CASE("existing hooks are called, missing ones are skipped") {
        Watcher watcher;
        Run run;
        CHECK(detail::call(detail::hooks::train_begin, watcher, TrainingPlan{}, run) == CallbackResult::proceed);
        detail::call(detail::hooks::check, watcher, TrainingPlan{}, run);
        detail::call(detail::hooks::after_epoch, watcher, EpochRecord{}, run);
        detail::call_resume(watcher, run);
        CHECK(watcher.calls == 0);
        detail::call(detail::hooks::batch_end, watcher, BatchRecord{}, run);
        CHECK(watcher.calls == 10);
        CHECK(detail::call_epoch_end(watcher, {}, run) == CallbackResult::proceed);
        CHECK(watcher.calls == 11);
        detail::call(detail::hooks::train_end, watcher, History{}, run);
        CHECK(watcher.calls == 11);
        Checker checker;
        detail::call(detail::hooks::check, checker, TrainingPlan{.epochs = 3}, run);
        CHECK(checker.epochs == 3);
        Follower follower;
        detail::call(detail::hooks::after_epoch, follower, EpochRecord{.epoch = 5}, run);
        CHECK(follower.last == 5);
    }

    TEST_CASE("hooks with a parameter for the run receive it") {
        Curious curious;
        Run run;
        detail::call(detail::hooks::check, curious, TrainingPlan{}, run);
        CHECK(curious.sum == -7);
        detail::call(detail::hooks::after_epoch, curious, EpochRecord{.epoch = 4}, run);
        CHECK(curious.sum == 11);
        curious.sum = 0;
        CHECK(detail::call(detail::hooks::train_begin, curious, TrainingPlan{}, run) == CallbackResult::proceed);
        CHECK(detail::call(detail::hooks::train_begin, curious, TrainingPlan{.epochs_done = 1}, run) ==
              CallbackResult::stop);
        detail::call(detail::hooks::batch_end, curious, BatchRecord{}, run);
        CHECK(curious.sum == 7 + 7 + 70);
        CHECK(detail::call_epoch_end(curious, {}, run) == CallbackResult::proceed);
        detail::call_resume(curious, run);
        CHECK(detail::call_epoch_end(curious, {}, run) == CallbackResult::stop);
        detail::call(detail::hooks::train_end, curious, History{}, run);
        CHECK(run.number == 0);
    }

    TEST_CASE("the epoch hook can stop the training, and a function can be the hook") {
        Stopper stopper;
        Run run;
        CHECK(detail::call_epoch_end(stopper, EpochRecord{.epoch = 1}, run) == CallbackResult::proceed);
        CHECK(detail::call_epoch_end(stopper, EpochRecord{.epoch = 2}, run) == CallbackResult::stop);
        int calls = 0;
        const auto count = [&](const EpochRecord&) { ++calls; };
        CHECK(detail::call_epoch_end(count, {}, run) == CallbackResult::proceed);
        CHECK(calls == 1);
        const auto stop = [](const EpochRecord&) { return CallbackResult::stop; };
        CHECK(detail::call_epoch_end(stop, {}, run) == CallbackResult::stop);
    }

    TEST_CASE("a callback's state can be saved and restored; a callback without state saves nothing") {
        std::vector<CallbackState> states;
        Keeper keeper;
        Watcher watcher;
        detail::add_callback_state(watcher, states);
        CHECK(states.empty());
        detail::add_callback_state(keeper, states);
        REQUIRE(states.size() == 1);
        CHECK(states[0].name == "Keeper");
        CHECK(states[0].save() == "a");
        states[0].restore("b");
        CHECK(keeper.kept == "b");
    }
}
