#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/protobuf.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/operations.hpp>

/// The graph of an ONNX model. `export_onnx` (io/onnx.hpp) gives each Operation of the network to OnnxGraph::add, which
/// adds the operators that compute it (`node`) and the tensors of its parameters (`constant`), and puts the message
/// that `finish` returns into a model. An operator names the values that it takes and the one that it makes; value_ is
/// the name of the latest. Field numbers and operators: https://github.com/onnx/onnx, onnx/onnx.proto and
/// docs/Operators.md, operator set 13.
namespace TYPENET::detail {

/// Writes operations as an ONNX graph. Throws DataError for a parameter that float can't hold.
template <Real T>
class OnnxGraph {
public:
    /// A graph that takes raw features and multiplies them by `input_scale`.
    OnnxGraph(std::size_t inputs, float input_scale) : value_("features") {
        graph_.add(graph_name, "network");
        graph_.add(graph_input, described("features", inputs));
        if (input_scale != 1) binary("Mul", constant("input_scale", {}, {input_scale}));
        values_.push_back(value_);
    }

    void add(const Operation<T>& operation) {
        module_ = join({operation.module, "."});
        apply(operation);
        values_.push_back(value_);
    }

    /// Names the latest value `outputs` and returns the graph.
    [[nodiscard]] ProtobufMessage finish(std::size_t outputs) {
        node("Identity", {value_}, "outputs");
        graph_.add(graph_output, described("outputs", outputs));
        return graph_;
    }

private:
    static constexpr std::string_view function = "export_onnx";
    enum : std::uint32_t { graph_node = 1, graph_name = 2, graph_initializer = 5, graph_input = 11, graph_output = 12 };
    static constexpr std::uint64_t element_type = 1;  // float: runtimes have few operators in double

    void apply(const Operation<T>& operation) {
        using enum OperationKind;
        switch (operation.kind) {
            case none:
            case identity:
                return;  // not in the list: see operations_of
            case affine:
                return affine_map(operation);
            case standardize:
                return standardize_or_replace(operation);
            case unstandardize:
                binary("Mul", vector("deviation", operation.parameters + operation.outputs, operation.outputs));
                return binary("Add", vector("mean", operation.parameters, operation.outputs));
            case layer_norm:
                return normalize(operation);
            case sum:
                return binary("Add", values_[operation.other]);
            case sigmoid:
                return unary("Sigmoid");
            case tanh:
                return unary("Tanh");
            case relu:
                return unary("Relu");
            case leaky_relu:
                return unary("LeakyRelu", attribute("alpha", static_cast<float>(operation.number)));
            case elu:
                return unary("Elu");
            case gelu:
                return gelu_of_value();
            case silu: {
                const std::string z = value_;
                unary("Sigmoid");
                return binary("Mul", z);
            }
            case softplus:
                return unary("Softplus");
            case softmax:
                return unary("Softmax", attribute("axis", std::uint64_t{1}));
        }
    }

    /// Adds a product with the weights as model files have them, [outputs, inputs].
    void affine_map(const Operation<T>& operation) {
        const std::size_t size = operation.inputs * operation.outputs;
        const std::vector<float> weights = to_floats(function, operation.parameters, size);
        std::vector<float> transposed(size);
        for (std::size_t i = 0; i < size; ++i) {
            transposed[i] = weights[i % operation.inputs * operation.outputs + i / operation.inputs];
        }
        const std::string weight = constant("weight", {operation.outputs, operation.inputs}, transposed);
        const std::string bias = vector("bias", operation.parameters + size, operation.outputs);
        value_ = node("Gemm", {value_, weight, bias}, next("Gemm"), attribute("transB", std::uint64_t{1}));
    }

    /// Adds y = (x - mean) / deviation, and 0 where x is NaN.
    void standardize_or_replace(const Operation<T>& operation) {
        const std::size_t n = operation.outputs;
        const std::string x = value_;
        binary("Sub", vector("mean", operation.parameters, n));
        binary("Div", constant("deviation", {n}, to_divisors(function, operation.parameters + n, n)));
        const std::string standardized = std::exchange(value_, x);
        unary("IsNaN");
        value_ = node("Where", {value_, constant("zero", {}, {0.0F}), standardized}, next("Where"));
    }

