#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ratio>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/io/detail/whole_header_writer.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

namespace {

/// Returns the network with all of its Dense layers in 8 bits, with inputs in the same range.
template <class Network>
Quantized<Network> in_int8(const Network& network, ByteRange range) {
    typename Quantized<Network>::Int8Layers layers;
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        if constexpr (Quantized<Network>::template can_be_int8<I>) {
            const float* const p = network.template layer_parameters<I>();
            std::get<I>(layers).emplace(
                round_to_int8(p, p + Layer::weight_count, Layer::inputs, Layer::outputs, range));
        }
    });
    return Quantized<Network>(network, layers);
}

template <class Network>
WholeHeaderWriter written(const Quantized<Network>& network, float input_scale = 1) {
    WholeHeaderWriter writer(input_scale);
    for (const auto& operation : operations_of("test", network)) writer.add(operation);
    return writer;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A layer that computes as Standardize does and needn't be the first.
template <Real T, std::size_t N>
struct ScaledLayer : StandardizeLayer<T, N> {
    static constexpr bool takes_missing = false;

    static std::string describe() { return "Scaled"; }
};
struct Scaled {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }
    template <class T, std::size_t Inputs>
    using Bind = ScaledLayer<T, Inputs>;
};

constexpr const char* too_large =
    "export_header: the network's numbers are too large, or differ too much, for whole numbers; scale its features and "
    "targets, or export the header without whole_numbers";

}  // namespace

