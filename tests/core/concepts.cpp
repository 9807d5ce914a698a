#include <cstddef>
#include <cstdint>
#include <span>

#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/initializers.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/optimizers/sgd.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <Real T, std::size_t N>
struct Doubled : LayerBase<T, N> {
    static std::string describe() { return "Doubled"; }
    static void forward(const T*, Rows<const T, N>, Rows<T, N>, Rows<T, 0>) {}
    static void backward_input(const T*, const T*, Rows<const T, 0>, Rows<const T, N>, Rows<T, N>) {}
};

template <bool Fixed>
struct WithParameters : Doubled<float, 3> {
    static constexpr std::size_t parameter_rows = 1;
    static constexpr bool fixed = Fixed;
};

}  // namespace

TEST_SUITE("core/concepts") {
    TEST_CASE("an activation is elementwise or maps rows, and other types are no activations") {
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

    TEST_CASE("LayerBase is all that a layer without parameters needs beside its name, forward and backward_input") {
        CHECK(BoundLayer<Doubled<float, 3>>);
        CHECK_FALSE(BoundLayer<LayerBase<float, 3>>);
        CHECK(Chain<Doubled<float, 3>>::parameter_count == 0);
        CHECK_FALSE(typenet::detail::is_trained<Doubled<float, 3>>);
    }

    TEST_CASE("a layer with parameters needs backward_parameters, unless they are fixed") {
        CHECK(BoundLayer<WithParameters<true>>);
        CHECK_FALSE(BoundLayer<WithParameters<false>>);
    }

    TEST_CASE("a loss takes certain types of outputs and targets") {
        using Numbers = std::span<const float, 3>;
        CHECK(LossFor<CrossEntropy, float, 3, std::int32_t>);
        CHECK(LossFor<CrossEntropy, double, 3, Numbers>);
        CHECK_FALSE(LossFor<CrossEntropy, float, 4, Numbers>);
        CHECK(LossFor<BinaryCrossEntropy, float, 1, std::int32_t>);
        CHECK_FALSE(LossFor<BinaryCrossEntropy, float, 3, std::int32_t>);
        CHECK(LossFor<MeanSquaredError, float, 3, Numbers>);
        CHECK_FALSE(LossFor<MeanSquaredError, float, 3, std::int32_t>);
    }

    TEST_CASE("initializers and optimizers are distinguished from other types") {
        CHECK(Initializer<GlorotUniform>);
        CHECK_FALSE(Initializer<Sgd>);
        CHECK(Optimizer<Sgd>);
        CHECK_FALSE(Optimizer<GlorotUniform>);
    }

    /// Data of the user's own: row r has the features r and -r, and the label r.
    struct Counted {
        static constexpr std::size_t feature_count = 2;
        [[nodiscard]] std::size_t size() const { return 3; }
        void gather(std::span<const std::uint32_t> rows, float* x) const {
            for (const std::uint32_t row : rows) {
                *x++ = static_cast<float>(row);
                *x++ = -static_cast<float>(row);
            }
        }
        [[nodiscard]] std::int32_t target(std::size_t row) const { return static_cast<std::int32_t>(row); }
    };

    TEST_CASE("training data is a dataset or a type with the same functions, and no function") {
        CHECK(TrainingData<Dataset<3>>);
        CHECK(TrainingData<Dataset<3, Targets<2>>>);
        CHECK(TrainingData<Counted>);
        CHECK_FALSE(TrainingData<Features<3>>);
        CHECK_FALSE(TrainingData<Labels>);
        CHECK_FALSE(TrainingData<Dataset<3>(Features<3>, Labels)>);
    }
}
