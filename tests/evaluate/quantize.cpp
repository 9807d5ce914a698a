#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <support/banded_images.hpp>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/train/fit.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Bands = Mlp<float, Input<64>, Dense<32, ReLU>, Dense<16, Tanh>, Dense<4, Softmax>>;
using Curve = Mlp<float, Input<1>, Dense<24, Tanh>, Dense<16, Tanh>, Dense<1, Identity>, Unstandardize>;

Bands trained_bands(const Dataset<64>& train) {
    Bands net(Seed{1});
    fit<CrossEntropy>(net, train, Adam{}, {.epochs = 5, .batch_size = 32});
    return net;
}

/// 1000 + 50 sin(x) at 300 points.
Dataset<1, Targets<1>> sines() {
    std::vector<float> x;
    std::vector<float> y;
    for (int i = 0; i < 300; ++i) {
        x.push_back(static_cast<float>(i) / 50 - 3);
        y.push_back(1000 + 50 * std::sin(x.back()));
    }
    return {Features<1>(x), Targets<1>(y)};
}

}  // namespace

TEST_SUITE("evaluate/quantize") {
    TEST_CASE("a trained classifier loses next to nothing, and the cost says what") {
        const Dataset<64> train = support::banded_images<8, 4>(1, 800);
        const Dataset<64> test = support::banded_images<8, 4>(2, 500);
        const Bands net = trained_bands(train);
        const Quantized<Bands> small = quantize(net, train);
        CHECK(small.is_int8<0>());
        CHECK(small.is_int8<1>());
        CHECK(small.is_int8<2>());
        const QuantizationCost cost = quantization_cost(net, small, test);
        REQUIRE(cost.agreement.has_value());
        CHECK(*cost.agreement > 0.99);
        CHECK(*cost.accuracy_before == accuracy(net, test));
        CHECK(*cost.accuracy_after == accuracy(small, test));
        CHECK(*cost.accuracy_after > 0.95);
        CHECK(cost.worst_difference > 0);
        CHECK(cost.worst_difference < 0.2);
        CHECK(cost.error > 0);
        CHECK(cost.error < 0.05);
    }

    TEST_CASE("evaluation and metrics take a quantized network") {
        const Dataset<64> train = support::banded_images<8, 4>(1, 800);
        const Bands net = trained_bands(train);
        const Quantized<Bands> small = quantize(net, train);
        const Evaluation before = evaluate<CrossEntropy>(net, train);
        const Evaluation after = evaluate<CrossEntropy>(small, train);
        CHECK(after.loss == doctest::Approx(before.loss).epsilon(0.05));
        CHECK(*after.accuracy == accuracy(small, train));
        CHECK(confusion_matrix(small, train)(0, 0) > 150);
        CHECK((predict(small, train, {.threads = 2}) == predict(small, train)));
        CHECK((predict(quantize(net, train, {.threads = 2}), train) == predict(small, train)));
    }

    TEST_CASE("layers that are named stay in float, with the network's own parameters") {
        const Dataset<64> train = support::banded_images<8, 4>(1, 100);
        const Bands net(Seed{1});
        const Quantized<Bands> small = quantize(net, train, {.most_disagreement = 1, .float_layers = {0, 2}});
        CHECK_FALSE(small.is_int8<0>());
        CHECK(small.is_int8<1>());
        CHECK_FALSE(small.is_int8<2>());
        const Quantized<Bands> none = quantize(net, train, {.float_layers = {0, 1, 2}});
        CHECK((predict(none, train) == predict(net, train)));
    }

    TEST_CASE("features that are bytes stay these bytes") {
        std::vector<std::uint8_t> pixels;
        for (std::size_t i = 0; i < 64 * 20; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 31 % 200));
        std::vector<std::int32_t> labels(20);
        const Dataset<64> bytes{Features<64>(pixels, 1.0F / 255), Labels(labels)};
        const Bands net(Seed{1});
        const QuantizeOptions any{.most_disagreement = 1};
        CHECK(quantize(net, bytes, any).int8_layer<0>()->parameters().range == ByteRange{0, 1.0F / 255});
        std::vector<float> numbers(pixels.begin(), pixels.end());
        for (float& number : numbers) number /= 255;
        const Dataset<64> floats{Features<64>(numbers), Labels(labels)};
        CHECK(quantize(net, floats, any).int8_layer<0>()->parameters().range.step ==
              doctest::Approx(199.0 / 255 / 255));
        for (float& number : numbers) number = 1 - 3 * number;
        const ByteRange range =
            quantize(net, Dataset<64>(Features<64>(numbers), Labels(labels)), any).int8_layer<0>()->parameters().range;
        CHECK(range.low == doctest::Approx(1 - 3 * 199.0 / 255));
        CHECK(range.step == doctest::Approx(3 * 199.0 / 255 / 255));
    }

    TEST_CASE("a regression keeps its units and loses less than the option allows") {
        const Dataset<1, Targets<1>> data = sines();
        Curve net(Seed{1});
        standardize_targets(net, data);
        fit<MeanSquaredError>(net, data, Adam{.learning_rate = 0.01}, {.epochs = 60, .batch_size = 20});
        for (const double most : {0.5, 0.02, 0.004}) {
            const Quantized<Curve> small = quantize(net, data, {.most_error = most});
            const QuantizationCost cost = quantization_cost(net, small, data);
            CHECK(cost.error <= most);
            CHECK_FALSE(cost.agreement.has_value());
            CHECK(mean_absolute_error(small, data) < 5);
            CHECK(evaluate<MeanSquaredError>(small, data).loss < 0.01);
        }
    }

    TEST_CASE("layers return to float as long as the loss is too large, and no more of them than needed") {
        const Dataset<1, Targets<1>> data = sines();
        Curve net(Seed{1});
        standardize_targets(net, data);
        fit<MeanSquaredError>(net, data, Adam{.learning_rate = 0.01}, {.epochs = 60, .batch_size = 20});
        const auto count = [](const Quantized<Curve>& small) {
            return small.is_int8<0>() + small.is_int8<1>() + small.is_int8<2>();
        };
        const Quantized<Curve> all = quantize(net, data, {.most_error = 1});
        CHECK(count(all) == 3);
        const double loss = quantization_cost(net, all, data).error;
        const Quantized<Curve> fewer = quantize(net, data, {.most_error = 0.99 * loss});
        CHECK(count(fewer) == 2);
        CHECK(quantization_cost(net, fewer, data).error <= 0.99 * loss);
        CHECK(count(quantize(net, data, {.most_error = 0})) == 0);
    }

    TEST_CASE("options and data that can't be used are errors") {
        const Dataset<64> train = support::banded_images<8, 4>(1, 50);
        Bands net(Seed{1});
        CHECK_THROWS_WITH_AS((void)quantize(net, train, {.most_disagreement = 1.5}),
                             "quantize: most_disagreement must be from 0 to 1", OptionError);
        CHECK_THROWS_WITH_AS((void)quantize(net, train, {.most_error = std::nan("")}),
                             "quantize: most_error must be from 0 to 1", OptionError);
        CHECK_THROWS_WITH_AS((void)quantize(net, train, {.float_layers = {1, 3}}),
                             "quantize: float_layers names layer 3; the network has 3 layers", OptionError);
        CHECK_THROWS_WITH_AS((void)quantize(net, Dataset<64>(Features<64>(std::vector<float>()), Labels({}))),
                             "the dataset has no rows", DataError);
        std::vector<float> numbers(64, 1);
        numbers[5] = HUGE_VALF;
        CHECK_THROWS_WITH_AS((void)quantize(net, Dataset<64>(Features<64>(numbers), Labels({0}))),
                             doctest::Contains("feature 5 of row 0 is infinite"), DataError);
        net.parameters()[3] = std::nanf("");
        CHECK_THROWS_AS((void)quantize(net, train), DataError);
    }

    TEST_CASE("layers whose numbers would overflow stay in float, and outputs that are NaN are an infinite loss") {
        using Net = Mlp<float, Input<64>, Dense<64, Identity>, Dense<1, Identity>>;
        Net net(Seed{1});
        for (float& parameter : net.parameters()) parameter = 1e7F;
        std::vector<float> x(64 * 2);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 2 == 0 ? 1e30F : -1e30F;
        const Dataset<64, Targets<1>> data{Features<64>(x), Targets<1>({0, 1})};
        const Quantized<Net> small = quantize(net, data, {.most_error = 1});
        CHECK_FALSE(small.is_int8<0>());
        CHECK(small.all_finite());
        Quantized<Net>::Int8Layers layers;
        std::get<0>(layers).emplace(
            round_to_int8(net.layer_parameters<0>(), net.layer_parameters<0>() + 4096, 64, 64, {-1e30F, 8e27F}));
        const QuantizationCost cost = quantization_cost(net, Quantized<Net>(net, layers), data);
        CHECK(cost.worst_difference == HUGE_VAL);
        CHECK(cost.error == HUGE_VAL);
    }

    TEST_CASE("where the network's own outputs are NaN, no layer is in 8 bits") {
        using Net = Mlp<float, Input<2>, Dense<8, Tanh>, Dense<4, Identity>, Dense<2, Identity>>;
        Net net(Seed{1});
        net.biases<0>() = 10;
        net.weights<1>() = 3e38F;  // the sums are infinite
        net.weights<2>() = 1;
        for (std::size_t k = 0; k < 4; k += 2) net.weights<2>()(k, 0) = net.weights<2>()(k, 1) = -1;  // inf - inf
        const Features<2> x(std::vector<float>{1, 2, 3, -4, 0.5F, 0.25F});
        CHECK(std::isnan(net.predict(std::array{1.0F, 2.0F})(0)));
        const Dataset<2> classes(x, Labels({0, 1, 0}));
        const auto of_classes = quantize(net, classes, {.most_disagreement = 0.9});
        CHECK_FALSE(of_classes.is_int8<0>());
        CHECK_FALSE(of_classes.is_int8<2>());
        CHECK(*quantization_cost(net, of_classes, classes).agreement == 0);
        const Dataset<2, Targets<2>> numbers(x, Targets<2>(std::vector<float>(6)));
        const auto of_numbers = quantize(net, numbers, {.most_error = 1});
        CHECK_FALSE(of_numbers.is_int8<0>());
        CHECK_FALSE(of_numbers.is_int8<2>());
        CHECK(quantization_cost(net, of_numbers, numbers).error == HUGE_VAL);
    }

    TEST_CASE("the range of inputs begins at 0 where that is nearly as fine") {
        const Bands net(Seed{1});
        const auto low_of = [&](float low, float high) {
            std::vector<float> x(64 * 2, low);
            x[3] = high;
            const Dataset<64> data{Features<64>(x), Labels({0, 1})};
            return quantize(net, data, {.most_disagreement = 1}).int8_layer<0>()->parameters().range.low;
        };
        CHECK(low_of(0.1F, 1) == 0);
        CHECK(low_of(1000, 1001) == 1000);
        CHECK(low_of(-2, 5) == -2);
        CHECK(low_of(-1001, -1000) == -1001);
    }

    TEST_CASE("inputs that are all the same can be quantized") {
        const Bands net(Seed{1});
        for (const float value : {0.0F, 3.0F, -3.0F}) {
            const Dataset<64> same(Features<64>(std::vector<float>(64 * 5, value)), Labels({0, 1, 2, 3, 0}));
            CHECK(quantization_cost(net, quantize(net, same, {.most_disagreement = 1}), same).worst_difference < 0.1);
        }
    }
}
