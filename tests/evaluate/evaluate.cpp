#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <support/small_stack.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/one_hot.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

#if TYPENET_HAS_SMALL_STACK
/// The last output's error. It isn't inlined, so that its caller needs memory for the gradient.
struct LastError {
    static constexpr std::string_view name = "LastError";

    template <class T, std::size_t N>
    [[gnu::noinline]] T operator()(std::span<const T, N> y, std::span<const float, N> target,
                                   std::span<T, N> d_y) const {
        std::fill(d_y.begin(), d_y.end(), T(0));
        d_y[N - 1] = 1;
        return y[N - 1] - static_cast<T>(target[N - 1]);
    }
};
#endif

/// Returns 150 rows, more than one chunk. The label is 1 where x > 0, else 0, and the other way round in every tenth
/// row. A network that predicts 1 where x > 0 so has an accuracy of 0.9.
Dataset<1> signs() {
    std::vector<float> features;
    std::vector<std::int32_t> labels;
    for (int i = 0; i < 150; ++i) {
        const float x = std::sin(static_cast<float>(i) + 0.5F);
        features.push_back(x);
        const bool positive = x > 0;
        labels.push_back(positive != (i % 10 == 0) ? 1 : 0);
    }
    return {Features<1>(std::move(features)), Labels(std::move(labels))};
}

using Two = Mlp<float, Input<1>, Dense<2, Softmax>>;

Two sign_network() {
    Two net;
    net.weights<0>() = xt::xtensor<float, 2>{{-3, 3}};
    return net;
}

}  // namespace

TEST_SUITE("evaluate/evaluate") {
#if TYPENET_HAS_SMALL_STACK
    TEST_CASE("a network of many outputs can be evaluated on a small stack") {
        const Mlp<float, Input<1>, Dense<40'000, Identity>> net(Seed{1});
        const auto data = make_dataset<1, 40'000>(std::vector{1}, std::vector<float>(40'000));
        const double wanted = evaluate<LastError>(net, data).loss;
        CHECK(support::runs_on_small_stack([&] { return evaluate<LastError>(net, data).loss == wanted; }));
    }
