#include <cmath>
#include <limits>
#include <ratio>
#include <string>
#include <support/buffers.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/adagrad.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/adamw.hpp>
#include <typenet/optimizers/lion.hpp>
#include <typenet/optimizers/nadam.hpp>
#include <typenet/optimizers/rmsprop.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/column_blocks.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/trainer.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::same_bits;

namespace {

constexpr std::size_t inputs = 300;

template <class T, class A>
using Net = Mlp<T, Input<inputs>, Dense<64, A>, Dense<7, Tanh>, Dense<3, Softmax>>;

/// Rows whose features differ from 0 in a share of about `density`. Every seventh row is all 0.
Dataset<inputs> some_data(std::size_t rows, double density) {
    Random random(Seed{2});
    std::vector<float> features(rows * inputs);
    std::vector<std::int32_t> labels(rows);
    for (std::size_t i = 0; i < features.size(); ++i) {
        const bool set = uniform(random) < density && i / inputs % 7 != 0;
        features[i] = set ? static_cast<float>(normal(random)) : 0.0F;
    }
    for (std::int32_t& label : labels) label = static_cast<std::int32_t>(uniform_index(random, 3));
    return {Features<inputs>(std::move(features)), Labels(std::move(labels))};
}

/// Notes the hash of the parameters after each step, and throws in the step `stop_after`.
template <class Network>
struct Watcher {
    const Network* network;
    std::vector<std::uint64_t>* hashes;
    std::size_t stop_after;

    void on_batch_end(const BatchRecord&) const {
        hashes->push_back(parameter_hash(*network));
        if (hashes->size() == stop_after) throw std::string("enough");
    }
};

/// Throws in the step `stop_after` without looking at the network.
struct Stopper {
    static constexpr bool ignores_network = true;
    std::size_t stop_after;

    void on_batch_end(const BatchRecord&) {
        if (--stop_after == 0) throw std::string("enough");
    }
};

/// Moves the network away after the first step, though it says that it doesn't.
template <class Network>
struct Mover {
    static constexpr bool ignores_network = true;
    Network* network;
    Network* other;

    void on_batch_end(const BatchRecord&) const { *other = std::move(*network); }
};

/// Enough steps of 13 rows, and of 2 at the end, for every division of a step to have a window of its own.
constexpr std::size_t batch_size = 13;
constexpr std::size_t many_rows = 5 * Pace::window * batch_size + 2;

/// Trains by one thread and by two, and checks that parameters, the optimizer's memory and the tallies have the same
/// bits. `change` changes the new network before.
template <class Network, class O, class Change = void (*)(Network&)>
void check_threads(
    const O& optimizer, double density = 0.3, TrainerOptions<inputs> options = {.batch_size = batch_size},
    Change change = [](Network&) {}, const RowWeights& weights = {}) {
    using Layers = TrainedLayers<Network, CrossEntropy>;
    REQUIRE(typenet::detail::has_column_blocks<Layers>);
    const Dataset<inputs> data = [&] {
        Dataset<inputs> rows = some_data(many_rows, density);
        return weights.empty() ? rows : std::move(rows).with_weights(weights);
    }();
    const auto train = [&](std::size_t threads) {
        Network net(Seed{5});
        change(net);
        options.threads = threads;
        Trainer trainer(net, CrossEntropy{}, optimizer, options);
        const Tally first = trainer.partial_fit(data);
        const std::uint32_t rows[] = {5, 3, 0};
        trainer.step(data, rows);
        const Tally second = trainer.partial_fit(data);
        const auto& memory = trainer.optimizer_memory().vectors;
        std::vector<typename Network::Scalar> numbers(net.parameters().begin(), net.parameters().end());
        numbers.insert(numbers.end(), memory.data(), memory.data() + memory.size());
        for (const Tally& tally : {first, second}) {
            numbers.push_back(static_cast<typename Network::Scalar>(tally.loss_sum));
            numbers.push_back(static_cast<typename Network::Scalar>(tally.correct));
        }
        return numbers;
    };
    const auto alone = train(1);
    REQUIRE(std::isfinite(alone.front()));
    for (const std::size_t threads : {2U, 3U}) {
        const auto together = train(threads);
        CAPTURE(threads);
        REQUIRE(alone.size() == together.size());
        REQUIRE(same_bits(alone.data(), together.data(), alone.size()));
    }
}

}  // namespace

