#include <cmath>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/train/layer_training.hpp>
#include <typenet/train/trainer.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Network = Mlp<float, Input<4>, Dense<5, Tanh>, LayerNorm, Dense<3, Softmax>>;

Dataset<4> some_data() {
    Random random(Seed{3});
    std::vector<float> features(4 * 12);
    for (float& value : features) value = static_cast<float>(normal(random));
    return {Features<4>(std::move(features)), Labels({0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2})};
}

/// Returns the parameters after one step.
Network stepped(Network net) {
    Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.5, .weight_decay = 0.01}, {.batch_size = 12});
    (void)trainer.step(some_data());
    return net;
}

/// Returns layer I's parameters in `after` minus those in `before`.
template <std::size_t I>
std::vector<float> change(const Network& before, const Network& after) {
    using Layer = Network::Layer<I>;
    std::vector<float> difference(Layer::parameter_rows * Layer::parameter_columns);
    for (std::size_t i = 0; i < difference.size(); ++i) {
        const std::size_t place = Network::Layers::offsets[I] + i;
        difference[i] = after.parameters()[place] - before.parameters()[place];
    }
    return difference;
}

}  // namespace

TEST_SUITE("train/layer_training") {
    TEST_CASE("gradients of the penalties agree with central differences") {
        Mlp<double, Input<4>, Dense<5, Tanh>, LayerNorm, Dense<3, Softmax>> net(Seed{1});
        net.training<0>() = {.l1 = 0.3, .l2 = 0.2};
        net.training<2>() = {.l2 = 0.7};
        const std::vector<double> x{0.5, -1, 2, 0.25, 1, -0.5, 0.1, 0.3};
        const auto target = [](std::size_t r) { return static_cast<std::int32_t>(r); };
        const auto report = gradient_check(net, CrossEntropy{}, x, target);
        CAPTURE(report);
        CHECK(report);
    }

    TEST_CASE("a penalty applies to weights, not to biases") {
        Mlp<double, Input<2>, Dense<2, Identity>> net;
        const std::vector<double> parameters{1, -2, 0, 3, 100, -100};
        std::copy(parameters.begin(), parameters.end(), net.parameters().begin());
        CHECK(penalty(net) == 0);
        net.training<0>() = {.l1 = 0.5, .l2 = 0.1};
        CHECK(penalty(net) == doctest::Approx(0.5 * 6 + 0.1 * 14 / 2).epsilon(1e-14));
        std::vector<double> gradient(6, 0.0);
        const ParameterSlice slice = ParameterSlices<decltype(net)::Layers>::at(0);
        REQUIRE(slice.size == 6);
        const std::span<const double> weights = std::as_const(net).parameters().first(slice.weights);
        typenet::detail::add_penalty_gradient(net.training<0>(), weights, gradient.data());
        const std::vector<double> wanted{0.6, -0.7, 0, 0.8, 0, 0};
        for (std::size_t i = 0; i < 6; ++i) CHECK(gradient[i] == doctest::Approx(wanted[i]).epsilon(1e-14));
    }

    TEST_CASE("either penalty works without the other") {
        Mlp<double, Input<2>, Dense<1, Identity>> net;
        net.parameters()[0] = 2;
        net.parameters()[1] = -4;
        const auto gradient = [&](const LayerTraining& training) {
            std::vector<double> result(3, 1.0);
            typenet::detail::add_penalty_gradient(training, std::as_const(net).parameters().first(2), result.data());
            return result;
        };
        CHECK(gradient({.l1 = 0.5}) == std::vector<double>{1.5, 0.5, 1});
        CHECK(gradient({.l2 = 0.5}) == std::vector<double>{2, -1, 1});
    }

    TEST_CASE("a frozen layer stays as it is, despite weight decay and penalties, until it is unfrozen") {
        Network net(Seed{1});
        net.training<0>().l2 = 1;
        freeze<0>(net);
        const Network after = stepped(net);
        CHECK(change<0>(net, after) == std::vector<float>(25, 0.0F));
        CHECK(change<2>(net, after) == change<2>(net, stepped([&] {
                                                     Network free = net;
                                                     unfreeze<0>(free);
                                                     return free;
                                                 }())));
        unfreeze<0>(net);
        CHECK(net.training<0>().rate_factor == 1);
        const std::vector<float> moved = change<0>(net, stepped(net));
        CHECK(std::all_of(moved.begin(), moved.end(), [](float m) { return m != 0; }));
    }

    TEST_CASE("a layer's rate scales only that layer's steps") {
        const Network net(Seed{1});
        Network slow = net;
        slow.training<0>().rate_factor = 0.25;
        const std::vector<float> whole = change<0>(net, stepped(net));
        const std::vector<float> quarter = change<0>(net, stepped(slow));
        for (std::size_t i = 0; i < whole.size(); ++i) CHECK(std::abs(quarter[i] - whole[i] / 4) < 1e-6F);
        CHECK(change<1>(net, stepped(slow)) == change<1>(net, stepped(net)));
    }

    TEST_CASE("a frozen layer doesn't count in a clipped norm") {
        Network net(Seed{1});
        freeze<0>(net);
        freeze<1>(net);
        const Network before = net;
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 1}, {.batch_size = 12, .clip_norm = 0.01});
        (void)trainer.step(some_data());
        double square = 0;
        for (const float moved : change<2>(before, net))
            square += static_cast<double>(moved) * static_cast<double>(moved);
        CHECK(std::sqrt(square) == doctest::Approx(0.01).epsilon(1e-4));
    }

    TEST_CASE("layers whose parameters are set, not trained, stay as they are") {
        Mlp<float, Input<4>, Standardize, Dense<3, Softmax>> net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.5, .weight_decay = 0.1}, {.batch_size = 12});
        (void)trainer.step(some_data());
        const std::vector<float> kept{0, 0, 0, 0, 1, 1, 1, 1};
        CHECK(std::equal(kept.begin(), kept.end(), net.parameters().begin()));
    }

    TEST_CASE("impossible settings are refused by an error that names the layer") {
        const auto refuses = [](auto change_it, const char* message) {
            Network net;
            change_it(net);
            CHECK_THROWS_WITH_AS(Trainer(net, CrossEntropy{}, Sgd{}), message, OptionError);
        };
        refuses([](Network& net) { net.training<0>().rate_factor = -1; },
                "layer 0 (Dense<5, Tanh>): rate_factor is -1; it must be at least 0 and finite, as a float too");
        refuses([](Network& net) { net.training<2>().l1 = std::nan(""); },
                "layer 2 (Dense<3, Softmax>): l1 is nan; it must be at least 0 and finite, as a float too");
        refuses([](Network& net) { net.training<1>().l2 = 0.1; },
                "layer 1 (LayerNorm): penalty is 0.1; it has no weights to penalise");
    }
}
