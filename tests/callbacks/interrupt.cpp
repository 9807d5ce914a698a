#include <atomic>
#include <cstddef>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/interrupt.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include <doctest/doctest.h>
#include <support/temporary_file.hpp>

using namespace typenet;

namespace {

using Net = Mlp<float, Input<2>, Dense<8, Tanh>, Dense<2, Softmax>>;

Dataset<2> make_rows() {
    Random random(Seed{1});
    std::vector<float> x;
    std::vector<int> labels;
    for (int i = 0; i < 100; ++i) {
        x.push_back(static_cast<float>(uniform(random, -1, 1)));
        x.push_back(static_cast<float>(uniform(random, -1, 1)));
        labels.push_back(x[x.size() - 2] * x.back() > 0 ? 1 : 0);
    }
    return make_dataset<2>(x, labels);
}

/// Sets a flag after so many steps.
struct SetAfter {
    std::size_t steps;
    std::atomic<bool>& flag;
    std::size_t done = 0;
    void on_batch_end(const BatchRecord&) {
        if (++done == steps) flag = true;
    }
};

}  // namespace

TEST_SUITE("callbacks/interrupt") {
    TEST_CASE("a training ends after the step in which the flag is set") {
        const Dataset<2> data = make_rows();
        std::atomic<bool> flag{false};
        SetAfter setter{23, flag};  // ten steps an epoch
        Net net(Seed{1});
        CHECK_THROWS_WITH_AS(
            fit<CrossEntropy>(net, data, Adam{}, {.epochs = 5, .batch_size = 10}, setter, Interrupt(flag)),
            "the training was interrupted in epoch 3", InterruptedError);
        CHECK(setter.done == 23);

        // The network has the parameters of these 23 steps.
        flag = false;
        Net same(Seed{1});
        SetAfter again{23, flag};
        CHECK_THROWS_AS(fit<CrossEntropy>(same, data, Adam{}, {.epochs = 5, .batch_size = 10}, again, Interrupt(flag)),
                        InterruptedError);
        CHECK(parameter_hash(same) == parameter_hash(net));
        Net untrained(Seed{1});
        CHECK(parameter_hash(untrained) != parameter_hash(net));
    }

    TEST_CASE("without the flag it changes nothing") {
        const Dataset<2> data = make_rows();
        const std::atomic<bool> flag{false};
        Net net(Seed{1});
        Net plain(Seed{1});
        fit<CrossEntropy>(net, data, Adam{}, {.epochs = 3}, Interrupt(flag));
        fit<CrossEntropy>(plain, data, Adam{}, {.epochs = 3});
        CHECK(parameter_hash(net) == parameter_hash(plain));
    }

    TEST_CASE("a checkpoint of the last finished epoch resumes to the bits of a training without a stop") {
        const Dataset<2> data = make_rows();
        const support::TemporaryDirectory folder;
        for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
            CAPTURE(threads);
            const FitOptions<Dataset<2>> options{.epochs = 5, .batch_size = 10, .threads = threads};
            std::atomic<bool> flag{false};
            Net stopped(Seed{1});
            CHECK_THROWS_AS(fit<CrossEntropy>(stopped, data, Adam{}, options, Checkpoint(folder.path()),
                                              SetAfter{37, flag}, Interrupt(flag)),
                            InterruptedError);
            Net resumed(Seed{1});
            const History history =
                fit<CrossEntropy>(resumed, data, Adam{}, options, Checkpoint(folder.path(), {.resume = true}));
            CHECK(history.epochs.size() == 5);
            Net straight(Seed{1});
            fit<CrossEntropy>(straight, data, Adam{}, options);
            CHECK(parameter_hash(resumed) == parameter_hash(straight));
        }
    }
}