TEST_SUITE("train/column_blocks") {
    TEST_CASE_TEMPLATE("blocks compute the bits of the whole layer, and give back the numbers that they took", T, float,
                       double) {
        using Layers = typename Net<T, GELU>::Layers;
        using Layer = typename Layers::template Layer<0>;
        constexpr std::size_t vectors = 2;
        constexpr std::size_t count = Layers::parameter_count;
        constexpr std::size_t size = Layer::parameter_rows * Layer::parameter_columns;
        for (const std::size_t rows : {1U, 2U, 70U}) {
            for (const double density : {0.1, 1.0}) {
                const auto parameters = support::random_buffer<T>(count, 1);
                const auto memory = support::random_buffer<T>(vectors * count, 2);
                Buffer<T> x = support::random_buffer<T>(rows * inputs, 3);
                for (std::size_t i = 0; i < x.size(); ++i) {
                    if (static_cast<double>(i * 7 % 10) >= density * 10) x.data()[i] = 0;
                }
                ColumnBlocks<Layers> blocks(rows, vectors);
                blocks.load(parameters.data(), memory.data(), count);
                Workspace<Layers> workspace(rows);
                for (std::size_t b = 0; b < blocks.count; ++b) {
                    blocks.forward(b, rows, [&](std::size_t first, std::size_t last, T* to) {
                        std::copy(x.data() + first * inputs, x.data() + last * inputs, to);
                    });
                }
                blocks.send(0, rows, workspace);
                auto y = support::nan_buffer<T>(rows * 64);
                auto z = support::nan_buffer<T>(rows * 64);
                Layer::forward(parameters.data(), Rows<const T, inputs>{x.data(), rows}, {y.data(), rows},
                               {z.data(), rows});
                REQUIRE(same_bits(workspace.template y<0>().data, y.data(), y.size()));
                REQUIRE(same_bits(workspace.template saved<0>().data, z.data(), z.size()));

                auto stored = support::nan_buffer<T>(count);
                auto stored_memory = support::nan_buffer<T>(vectors * count);
                blocks.store(stored.data(), stored_memory.data(), count);
                REQUIRE(same_bits(stored.data(), parameters.data(), size));
                CHECK(std::isnan(stored.data()[size]));  // the next layer's
                for (std::size_t v = 0; v < vectors; ++v) {
                    REQUIRE(same_bits(stored_memory.data() + v * count, memory.data() + v * count, size));
                    CHECK(std::isnan(stored_memory.data()[v * count + size]));
                }
            }
        }
    }

    TEST_CASE("the first layer has blocks if it is large, a Dense, and not the start of a skip connection") {
        using typenet::detail::has_column_blocks;
        CHECK(has_column_blocks<Net<float, ReLU>::Layers>);
        CHECK(has_column_blocks<TrainedLayers<Mlp<float, Input<784>, Dense<64, Sigmoid>>, BinaryCrossEntropy>>);
        CHECK_FALSE(has_column_blocks<Mlp<float, Input<20>, Dense<64, ReLU>>::Layers>);
        CHECK_FALSE(has_column_blocks<Mlp<float, Input<784>, Dense<65, ReLU>>::Layers>);
        CHECK_FALSE(has_column_blocks<Mlp<float, Input<784>, Dense<64, Softmax>>::Layers>);
        CHECK(has_column_blocks<Mlp<float, Input<784>, Dense<2048, ReLU>>::Layers>);
        CHECK_FALSE(has_column_blocks<Mlp<float, Input<784>, LayerNorm, Dense<64, ReLU>>::Layers>);
        CHECK_FALSE(has_column_blocks<Mlp<float, Input<256>, Residual<Dense<256, ReLU>>>::Layers>);
    }

    TEST_CASE("two threads give the bits of one, with every optimizer") {
        using N = Net<float, Sigmoid>;
        check_threads<N>(Sgd{.learning_rate = 0.05});
        check_threads<N>(Sgd{.learning_rate = 0.05, .momentum = 0.9});
        check_threads<N>(Adam{});
        check_threads<N>(AdamW{.weight_decay = 0.1});
        check_threads<N>(Nadam{});
        check_threads<N>(RmsProp{});
        check_threads<N>(Adagrad{});
        check_threads<N>(Lion{});
    }

    TEST_CASE("two threads give the bits of one, in double, without zeros, and with rows that are all 0") {
        check_threads<Net<double, Sigmoid>>(Adam{});
        check_threads<Net<float, Sigmoid>>(Adam{}, 1);
        check_threads<Net<float, Sigmoid>>(Adam{}, 0);
    }

    TEST_CASE("two threads give the bits of one, whatever the layers") {
        check_threads<Net<float, GELU>>(Adam{});  // whose derivative needs z
        check_threads<Net<float, Identity>>(Adam{});
        check_threads<Mlp<float, Input<inputs>, Dense<64, ReLU>, Dropout<std::ratio<3, 10>>, Residual<Dense<64, Tanh>>,
                          LayerNorm, Dense<3, Softmax>>>(Adam{});
    }

    TEST_CASE("two threads give the bits of one, with limits, penalties, frozen layers and weights of rows") {
        using N = Net<float, Tanh>;
        const TrainerOptions<inputs> plain{.batch_size = batch_size};
        check_threads<N>(Adam{}, 0.3, {.batch_size = batch_size, .clip_value = 1e-3});
        check_threads<N>(Adam{}, 0.3, {.batch_size = batch_size, .clip_norm = 0.1});
        check_threads<N>(Sgd{.momentum = 0.5}, 0.3, plain, [](N& net) {
            net.training<0>() = {.rate_factor = 0.5, .l1 = 1e-3, .l2 = 1e-2};
            net.training<1>() = {.l2 = 1e-2};
        });
        check_threads<N>(Adam{}, 0.3, plain, [](N& net) { freeze<0>(net); });
        check_threads<N>(Adam{}, 0.3, plain, [](N& net) { freeze<1>(net); });
        std::vector<float> weights(many_rows);
        for (std::size_t r = 0; r < weights.size(); ++r) weights[r] = static_cast<float>(r % 4);
        check_threads<N>(
            Adam{}, 0.3, plain, [](N&) {}, RowWeights(std::move(weights)));
    }

    TEST_CASE("a hook sees the parameters of the step, and an exception leaves them") {
        const Dataset<inputs> data = some_data(many_rows, 0.3);
        const auto train = [&](std::size_t threads) {
            std::vector<std::uint64_t> hashes;
            Net<float, Tanh> net(Seed{5});
            CHECK_THROWS_AS(
                fit<CrossEntropy>(net, data, Adam{}, {.epochs = 1, .batch_size = batch_size, .threads = threads},
                                  Watcher<Net<float, Tanh>>{&net, &hashes, 50}),
                std::string);
            CHECK(parameter_hash(net) == hashes.back());
            return hashes;
        };
        CHECK(train(2) == train(1));
    }

    TEST_CASE("a schedule of the user's sees the parameters of the step, also in a product") {
        const Dataset<inputs> data = some_data(many_rows, 0.3);
        const auto train = [&](std::size_t threads, bool product) {
            Net<float, Tanh> net(Seed{5});
            const auto by_weight = [&](const SchedulePoint&) { return std::abs(net.parameters()[7]); };
            const Schedule schedule = product ? CosineDecay{} * Schedule(by_weight) : Schedule(by_weight);
            fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.5},
                              {.epochs = 1, .batch_size = batch_size, .schedule = schedule, .threads = threads});
            return parameter_hash(net);
        };
        CHECK(train(2, false) == train(1, false));
        CHECK(train(2, true) == train(1, true));
    }

    TEST_CASE("a network that is moved away while threads own its columns is an error") {
        const Dataset<inputs> data = some_data(many_rows, 0.3);
        for (const std::size_t threads : {1U, 2U}) {
            Net<float, Tanh> net(Seed{5});
            Net<float, Tanh> other(Seed{6});
            CHECK_THROWS_AS(
                fit<CrossEntropy>(net, data, Adam{}, {.epochs = 1, .batch_size = batch_size, .threads = threads},
                                  Mover<Net<float, Tanh>>{&net, &other}),
                Error);
        }
    }

    TEST_CASE("an exception of a hook that ignores the network leaves the parameters of the step") {
        const Dataset<inputs> data = some_data(many_rows, 0.3);
        const auto train = [&](std::size_t threads) {
            Net<float, Tanh> net(Seed{5});
            CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Adam{},
                                              {.epochs = 1, .batch_size = batch_size, .threads = threads}, Stopper{20}),
                            std::string);
            return parameter_hash(net);
        };
        CHECK(train(2) == train(1));
    }

    TEST_CASE("a training that diverges says the same with two threads, and puts the same parameters back") {
        Dataset<inputs> good = some_data(many_rows, 0.3);
        const auto message = [&](std::size_t threads, const auto& data, double rate) {
            Mlp<float, Input<inputs>, Dense<64, Identity>, Dense<3, Softmax>> net(Seed{5});
            const std::uint64_t before = parameter_hash(net);
            Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = rate},
                            {.batch_size = batch_size, .threads = threads});
            std::string text = "none";
            try {
                trainer.partial_fit(data);
            } catch (const Error& error) {
                text = error.what();
            }
            CHECK(parameter_hash(net) == before);
            return text;
        };
        std::vector<float> features = std::get<1>(good.features().storage());
        for (float& value : features) value *= 1e30F;
        const Dataset<inputs> huge(Features<inputs>(features), good.targets());
        const std::string text = message(1, huge, 0.1);
        CHECK(text.find("Features are as large as") != std::string::npos);
        CHECK(message(2, huge, 0.1) == text);
        features[20 * inputs + 7] = std::numeric_limits<float>::quiet_NaN();
        const Dataset<inputs> missing(Features<inputs>(features), good.targets());
        const std::string named = message(1, missing, 1e-30);
        CHECK(named.find("row 20") != std::string::npos);
        CHECK(message(2, missing, 1e-30) == named);
    }
}
