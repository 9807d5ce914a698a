#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/initializers.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("core/concepts") {
    TEST_CASE("an activation is elementwise or of a row, and nothing else is one") {
        CHECK(ElementwiseActivation<Sigmoid>);
        CHECK_FALSE(RowActivation<Sigmoid>);
        CHECK(RowActivation<Softmax>);
        CHECK_FALSE(ElementwiseActivation<Softmax>);
        CHECK_FALSE(Activation<int>);
        CHECK_FALSE(Activation<CrossEntropy>);
    }

    TEST_CASE("a layer specification becomes a layer once its inputs are known") {
        CHECK(LayerSpec<Dense<3, Sigmoid>>);
        CHECK_FALSE(LayerSpec<Sigmoid>);
        CHECK(BoundLayer<Dense<3, Sigmoid>::Bind<float, 2>>);
        CHECK_FALSE(BoundLayer<Dense<3, Sigmoid>>);
    }

    TEST_CASE("a loss is one for certain outputs and targets") {
        using Numbers = std::span<const float, 3>;
        CHECK(LossFor<CrossEntropy, float, 3, std::int32_t>);
        CHECK(LossFor<CrossEntropy, double, 3, Numbers>);
        CHECK_FALSE(LossFor<CrossEntropy, float, 4, Numbers>);
        CHECK(LossFor<BinaryCrossEntropy, float, 1, std::int32_t>);
        CHECK_FALSE(LossFor<BinaryCrossEntropy, float, 3, std::int32_t>);
        CHECK(LossFor<MeanSquaredError, float, 3, Numbers>);
        CHECK_FALSE(LossFor<MeanSquaredError, float, 3, std::int32_t>);
    }

    TEST_CASE("initializers and optimizers are told from other types") {
        CHECK(Initializer<GlorotUniform>);
        CHECK_FALSE(Initializer<Sgd>);
        CHECK(Optimizer<Sgd>);
        CHECK_FALSE(Optimizer<GlorotUniform>);
    }
}
