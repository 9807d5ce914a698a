#include <cmath>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <type_traits>
#include <typenet/callbacks/warnings.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Plain = Mlp<float, Input<2>, Dense<2, Softmax>>;
using Standardized = Mlp<float, Input<2>, Standardize, Dense<2, Softmax>>;

Dataset<2> data(float largest, std::vector<std::int32_t> labels = {0, 1}) {
    return {Features<2>(std::vector<float>{0, 1, -1, largest}), Labels(std::move(labels))};
}

template <class Network>
std::string warnings(Network network, const Dataset<2>& rows, double learning_rate = 0.001) {
    std::ostringstream out;
    fit<CrossEntropy>(network, rows, Sgd{.learning_rate = learning_rate}, {.epochs = 1}, Warnings(out));
    return out.str();
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("callbacks/warnings") {
    TEST_CASE("unsuspicious settings give no warning") {
        CHECK(warnings(Plain(), data(1)).empty());
        CHECK(warnings(Plain(), data(-100), 10).empty());
    }

    TEST_CASE("large features without Standardize are named with their size") {
        CHECK(
            warnings(Plain(), data(-255)) ==
            "typenet: a feature is as large as 255; scale the features (load_csv and load_idx have an option `scale`, "
            "such as 1.0f / 255), or begin the network with Standardize\n");
    }

    TEST_CASE("a Standardize layer that was never set is named, one that was set isn't") {
        Standardized network;
        CHECK(warnings(network, data(1)) ==
              "typenet: the Standardize layer has means 0 and deviations 1; call standardize(network, data) before "
              "fit\n");
        standardize(network, data(255));
        CHECK(warnings(network, data(255)).empty());
        // All its numbers count: here the first means and deviations are those that it has at first.
        Mlp<float, Input<3>, Standardize, Dense<2, Softmax>> wide;
        const Dataset<3> rows{Features<3>(std::vector<float>{1, 1, 90, -1, -1, 110}), Labels({0, 1})};
        standardize(wide, rows);
        std::ostringstream out;
        fit<CrossEntropy>(wide, rows, Sgd{.learning_rate = 0.001}, {.epochs = 1}, Warnings(out));
        CHECK(out.str().empty());
    }

    TEST_CASE("a learning rate far above 1 is named") {
        CHECK(warnings(Plain(), data(1), 100) == "typenet: the learning rate is 100; common ones are below 1\n");
    }

    TEST_CASE("labels of a single class are named") {
        CHECK(warnings(Plain(), data(1, {1, 1})) ==
              "typenet: all labels of the training data are 1; is it the right column?\n");
    }

    TEST_CASE("a training that learns nothing from the features is named with its loss") {
        using Net = Mlp<float, Input<2>, Dense<4, ReLU>, Dense<2, Softmax>>;
        const auto text_of = [](auto net, const Dataset<2>& rows, const auto& loss, double rate,
                                std::size_t epochs = 40) {
            std::ostringstream out;
            fit(net, rows, loss, Sgd{.learning_rate = rate}, {.epochs = epochs, .batch_size = 20}, Warnings(out));
            return out.str();
        };
        // The first feature says the class, of which a quarter of the rows, or half, is 1.
        const auto rows_of = [](std::size_t every, bool shuffled = false, std::size_t count = 400) {
            std::vector<float> x;
            std::vector<std::int32_t> labels;
            Random random(Seed{1});
            for (std::size_t i = 0; i < count; ++i) {
                labels.push_back(i % every == 0 ? 1 : 0);
                const bool seen = shuffled ? uniform(random) < 0.5 : labels.back() == 1;
                x.push_back(seen ? 1.0F : -1.0F);
                x.push_back(static_cast<float>(uniform(random)));
            }
            return Dataset<2>(Features<2>(std::move(x)), Labels(std::move(labels)));
        };
        const std::string nothing = "the network has learned nothing from the features";
        Net dead(Seed{1});
        dead.weights<0>() = 0.0F;
        dead.biases<0>() = -1.0F;
        CHECK(text_of(dead, rows_of(2), CrossEntropy{}, 1e-6) ==
              "typenet: the last training loss is 0.693147, and the same answer for every row has 0.693147: the "
              "network has learned nothing from the features; try other learning rates, and look whether the labels "
              "belong to their rows\n");
        CHECK(text_of(Net(Seed{1}), rows_of(2), CrossEntropy{}, 0.1).empty());
        CHECK(contains(text_of(Net(Seed{3}), rows_of(2), CrossEntropy{}, 1e-6), nothing));
        CHECK(contains(text_of(Net(Seed{1}), rows_of(2, true, 4000), CrossEntropy{}, 0.01, 10), nothing));
        // What the first epochs learned may be lost: the rate was too high.
        struct Forget {
            void on_epoch_end(const EpochRecord&) const {
                net->weights<0>() = 0.0F;
                net->biases<0>() = -1.0F;
            }
            Net* net;
        };
        Net forgets(Seed{1});
        std::ostringstream out;
        const History history = fit<CrossEntropy>(forgets, rows_of(2), Sgd{.learning_rate = 0.1},
                                                  {.epochs = 40, .batch_size = 20}, Forget{&forgets}, Warnings(out));
        CHECK(history.epochs.front().loss < 0.6);
        CHECK(contains(out.str(), nothing));
        // A single epoch may be too short.
        CHECK(text_of(dead, rows_of(2), CrossEntropy{}, 0.1, 1).empty());
        CHECK(contains(text_of(dead, rows_of(2), CrossEntropy{}, 0.1, 2), nothing));
        // Where classes have other shares, their shares are the answer: this loss is far below ln(2).
        CHECK(contains(text_of(dead, rows_of(4), CrossEntropy{}, 0.1), "has 0.562335: "));
        CHECK(text_of(Net(Seed{1}), rows_of(4), CrossEntropy{}, 0.1).empty());
        // So it is with the options of a loss, weights of rows, and a single output.
        const CrossEntropy smoothed{.label_smoothing = 0.2};
        const CrossEntropy weighted{.class_weights = {1, 3}};
        CHECK(contains(text_of(dead, rows_of(2), smoothed, 0.1), "has 0.693147: "));
        CHECK(text_of(Net(Seed{1}), rows_of(2), smoothed, 0.1).empty());
        CHECK(contains(text_of(dead, rows_of(4), weighted, 0.1), "has 1.03972: "));
        CHECK(text_of(Net(Seed{1}), rows_of(4), weighted, 0.1).empty());
        std::vector<float> weights(400, 1);
        for (std::size_t row = 0; row < 400; row += 4) weights[row] = 3;
        CHECK(contains(text_of(dead, rows_of(4).with_weights(weights), CrossEntropy{}, 0.1), "has 0.693147: "));
        Mlp<double, Input<2>, Dense<1, Sigmoid>> single(Seed{1});
        single.weights<0>() = 0.0;
        single.biases<0>() = std::log(1.0 / 3);
        single.training<0>().rate_factor = 0;
        CHECK(contains(text_of(single, rows_of(4), BinaryCrossEntropy{}, 0.1), "has 0.562335: "));
        single.training<0>().rate_factor = 1;
        CHECK(text_of(single, rows_of(4), BinaryCrossEntropy{}, 0.1).empty());
        // Labels of one class have a sentence of their own.
        const Dataset<2> ones(Features<2>({0, 1, 1, 0}), Labels({1, 1}));
        CHECK(text_of(single, ones, BinaryCrossEntropy{}, 0.1) ==
              "typenet: all labels of the training data are 1; is it the right column?\n");
    }

    TEST_CASE("large targets without Unstandardize are named with their size, as is a layer that was never set") {
        using Houses = Dataset<2, Targets<1>>;
        using WithoutUnits = Mlp<float, Input<2>, Dense<1, Identity>>;
        using WithUnits = Mlp<float, Input<2>, Dense<1, Identity>, Unstandardize>;
        const auto text_of = [](auto network, float price, bool set = false) {
            const Houses houses(Features<2>(std::vector<float>{1, 0, 0, 1}), Targets<1>({1, -price}));
            if constexpr (std::is_same_v<decltype(network), WithUnits>) {
                if (set) standardize_targets(network, houses);
            }
            std::ostringstream out;
            fit<MeanSquaredError>(network, houses, Sgd{.learning_rate = 1e-3}, {.epochs = 1}, Warnings(out));
            return out.str();
        };
        CHECK(text_of(WithoutUnits(), 100).empty());
        CHECK(text_of(WithoutUnits(), 250000) ==
              "typenet: a target is as large as 250000; end the network with Unstandardize and call "
              "standardize_targets(network, data)\n");
        CHECK(text_of(WithUnits(), 100) ==
              "typenet: the Unstandardize layer has means 0 and deviations 1; call standardize_targets(network, data) "
              "before fit\n");
        CHECK(text_of(WithUnits(), 250000, true).empty());
    }
}
