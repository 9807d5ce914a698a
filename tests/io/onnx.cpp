#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <ratio>
#include <string>
#include <string_view>
#include <support/temporary_file.hpp>
#include <typenet/activations.hpp>
#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/network/mlp.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

// The bytes of exported ONNX models, read here by a small reader of protobuf messages, and what export_onnx refuses.
// Whether others compute the network's outputs from them is tested in tests/interchange.

using namespace typenet;
using support::TemporaryDirectory;

namespace {

std::uint64_t read_varint(ByteReader& in) {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const auto byte = in.number<std::uint8_t>();
        value |= std::uint64_t{byte & 127U} << shift;
        if (byte < 128) return value;
    }
}

/// A protobuf message as its fields, in their order: a number is its decimal digits, a float its four bytes.
struct Message : std::vector<std::pair<std::uint64_t, std::string>> {
    explicit Message(std::string_view bytes) {
        ByteReader in(bytes);
        while (!in.at_end()) {
            const std::uint64_t key = read_varint(in);
            switch (key & 7) {
                case 0:
                    emplace_back(key >> 3, std::to_string(read_varint(in)));
                    break;
                case 2:
                    emplace_back(key >> 3, in.take(read_varint(in)));
                    break;
                case 5:
                    emplace_back(key >> 3, in.take(4));
                    break;
                default:
                    FAIL("a kind of field that ONNX doesn't use here");
            }
        }
    }
    [[nodiscard]] std::vector<std::string> all(std::uint64_t field) const {
        std::vector<std::string> values;
        for (const auto& [number, value] : *this) {
            if (number == field) values.push_back(value);
        }
        return values;
    }
    [[nodiscard]] std::string one(std::uint64_t field) const {
        const std::vector<std::string> values = all(field);
        REQUIRE(values.size() == 1);
        return values.front();
    }
};

using Small = Mlp<float, Input<2>, Dense<3, ReLU>, Dense<2, Softmax>>;

template <class Network>
Message exported(const Network& network, const ModelInfo& info = {}) {
    const TemporaryDirectory directory;
    export_onnx(network, directory / "model.onnx", info);
    return Message(support::bytes_of(directory / "model.onnx"));
}

std::vector<std::string> operators_of(const Message& model) {
    std::vector<std::string> types;
    for (const std::string& node : Message(model.one(7)).all(1)) types.push_back(Message(node).one(4));
    return types;
}

template <class A>
std::vector<std::string> operators_with() {
    return operators_of(exported(Mlp<float, Input<2>, Dense<2, A>>()));
}

}  // namespace

