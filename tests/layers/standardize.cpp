#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("layers/standardize") {
    TEST_CASE("the gradient of the inputs agrees with central differences") {
        const auto report = gradient_check_layer<Standardize::Bind<double, 7>>(3);
        CAPTURE(report);
        CHECK(report);
        CHECK(report.checked == 3 * 7);  // its parameters are set, not trained
    }

    TEST_CASE("numbers come out less their mean, in units of their deviation; at first as they are") {
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

    TEST_CASE("layers behind it have the right gradients") {
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
}