    /// Adds y = gain * (x - mean) / sqrt(variance + epsilon) + bias, over each row.
    void normalize(const Operation<T>& operation) {
        const std::string x = value_;
        mean();
        const std::string m = std::exchange(value_, x);
        binary("Sub", m);
        const std::string centred = value_;
        binary("Mul", centred);
        mean();
        binary("Add", constant("epsilon", {}, {static_cast<float>(operation.number)}));
        unary("Sqrt");
        const std::string deviation = std::exchange(value_, centred);
        binary("Div", deviation);
        binary("Mul", vector("weight", operation.parameters, operation.outputs));
        binary("Add", vector("bias", operation.parameters + operation.outputs, operation.outputs));
    }
    void mean() {
        ProtobufMessage axes = named_attribute("axes", 7);
        axes.add(8, std::uint64_t{1});
        unary("ReduceMean", axes);
    }

    /// Adds y = z (1 + erf(z / sqrt 2)) / 2.
    void gelu_of_value() {
        const std::string z = value_;
        binary("Div", constant("sqrt_2", {}, {std::numbers::sqrt2_v<float>}));
        unary("Erf");
        binary("Add", constant("one", {}, {1.0F}));
        binary("Mul", z);
        binary("Mul", constant("half", {}, {0.5F}));
    }

    void unary(const char* type, const ProtobufMessage& attribute = {}) {
        value_ = node(type, {value_}, next(type), attribute);
    }
    void binary(const char* type, const std::string& other) { value_ = node(type, {value_, other}, next(type)); }

    /// Returns the name of a new value, such as "0.Gemm.3".
    std::string next(const char* type) { return join({module_, type, ".", count_++}); }

    /// Adds an operator and returns the name of the value that it makes.
    std::string node(const char* type, std::initializer_list<std::string> inputs, const std::string& output,
                     const ProtobufMessage& attribute = {}) {
        ProtobufMessage message;
        for (const std::string& input : inputs) message.add(1, input);
        message.add(2, output).add(3, output).add(4, type);
        if (!attribute.bytes().empty()) message.add(5, attribute);
        graph_.add(graph_node, message);
        return output;
    }

    static ProtobufMessage named_attribute(const char* name, std::uint64_t type) {
        ProtobufMessage message;
        message.add(1, name).add(20, type);
        return message;
    }
    static ProtobufMessage attribute(const char* name, float value) { return named_attribute(name, 1).add(2, value); }
    static ProtobufMessage attribute(const char* name, std::uint64_t value) {
        return named_attribute(name, 2).add(3, value);
    }

    /// Adds a tensor to the graph and returns its name.
    std::string constant(const char* name, const std::vector<std::size_t>& shape, const std::vector<float>& numbers) {
        std::string full_name = module_ + name;
        ProtobufMessage tensor;
        for (const std::size_t extent : shape) tensor.add(1, std::uint64_t{extent});
        tensor.add(2, element_type).add(8, full_name);
        std::string bytes(numbers.size() * sizeof(float), '\0');
        store_numbers(bytes.data(), numbers.data(), numbers.size());
        tensor.add(9, bytes);
        graph_.add(graph_initializer, tensor);
        return full_name;
    }
    std::string vector(const char* name, const T* numbers, std::size_t size) {
        return constant(name, {size}, to_floats(function, numbers, size));
    }

    /// Describes an input or output of the graph: float [batch, columns].
    static ProtobufMessage described(const char* name, std::size_t columns) {
        const ProtobufMessage rows = ProtobufMessage().add(2, "batch");
        const ProtobufMessage width = ProtobufMessage().add(1, std::uint64_t{columns});
        const ProtobufMessage shape = ProtobufMessage().add(1, rows).add(1, width);
        const ProtobufMessage tensor = ProtobufMessage().add(1, element_type).add(2, shape);
        return ProtobufMessage().add(1, name).add(2, ProtobufMessage().add(1, tensor));
    }

    ProtobufMessage graph_;
    std::string value_;                ///< name of the latest value
    std::vector<std::string> values_;  ///< value i of the operations has the name values_[i]
    std::string module_;               ///< prefix of the current layer's names, such as "2."; empty before the first
    std::size_t count_ = 0;            ///< how many values are named
};

}  // namespace TYPENET::detail
