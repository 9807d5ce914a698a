#include <limits>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/train/divergence.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

using Net = Mlp<float, Input<2>, Dense<3, Tanh>, Dense<2, Softmax>>;
using Layers = TrainedLayers<Net, CrossEntropy>;

std::string described(const Net& net, Workspace<Layers>& workspace, std::size_t rows) {
    return detail::describe_divergence<Net, CrossEntropy>(net.parameters(), workspace, rows);
}

}  // namespace

TEST_SUITE("train/divergence") {
    TEST_CASE("the first value on the way through the network that isn't finite is named") {
        Net net(Seed{1});
        Workspace<Layers> workspace(2);
        CHECK(described(net, workspace, 2) == "the gradient of the parameters is not finite");
        workspace.d_y<0>()[1][2] = infinity;
        CHECK(described(net, workspace, 2) ==
              "the gradients of the outputs of layer 0 (Dense<3, Tanh>) are not finite");
        workspace.d_y<1>()[0][0] = infinity;
        CHECK(described(net, workspace, 2) ==
              "the gradients of the outputs of layer 1 (Dense<2, Softmax>) are not finite");
        workspace.losses()[1] = infinity;
        CHECK(described(net, workspace, 2) == "the loss is not finite");
        workspace.y<1>()[1][1] = infinity;
        CHECK(described(net, workspace, 2) ==
              "the outputs of layer 1 (Dense<2, Softmax>), before its activation, are not finite");
        workspace.y<0>()[0][1] = infinity;
        CHECK(described(net, workspace, 2) == "the outputs of layer 0 (Dense<3, Tanh>) are not finite");
        net.biases<1>()(0) = infinity;
        CHECK(described(net, workspace, 2) == "the parameters of layer 1 (Dense<2, Softmax>) are not finite");
    }

    TEST_CASE("features that were never scaled are named as the likely cause, else the learning rate is") {
        Workspace<Layers> workspace(2);
        workspace.x()[0][1] = 100;
        CHECK(detail::divergence_advice(workspace, 2) == "A smaller learning rate may help");
        workspace.x()[1][0] = -255;
        CHECK(detail::divergence_advice(workspace, 1) == "A smaller learning rate may help");
        CHECK(detail::divergence_advice(workspace, 2) ==
              "Features are as large as 255; scale the features (load_csv and load_idx have an option `scale`, such as "
              "1.0f / 255), or begin the network with Standardize");
    }

    TEST_CASE("features in front of a Standardize layer may be large, but not those behind it") {
        using Standardized = Mlp<float, Input<2>, Standardize, Dense<2, Softmax>>;
        Workspace<TrainedLayers<Standardized, CrossEntropy>> workspace(2);
        workspace.x()[1][0] = 255;
        workspace.y<0>()[1][0] = 3;
        CHECK(detail::divergence_advice(workspace, 2) == "A smaller learning rate may help");
        workspace.y<0>()[1][0] = 255;
        CHECK(detail::divergence_advice(workspace, 2) ==
              "Standardised features are as large as 255; call standardize(network, data) with the training data "
              "before fit");
    }

    TEST_CASE("rows beyond the batch don't count") {
        const Net net(Seed{1});
        Workspace<Layers> workspace(2);
        workspace.y<0>()[1][1] = infinity;
        CHECK(described(net, workspace, 1) == "the gradient of the parameters is not finite");
    }
}
