#include <cstdint>
#include <sstream>
#include <string>
#include <type_traits>
#include <typenet/callbacks/warnings.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
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
