#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/onnx_graph.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

// What is in a whole model is tested in io/onnx.cpp.
TEST_SUITE("io/detail/onnx_graph") {
    TEST_CASE("values are named by module, operator and number") {
        const Mlp<float, Input<2>, Dense<2, GELU>, Dense<2, Tanh>> network;
        OnnxGraph<float> graph(2, 1);
        for (const auto& operation : operations_of("test", network)) graph.add(operation);
        const ProtobufMessage message = graph.finish(2);
        std::string_view rest = message.bytes();
        for (const char* name :
             {"0.Gemm.0", "1.Div.1", "1.Erf.2", "1.Add.3", "1.Mul.4", "1.Mul.5", "2.Gemm.6", "3.Tanh.7"}) {
            CAPTURE(name);
            const std::size_t found = rest.find(name);
            REQUIRE(found != std::string_view::npos);
            rest.remove_prefix(found);
        }
    }

    TEST_CASE("a weight beyond float is refused") {
        Mlp<double, Input<2>, Dense<2, Tanh>> network;
        network.parameters()[3] = 1e300;
        OnnxGraph<double> graph(2, 1);
        CHECK_THROWS_WITH_AS(graph.add(operations_of("test", network)[0]), "export_onnx: 1e+300 is too large for float",
                             DataError);
    }
}
