#include <atomic>
#include <csignal>
#include <cstddef>
#include <limits>
#include <ratio>
#include <support/banded_images.hpp>
#include <support/histories.hpp>
#include <support/temporary_file.hpp>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/stop_on.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/schedules.hpp>
#include <utility>

#include <doctest/doctest.h>

using namespace typenet;
using support::TemporaryDirectory;

namespace {

using Network = Mlp<float, Input<64>, Dense<40, Tanh>, Dropout<std::ratio<1, 5>>, Dense<3, Softmax>>;
const Dataset<64> data = support::banded_images<8, 3>(1, 500);  // 16 steps an epoch, the last one of 20 rows

template <class... Callbacks>
History train(Network& net, std::size_t threads, Callbacks&&... callbacks) {
    return fit<CrossEntropy>(
        net, data, Adam{},
        {.epochs = 4, .batch_size = 32, .validation = &data, .schedule = CosineDecay{}, .threads = threads},
        std::forward<Callbacks>(callbacks)...);
}

/// Sets the flag after so many steps.
struct SetAfter {
    std::atomic<bool>& flag;
    std::size_t left;
    void on_batch_end(const BatchRecord&) {
        if (--left == 0) flag = true;
    }
};

}  // namespace

TEST_SUITE("callbacks/stop_on") {
    TEST_CASE("a set flag ends the training after the step under way") {
        std::atomic<bool> flag = false;
        const StopOn stop(flag);
        CHECK(stop.on_batch_end({}) == CallbackResult::proceed);
        flag = true;
        CHECK(stop.on_batch_end({}) == CallbackResult::stop);

        volatile std::sig_atomic_t signal = 0;
        const StopOn stop_on_signal(signal);
        CHECK(stop_on_signal.on_batch_end({}) == CallbackResult::proceed);
        signal = 1;
        CHECK(stop_on_signal.on_batch_end({}) == CallbackResult::stop);
    }

    TEST_CASE("the history has the epochs that were finished, and on_train_end is called") {
        struct Ends {
            std::size_t& count;
            void on_train_end(const History&) { ++count; }
        };
        std::size_t ends = 0;
        std::atomic<bool> flag = false;
        Network net(Seed{1});
        const History history = train(net, 1, SetAfter{flag, 2 * 16 + 3}, StopOn(flag), Ends{ends});
        CHECK(history.epochs.size() == 2);
        CHECK(ends == 1);
    }

    TEST_CASE("a training that is stopped after any step and resumed ends with the bits of one that never was") {
        Network whole(Seed{1});
        const History expected = train(whole, 1);
        // In the first epoch, after the last step of one, before it, after the first, and in the middle.
        for (const std::size_t steps : {1U, 7U, 16U, 31U, 33U, 40U, 64U}) {
            CAPTURE(steps);
            const TemporaryDirectory directory;
            std::atomic<bool> flag = false;
            Network stopped(Seed{1});
            const History first =
                train(stopped, 1, Checkpoint(directory.path(), {.every = 3}), SetAfter{flag, steps}, StopOn(flag));
            CHECK(first.epochs.size() == steps / 16);
            Network net(Seed{1});
            const History history = train(net, 1 + steps % 2, Checkpoint(directory.path(), {.resume = true}));
            CHECK(parameter_hash(net) == parameter_hash(whole));
            CHECK(support::without_seconds(history) == support::without_seconds(expected));
        }
    }

    TEST_CASE("where a resumed epoch diverges, the network has the parameters from the resume") {
        const auto train_fast = [](Network& net, auto&&... callbacks) {
            fit<CrossEntropy>(net, data, Adam{}, {.epochs = 1, .batch_size = 32, .threads = 1}, callbacks...);
        };
        struct Ruin {
            std::size_t left;
            Network& net;
            void on_batch_end(const BatchRecord&) {
                if (--left == 0) net.parameters()[0] = std::numeric_limits<float>::infinity();
            }
        };
        const TemporaryDirectory directory;
        std::atomic<bool> flag = false;
        Network stopped(Seed{1});
        train_fast(stopped, Checkpoint(directory.path()), SetAfter{flag, 5}, StopOn(flag));
        Network net(Seed{1});
        CHECK_THROWS_AS(train_fast(net, Checkpoint(directory.path(), {.resume = true}), Ruin{3, net}), DivergenceError);
        CHECK(parameter_hash(net) == parameter_hash(stopped));
    }

    TEST_CASE("one epoch may be stopped several times") {
        Network whole(Seed{1});
        train(whole, 1);
        const TemporaryDirectory directory;
        for (int stops = 0; stops < 5; ++stops) {
            std::atomic<bool> flag = false;
            Network net(Seed{1});
            train(net, 1, Checkpoint(directory.path(), {.resume = true}), SetAfter{flag, 3}, StopOn(flag));
        }
        Network net(Seed{1});
        train(net, 2, Checkpoint(directory.path(), {.resume = true}));
        CHECK(parameter_hash(net) == parameter_hash(whole));
    }
}
