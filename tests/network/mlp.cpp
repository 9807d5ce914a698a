#include <algorithm>
#include <array>
#include <cmath>
#include <support/allocations.hpp>
#include <support/small_network.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::Small;
using support::some_rows;
using support::values;

// Arrays are compared within two pairs of parentheses: g++ 12 warns wrongly of the code that would print them.

TEST_SUITE("network/mlp") {
    TEST_CASE("its sizes follow from its type") {
        CHECK(Small::inputs == 3);
        CHECK(Small::outputs == 2);
        CHECK(Small::layer_count == 2);
        CHECK(Small::parameter_count == 3 * 4 + 4 + 4 * 2 + 2);
        CHECK(Small::architecture() == "Input<3>, Dense<4, Tanh>, Dense<2, Softmax>");
    }

    TEST_CASE("the same seed gives the same parameters, another seed gives others") {
        CHECK(parameter_hash(Small(Seed{1})) == parameter_hash(Small(Seed{1})));
        CHECK(parameter_hash(Small(Seed{1})) != parameter_hash(Small(Seed{2})));
    }

    TEST_CASE("a seed's parameters are the same with every compiler, library and processor") {
        using Floats = Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, ReLU, HeNormal>, Dense<10, Softmax>>;
        using Doubles = Mlp<double, Input<30>, Dense<20, Tanh>, Dense<10, GELU, GlorotNormal>, Dense<3, Softmax>>;
        CHECK(parameter_hash(Floats(Seed{42})) == 0x026607eb417ad1e1);
        CHECK(parameter_hash(Doubles(Seed{42})) == 0x5e5fe86ac5a8b2ea);
    }

    TEST_CASE("predict computes the formulas of its layers") {
        Small net(Seed{1});
        const std::array<double, 3> x{0.5, -1, 2};
        const auto w0 = net.weights<0>();
        const auto w1 = net.weights<1>();
        net.biases<0>() = 0.25F;
        std::array<double, 4> h{};
        std::array<double, 2> z{};
        for (std::size_t k = 0; k < 4; ++k) {
            for (std::size_t i = 0; i < 3; ++i) h[k] += x[i] * static_cast<double>(w0(i, k));
            h[k] = std::tanh(h[k] + 0.25);
        }
        for (std::size_t k = 0; k < 2; ++k) {
            for (std::size_t i = 0; i < 4; ++i) z[k] += h[i] * static_cast<double>(w1(i, k));
        }
        const Vector<float, 2> y = net.predict(Vector<float, 3>{0.5F, -1, 2});
        CHECK(static_cast<double>(y(0)) == doctest::Approx(1 / (1 + std::exp(z[1] - z[0]))).epsilon(1e-6));
        CHECK(static_cast<double>(y(0) + y(1)) == doctest::Approx(1));
    }

    TEST_CASE("weights and biases lie layer after layer, for networks that can be changed and for others") {
        Small net;
        for (std::size_t i = 0; i < Small::parameter_count; ++i) net.parameters()[i] = static_cast<float>(i);
        const Small& same = net;
        CHECK(net.weights<0>()(2, 3) == 11);
        CHECK(net.biases<0>()(0) == 12);
        CHECK(net.weights<1>()(0, 1) == 17);
        CHECK(net.biases<1>()(1) == 25);
        CHECK(same.weights<0>()(2, 3) == 11);
        CHECK(same.biases<0>()(0) == 12);
        CHECK(same.weights<1>()(0, 1) == 17);
        CHECK(same.biases<1>()(1) == 25);
    }

    TEST_CASE("a row can be predicted whose layers' outputs don't fit on the stack") {
        const Mlp<float, Input<1>, Dense<40'000, ReLU>, Dense<1, Identity>> net(Seed{1});
        CHECK(net.predict(Vector<float, 1>{2})(0) == net.predict(Matrix<float>{{2}, {3}})(0, 0));
    }

    TEST_CASE("weights and biases are views of the parameter block") {
        Small net(Seed{1});
        CHECK(net.weights<0>().shape()[0] == 3);
        CHECK(net.weights<0>().shape()[1] == 4);
        CHECK(net.biases<1>().shape()[0] == 2);
        net.weights<1>()(2, 1) = 42;
        CHECK(net.parameters()[16 + 2 * 2 + 1] == 42);
        net.parameters()[12] = 7;
        CHECK(net.biases<0>()(0) == 7);
        net.weights<0>() = xt::ones<float>({3, 4}) * 2;
        CHECK(std::all_of(net.parameters().begin(), net.parameters().begin() + 12, [](float v) { return v == 2; }));
        CHECK_THROWS((net.weights<0>() = xt::ones<float>({4, 3})));
        const Small& constant = net;
        CHECK(constant.weights<0>()(0, 0) == 2);
    }

    TEST_CASE("a copy is deep, and a move keeps the parameters") {
        Small net(Seed{1});
        const std::uint64_t hash = parameter_hash(net);
        Small copy = net;
        copy.parameters()[0] += 1;
        CHECK(parameter_hash(net) == hash);
        const float* memory = net.parameters().data();
        const Small moved = std::move(net);
        CHECK(parameter_hash(moved) == hash);
        CHECK(moved.parameters().data() == memory);
        copy = moved;
        CHECK(parameter_hash(copy) == hash);
    }

    TEST_CASE("using a moved-from network is an error that says so; after an assignment it works again") {
        const char* const message =
            "this network was moved from and has no parameters; assign a network to it before it is used";
        const std::vector<float> row{0.1F, -0.2F, 0.3F};
        const Matrix<float> batch = some_rows(2);
        Small net(Seed{1});
        const std::vector<float> wanted = values(net.predict(row));
        Small taken = std::move(net);
        // NOLINTBEGIN(bugprone-use-after-move): this case tests the use after a move
        CHECK_THROWS_WITH_AS((void)net.predict(row), message, Error);
        CHECK_THROWS_WITH_AS((void)net.predict(batch), message, Error);
        CHECK_THROWS_WITH_AS((void)net.predict(some_rows(0)), message, Error);
        CHECK_THROWS_WITH_AS((void)net.parameters(), message, Error);
        CHECK_THROWS_WITH_AS((void)net.weights<0>(), message, Error);
        CHECK_THROWS_WITH_AS((void)net.biases<0>(), message, Error);
        CHECK_THROWS_WITH_AS((void)parameter_hash(net), message, Error);
        const Small copy = net;
        CHECK_THROWS_WITH_AS((void)copy.predict(batch), message, Error);
        // NOLINTEND(bugprone-use-after-move)
        net = std::move(taken);
        CHECK(values(net.predict(row)) == wanted);
    }

    TEST_CASE("predict of a row makes no heap allocation") {
        const Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, GELU>, Dense<10, Softmax>> net(Seed{1});
        Vector<float, 784> x;
        x.fill(0.5F);
        const std::size_t before = support::allocation_count();
        const auto y = net.predict(x);
        const std::int32_t label = net.classify(x);
        const std::size_t after = support::allocation_count();
        CHECK(after == before);
        CHECK(y(static_cast<std::size_t>(label)) > 0);
        // The allocation counter works.
        float* volatile allocated = new float(1);  // volatile: a compiler may otherwise remove the allocation
        delete allocated;
        CHECK(support::allocation_count() > after);
    }

    TEST_CASE("a row of large weights has the same bits alone and in a batch") {
        const Mlp<float, Input<700>, Dense<600, Tanh>, Dense<3, Softmax>> net(Seed{1});
        REQUIRE(gemm::is_large<float, 700, 600>);
        Matrix<float> x = xt::ones<float>({2, 700});
        const Matrix<float> y = net.predict(x);
        const Vector<float, 3> row = net.predict(Vector<float, 700>(xt::ones<float>({700})));
        for (std::size_t k = 0; k < 3; ++k) CHECK(y(1, k) == row(k));
    }
}
