#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <typenet/data/standardize.hpp>

using namespace typenet;

namespace {

template <std::size_t F>
Dataset<F> dataset(typename Features<F>::Storage values, float scale = 1) {
    Features<F> features(std::move(values), scale);
    const std::size_t rows = features.size();
    return Dataset<F>(std::move(features), Labels(std::vector<std::int32_t>(rows)));
}

}  // namespace

TEST_SUITE("data/standardize") {
    TEST_CASE("takes the mean and the population's standard deviation of each feature") {
        const Standardizer<2> standardizer(dataset<2>(std::vector<float>{1, 10, 3, 30, 5, 20, 7, 20}));
        CHECK(standardizer.means()[0] == 4);
        CHECK(standardizer.means()[1] == 20);
        CHECK(standardizer.deviations()[0] == doctest::Approx(std::sqrt(5.0)).epsilon(1e-15));
        CHECK(standardizer.deviations()[1] == doctest::Approx(std::sqrt(50.0)).epsilon(1e-15));
    }

    TEST_CASE("sees features after their scale") {
        const Standardizer<1> standardizer(dataset<1>(std::vector<std::uint8_t>{0, 200}, 0.5F));
        CHECK(standardizer.means()[0] == 50);
        CHECK(standardizer.deviations()[0] == 50);
    }

    TEST_CASE("the dataset then has mean 0 and deviation 1") {
        std::vector<float> values;
        for (int i = 0; i < 300; ++i) values.push_back(static_cast<float>(1000 + i * i % 17));
        const Dataset<3> data = dataset<3>(std::move(values));
        const Dataset<3> result = Standardizer<3>(data)(data);
        const Standardizer<3> again(result);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(std::abs(again.means()[i]) < 1e-6);
            CHECK(again.deviations()[i] == doctest::Approx(1).epsilon(1e-6));
        }
        CHECK(result.features().scale() == 1);
    }

    TEST_CASE("a constant feature becomes 0, whatever its value") {
        for (const float value : {0.0F, 0.1F, 1e-30F, 12345.678F, -3e38F}) {
            CAPTURE(value);
            const Dataset<1> data = dataset<1>(std::vector<float>(1001, value));
            const Standardizer<1> standardizer(data);
            CHECK(standardizer.deviations()[0] == 1);
            CHECK(standardizer(data).row(500)[0] == 0);
        }
    }

    TEST_CASE("a small deviation beside a large mean keeps its digits") {
        const Standardizer<1> standardizer(dataset<1>(std::vector<float>{16000000, 16000001, 16000002}));
        CHECK(standardizer.deviations()[0] == doctest::Approx(std::sqrt(2.0 / 3)).epsilon(1e-12));
    }

    TEST_CASE("a row and a dataset come out alike, bit for bit") {
        const Dataset<2> data = dataset<2>(std::vector<std::uint8_t>{1, 200, 30, 4, 77, 255}, 1.0F / 255);
        const Standardizer<2> standardizer(data);
        const Dataset<2> result = standardizer(data);
        for (std::size_t i = 0; i < data.size(); ++i) {
            const Vector<float, 2> row = standardizer(data.row(i));
            CHECK(row[0] == result.row(i)[0]);
            CHECK(row[1] == result.row(i)[1]);
        }
    }

    TEST_CASE("standardize changes all datasets by the statistics of the first") {
        Dataset<1> train = dataset<1>(std::vector<float>{0, 4});
        Dataset<1> test = dataset<1>(std::vector<float>{6});
        Dataset<1, Targets<1>> other(Features<1>(std::vector<float>{2}), Targets<1>({9}));
        const Standardizer<1> standardizer = standardize(train, test, other);
        CHECK(standardizer.means()[0] == 2);
        CHECK(train.row(0)[0] == -1);
        CHECK(train.row(1)[0] == 1);
        CHECK(test.row(0)[0] == 2);
        CHECK(other.row(0)[0] == 0);
        CHECK(other.targets().values() == std::vector<float>{9});
    }

    TEST_CASE("a dataset without rows is refused") {
        CHECK_NOTHROW(Standardizer<1>(dataset<1>(std::vector<float>{1})));
        CHECK_THROWS_AS(Standardizer<1>(dataset<1>(std::vector<float>{})), DataError);
    }

    TEST_CASE("a feature that isn't finite is refused by its number, and nothing is changed") {
        for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            Dataset<2> data = dataset<2>(std::vector<float>{1, 2, 3, value});
            CHECK_THROWS_WITH_AS(standardize(data), "feature 1 has values that aren't finite", DataError);
            CHECK(data.row(1)[0] == 3);
        }
    }
}
