#include <cmath>
#include <cstdint>
#include <numeric>
#include <ratio>
#include <typenet/activations.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::Distribution;
using detail::LayerSummary;
using detail::spread_rows;
using detail::summarize_layers;

namespace {

/// Rows x = -100, ..., 99.
Dataset<1> line() {
    std::vector<float> x(200);
    std::iota(x.begin(), x.end(), -100.0F);
    return make_dataset<1>(x, std::vector<int>(200));
}

}  // namespace

TEST_SUITE("report/detail/layer_summary") {
    TEST_CASE("a distribution has moments, zeros and a histogram of its range") {
        Distribution numbers;
        CHECK(numbers.empty());
        for (const double value : {1.0, 0.0, 3.0, 0.0, detail::nan<double>}) numbers.see(value);
        for (const double value : {1.0, 0.0, 3.0, 0.0, detail::nan<double>}) numbers.count(value);
        CHECK_FALSE(numbers.empty());
        CHECK(numbers.mean() == 1);
        CHECK(numbers.deviation() == doctest::Approx(std::sqrt(1.5)));
        CHECK(numbers.zeros() == 0.5);
        CHECK(numbers.not_finite() == 1);
        CHECK(numbers.histogram().range.high == 3);
        CHECK(numbers.histogram().counts[0] == 2);
        CHECK(numbers.histogram_without_zeros().counts[0] == 0);
        CHECK(numbers.histogram_without_zeros().counts[16] == 1);
    }

    TEST_CASE("numbers whose range overflows are counted, the largest in the outer columns") {
        const auto histogram = detail::distribution_of(std::vector{-1.5e308, 0.0, 1.5e308}).histogram();
        CHECK(histogram.counts.front() == 1);
        CHECK(histogram.counts[histogram.counts.size() / 2] == 1);
        CHECK(histogram.counts.back() == 1);
    }

    TEST_CASE("rows are spread evenly") {
        CHECK(spread_rows(3, 10) == std::vector<std::uint32_t>{0, 1, 2});
        CHECK(spread_rows(10, 3) == std::vector<std::uint32_t>{0, 3, 6});
        CHECK(spread_rows(0, 5).empty());
        CHECK(spread_rows(4'000'000'000, 2) == std::vector<std::uint32_t>{0, 2'000'000'000});
    }

    TEST_CASE("units that say nothing are counted: those of a dead ReLU, and those that are constant") {
        Mlp<float, Input<1>, Dense<5, ReLU>, Dense<2, Softmax>> net(Seed{1});
        auto weights = net.weights<0>();
        auto biases = net.biases<0>();
        for (std::size_t unit = 0; unit < 5; ++unit) weights(0, unit) = biases(unit) = 0;
        weights(0, 0) = 1;  // alive
        weights(0, 1) = 1;  // dead: below 0 for each row
        biases(1) = -1000;
        biases(2) = 3;                   // the same for each row
        weights(0, 3) = -1;              // alive
        const Dataset<1> data = line();  // the last unit is 0 for each row
        const auto layers = summarize_layers(net, data, spread_rows(data.size(), 1000));
        REQUIRE(layers.size() == 2);
        CHECK(layers[0].name == "Dense<5, ReLU>");
        CHECK(layers[0].units == 5);
        CHECK(layers[0].parameters == 10);
        CHECK(layers[0].zero_units == 2);
        CHECK(layers[0].constant_units == 1);
        CHECK(layers[0].is_trained);
        CHECK(layers[1].zero_units + layers[1].constant_units == 0);
        CHECK(layers[0].weights.mean() == doctest::Approx(0.2));  // without the biases
        CHECK(layers[0].outputs.histogram().range.high == 100);
        CHECK(summarize_layers(net, data, spread_rows(data.size(), 1))[0].zero_units == 0);  // one row tells nothing
    }

    TEST_CASE("the last layer's outputs are the network's") {
        Mlp<float, Input<1>, Standardize, Dense<3, Tanh>, Dense<2, Identity>> net(Seed{1});
        const Dataset<1> data = line();
        standardize(net, data);
        const auto layers = summarize_layers(net, data, spread_rows(data.size(), 1000));
        const auto outputs = predict(net, data);
        const double mean = std::accumulate(outputs.begin(), outputs.end(), 0.0) / static_cast<double>(outputs.size());
        CHECK(layers[2].outputs.mean() == doctest::Approx(mean).epsilon(1e-6));
        CHECK(layers[0].outputs.deviation() == doctest::Approx(1).epsilon(1e-5));
        CHECK_FALSE(layers[0].is_trained);
        CHECK_FALSE(layers[0].weights.empty());
    }

    TEST_CASE("a skip connection is part of the output where it ends") {
        Mlp<float, Input<1>, Residual<Dense<1, Identity>>, Dropout<std::ratio<1, 2>>, Dense<1, Identity>> net(Seed{1});
        net.weights<0>()(0, 0) = 0;
        net.biases<0>()(0) = 1000;
        const Dataset<1> data = line();
        const auto layers = summarize_layers(net, data, spread_rows(data.size(), 1000));
        REQUIRE(layers.size() == 4);
        CHECK(layers[0].constant_units == 1);
        CHECK(layers[1].constant_units == 0);
        CHECK(layers[1].outputs.histogram().range.low == 900);
        CHECK(layers[1].outputs.histogram().range.high == 1099);
        CHECK(layers[1].has_units);
        CHECK_FALSE(layers[2].has_units);  // Dropout passes on what it gets
        CHECK(layers[2].weights.empty());
    }

    TEST_CASE("numbers that aren't finite are counted and make no unit dead") {
        Mlp<float, Input<1>, Dense<2, Identity>> net(Seed{1});
        net.weights<0>()(0, 1) = detail::nan<float>;
        const Dataset<1> data = line();
        const auto layers = summarize_layers(net, data, spread_rows(data.size(), 1000));
        CHECK(layers[0].weights.not_finite() == 1);
        CHECK(layers[0].outputs.not_finite() == 200);
        CHECK(layers[0].zero_units + layers[0].constant_units == 0);
    }
}
