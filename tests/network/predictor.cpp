#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <support/allocations.hpp>
#include <support/small_network.hpp>
#include <support/small_stack.hpp>
#include <thread>
#include <typenet/core/concepts.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/predictor.hpp>
#include <typenet/network/quantized.hpp>
#if __has_include(<xtensor/containers/xarray.hpp>)
#    include <xtensor/containers/xarray.hpp>
#else
#    include <xtensor/xarray.hpp>
#endif
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::Small;
using support::some_rows;
using support::values;

namespace {

/// Training data that are a vector of rows.
struct Readings : std::vector<std::array<float, 3>> {
    static constexpr std::size_t feature_count = 3;
    void gather(std::span<const std::uint32_t> rows, float* x) const {
        for (const std::uint32_t row : rows) x = std::copy_n((*this)[row].data(), 3, x);
    }
    [[nodiscard]] int target(std::size_t row) const { return row % 2 == 0; }
};

}  // namespace

// Arrays are compared within two pairs of parentheses: g++ 12 warns wrongly of the code that would print them.

TEST_SUITE("network/predictor") {
#if TYPENET_HAS_SMALL_STACK
    TEST_CASE("a wide row, wide layers and many outputs fit on a small stack") {
        using Wide = Mlp<double, Input<20'000>, Dense<3, ReLU>, Dense<15'000, Identity>>;
        const Wide net(Seed{1});
        const std::vector<float> floats(20'000, 1);
        const xt::xtensor<double, 1> doubles = xt::ones<double>({20'000});
        const double wanted = net.predict(doubles)(7);
        CHECK(support::runs_on_small_stack([&] { return net.predict(doubles)(7) == wanted; }));
        CHECK(support::runs_on_small_stack([&] { return net.predict(floats)(7) == wanted; }));
        CHECK(support::runs_on_small_stack([&] { return net.predict(doubles * 1.0)(7) == wanted; }));
        CHECK(support::runs_on_small_stack([&] { return net.predict(xt::adapt(floats))(7) == wanted; }));
        CHECK(support::runs_on_small_stack([&] { return net.classify(floats) == net.classify(doubles); }));
    }
#endif

    TEST_CASE("predict takes any xtensor expression and gives each row the same bits") {
        const Small net(Seed{1});
        const Matrix<float> x = some_rows(70);
        const Matrix<float> y = net.predict(x);
        REQUIRE(y.shape()[0] == 70);
        REQUIRE(y.shape()[1] == 2);
        for (std::size_t r = 0; r < 70; ++r) {
            const std::vector<float> wanted(y.data() + 2 * r, y.data() + 2 * r + 2);
            CHECK(values(net.predict(std::span<const float, 3>(x.data() + 3 * r, 3))) == wanted);
            CHECK(values(net.predict(xt::row(x, static_cast<std::ptrdiff_t>(r)))) == wanted);
            CHECK(values(net.predict(xt::xtensor<float, 1>(xt::row(x, static_cast<std::ptrdiff_t>(r))))) == wanted);
            CHECK(values(net.predict(xt::xtensor<double, 1>(xt::row(x, static_cast<std::ptrdiff_t>(r))))) == wanted);
        }
        CHECK((net.predict(xt::view(x, xt::range(10, 20), xt::all())) ==
               Matrix<float>(xt::view(y, xt::range(10, 20), xt::all()))));
        const xt::xtensor<float, 2, xt::layout_type::column_major> turned = x;
        CHECK((net.predict(turned) == y));
        CHECK((net.predict(x * 1.0F) == y));
        CHECK(net.predict(Matrix<float>::from_shape({0, 3})).shape()[0] == 0);
    }

    TEST_CASE("an array whose rank is known only at run time is a row or a batch") {
        const Small net(Seed{1});
        const Matrix<float> x = some_rows(5);
        const xt::xarray<double> batch = x;
        CHECK((net.predict(batch) == net.predict(x)));
        const xt::xarray<float> row = xt::row(x, 2);
        CHECK(net.predict(row)(0, 1) == net.predict(x)(2, 1));
        CHECK_THROWS_AS((void)net.predict(xt::xarray<float>(xt::zeros<float>({3, 4}))), ShapeError);
        CHECK_THROWS_AS((void)net.predict(xt::xarray<float>(xt::zeros<float>({1, 1, 3}))), ShapeError);
    }

    TEST_CASE("an array of another width is refused") {
        const Small net;
        CHECK_NOTHROW((void)net.predict(xt::xtensor<float, 1>::from_shape({3})));
        CHECK_THROWS_AS((void)net.predict(xt::xtensor<float, 1>::from_shape({4})), ShapeError);
        CHECK_THROWS_AS((void)net.predict(Matrix<float>::from_shape({3, 2})), ShapeError);
    }

    TEST_CASE("classify returns the index of the largest output, or whether a single output is at least 0.5") {
        Small net(Seed{1});
        net.weights<1>() = 0.0F;
        net.biases<1>()(1) = 1;
        CHECK(net.classify(Vector<float, 3>{1, 2, 3}) == 1);
        const xt::xtensor<std::int32_t, 1> ones = net.classify(some_rows(5));
        CHECK((ones == xt::xtensor<std::int32_t, 1>{1, 1, 1, 1, 1}));
        net.biases<1>()(0) = 2;
        CHECK(net.classify(Vector<float, 3>{1, 2, 3}) == 0);
        const xt::xtensor<std::int32_t, 1> zeros = net.classify(some_rows(5));
        CHECK((zeros == xt::xtensor<std::int32_t, 1>{0, 0, 0, 0, 0}));

        Mlp<double, Input<1>, Dense<1, Sigmoid>> yes_or_no;
        yes_or_no.weights<0>() = 1.0;
        CHECK(yes_or_no.classify(Vector<double, 1>{0.1}) == 1);
        CHECK(yes_or_no.classify(Vector<double, 1>{-0.1}) == 0);
    }

    TEST_CASE("a single output says yes from one half on, whatever follows it") {
        const auto yes = [](const std::array<float, 2>& outputs) {
            return detail::predicted_class<float, 1>(outputs.data());
        };
        CHECK(yes({0.5F, 0}) == 1);
        CHECK(yes({0.49F, 1}) == 0);
    }

    TEST_CASE("classify returns the first of several largest outputs, at any index") {
        const auto classify = [](const std::array<float, 4>& outputs) {
            return detail::predicted_class<float, 4>(outputs.data());
        };
        CHECK(classify({1, 3, 2, 3}) == 1);
        CHECK(classify({1, 3, 2, 4}) == 3);
        CHECK(classify({2, 0, 1, 2}) == 0);
        CHECK(classify({-4, -3, -1, -2}) == 2);
    }

    TEST_CASE("a row whose outputs are NaN has no class") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const Small net(Seed{1});
        CHECK_NOTHROW((void)net.classify(std::array{1.0F, 2.0F, 3.0F}));
        CHECK_THROWS_WITH_AS((void)net.classify(std::array{1.0F, nan, 3.0F}),
                             "the network's outputs for this row are NaN, so that it has no class; look for NaN among "
                             "its features, and in the parameters",
                             DataError);
        Matrix<float> batch = some_rows(5);
        batch(3, 1) = nan;
        CHECK_THROWS_WITH_AS((void)net.classify(batch), doctest::Contains("outputs for row 3 are NaN"), DataError);
        const Mlp<double, Input<1>, Dense<1, Sigmoid>> one_output;
        CHECK_THROWS_AS((void)one_output.classify(std::array{std::nan("")}), DataError);
    }

    TEST_CASE("a row has no class if one of its outputs is NaN, whichever") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const auto classify = [](const std::array<float, 3>& outputs) {
            return detail::class_or_none<float, 3>(outputs.data());
        };
        CHECK(classify({1, 3, 2}) == 1);
        CHECK(classify({nan, 3, 2}) == -1);
        CHECK(classify({1, nan, 2}) == -1);
        CHECK(classify({1, 3, nan}) == -1);
    }

    TEST_CASE("a std::vector is a row, and another length is refused") {
        const Small net(Seed{1});
        const std::vector<float> row{0.1F, -0.2F, 0.3F};
        const std::vector<float> wanted = values(net.predict(std::array{0.1F, -0.2F, 0.3F}));
        CHECK(values(net.predict(row)) == wanted);
        CHECK(values(net.predict(std::span<const float>(row))) == wanted);
        CHECK(net.classify(row) == net.classify(std::array{0.1F, -0.2F, 0.3F}));
        CHECK_THROWS_WITH_AS((void)net.predict(std::vector<float>(4)), "the network takes 3 features; this array has 4",
                             ShapeError);
    }

    TEST_CASE("numbers of any type are a row, in a vector, an array, a span or an adaptor") {
        const Small net(Seed{1});
        const std::vector<float> wanted = values(net.predict(std::array{1.0F, 2.0F, 3.0F}));
        const std::vector<double> doubles{1, 2, 3};
        const std::vector<std::uint8_t> bytes{1, 2, 3};
        const int numbers[3] = {1, 2, 3};
        CHECK(values(net.predict(doubles)) == wanted);
        CHECK(values(net.predict(bytes)) == wanted);
        CHECK(values(net.predict(numbers)) == wanted);
        CHECK(values(net.predict(std::array{1, 2, 3})) == wanted);
        CHECK(values(net.predict(std::span(doubles))) == wanted);
        CHECK(values(net.predict(std::span<const double, 3>(doubles))) == wanted);
        CHECK(values(net.predict(xt::adapt(doubles))) == wanted);
        CHECK(values(net.predict(xt::adapt(bytes, {3}))) == wanted);
        CHECK(net.classify(doubles) == net.classify(bytes));
        CHECK_THROWS_WITH_AS((void)net.classify(std::vector<double>(2)),
                             "the network takes 3 features; this array has 2", ShapeError);
    }

    TEST_CASE("numbers in braces are a row") {
        const Small net(Seed{1});
        const std::vector<float> wanted = values(net.predict(std::array{1.0F, 0.1F, -3.0F}));
        const float third = -3;
        CHECK(values(net.predict({1, 0.1, -3})) == wanted);
        CHECK(values(net.predict({1.0F, 0.1F, third})) == wanted);
        CHECK(net.classify({1, 0.1, -3}) == net.classify(std::array{1.0F, 0.1F, -3.0F}));
        CHECK(net.classify({1, 2, 3}) == net.classify(std::array{1.0F, 2.0F, 3.0F}));
        const double numbers[] = {1, 0.1, -3};
        CHECK(values(net.predict(numbers)) == wanted);
    }

    TEST_CASE("the first layers of a network answer with the outputs of the last of them") {
        Small net(Seed{1});
        const Matrix<float> x = some_rows(70);
        const Matrix<float> hidden = net.first_layers<1>().predict(x);
        REQUIRE(hidden.shape() == Matrix<float>::shape_type{70, 4});
        for (std::size_t r = 0; r < 70; ++r) {
            for (std::size_t k = 0; k < 4; ++k) {
                double sum = net.biases<0>()(k);
                for (std::size_t i = 0; i < 3; ++i) sum += static_cast<double>(x(r, i) * net.weights<0>()(i, k));
                REQUIRE(hidden(r, k) == doctest::Approx(std::tanh(sum)));
            }
        }
        // The layers behind them make the network's outputs of these numbers, bit for bit.
        Mlp<float, Input<4>, Dense<2, Softmax>> rest;
        rest.weights<0>() = net.weights<1>();
        rest.biases<0>() = net.biases<1>();
        CHECK((rest.predict(hidden) == net.predict(x)));
        CHECK((net.first_layers<2>().predict(x) == net.predict(x)));
        // A row, alone or in a batch, has the same bits; threads change none.
        const auto first = net.first_layers<1>();
        const Matrix<float> one_row = xt::view(x, xt::range(3, 4), xt::all());
        CHECK(values(first.predict(xt::row(x, 3))) ==
              values(first.predict(std::span<const float, 3>(one_row.data(), 3))));
        CHECK(values(first.predict(xt::row(x, 3)))[2] == hidden(3, 2));
        CHECK((first.predict(x, {.threads = 3}) == hidden));
        // They are the network's own layers, not copies.
        net.weights<0>() = 0.0F;
        net.biases<0>() = 0.5F;
        CHECK(first.predict({1, 2, 3})(3) == doctest::Approx(std::tanh(0.5)));
        const Small moved = std::move(net);
        CHECK_THROWS_AS((void)first.predict({1, 2, 3}), Error);
        CHECK_THROWS_AS((void)first.predict(Matrix<float>::from_shape({0, 3})), Error);
        CHECK(moved.first_layers<1>().predict({1, 2, 3})(3) == doctest::Approx(std::tanh(0.5)));
    }

    TEST_CASE("the first layers have the network's own parameters, as far as they are theirs") {
        Small net(Seed{1});
        const auto first = net.first_layers<1>();
        CHECK(first.parameters().data() == net.parameters().data());
        CHECK(first.parameters().size() == 3 * 4 + 4);
        CHECK(net.first_layers<2>().layer_parameters<1>() == net.layer_parameters<1>());
        CHECK(first.architecture() == "Input<3>, Dense<4, Tanh>");
        CHECK(first.first_layers<1>().parameters().data() == net.parameters().data());
        static_assert(HasParameters<Small> && HasParameters<decltype(first)>);
        static_assert(!HasParameters<Quantized<Small>>);
        net.biases<1>()(0) = std::nanf("");
        CHECK(first.all_finite());
        CHECK_FALSE(net.first_layers<2>().all_finite());
        net.biases<0>()(3) = std::nanf("");
        CHECK_FALSE(first.all_finite());
        const Small moved = std::move(net);
        CHECK_THROWS_AS((void)first.parameters(), Error);
    }

    TEST_CASE("a Residual counts as its layers and its sum among the first layers") {
        const Mlp<double, Input<2>, Dense<2, Tanh>, Residual<Dense<3, ReLU>, Dense<2, Identity>>, Dense<1, Identity>>
            net(Seed{3});
        static_assert(net.layer_count == 5);
        const std::array<double, 2> row{0.3, -0.7};
        const auto before = net.first_layers<1>().predict(row);
        const auto branch = net.first_layers<3>().predict(row);
        const auto sum = net.first_layers<4>().predict(row);
        for (std::size_t k = 0; k < 2; ++k) CHECK(sum(k) == before(k) + branch(k));
        CHECK(sum(0) != branch(0));
    }

    TEST_CASE("the first layers predict a row without a heap allocation") {
        const Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Softmax>> net(Seed{1});
        const std::vector<float> row(784, 0.5F);
        const std::size_t before = support::allocation_count();
        const auto hidden = net.first_layers<2>().predict(row);
        const auto narrower = net.first_layers<1>().predict(row);
        CHECK(support::allocation_count() == before);
        CHECK(hidden(0) > 0);
        CHECK(narrower(0) > 0);
    }

    TEST_CASE("a vector of rows is a batch") {
        const Small net(Seed{1});
        const std::vector<std::vector<float>> rows{{1, 2, 3}, {0.5F, -1, 2}};
        const std::vector<std::array<double, 3>> fixed_rows{{1, 2, 3}, {0.5, -1, 2}};
        const Matrix<float> wanted = net.predict(Matrix<float>{{1, 2, 3}, {0.5F, -1, 2}});
        CHECK((net.predict(rows) == wanted));
        CHECK((net.predict(fixed_rows, {.threads = 2}) == wanted));
        CHECK((net.classify(rows) == net.classify(fixed_rows)));
        CHECK(net.predict(std::vector<std::vector<float>>{}).shape()[0] == 0);
        CHECK_THROWS_WITH_AS((void)net.predict(std::vector<std::vector<float>>{{1, 2, 3}, {1, 2, 3, 4}}),
                             "the network takes 3 features; this array has 4", ShapeError);
    }

    TEST_CASE("training data that are a vector of rows are a batch, too") {
        static_assert(TrainingData<Readings>);
        const Small net(Seed{1});
        Readings readings;
        readings.push_back({1, 2, 3});
        CHECK((net.predict(readings) == net.predict(std::vector<std::array<float, 3>>{{1, 2, 3}})));
        CHECK(net.classify(readings)(0) == net.classify({1, 2, 3}));
    }

    TEST_CASE("threads change no bit: each row of a mostly zero batch, whose bits are those of the row alone") {
        const Mlp<float, Input<200>, Dense<40, Tanh>, Dense<3, Softmax>> net(Seed{1});
        Matrix<float> batch = xt::zeros<float>({150, 200});
        for (std::size_t r = 0; r < 150; ++r) {
            for (std::size_t k = r % 5; k < 200; k += 1 + r % 7) batch(r, k) = static_cast<float>(k % 9) - 4;
        }
        const Matrix<float> together = net.predict(batch);
        CHECK((net.predict(batch, {.threads = 3}) == together));
        for (std::size_t r = 0; r < 150; ++r) {
            const auto alone = net.predict(std::span<const float, 200>(batch.data() + r * 200, 200));
            for (std::size_t k = 0; k < 3; ++k) REQUIRE(alone(k) == together(r, k));
        }
    }

    TEST_CASE("many threads can predict with one network at the same time") {
        const Small net(Seed{1});
        const Matrix<float> x = some_rows(500);
        const Matrix<float> wanted = net.predict(x);
        std::array<bool, 4> good{};
        std::vector<std::thread> threads;
        for (bool& result : good) {
            threads.emplace_back([&] {
                result = true;
                for (int round = 0; round < 20; ++round) result = result && net.predict(x) == wanted;
            });
        }
        for (std::thread& thread : threads) thread.join();
        CHECK(good == std::array<bool, 4>{true, true, true, true});
    }
}
