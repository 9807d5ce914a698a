#include <limits>
#include <optional>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/parameter_update.hpp>
#include <typenet/train/trainer.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

// tests/train/trainer.cpp compares whole steps, with penalties, clipping and frozen layers, to plain loops.
TEST_SUITE("train/parameter_update") {
    TEST_CASE("an update takes the gradient that the row phase prepared, and tells when its norm is not finite") {
        // One weight, two rows: y = w x + b, L = (y - t)^2.
        using Net = Mlp<double, Input<1>, Dense<1, Identity>>;
        using Layers = TrainedLayers<Net, MeanSquaredError>;
        Net net;
        net.weights<0>() = 0.5;
        ParameterUpdate<Net, Layers, Sgd> update(net, Sgd{.learning_rate = 0.1, .momentum = 0.5}, {}, 100);
        Team team(1);
        Workspace<Layers> workspace(2);
        const auto run = [&](double first, double second) {
            workspace.x()[0][0] = first;
            workspace.x()[1][0] = second;
            prepare<Layers>(net.parameters().data(), workspace);
            const std::vector<float> targets{2, 1};
            first_layer_phase<Layers>(net.parameters().data(), workspace, 0, 2);
            row_phase<Layers>(net.parameters().data(), workspace, 2, 0, 2, MeanSquaredError{},
                              [&](std::size_t r) { return std::span<const float, 1>(&targets[r], 1); });
            return update.run(team, workspace, 2);
        };
        CHECK(run(3, 4));
        const double d_w = (2 * (1.5 - 2) * 3 + 2 * (2.0 - 1) * 4) / 2;
        const double d_b = (2 * (1.5 - 2) + 2 * (2.0 - 1)) / 2;
        CHECK(net.weights<0>()(0, 0) == doctest::Approx(0.5 - 0.1 * d_w));
        CHECK(net.biases<0>()(0) == doctest::Approx(-0.1 * d_b));
        CHECK(update.memory().vectors.data()[0] == doctest::Approx(d_w));
        CHECK(update.memory().vectors.data()[1] == doctest::Approx(d_b));

        const std::uint64_t hash = parameter_hash(net);
        CHECK_FALSE(run(1e200, 1e200));
        CHECK(parameter_hash(net) == hash);
        CHECK(update.memory().vectors.data()[0] == doctest::Approx(d_w));

        update.set_learning_rate(0);
        CHECK(run(1, 2));
        CHECK(parameter_hash(net) == hash);
    }

    TEST_CASE("the optimizer begins each step, with and without a limit of the norm") {
        // Adam counts its steps: the first one has the length of the learning rate, whatever the gradient.
        for (const std::optional<double> clip_norm : {std::optional<double>(), std::optional<double>(1e-3)}) {
            Mlp<double, Input<1>, Dense<1, Identity>> line;
            line.parameters()[0] = 3;
            const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1}), Targets<1>({0}));
            Trainer trainer(line, MeanSquaredError{}, Adam{.learning_rate = 0.25, .epsilon = 1e-12},
                            {.batch_size = 1, .clip_norm = clip_norm});
            (void)trainer.step(data);
            CHECK(line.parameters()[0] == doctest::Approx(2.75));
        }
    }

    TEST_CASE("clipping limits must be above 0") {
        Mlp<float, Input<2>, Dense<3, Softmax>> net;
        for (const double bad :
             {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
            CHECK_THROWS_AS(Trainer(net, CrossEntropy{}, Sgd{}, {.clip_norm = bad}), OptionError);
            CHECK_THROWS_AS(Trainer(net, CrossEntropy{}, Sgd{}, {.clip_value = bad}), OptionError);
        }
        CHECK_THROWS_WITH(Trainer(net, CrossEntropy{}, Sgd{}, {.clip_norm = -1}),
                          "gradient clipping: clip_norm is -1; it must be above 0 and finite, as a float too");
    }

    TEST_CASE("clip_norm clips gradients whose squares overflow a float") {
        Mlp<float, Input<2>, Dense<1, Identity>> net;
        net.parameters()[0] = 1e-25F;
        const Dataset<2, Targets<1>> data(Features<2>(std::vector<float>{3e20F, 4e20F}), Targets<1>({-0.5}));
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 1}, {.batch_size = 1, .clip_norm = 1});
        net.parameters()[0] = net.parameters()[1] = 0;
        CHECK(trainer.step(data).finite);
        CHECK(net.parameters()[0] == doctest::Approx(-0.6));
        CHECK(net.parameters()[1] == doctest::Approx(-0.8));
    }

    TEST_CASE("a step that changes no parameter leaves the optimizer's numbers, too") {
        Mlp<float, Input<1>, Dense<1, Identity>> line;
        line.parameters()[0] = 0;
        const Dataset<1, Targets<1>> huge(Features<1>(std::vector<float>{3e38F, 3e38F}), Targets<1>({-4, -4}));
        Trainer trainer(line, MeanSquaredError{}, Adam{}, {.batch_size = 2, .clip_norm = 1});
        const auto numbers = trainer.optimizer_memory().numbers;
        CHECK_FALSE(trainer.step(huge).finite);
        CHECK((trainer.optimizer_memory().numbers == numbers));
    }
}
