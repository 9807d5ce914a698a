#include <typenet/typenet.hpp>

#include <doctest/doctest.h>

TEST_SUITE("typenet") {
    TEST_CASE("the umbrella header is enough to make data, train a network, test it and ask it") {
        using namespace typenet;
        const xt::xtensor<float, 2> x{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
        const xt::xtensor<int, 1> y{0, 1, 1, 0};
        const Dataset<2> data = make_dataset<2>(x, y);
        Mlp<float, Input<2>, Dense<8, Tanh>, Dense<2, Softmax>> net(Seed{1});
        fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.5, .momentum = 0.9}, {.epochs = 200, .batch_size = 4});
        CHECK(accuracy(net, data) == 1);
        CHECK(net.classify(x) == y);
    }
}
