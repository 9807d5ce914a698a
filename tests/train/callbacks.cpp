#include <typenet/train/callbacks.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

struct Stopper {
    Training on_epoch_end(const EpochRecord& epoch) { return epoch.epoch >= 2 ? Training::stop : Training::go_on; }
};
struct Watcher {
    int calls = 0;
    void on_epoch_end(const EpochRecord&) { ++calls; }
    void on_batch_end(const BatchRecord&) { calls += 10; }
};
struct Nothing {};

}  // namespace

TEST_SUITE("train/callbacks") {
    TEST_CASE("one hook makes a callback, none doesn't") {
        CHECK(Callback<Stopper>);
        CHECK(Callback<Watcher>);
        CHECK_FALSE(Callback<Nothing>);
    }

    TEST_CASE("hooks that are there are called, others passed over") {
        Watcher watcher;
        detail::call_train_begin(watcher, {});
        CHECK(watcher.calls == 0);
        detail::call_batch_end(watcher, {});
        CHECK(watcher.calls == 10);
        CHECK(detail::call_epoch_end(watcher, {}) == Training::go_on);
        CHECK(watcher.calls == 11);
        detail::call_train_end(watcher, {});
        CHECK(watcher.calls == 11);
    }

    TEST_CASE("an epoch's hook may stop the training") {
        Stopper stopper;
        CHECK(detail::call_epoch_end(stopper, EpochRecord{1, 0, {}, {}, {}, 0}) == Training::go_on);
        CHECK(detail::call_epoch_end(stopper, EpochRecord{2, 0, {}, {}, {}, 0}) == Training::stop);
    }
}