#endif

    TEST_CASE("accuracy, top-k and the confusion matrix agree") {
        const Two net = sign_network();
        const Dataset<1> data = signs();
        CHECK(accuracy(net, data) == doctest::Approx(0.9));
        CHECK(top_k_accuracy(net, data, 1) == doctest::Approx(0.9));
        CHECK(top_k_accuracy(net, data, 2) == 1);
        const ConfusionMatrix counts = confusion_matrix(net, data);
        CHECK(counts(0, 0) + counts(1, 1) == 135);
        CHECK(counts(0, 1) + counts(1, 0) == 15);
    }

    TEST_CASE("a loss whose options are out of range is refused") {
        const Mlp<float, Input<1>, Dense<1, Identity>> net;
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1}), Targets<1>({2}));
        CHECK_THROWS_AS((void)evaluate(net, data, Huber{.delta = 0}), OptionError);
    }

    TEST_CASE("evaluate returns the mean loss and the accuracy") {
        const Two net = sign_network();
        const Dataset<1> data = signs();
        double loss = 0;
        for (std::size_t r = 0; r < data.size(); ++r) {
            loss -= std::log(static_cast<double>(net.predict(data.row(r))(static_cast<std::size_t>(data.label(r)))));
        }
        const Evaluation result = evaluate<CrossEntropy>(net, data);
        CHECK(result.loss == doctest::Approx(loss / 150).epsilon(1e-5));
        CHECK(result.accuracy == doctest::Approx(0.9));
    }

    TEST_CASE("a network with one output tells two classes apart") {
        Mlp<float, Input<1>, Dense<1, Sigmoid>> net;
        net.weights<0>() = 3.0F;
        const Dataset<1> data = signs();
        CHECK(accuracy(net, data) == doctest::Approx(0.9));
        CHECK(evaluate<BinaryCrossEntropy>(net, data).accuracy == doctest::Approx(0.9));
        CHECK(confusion_matrix(net, data).shape()[0] == 2);
    }

    TEST_CASE("a row of yes-no outputs is correct only where all outputs are") {
        Mlp<float, Input<2>, Dense<2, Sigmoid>> net;
        net.weights<0>() = xt::xtensor<float, 2>{{1, 0}, {0, 1}};
        const Dataset<2, Targets<2>> data{Features<2>(std::vector<float>{1, 1, 1, -1, -1, 1, -1, -1}),
                                          Targets<2>({1, 1, 1, 0, 1, 1, 0, 0.75F})};
        CHECK(evaluate<BinaryCrossEntropy>(net, data).accuracy == 0.5);
    }

    TEST_CASE("threads change no bit: outputs and metrics of a dataset") {
        const Two net = sign_network();
        const Dataset<1> data = signs();
        const Evaluation alone = evaluate<CrossEntropy>(net, data);
        for (const std::size_t threads : {0U, 2U, 4U}) {
            const Evaluation shared = evaluate<CrossEntropy>(net, data, {}, {.threads = threads});
            CHECK(shared.loss == alone.loss);
            CHECK(shared.accuracy == alone.accuracy);
            CHECK(
                (predict(net, data, {.threads = threads}) == predict(net, data)));  // g++ 12 warns wrongly of printing
            CHECK(accuracy(net, data, {.threads = threads}) == accuracy(net, data));
            CHECK(top_k_accuracy(net, data, 1, {.threads = threads}) == accuracy(net, data));
        }
    }

    TEST_CASE("predict returns each row's outputs") {
        const Two net = sign_network();
        const Dataset<1> data = signs();
        const Matrix<float> y = predict(net, data);
        REQUIRE(y.shape()[0] == 150);
        for (std::size_t r = 0; r < 150; ++r) CHECK(y(r, 1) == net.predict(data.row(r))(1));
    }

    TEST_CASE("predict returns what the first layers put out for each row") {
        const Mlp<float, Input<1>, Dense<3, Tanh>, Dense<2, Softmax>> net(Seed{1});
        const Dataset<1> data = signs();
        const Matrix<float> hidden = predict(net.first_layers<1>(), data, {.threads = 2});
        REQUIRE(hidden.shape() == Matrix<float>::shape_type{150, 3});
        for (std::size_t r = 0; r < 150; ++r) {
            const auto alone = net.first_layers<1>().predict(data.row(r));
            for (std::size_t k = 0; k < 3; ++k) REQUIRE(hidden(r, k) == alone(k));
        }
    }

    TEST_CASE("regression has a loss and error metrics, and no accuracy") {
        Mlp<double, Input<1>, Dense<1, Identity>> net;
        net.weights<0>() = 2.0;
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1, 2, 3}), Targets<1>({2, 5, 6}));
        CHECK(mean_squared_error(net, data) == doctest::Approx(1.0 / 3));
        CHECK(mean_absolute_error(net, data) == doctest::Approx(1.0 / 3));
        CHECK(r2(net, data) == doctest::Approx(1 - 1 / (26.0 / 3)));
        const Evaluation result = evaluate<MeanSquaredError>(net, data);
        CHECK(result.loss == doctest::Approx(1.0 / 3));
        CHECK_FALSE(result.accuracy.has_value());
    }

    TEST_CASE("error metrics of several outputs compare each row with its own targets") {
        Mlp<double, Input<2>, Dense<2, Identity>> net;
        net.weights<0>() = xt::xtensor<double, 2>{{1, 0}, {0, 1}};
        const Dataset<2, Targets<2>> data(Features<2>(std::vector<float>{1, 2, 3, 4, 5, 6}),
                                          Targets<2>({1, 2, 3, 5, 7, 6}));
        CHECK(mean_squared_error(net, data) == doctest::Approx(5.0 / 6));
        CHECK(mean_absolute_error(net, data) == doctest::Approx(3.0 / 6));
    }

    TEST_CASE("an empty dataset and invalid labels are refused") {
        const Two net = sign_network();
        const Dataset<1> none(Features<1>(std::vector<float>{}), Labels({}));
        CHECK_THROWS_AS((void)accuracy(net, none), DataError);
        CHECK_THROWS_AS((void)evaluate<CrossEntropy>(net, none), DataError);
        const Dataset<1> wrong(Features<1>(std::vector<float>{1}), Labels({2}));
        CHECK_THROWS_AS((void)evaluate<CrossEntropy>(net, wrong), DataError);
        CHECK_THROWS_WITH_AS((void)predict(net, none), "the dataset has no rows", DataError);
        CHECK_THROWS_WITH_AS(
            (void)accuracy(net, wrong),
            "the label 2 in row 0 of the dataset is too large for 2 classes; labels count from 0 to 1, "
            "but these seem to count from 1",
            DataError);
        CHECK_THROWS_AS((void)top_k_accuracy(net, wrong, 1), DataError);
        CHECK_THROWS_AS((void)confusion_matrix(net, wrong), DataError);
    }

    TEST_CASE("a row whose outputs are NaN counts as wrong, and a confusion matrix has no place for it") {
        Two diverged;
        diverged.biases<0>()(1) = std::numeric_limits<float>::quiet_NaN();
        const auto zeros = make_dataset<1>(std::vector{1, 2}, std::vector{0, 0});
        CHECK(evaluate<CrossEntropy>(diverged, zeros).accuracy == 0);
        CHECK(accuracy(diverged, zeros) == 0);
        CHECK(top_k_accuracy(diverged, zeros, 1) == 0);
        CHECK_THROWS_WITH_AS((void)confusion_matrix(diverged, zeros),
                             "the network's outputs for row 0 are NaN, so that it has no class; look for NaN among its "
                             "features, and in the parameters",
                             DataError);
        CHECK_NOTHROW((void)confusion_matrix(Two(), zeros));
    }

    TEST_CASE("a feature that is NaN is an error where it makes outputs NaN; outputs of a diverged network are not") {
        const Two net = sign_network();
        std::vector<float> features(100, 1);
        features[90] = std::numeric_limits<float>::quiet_NaN();
        const Dataset<1> data{Features<1>(features), Labels(std::vector<std::int32_t>(100))};
        const char* const message =
            "feature 0 of row 90 is NaN; replace it, leave the row out, or begin the network with Standardize, which "
            "takes NaN as a missing value";
        CHECK_THROWS_WITH_AS((void)evaluate<CrossEntropy>(net, data), message, DataError);
        CHECK_THROWS_WITH_AS((void)accuracy(net, data), message, DataError);
        CHECK_THROWS_WITH_AS((void)predict(net, data, {.threads = 2}), message, DataError);
        Two diverged;
        diverged.biases<0>()(0) = std::numeric_limits<float>::quiet_NaN();
        CHECK(std::isnan(evaluate<CrossEntropy>(diverged, signs()).loss));
    }

    TEST_CASE("evaluate and each metric of a network count whole weights like repeated rows") {
        const Two net = sign_network();
        const Dataset<1> data = signs();
        std::vector<float> weights;
        std::vector<std::uint32_t> repeated;
        for (std::uint32_t row = 0; row < data.size(); ++row) {
            weights.push_back(static_cast<float>(row % 4));
            repeated.insert(repeated.end(), row % 4, row);
        }
        const Dataset<1> weighted = data.with_weights(weights);
        const Dataset<1> many = data.subset(repeated);
        CHECK(evaluate<CrossEntropy>(net, weighted).loss ==
              doctest::Approx(evaluate<CrossEntropy>(net, many).loss).epsilon(1e-12));
        CHECK(evaluate<CrossEntropy>(net, weighted).loss != evaluate<CrossEntropy>(net, data).loss);
        CHECK(evaluate<CrossEntropy>(net, weighted).accuracy == evaluate<CrossEntropy>(net, many).accuracy);
        CHECK(accuracy(net, weighted) == accuracy(net, many));
        CHECK(accuracy(net, weighted) != accuracy(net, data));
        CHECK(top_k_accuracy(net, weighted, 1) == top_k_accuracy(net, many, 1));
        CHECK((confusion_matrix(net, weighted) == confusion_matrix(net, many)));

        Mlp<float, Input<1>, Dense<2, Identity>> regression(Seed{1});
        const auto targets = one_hot<2>(weighted);
        const auto many_targets = one_hot<2>(many);
        const auto same = [](double a, double b) { return a == doctest::Approx(b).epsilon(1e-12); };
        CHECK(same(mean_squared_error(regression, targets), mean_squared_error(regression, many_targets)));
        CHECK(same(mean_absolute_error(regression, targets), mean_absolute_error(regression, many_targets)));
        CHECK(same(r2(regression, targets), r2(regression, many_targets)));
        CHECK(same(evaluate<MeanSquaredError>(regression, targets).loss,
                   evaluate<MeanSquaredError>(regression, many_targets).loss));
    }

    TEST_CASE("weights of 1 change no bit of an evaluation, and neither does a factor of 2 in all weights") {
        const Two net = sign_network();
        const Dataset<1> data = signs();
        const auto loss = [&](const Dataset<1>& rows) { return evaluate<CrossEntropy>(net, rows).loss; };
        CHECK(loss(data.with_weights(std::vector<float>(150, 1))) == loss(data));
        std::vector<float> weights(150);
        for (std::size_t row = 0; row < 150; ++row) weights[row] = 0.1F * static_cast<float>(row);
        const double once = loss(data.with_weights(weights));
        for (float& weight : weights) weight *= 2;
        CHECK(loss(data.with_weights(weights)) == once);
    }
}