TEST_SUITE("io/detail/whole_header_writer") {
    TEST_CASE("an operation is arrays and a call; activations work in place") {
        Mlp<float, Input<2>, Dense<2, ReLU>, Residual<Dense<2, LeakyReLUWith<std::ratio<1, 4>>>>, Dense<1, Identity>>
            network;
        for (float& parameter : network.parameters()) parameter = 1;
        const WholeHeaderWriter writer = written(in_int8(network, {0, 1}));
        CHECK(writer.takes_bytes());
        CHECK(writer.feature_unit() == 1);
        CHECK(writer.result() == "x3");
        // Weights are 127 times 1/127. The first layer's outputs are at most 511, so that they have 21 bits; each of
        // the others has those that its own bound leaves.
        CHECK(writer.body() ==
              "    static_assert(decltype(+features[0])(1) / 2 == 0, \"predict takes whole numbers\");\n"
              "    std::int32_t x0[2] = {};\n"
              "    detail::affine<2, 2>(features, detail::weights_0, detail::factors_0, detail::offsets_0, 15, x0);\n"
              "    detail::relu<2>(x0);\n"
              "    std::uint8_t b1[2] = {};\n"
              "    detail::to_bytes<2>(x0, 536870912, 562949953421312, 50, b1);\n"
              "    std::int32_t x1[2] = {};\n"
              "    detail::affine<2, 2>(b1, detail::weights_2, detail::factors_2, detail::offsets_2, 15, x1);\n"
              "    detail::leaky_relu<2>(x1, 268435456);\n"
              "    std::int32_t x2[2] = {};\n"
              "    detail::sum<2>(x1, 1, x0, 1, x2);\n"
              "    std::uint8_t b3[2] = {};\n"
              "    detail::to_bytes<2>(x2, 536870912, 281474976710656, 49, b3);\n"
              "    std::int32_t x3[1] = {};\n"
              "    detail::affine<2, 1>(b3, detail::weights_5, detail::factors_5, detail::offsets_5, 15, x3);\n");
        CHECK(has(writer.data(), "inline constexpr signed char weights_0[4] = {\n    127, 127, 127, 127,\n};"));
        CHECK(writer.output_unit() == 1 << 21);
    }

    TEST_CASE("a table is written once, with the bits of its values") {
        const Mlp<float, Input<2>, Dense<3, Sigmoid>, Dense<3, Sigmoid>, Dense<3, SiLU>, Dense<2, Softmax>> network(
            Seed{1});
        const WholeHeaderWriter writer = written(in_int8(network, {0, 1.0F / 255}));
        CHECK(has(writer.data(), "std::int32_t sigmoid_20[513] = {\n    0, 0, 0, "));
        CHECK(writer.data().find(" sigmoid_20[") == writer.data().rfind(" sigmoid_20["));
        CHECK(has(writer.data(), " silu_"));
        CHECK(has(writer.data(), "1073741824,\n};"));
        CHECK(has(writer.body(), "detail::softmax<2>(x3, detail::exp_30, -33554432, "));
        CHECK(writer.output_unit() == 1 << 30);
    }

    TEST_CASE("features are bytes where the calibration data were bytes times the scale") {
        const Mlp<float, Input<2>, Dense<3, Tanh>> network(Seed{1});
        const auto bytes = in_int8(network, {0, 1.0F / 255});
        CHECK(written(bytes, 1.0F / 255).takes_bytes());
        CHECK_FALSE(written(bytes, 1).takes_bytes());
        CHECK_FALSE(written(in_int8(network, {-0.25F, 1.0F / 255}), 1.0F / 255).takes_bytes());
        const WholeHeaderWriter half = written(in_int8(network, {-1, 0.5F}), 0.25F);  // byte 0 is from -5 to -3
        CHECK(half.feature_unit() == 65536);
        CHECK(has(half.data(), "std::int64_t starts_0[1] = {\n    -327680,\n};"));
        CHECK(has(half.data(), "std::int64_t steps_0[1] = {\n    131072,\n};"));
        CHECK(has(half.body(), "detail::features_to_bytes<2, 1>(features, detail::starts_0, detail::steps_0, b0);"));
        CHECK(written(in_int8(network, {0, 1.0F / 32})).feature_unit() == 1 << 17);  // a byte has 2^12 units
    }

    TEST_CASE("features that are standardized become bytes at once") {
        Mlp<float, Input<2>, Standardize, Dense<3, Tanh>> network(Seed{1});
        const std::array<float, 4> moments{10, -1, 2, 8};  // means, deviations
        std::copy(moments.begin(), moments.end(), network.parameters().begin());
        const WholeHeaderWriter writer = written(in_int8(network, {-2, 0.5F}));
        CHECK(has(writer.data(), "starts_1[2] = {\n    360448, -1245184,\n};"));  // 5.5 and -19 times 65536
        CHECK(has(writer.data(), "steps_1[2] = {\n    65536, 262144,\n};"));
        CHECK_FALSE(writer.takes_bytes());
        CHECK_FALSE(written(in_int8(network, {0, 1})).takes_bytes());
    }

    TEST_CASE("units of targets are those of the outputs") {
        Mlp<float, Input<1>, Dense<1, Identity>, Unstandardize> network;
        const std::array<float, 4> parameters{1, 0, 100, 2};  // weight, bias, mean, deviation
        std::copy(parameters.begin(), parameters.end(), network.parameters().begin());
        const WholeHeaderWriter writer = written(in_int8(network, {0, 1}));  // outputs from 100 to 610
        CHECK(writer.output_unit() == 1 << 20);
        CHECK(has(writer.data(), "factors_1[1] = {\n    536870912,\n};"));  // 2 for one bit less
        CHECK(has(writer.body(), "detail::scale<1>(x0, detail::factors_1, detail::offsets_1, "));
    }

    TEST_CASE("bits follow from the largest sum, be it positive or negative; tables stay within 32 bits") {
        Mlp<float, Input<1>, Dense<1, Softplus>> network;
        network.parameters()[0] = -1;
        CHECK(written(in_int8(network, {0, 1.0F / 255})).output_unit() == 1 << 28);  // 1, and 1 for the function
        CHECK(written(in_int8(network, {0, 1})).output_unit() == 1 << 22);
        network.parameters()[0] = 1;
        CHECK(written(in_int8(network, {0, 1})).output_unit() == 1 << 22);
        CHECK(has(written(in_int8(network, {0, 1.0F / 255})).data(), " 2147483647,\n};"));
    }

    TEST_CASE("scaled numbers have the longest shift without an overflow") {
        const WholeFactors whole = to_whole({0.75, -3}, {1, -2});
        CHECK(whole.shift == 28);
        CHECK(whole.factors == std::vector<std::int32_t>{3 << 26, -(3 << 28)});
        CHECK(whole.offsets == std::vector<std::int64_t>{3LL << 27, -(3LL << 27)});
        CHECK(to_whole({0}, {0}).shift == 60);
        CHECK(to_whole({1e-3}, {1e9}).shift == 31);
        CHECK(bits_for(1) == 29);
        CHECK(bits_for(0.9) == 30);
        CHECK(bits_for(1e-9) == 30);
        CHECK(bits_for(1e9) == 0);
        CHECK(bits_for(0) == 30);
    }

    TEST_CASE("numbers that don't fit are refused") {
        CHECK_THROWS_WITH_AS(to_whole({1.1e9}, {0}), too_large, DataError);
        CHECK_THROWS_WITH_AS(to_whole({1}, {3e18}), too_large, DataError);
        CHECK_THROWS_WITH_AS(bits_for(1.1e9), too_large, DataError);
        const Mlp<float, Input<2>, Dense<3, Tanh>, Dense<2, Softmax>> network(Seed{1});
        CHECK_THROWS_WITH_AS(written(in_int8(network, {0, 1e30F})), too_large, DataError);
        CHECK_THROWS_WITH_AS(written(in_int8(network, {0, 1e-6F}), 1e-6F), too_large, DataError);  // the second's bytes
        const Mlp<float, Input<2>, Dense<3, Tanh>> one(Seed{1});
        CHECK_THROWS_WITH_AS(written(in_int8(one, {0, 1e-12F})), too_large, DataError);
        Mlp<float, Input<2>, Standardize, Dense<3, Tanh>> standardized(Seed{1});
        standardized.parameters()[0] = 1e14F;  // the mean of a feature
        CHECK_THROWS_WITH_AS(written(in_int8(standardized, {-2, 0.02F})), too_large, DataError);
        standardized.parameters()[0] = 0;
        CHECK_NOTHROW(written(in_int8(standardized, {-2, 0.02F})));
        standardized.parameters()[2] = 0;  // the deviation of a feature
        CHECK_THROWS_WITH_AS(written(in_int8(standardized, {-2, 0.02F})), too_large, DataError);
    }

    TEST_CASE("features that aren't multiplied by weights first are refused") {
        const Mlp<float, Input<2>, Residual<Dense<2, Tanh>>> network(Seed{1});
        CHECK_THROWS_WITH_AS(written(in_int8(network, {0, 1})),
                             "export_header: in whole numbers the features can only be multiplied by a Dense layer's "
                             "weights, not added or activated; export the header without whole_numbers",
                             OptionError);
        WholeHeaderWriter writer(1);
        CHECK_THROWS_AS(writer.add({OperationKind::relu, 2, 2, 0}), OptionError);
    }

    TEST_CASE("networks that compute in float are refused, with what to do") {
        const Mlp<float, Input<2>, Dense<3, Tanh>, Dense<2, Softmax>> network(Seed{1});
        CHECK_THROWS_WITH_AS(
            check_whole_numbers(network),
            "export_header: whole_numbers needs a network in 8 bits; call quantize, and export its result",
            OptionError);
        using Small = Quantized<Mlp<float, Input<2>, Dense<3, Tanh>, Dense<2, Softmax>>>;
        Small::Int8Layers layers;
        std::get<0>(layers) = in_int8(network, {0, 1}).int8_layer<0>();
        CHECK_THROWS_WITH_AS(
            check_whole_numbers(Small(network, layers)),
            "export_header: whole_numbers needs all layers in 8 bits, and layer 1, Dense<2, Softmax>, computes in "
            "float; quantize without float_layers, and allow a larger loss (most_disagreement = 1 and most_error = 1)",
            OptionError);
        const Mlp<float, Input<2>, Dense<3, Tanh>, LayerNorm, Dense<2, Softmax>> normalized(Seed{1});
        CHECK_THROWS_WITH_AS(
            check_whole_numbers(in_int8(normalized, {0, 1})),
            "export_header: layer 1, LayerNorm, computes in float only; export the header without whole_numbers, or "
            "train a network without such a layer",
            OptionError);
        const Mlp<float, Input<2>, Dense<3, Tanh>, Scaled, Dense<2, Softmax>> scaled(Seed{1});
        CHECK_THROWS_WITH_AS(check_whole_numbers(in_int8(scaled, {0, 1})),
                             doctest::Contains("layer 1, Scaled, computes in float only"), OptionError);
        CHECK_NOTHROW(check_whole_numbers(in_int8(network, {0, 1})));
    }
}
