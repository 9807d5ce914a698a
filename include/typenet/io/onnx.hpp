#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/io/detail/protobuf.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/io/replace_file.hpp>
#include <typenet/network.hpp>
#include <typenet/version.hpp>

/// Models for ONNX runtimes. Field numbers and operators: https://github.com/onnx/onnx, onnx/onnx.proto and
/// docs/Operators.md.
namespace typenet {

namespace detail {

/// Writes operations as an ONNX graph of operator set 13.
template <Real T>
class OnnxGraph {
public:
    explicit OnnxGraph(std::size_t inputs) : value_("features") {
        graph_.add(graph_name, "network");
        graph_.add(graph_input, described("features", inputs));
    }

    /// The value that the last operation made is multiplied by `factor`.
    void scale(T factor) { binary("Mul", constant("input_scale", {}, {factor})); }

    void add(const Operation<T>& operation) {
        if (values_.empty()) values_.push_back(value_);
        module_ = join({operation.module, "."});
        apply(operation);
        values_.push_back(value_);
    }

    [[nodiscard]] ProtobufMessage finish(std::size_t outputs) {
        node("Identity", {value_}, "outputs");
        graph_.add(graph_output, described("outputs", outputs));
        return graph_;
    }

private:
    enum : std::uint32_t { graph_node = 1, graph_name = 2, graph_initializer = 5, graph_input = 11, graph_output = 12 };
    static constexpr std::uint64_t element_type = sizeof(T) == sizeof(float) ? 1 : 11;

    void apply(const Operation<T>& operation) {
        using enum OperationKind;
        const std::size_t n = operation.outputs;
        const T* const p = operation.parameters;
        switch (operation.kind) {
            case affine:
                return affine_map(operation);
            case standardize:
                binary("Sub", vector("mean", p, n));
                return binary("Div", vector("deviation", p + n, n));
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

    /// The weights as in model files, [outputs, inputs].
    void affine_map(const Operation<T>& operation) {
        std::vector<T> transposed(operation.inputs * operation.outputs);
        for (std::size_t i = 0; i < transposed.size(); ++i) {
            transposed[i] = operation.parameters[i % operation.inputs * operation.outputs + i / operation.inputs];
        }
        const std::string weight = constant("weight", {operation.outputs, operation.inputs}, transposed);
        const std::string bias = vector("bias", operation.parameters + transposed.size(), operation.outputs);
        value_ = node("Gemm", {value_, weight, bias}, next("Gemm"), attribute("transB", std::uint64_t{1}));
    }

    /// As in LayerNormLayer.
    void normalize(const Operation<T>& operation) {
        const std::string x = value_;
        mean();
        const std::string m = std::exchange(value_, x);
        binary("Sub", m);
        const std::string centred = value_;
        binary("Mul", centred);
        mean();
        binary("Add", constant("epsilon", {}, {static_cast<T>(operation.number)}));
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

    /// (1 + erf(z / sqrt 2)) z / 2
    void gelu_of_value() {
        const std::string z = value_;
        binary("Div", constant("sqrt_2", {}, {std::numbers::sqrt2_v<T>}));
        unary("Erf");
        binary("Add", constant("one", {}, {T(1)}));
        binary("Mul", z);
        binary("Mul", constant("half", {}, {T(0.5)}));
    }

    void unary(const char* type, const ProtobufMessage& attribute = {}) {
        value_ = node(type, {value_}, next(type), attribute);
    }
    void binary(const char* type, const std::string& other) { value_ = node(type, {value_, other}, next(type)); }

    /// The name of a new value.
    std::string next(const char* type) { return join({module_, type, ".", count_++}); }

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
    std::string constant(const char* name, const std::vector<std::size_t>& shape, std::span<const T> numbers) {
        std::string full_name = module_ + name;
        ProtobufMessage tensor;
        for (const std::size_t extent : shape) tensor.add(1, std::uint64_t{extent});
        tensor.add(2, element_type).add(8, full_name);
        tensor.add(9, std::string_view(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()));
        graph_.add(graph_initializer, tensor);
        return full_name;
    }
    std::string constant(const char* name, const std::vector<std::size_t>& shape, const std::vector<T>& numbers) {
        return constant(name, shape, std::span<const T>(numbers));
    }
    std::string vector(const char* name, const T* numbers, std::size_t size) {
        return constant(name, {size}, std::span<const T>(numbers, size));
    }

    /// A matrix of rows as many as come.
    static ProtobufMessage described(const char* name, std::size_t columns) {
        const ProtobufMessage rows = ProtobufMessage().add(2, "batch");
        const ProtobufMessage width = ProtobufMessage().add(1, std::uint64_t{columns});
        const ProtobufMessage shape = ProtobufMessage().add(1, rows).add(1, width);
        const ProtobufMessage tensor = ProtobufMessage().add(1, element_type).add(2, shape);
        return ProtobufMessage().add(1, name).add(2, ProtobufMessage().add(1, tensor));
    }

    ProtobufMessage graph_;
    std::string value_;                ///< the name of the last value
    std::vector<std::string> values_;  ///< the names of the operations' values
    std::string module_;
    std::size_t count_ = 0;
};

}  // namespace detail

/// Writes a network as an ONNX model of operator set 13, all of it or nothing (replace_file). Its input `features`
/// [batch, inputs] are raw features, which it multiplies by `info.input_scale`; its output `outputs` [batch, outputs]
/// is what `predict` gives. Both are of the network's type. The metadata are those of a model file, but for its check
/// and its checksum. Throws as `save` does, and OptionError for a layer or an activation that is not the library's.
template <AnyNetwork Network>
void export_onnx(const Network& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    using T = typename Network::Scalar;
    detail::require_finite("export_onnx", network);
    const auto metadata = detail::metadata_of<Network>("export_onnx", info);
    detail::OnnxGraph<T> graph(Network::Layers::inputs);
    if (info.input_scale != 1) graph.scale(static_cast<T>(info.input_scale));
    for (const auto& operation : detail::operations_of("export_onnx", network)) graph.add(operation);

    detail::ProtobufMessage model;
    constexpr std::uint64_t ir_version = 7;
    constexpr std::uint64_t operator_set = 13;
    model.add(1, ir_version).add(2, "typenet").add(3, version).add(7, graph.finish(Network::Layers::outputs));
    model.add(8, detail::ProtobufMessage().add(1, "").add(2, operator_set));
    for (const auto& [key, value] : metadata) model.add(14, detail::ProtobufMessage().add(1, key).add(2, value));
    replace_file(path, std::as_bytes(std::span(model.bytes())));
}

}  // namespace typenet