TEST_SUITE("io/onnx") {
    using Texts = std::vector<std::string>;

    TEST_CASE("the model names its maker, its format and its operators' version") {
        const Message model = exported(Small());
        CHECK(model.one(1) == "7");
        CHECK(model.one(2) == "typenet");
        CHECK(model.one(3) == version);
        CHECK(Message(model.one(8)).one(1).empty());
        CHECK(Message(model.one(8)).one(2) == "13");
    }

    TEST_CASE("input and output have any number of rows") {
        const Message graph(exported(Small()).one(7));
        for (const auto& [field, name, width] : {std::tuple(11U, "features", "2"), std::tuple(12U, "outputs", "2")}) {
            const Message value(graph.one(field));
            CHECK(value.one(1) == name);
            const Message tensor(Message(value.one(2)).one(1));
            CHECK(tensor.one(1) == "1");  // float
            const Texts extents = Message(tensor.one(2)).all(1);
            REQUIRE(extents.size() == 2);
            CHECK(Message(extents[0]).one(2) == "batch");
            CHECK(Message(extents[1]).one(1) == width);
        }
    }

    TEST_CASE_TEMPLATE("weights are stored as in model files, as floats", T, float, double) {
        Mlp<T, Input<3>, Dense<2, Identity>> network;
        for (std::size_t i = 0; i < 8; ++i) network.parameters()[i] = static_cast<T>(i);
        const Texts tensors = Message(exported(network).one(7)).all(5);
        REQUIRE(tensors.size() == 2);
        const Message weight(tensors[0]);
        CHECK(weight.one(8) == "0.weight");
        CHECK(weight.all(1) == Texts{"2", "3"});
        CHECK(weight.one(2) == "1");
        const std::vector<float> expected{0, 2, 4, 1, 3, 5};
        const std::string bytes = weight.one(9);
        REQUIRE(bytes.size() == 6 * sizeof(float));
        CHECK(std::memcmp(bytes.data(), expected.data(), bytes.size()) == 0);
        const Message bias(tensors[1]);
        CHECK(bias.one(8) == "0.bias");
        CHECK(bias.all(1) == Texts{"2"});
    }

    TEST_CASE("nodes hand on what the one before made, from the features to the outputs") {
        const Message graph(exported(Small(), {.input_scale = 0.5F}).one(7));
        CHECK(operators_of(exported(Small(), {.input_scale = 0.5F})) ==
              Texts{"Mul", "Gemm", "Relu", "Gemm", "Softmax", "Identity"});
        std::string value = "features";
        for (const std::string& bytes : graph.all(1)) {
            const Message node(bytes);
            CHECK(node.all(1).front() == value);
            value = node.one(2);
            CHECK(node.one(3) == value);
        }
        CHECK(value == "outputs");
        CHECK(operators_of(exported(Small())).front() == "Gemm");
    }

    TEST_CASE("every activation has its operators") {
        CHECK(operators_with<Identity>() == Texts{"Gemm", "Identity"});
        CHECK(operators_with<Sigmoid>() == Texts{"Gemm", "Sigmoid", "Identity"});
        CHECK(operators_with<Tanh>() == Texts{"Gemm", "Tanh", "Identity"});
        CHECK(operators_with<ReLU>() == Texts{"Gemm", "Relu", "Identity"});
        CHECK(operators_with<LeakyReLU>() == Texts{"Gemm", "LeakyRelu", "Identity"});
        CHECK(operators_with<ELU>() == Texts{"Gemm", "Elu", "Identity"});
        CHECK(operators_with<GELU>() == Texts{"Gemm", "Div", "Erf", "Add", "Mul", "Mul", "Identity"});
        CHECK(operators_with<SiLU>() == Texts{"Gemm", "Sigmoid", "Mul", "Identity"});
        CHECK(operators_with<Softplus>() == Texts{"Gemm", "Softplus", "Identity"});
        CHECK(operators_with<Softmax>() == Texts{"Gemm", "Softmax", "Identity"});
    }

    TEST_CASE("layers without an activation have their operators") {
        CHECK(operators_of(exported(Mlp<float, Input<2>, Standardize>())) ==
              Texts{"Sub", "Div", "IsNaN", "Where", "Identity"});
        CHECK(operators_of(exported(Mlp<float, Input<2>, LayerNorm>())) ==
              Texts{"ReduceMean", "Sub", "Mul", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add", "Identity"});
    }

    TEST_CASE("an unstandardize layer multiplies by its deviations and adds its means") {
        Mlp<float, Input<1>, Dense<1, Identity>, Unstandardize> network;
        network.parameters()[2] = 5;
        network.parameters()[3] = 2;
        const Message graph(exported(network).one(7));
        CHECK(operators_of(exported(network)) == Texts{"Gemm", "Mul", "Add", "Identity"});
        CHECK(Message(graph.all(1)[1]).all(1).back() == "1.deviation");
        CHECK(Message(graph.all(1)[2]).all(1).back() == "1.mean");
        for (const auto& [index, number] : {std::pair(2U, 2.0F), std::pair(3U, 5.0F)}) {
            float stored = 0;
            std::memcpy(&stored, Message(graph.all(5)[index]).one(9).data(), sizeof(float));
            CHECK(stored == number);
        }
    }

    TEST_CASE("a standardize layer replaces what is NaN in its input by 0") {
        const Message graph(exported(Mlp<float, Input<2>, Standardize>()).one(7));
        const Texts nodes = graph.all(1);
        REQUIRE(nodes.size() == 5);
        CHECK(Message(nodes[2]).all(1) == Texts{"features"});
        const Texts chosen = Message(nodes[3]).all(1);
        CHECK(chosen == Texts{Message(nodes[2]).one(2), "0.zero", Message(nodes[1]).one(2)});
        CHECK(Message(nodes[4]).one(1) == Message(nodes[3]).one(2));
        const Message zero(graph.all(5).back());
        CHECK(zero.one(8) == "0.zero");
        CHECK(zero.one(9) == std::string(sizeof(float), '\0'));
    }

    TEST_CASE("a layer norm centres its input, scales it, and adds its bias") {
        Mlp<float, Input<2>, LayerNorm> network;
        for (std::size_t i = 0; i < 4; ++i) network.parameters()[i] = static_cast<float>(i + 1);
        const Message graph(exported(network).one(7));
        std::map<std::string, std::vector<float>> numbers;
        for (const std::string& tensor : graph.all(5)) {
            const std::string bytes = Message(tensor).one(9);
            std::vector<float>& values = numbers[Message(tensor).one(8)];
            values.resize(bytes.size() / sizeof(float));
            std::memcpy(values.data(), bytes.data(), bytes.size());
        }
        CHECK(numbers["0.weight"] == std::vector<float>{1, 2});
        CHECK(numbers["0.bias"] == std::vector<float>{3, 4});
        CHECK(numbers["0.epsilon"].size() == 1);
        std::vector<Texts> inputs;
        for (const std::string& node : graph.all(1)) inputs.push_back(Message(node).all(1));
        CHECK(inputs[0] == Texts{"features"});
        CHECK(inputs[1] == Texts{"features", "0.ReduceMean.0"});
        CHECK(inputs[2] == Texts{"0.Sub.1", "0.Sub.1"});
        CHECK(inputs[3] == Texts{"0.Mul.2"});
        CHECK(inputs[4] == Texts{"0.ReduceMean.3", "0.epsilon"});
        CHECK(inputs[6] == Texts{"0.Sub.1", "0.Sqrt.5"});
        CHECK(inputs[7] == Texts{"0.Div.6", "0.weight"});
        CHECK(inputs[8] == Texts{"0.Mul.7", "0.bias"});
    }

    TEST_CASE("operators have the attributes that they need, with their types") {
        const auto attribute_of = [](const Message& model, const std::string& type) {
            for (const std::string& bytes : Message(model.one(7)).all(1)) {
                const Message node(bytes);
                if (node.one(4) == type) return Message(node.one(5));
            }
            return Message("");
        };
        using Net = Mlp<float, Input<2>, LayerNorm, Dense<2, LeakyReLU>, Dense<2, Softmax>>;
        const Message model = exported(Net());
        const Message product = attribute_of(model, "Gemm");
        CHECK(product.one(1) == "transB");
        CHECK(product.one(20) == "2");  // an integer
        CHECK(product.one(3) == "1");
        const Message leaky = attribute_of(model, "LeakyRelu");
        CHECK(leaky.one(1) == "alpha");
        CHECK(leaky.one(20) == "1");  // a float
        float slope = 0;
        std::memcpy(&slope, leaky.one(2).data(), sizeof slope);
        CHECK(slope == 0.01F);
        const Message mean = attribute_of(model, "ReduceMean");
        CHECK(mean.one(1) == "axes");
        CHECK(mean.one(20) == "7");  // integers
        CHECK(mean.all(8) == Texts{"1"});
        CHECK(attribute_of(model, "Softmax").one(1) == "axis");
        const Message graph(exported(Small()).one(7));
        CHECK(graph.one(2) == "network");
        CHECK(Message(graph.all(1)[1]).all(5).empty());  // Relu
    }

    TEST_CASE("a sum takes the value before its block") {
        const Message graph(
            exported(Mlp<float, Input<2>, Dense<2, ReLU>, Residual<LayerNorm, Dense<2, Tanh>>>()).one(7));
        std::map<std::string, std::string> type_of;  // of the node that made a value
        for (const std::string& bytes : graph.all(1)) {
            const Message node(bytes);
            type_of[node.one(2)] = node.one(4);
        }
        const Texts nodes = graph.all(1);
        const Message sum(nodes[nodes.size() - 2]);
        CHECK(sum.one(4) == "Add");
        CHECK(type_of[sum.all(1)[0]] == "Tanh");
        CHECK(type_of[sum.all(1)[1]] == "Relu");
    }

    TEST_CASE("a network that does nothing in prediction hands on its features") {
        CHECK(operators_of(exported(Mlp<float, Input<2>, Dropout<std::ratio<1, 2>>>())) == Texts{"Identity"});
    }

    TEST_CASE("the first layers of a network are exported as a network of these layers is") {
        const Small network(Seed{3});
        const auto first = network.first_layers<1>();
        Mlp<float, Input<2>, Dense<3, ReLU>> same;
        std::ranges::copy(network.parameters().first<same.parameter_count>(), same.parameters().begin());
        CHECK(exported(first) == exported(same));
    }

    TEST_CASE("the metadata are those of a model file, without its check") {
        const ModelInfo info{.input_scale = 0.5F, .labels = {"a", "b"}, .metadata = {{"author", "me"}}};
        std::map<std::string, std::string> metadata;
        for (const std::string& entry : exported(Small(), info).all(14)) {
            metadata[Message(entry).one(1)] = Message(entry).one(2);
        }
        CHECK(metadata == std::map<std::string, std::string>{{"typenet.version", version},
                                                             {"architecture", Small::architecture()},
                                                             {"input_scale", "0.5"},
                                                             {"labels", "[\"a\", \"b\"]"},
                                                             {"author", "me"}});
    }

    TEST_CASE("what can't be exported is an error, and the old file stays") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("model.onnx", "old");
        CHECK_THROWS_WITH_AS(export_onnx(Small(), path, {.labels = {"a"}}),
                             "export_onnx: there are 1 labels for 2 classes", OptionError);
        Small damaged;
        damaged.parameters()[0] = HUGE_VALF;
        CHECK_THROWS_WITH_AS(export_onnx(damaged, path), "export_onnx: a parameter of the network is not finite",
                             DataError);
        Mlp<double, Input<1>, Standardize> divided;
        divided.parameters()[1] = 1e-50;
        CHECK_THROWS_WITH_AS(export_onnx(divided, path), "export_onnx: the divisor 1e-50 is 0 as a float", DataError);
        divided.parameters()[1] = 1e39;
        CHECK_THROWS_WITH_AS(export_onnx(divided, path), "export_onnx: 1e+39 is too large for float", DataError);
        CHECK_THROWS_AS(export_onnx(Small(), directory / "missing" / "model.onnx"), FileError);
        CHECK(support::bytes_of(path) == "old");
    }
}
