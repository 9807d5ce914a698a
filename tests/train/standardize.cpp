#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/standardize.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <std::size_t F>
Dataset<F> dataset(typename Features<F>::Storage values, float scale = 1) {
    Features<F> features(std::move(values), scale);
    const std::size_t rows = features.size();
    return Dataset<F>(std::move(features), Labels(std::vector<std::int32_t>(rows)));
}

template <class T>
using Net = Mlp<T, Input<2>, Standardize, Dense<3, Tanh>, Dense<1, Identity>>;

}  // namespace

TEST_SUITE("train/standardize") {
    TEST_CASE_TEMPLATE("sets means and deviations, and nothing else", T, float, double) {
        Net<T> net(Seed{1});
        const Net<T> before = net;
        standardize(net, dataset<2>(std::vector<float>{1, 10, 3, 30, 5, 20, 7, 20}));
        const auto p = net.parameters();
        CHECK(p[0] == T(4));
        CHECK(p[1] == T(20));
        CHECK(p[2] == doctest::Approx(std::sqrt(5.0)));
        CHECK(p[3] == doctest::Approx(std::sqrt(50.0)));
        CHECK(std::equal(p.begin() + 4, p.end(), before.parameters().begin() + 4));
    }

    TEST_CASE("behind the layer the training rows have mean 0 and deviation 1") {
        Mlp<float, Input<3>, Standardize> net;
        std::vector<float> values;
        for (int i = 0; i < 100; ++i) {
            values.push_back(1e6F + static_cast<float>(i * i % 17));
            values.push_back(1e-6F * static_cast<float>(i % 7));
            values.push_back(static_cast<float>(i));
        }
        const Dataset<3> data = dataset<3>(std::move(values));
        standardize(net, data);
        const Matrix<float> y = predict(net, data);
        for (std::size_t k = 0; k < 3; ++k) {
            double sum = 0;
            double squares = 0;
            for (std::size_t r = 0; r < data.size(); ++r) {
                sum += y(r, k);
                squares += y(r, k) * y(r, k);
            }
            CAPTURE(k);
            CHECK(std::abs(sum / 100) < 0.01);  // a mean of 1e6 is rounded to 1/16 of this feature's deviation of 5
            CHECK(squares / 100 == doctest::Approx(1).epsilon(1e-3));
        }
    }

    TEST_CASE("sees features after their scale") {
        Mlp<float, Input<1>, Standardize> net;
        standardize(net, dataset<1>(std::vector<std::uint8_t>{0, 200}, 0.5F));
        CHECK(net.parameters()[0] == 50);
        CHECK(net.parameters()[1] == 50);
    }

    TEST_CASE("gives the same as the datasets' own standardization, to within rounding") {
        const Dataset<2> data = dataset<2>(std::vector<float>{1, 2, 3, 5, 6, -7, 8, 0.5F});
        Mlp<double, Input<2>, Standardize> net;
        standardize(net, data);
        const Dataset<2> changed = Standardizer<2>(data)(data);
        for (std::size_t r = 0; r < data.size(); ++r) {
            for (std::size_t i = 0; i < 2; ++i) {
                CHECK(predict(net, data)(r, i) == doctest::Approx(changed.row(r)[i]).epsilon(1e-6));
            }
        }
    }

    TEST_CASE("a feature that is constant, or nearly, gets deviation 1") {
        Mlp<float, Input<2>, Standardize> net;
        const float least = std::numeric_limits<float>::denorm_min();
        std::vector<float> values(200, 0.1F);
        for (std::size_t r = 0; r < 100; ++r) values[2 * r + 1] = 0;
        values[1] = least;  // a deviation of a tenth of the smallest float
        standardize(net, dataset<2>(values));
        CHECK(net.parameters()[0] == 0.1F);
        CHECK(net.parameters()[2] == 1);
        CHECK(net.parameters()[3] == 1);
    }

    TEST_CASE("training leaves the layer as it was set") {
        std::vector<float> values;
        for (int i = 0; i < 40; ++i) values.push_back(static_cast<float>(100 + 10 * i % 70));
        const Dataset<2, Targets<1>> data(Features<2>(std::move(values)), Targets<1>(std::vector<float>(20, 1.0F)));
        Net<float> net(Seed{1});
        standardize(net, data);
        const Net<float> before = net;
        fit<MeanSquaredError>(net, data, Sgd{.learning_rate = 0.1}, {.epochs = 2});
        CHECK(std::equal(net.parameters().begin(), net.parameters().begin() + 4, before.parameters().begin()));
        CHECK(net.parameters()[4] != before.parameters()[4]);
    }

    TEST_CASE("a dataset without rows, or with a feature that isn't finite, changes nothing") {
        Net<float> net(Seed{1});
        const std::uint64_t before = parameter_hash(net);
        CHECK_THROWS_AS(standardize(net, dataset<2>(std::vector<float>{})), DataError);
        for (const float value : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
            CHECK_THROWS_WITH_AS(standardize(net, dataset<2>(std::vector<float>{1, 2, 3, value})),
                                 "feature 1 has values that aren't finite", DataError);
        }
        CHECK(parameter_hash(net) == before);
    }
}
