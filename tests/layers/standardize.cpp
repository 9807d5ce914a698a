#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/train/fit.hpp>
#include <utility>
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

TEST_SUITE("layers/standardize") {
    TEST_CASE("the gradient of the inputs agrees with central differences") {
        const auto report = gradient_check_layer<Standardize::Bind<double, 7>>(3);
        CAPTURE(report);
        CHECK(report);
        CHECK(report.checked == 3 * 7);  // the inputs only: its parameters are set, not trained
    }

    TEST_CASE("forward subtracts the means and divides by the deviations, at first 0 and 1") {
        Mlp<float, Input<3>, Standardize> net;
        const std::vector<float> x{1, 2, 3};
        const std::span<const float, 3> row(x);
        const auto same = net.predict(row);
        CHECK(std::equal(same.begin(), same.end(), x.begin()));
        const std::vector<float> parameters{1, 0, 5, 2, 4, 0.5};
        std::copy(parameters.begin(), parameters.end(), net.parameters().begin());
        const auto y = net.predict(row);
        CHECK(y(0) == 0);
        CHECK(y(1) == 0.5F);
        CHECK(y(2) == -4);
    }

    TEST_CASE("it begins with the means 0 and the deviations 1, whatever stood in their memory") {
        std::array<float, 6> parameters{9, 9, 9, 9, 9, 9};
        Random random(Seed{1});
        Standardize::Bind<float, 3>::initialize(random, parameters.data());
        CHECK(parameters == std::array<float, 6>{0, 0, 0, 1, 1, 1});
    }

    TEST_CASE("layers after it get the right gradients") {
        Mlp<double, Input<2>, Standardize, Dense<3, Tanh>, Dense<2, Softmax>> net(Seed{1});
        const std::vector<double> parameters{10, -20, 3, 0.5};
        std::copy(parameters.begin(), parameters.end(), net.parameters().begin());
        const std::vector<double> x{12, -20.5, 9, -19, 7, -20.25};
        const auto report =
            gradient_check(net, CrossEntropy{}, x, [](std::size_t r) { return static_cast<std::int32_t>(r % 2); });
        CAPTURE(report);
        CHECK(report);
        CHECK(report.checked == net.parameter_count - 4);
    }

    TEST_CASE_TEMPLATE("standardize sets the layer's means and deviations, and no other parameter", T, float, double) {
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

    TEST_CASE("the layer's outputs for the training rows have mean 0 and deviation 1") {
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

    TEST_CASE("standardize uses the features after scaling") {
        Mlp<float, Input<1>, Standardize> net;
        standardize(net, dataset<1>(std::vector<std::uint8_t>{0, 200}, 0.5F));
        CHECK(net.parameters()[0] == 50);
        CHECK(net.parameters()[1] == 50);
    }

    TEST_CASE("a constant or nearly constant feature gets deviation 1") {
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

    TEST_CASE("a small deviation beside a large mean is accurate") {
        Mlp<double, Input<1>, Standardize> net;
        standardize(net, dataset<1>(std::vector<float>{16000000, 16000001, 16000002}));
        CHECK(net.parameters()[0] == 16000001);
        CHECK(net.parameters()[1] == doctest::Approx(std::sqrt(2.0 / 3)).epsilon(1e-12));
    }

    TEST_CASE("a constant feature becomes 0, whatever its value") {
        for (const float value : {0.0F, 0.1F, 1e-30F, 12345.678F, -3e38F}) {
            CAPTURE(value);
            Mlp<double, Input<1>, Standardize> net;
            const Dataset<1> data = dataset<1>(std::vector<float>(1001, value));
            standardize(net, data);
            CHECK(net.parameters()[1] == 1);
            CHECK(predict(net, data)(500, 0) == 0);
        }
    }

    TEST_CASE("training doesn't change the layer") {
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

    TEST_CASE_TEMPLATE("a missing value becomes 0, the mean, and changes no other feature", T, float, double) {
        constexpr std::size_t width = 19;  // no multiple of a pack
        Mlp<T, Input<width>, Standardize> net;
        std::vector<T> x(width);
        for (std::size_t i = 0; i < width; ++i) {
            x[i] = static_cast<T>(i) / 7;
            net.parameters()[i] = static_cast<T>(3 - static_cast<int>(i));
            net.parameters()[width + i] = T(0.3) + static_cast<T>(i);
        }
        const auto whole = net.predict(x);
        for (std::size_t missing = 0; missing < width; ++missing) {
            std::vector<T> row = x;
            row[missing] = std::numeric_limits<T>::quiet_NaN();
            auto expected = whole;
            expected(missing) = 0;
            CHECK((net.predict(row) == expected));
        }
        x[4] = std::numeric_limits<T>::infinity();
        CHECK(net.predict(x)(4) == std::numeric_limits<T>::infinity());
    }

    TEST_CASE("a finite feature is standardized with one subtraction and one division") {
        constexpr std::size_t width = 40;
        Mlp<float, Input<width>, Standardize> net;
        Random random(Seed{4});
        std::vector<float> x(width);
        for (float& number : x) number = static_cast<float>(normal(random));
        for (float& parameter : net.parameters()) parameter = static_cast<float>(uniform(random, 0.1, 2));
        const auto y = net.predict(x);
        for (std::size_t i = 0; i < width; ++i) {
            const float divided = (x[i] - net.parameters()[i]) / net.parameters()[width + i];
#if defined(__ARM_NEON)  // xsimd 8 divides to within a few of the last bits (docs/platforms.md)
            CHECK(y(i) == doctest::Approx(divided).epsilon(1e-6));
#else
            CHECK(y(i) == divided);
#endif
        }
    }

    TEST_CASE("layers after it get the right gradients where values are missing") {
        Mlp<double, Input<2>, Standardize, Dense<3, Tanh>, Dense<2, Softmax>> net(Seed{1});
        const std::vector<double> parameters{10, -20, 3, 0.5};
        std::copy(parameters.begin(), parameters.end(), net.parameters().begin());
        constexpr double missing = std::numeric_limits<double>::quiet_NaN();
        const std::vector<double> x{12, missing, missing, -19, missing, missing, 7, -20.25};
        const auto report =
            gradient_check(net, CrossEntropy{}, x, [](std::size_t r) { return static_cast<std::int32_t>(r % 2); });
        CAPTURE(report);
        CHECK(report);
    }

    TEST_CASE("standardize leaves missing values out of a feature's mean and deviation") {
        constexpr float missing = std::numeric_limits<float>::quiet_NaN();
        Net<double> net;
        standardize(net, dataset<2>(std::vector<float>{missing, 10, 3, missing, 5, 20, 7, 30, missing, 20}));
        CHECK(net.parameters()[0] == 5);
        CHECK(net.parameters()[1] == 20);
        CHECK(net.parameters()[2] == doctest::Approx(std::sqrt(8.0 / 3)));
        CHECK(net.parameters()[3] == doctest::Approx(std::sqrt(50.0)));
    }

    TEST_CASE("training on missing values is training on the means, to the bit, and so is evaluation") {
        std::vector<float> with_nan;
        std::vector<float> with_means;
        std::vector<std::int32_t> labels;
        for (int i = 0; i < 120; ++i) {
            for (int k = 0; k < 2; ++k) {
                const auto value = static_cast<float>((i * (k + 3)) % 11);
                const bool is_missing = (i + k) % 5 == 0;
                with_nan.push_back(is_missing ? std::numeric_limits<float>::quiet_NaN() : value);
                with_means.push_back(value);
            }
            labels.push_back(i % 11 > 5 ? 1 : 0);
        }
        const Dataset<2> missing{Features<2>(with_nan), Labels(labels)};
        Mlp<float, Input<2>, Standardize, Dense<5, Tanh>, Dense<2, Softmax>> net(Seed{1});
        standardize(net, missing);
        for (std::size_t i = 0; i < with_nan.size(); ++i) {
            if (std::isnan(with_nan[i])) with_means[i] = net.parameters()[i % 2];
        }
        const Dataset<2> filled{Features<2>(with_means), Labels(labels)};
        auto other = net;
        const auto history = fit<CrossEntropy>(net, missing, Sgd{.learning_rate = 0.1},
                                               {.epochs = 5, .batch_size = 8, .validation = &missing});
        fit<CrossEntropy>(other, filled, Sgd{.learning_rate = 0.1}, {.epochs = 5, .batch_size = 8});
        CHECK(parameter_hash(net) == parameter_hash(other));
        CHECK(history.epochs.back().loss < history.epochs.front().loss);
        CHECK(*history.epochs.back().validation_loss == evaluate<CrossEntropy>(net, filled).loss);
        CHECK(accuracy(net, missing) == accuracy(net, filled));
    }

    TEST_CASE("an infinite feature is no missing value: training and evaluation name it") {
        std::vector<float> values{1, 2, 3, 4, 5, 6};
        values[1] = std::numeric_limits<float>::quiet_NaN();
        values[3] = std::numeric_limits<float>::infinity();
        const Dataset<2> data = dataset<2>(values);
        Mlp<float, Input<2>, Standardize, Dense<2, Softmax>> net(Seed{1});
        const char* const message = "feature 1 of row 1 is infinite; replace it or leave the row out";
        CHECK_THROWS_WITH_AS(fit<CrossEntropy>(net, data, Sgd{}, {.shuffle = false}), message, DataError);
        CHECK_THROWS_WITH_AS(evaluate<CrossEntropy>(net, data), message, DataError);
    }

    TEST_CASE("standardize refuses a dataset without rows, an infinite feature or none, and changes nothing") {
        Net<float> net(Seed{1});
        const std::uint64_t before = parameter_hash(net);
        CHECK_THROWS_AS(standardize(net, dataset<2>(std::vector<float>{})), DataError);
        constexpr float missing = std::numeric_limits<float>::quiet_NaN();
        constexpr float infinity = std::numeric_limits<float>::infinity();
        for (const float value : {infinity, -infinity}) {
            CHECK_THROWS_WITH_AS(standardize(net, dataset<2>(std::vector<float>{1, 2, 3, value})),
                                 "standardize: feature 1 has a value that isn't finite; features count from 0",
                                 DataError);
        }
        CHECK_THROWS_WITH_AS(standardize(net, dataset<2>(std::vector<float>{1, missing, 3, missing})),
                             "standardize: feature 1 is missing in every row; leave it out (features count from 0)",
                             DataError);
        CHECK(parameter_hash(net) == before);
    }
}
