#include <cstddef>
#include <cstdint>
#include <string>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/header_writer.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

TEST_SUITE("io/detail/header_writer") {
    TEST_CASE("floats are written so that they are floats, 8-bit integers as integers") {
        CHECK(literal(0.0F) == "0.0f");
        CHECK(literal(-0.0F) == "-0.0f");
        CHECK(literal(0.1F) == "0.1f");
        CHECK(literal(3e10F) == "3e+10f");
        CHECK(literal(std::int8_t{-127}) == "-127");
    }

    TEST_CASE("texts are written so that any compiler reads them") {
        CHECK(text_literal("a b~") == "\"a b~\"");
        CHECK(text_literal("\"\\\n\xFF") == R"("\042\134\012\377")");
        CHECK(text_literal("\0111") == R"("\0111")");
    }

    TEST_CASE("an operation is an array and a call; activations work in place") {
        Mlp<float, Input<2>, Standardize, Dense<3, Tanh>, Residual<LayerNorm, Dense<3, LeakyReLU>>> network;
        HeaderWriter<float> writer(2, 1);
        for (const auto& operation : operations_of("test", network)) writer.add(operation);
        CHECK(writer.result() == "x5");
        CHECK(writer.body() ==
              "    float x0[2] = {};\n"
              "    for (std::size_t i = 0; i < input_count; ++i) x0[i] = static_cast<float>(features[i]);\n"
              "    float x1[2] = {};\n"
              "    detail::standardize<2>(x0, detail::means_0, detail::deviations_0, x1);\n"
              "    float x2[3] = {};\n"
              "    detail::affine<2, 3>(x1, detail::weights_1, detail::biases_1, x2);\n"
              "    detail::apply<3, detail::tanh>(x2);\n"
              "    float x3[3] = {};\n"
              "    detail::layer_norm<3>(x2, detail::gains_3, detail::biases_3, 1e-05f, x3);\n"
              "    float x4[3] = {};\n"
              "    detail::affine<3, 3>(x3, detail::weights_4, detail::biases_4, x4);\n"
              "    detail::leaky_relu<3>(x4, 0.01f);\n"
              "    float x5[3] = {};\n"
              "    detail::sum<3>(x4, x2, x5);\n");
    }

    TEST_CASE("a last layer with units is a call with its means and deviations") {
        Mlp<float, Input<1>, Dense<1, Identity>, Unstandardize> network;
        network.parameters()[2] = 250000;
        network.parameters()[3] = 80000;
        HeaderWriter<float> writer(1, 1);
        for (const auto& operation : operations_of("test", network)) writer.add(operation);
        CHECK(writer.body().find("    detail::unstandardize<1>(x1, detail::means_1, detail::deviations_1, x2);\n") !=
              std::string::npos);
        CHECK(writer.data().find("means_1[1] = {\n    250000.0f,\n};") != std::string::npos);
        CHECK(writer.data().find("deviations_1[1] = {\n    80000.0f,\n};") != std::string::npos);
    }

    TEST_CASE("a block's sum takes what an activation in place left before it") {
        const Mlp<float, Input<2>, Dense<3, LeakyReLU>, Residual<Dense<3, Tanh>>, Residual<Dense<3, LeakyReLU>>>
            network;
        HeaderWriter<float> writer(2, 1);
        for (const auto& operation : operations_of("test", network)) writer.add(operation);
        CHECK(writer.body().find("detail::sum<3>(x2, x1, x3);") != std::string::npos);
        CHECK(writer.body().find("detail::sum<3>(x4, x3, x5);") != std::string::npos);
        CHECK(writer.result() == "x5");
    }

    TEST_CASE("a layer norm's gains and biases are arrays of their own") {
        Mlp<float, Input<3>, LayerNorm> network;
        for (std::size_t i = 0; i < 6; ++i) network.parameters()[i] = static_cast<float>(i + 1);
        HeaderWriter<float> writer(3, 1);
        for (const auto& operation : operations_of("test", network)) writer.add(operation);
        CHECK(writer.data().find("gains_0[3] = {\n    1.0f, 2.0f, 3.0f,\n}") != std::string::npos);
        CHECK(writer.data().find("biases_0[3] = {\n    4.0f, 5.0f, 6.0f,\n}") != std::string::npos);
    }
}
