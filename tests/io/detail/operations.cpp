#include <array>
#include <cstddef>
#include <ratio>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

// The list of operations that exports start from: of each layer, of skips, and of layers that can't be exported.

using namespace typenet;
using namespace typenet::detail;

namespace {

/// An activation of a user's own.
struct Square {
    static constexpr std::string_view name = "Square";
    static constexpr auto derivative_of = DerivativeOf::input;

    template <class V>
    static V forward(V z) {
        return z * z;
    }
    template <class V>
    static V derivative(V z) {
        return z + z;
    }
};

/// A layer of a user's own; only what exports look at.
template <Real T, std::size_t N>
struct UnstatedLayer : LayerBase<T, N> {
    static constexpr bool fixed = true;
    static std::string describe() { return "Own"; }
    static void forward(const T*, Rows<const T, N>, Rows<T, N>, Rows<T, 0>) {}
    static void backward_input(const T*, const T*, Rows<const T, 0>, Rows<const T, N>, Rows<T, N>) {}
};
template <Real T, std::size_t N>
struct TanhLayer : UnstatedLayer<T, N> {
    static constexpr std::array operations{Tanh::operation};
};
template <Real T, std::size_t N>
struct TwoProductsLayer : UnstatedLayer<T, N> {
    static constexpr std::size_t parameter_rows = 2 * (N + 1);
    static constexpr std::array operations{LayerOperation{OperationKind::affine},
                                           LayerOperation{OperationKind::affine}};
};
template <Real T, std::size_t N>
struct MismatchedLayer : UnstatedLayer<T, N> {
    static constexpr std::size_t parameter_rows = N;
    static constexpr std::array operations{LayerOperation{OperationKind::affine}};
};

template <template <class, std::size_t> class Layer>
struct Own {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }
    template <class T, std::size_t Inputs>
    using Bind = Layer<T, Inputs>;
};

template <class Network>
std::vector<OperationKind> kinds_of() {
    std::vector<OperationKind> kinds;
    for (const auto& operation : operations_of("test", Network())) kinds.push_back(operation.kind);
    return kinds;
}

template <class A>
std::vector<OperationKind> kinds_with() {
    return kinds_of<Mlp<float, Input<2>, Dense<2, A>>>();
}

}  // namespace

TEST_SUITE("io/detail/operations") {
    using enum OperationKind;
    using Kinds = std::vector<OperationKind>;

    TEST_CASE("a Dense layer is a product, then its activation") {
        const Mlp<double, Input<3>, Dense<2, Tanh>, Dense<4, Softmax>> network;
        const auto operations = operations_of("test", network);
        REQUIRE(operations.size() == 4);
        CHECK(operations[0].kind == affine);
        CHECK(operations[0].inputs == 3);
        CHECK(operations[0].outputs == 2);
        CHECK(operations[0].module == 0);
        CHECK(operations[0].parameters == network.parameters().data());
        CHECK(operations[1].kind == tanh);
        CHECK(operations[1].inputs == 2);
        CHECK(operations[1].outputs == 2);
        CHECK(operations[2].kind == affine);
        CHECK(operations[2].module == 2);
        CHECK(operations[2].parameters == network.parameters().data() + 8);
        CHECK(operations[3].kind == softmax);
        CHECK(operations[3].outputs == 4);
    }

    TEST_CASE("every activation has its operation, Identity none") {
        CHECK(kinds_with<Identity>() == Kinds{affine});
        CHECK(kinds_with<Sigmoid>() == Kinds{affine, sigmoid});
        CHECK(kinds_with<Tanh>() == Kinds{affine, tanh});
        CHECK(kinds_with<ReLU>() == Kinds{affine, relu});
        CHECK(kinds_with<LeakyReLU>() == Kinds{affine, leaky_relu});
        CHECK(kinds_with<ELU>() == Kinds{affine, elu});
        CHECK(kinds_with<GELU>() == Kinds{affine, gelu});
        CHECK(kinds_with<SiLU>() == Kinds{affine, silu});
        CHECK(kinds_with<Softplus>() == Kinds{affine, softplus});
        CHECK(kinds_with<Softmax>() == Kinds{affine, softmax});
        const Mlp<float, Input<2>, Dense<2, LeakyReLUWith<std::ratio<1, 5>>>> leaky;
        CHECK(operations_of("test", leaky)[1].number == 0.2);
    }

    TEST_CASE("dropout is nothing, and a sum names the value before its block") {
        using Net = Mlp<float, Input<3>, Standardize, Dense<4, ReLU>, Dropout<std::ratio<1, 5>>,
                        Residual<LayerNorm, Dropout<std::ratio<1, 5>>, Dense<4, Tanh>>, Residual<Dense<4, Identity>>>;
        const Net network;
        const auto operations = operations_of("test", network);
        CHECK(kinds_of<Net>() == Kinds{standardize, affine, relu, layer_norm, affine, tanh, sum, affine, sum});
        REQUIRE(operations.size() == 9);
        CHECK(operations[0].parameters == network.parameters().data());
        CHECK(operations[3].number == doctest::Approx(1e-5));
        CHECK(operations[3].module == 4);
        CHECK(operations[4].module == 6);
        CHECK(operations[6].other == 3);  // after relu
        CHECK(operations[8].other == 7);  // after the first sum
    }

    TEST_CASE("a layer or an activation that states no operation is refused by its name") {
        CHECK_THROWS_WITH_AS(kinds_with<Square>(),
                             "test: layer 0, Dense<2, Square>, can't be exported: its activation states no `operation`",
                             OptionError);
        CHECK_THROWS_WITH_AS((kinds_of<Mlp<float, Input<2>, Dense<2, Tanh>, Own<UnstatedLayer>>>()),
                             "test: layer 1, Own, can't be exported: it states no `operations`", OptionError);
    }

    TEST_CASE("a layer of one's own is exported as the operations that it states") {
        using Net = Mlp<float, Input<3>, Own<TanhLayer>, Own<TwoProductsLayer>, Dense<2, ReLU>>;
        const Net network;
        const auto operations = operations_of("test", network);
        CHECK(kinds_of<Net>() == Kinds{tanh, affine, affine, affine, relu});
        REQUIRE(operations.size() == 5);
        CHECK(operations[1].module == 1);
        CHECK(operations[1].parameters == network.parameters().data());
        CHECK(operations[2].module == 2);
        CHECK(operations[2].parameters == network.parameters().data() + 12);
        CHECK(operations[3].module == 3);
        CHECK(operations[3].parameters == network.parameters().data() + 24);
        CHECK(operations[3].inputs == 3);
    }

    TEST_CASE("operations with other parameters than the layer's are refused") {
        CHECK_THROWS_WITH_AS(
            (kinds_of<Mlp<float, Input<2>, Own<MismatchedLayer>>>()),
            "test: layer 0, Own, can't be exported: its `operations` have other parameters than it has", OptionError);
    }
}
