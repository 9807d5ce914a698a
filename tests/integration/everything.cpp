#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string>
#include <support/allocations.hpp>
#include <support/banded_images.hpp>
#include <tuple>
#include <typenet/activations.hpp>
#include <typenet/callbacks/early_stopping.hpp>
#include <typenet/data/augment.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/any.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/schedules.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// A network with all kinds of layers.
using Network = Mlp<float, Input<64>, Standardize, Dense<24, ReLU>, LayerNorm, Residual<Dense<24, Tanh>>,
                    Dropout<std::ratio<1, 5>>, Dense<4, Softmax>>;
using Data = Dataset<64>;

const Data train_data = support::banded_images<8, 4>(1, 230);
const Data validation_data = support::banded_images<8, 4>(2, 230);

/// Trains with every feature of `fit`. Returns the parameters' hash, the last loss and the last validation loss.
template <class... Callbacks>
auto train(const AnyOptimizer& optimizer, std::size_t threads, Callbacks&&... callbacks) {
    Network net(Seed{1});
    standardize(net, train_data);
    net.training<1>().l1 = 1e-4;
    net.training<3>().l2 = 1e-3;
    net.training<4>().rate_factor = 0.5;
    EarlyStopping stopping{.patience = 3};
    const History history = fit<CrossEntropy>(
        net, train_data, optimizer,
        {.epochs = 4,
         .batch_size = 50,
         .seed = Seed{3},
         .validation = &validation_data,
         .schedule = Warmup{.length = 4, .then = CosineDecay{} * ReduceOnPlateau{.patience = 1}},
         .clip_value = 0.5,
         .clip_norm = 1,
         .augmentation = augment<8, 8>(Shift{.pixels = 0.5}, Rotate{.degrees = 5}, Scale{.by = 0.05}, Shear{.by = 0.05},
                                       ElasticDistortion{.pixels = 0.3, .sigma = 2}, Noise{.deviation = 0.05}),
         .threads = threads},
        stopping, callbacks...);
    return std::tuple(parameter_hash(net), history.epochs.back().loss, history.epochs.back().validation_loss);
}

struct AllocationCounter {
    std::vector<std::size_t> after_batches;
    AllocationCounter() { after_batches.reserve(100); }
    void on_batch_end(const BatchRecord&) { after_batches.push_back(support::allocation_count()); }
};

}  // namespace

TEST_SUITE("integration/everything") {
    TEST_CASE("with all features combined, for every optimizer, threads change no bit and no step allocates") {
        detail::AllOptimizers::for_each([](const std::string& name, const AnyOptimizer& optimizer) {
            CAPTURE(name);
            AllocationCounter counter;
            const auto alone = train(optimizer, 1, counter);
            for (const std::size_t threads : {2U, 3U, 5U, 8U}) CHECK(train(optimizer, threads) == alone);
            constexpr std::size_t batches = 5;
            REQUIRE(counter.after_batches.size() == 4 * batches);
            for (std::size_t i = 0; i < counter.after_batches.size(); ++i) {
                CHECK(counter.after_batches[i] == counter.after_batches[i / batches * batches]);
            }
        });
    }

    TEST_CASE("with all features combined, the network learns") {
        const double before = std::get<2>(train(Adam{.learning_rate = 0}, 1)).value();
        CHECK(std::get<2>(train(Adam{.learning_rate = 0.01}, 1)).value() < 0.5 * before);
    }
}
