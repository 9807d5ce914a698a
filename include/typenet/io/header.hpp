#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/header_source.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/io/replace_file.hpp>
#include <typenet/network.hpp>
#include <typenet/version.hpp>

/// Networks as one C++17 header of their own, for where there is no library, no heap and no file system.
namespace typenet {

enum class HeaderWeights {
    float32,
    int8  ///< a quarter of the size: whole numbers up to 127, and a scale for each output of a Dense layer
};

struct HeaderOptions {
    std::string name = "network";  ///< the header's namespace: an identifier, or several joined by ::
    HeaderWeights weights = HeaderWeights::float32;
};

namespace detail {

/// The weights of one output: weight i is about values[i] * scale.
struct RoundedWeights {
    std::vector<int> values;
    float scale = 0;
};

/// Of every `stride`-th number, `count` of them.
template <Real T>
RoundedWeights round_weights(const T* weights, std::size_t count, std::size_t stride) {
    RoundedWeights rounded{.values = std::vector<int>(count)};
    float largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        largest = std::max(largest, std::abs(static_cast<float>(weights[i * stride])));
    }
    rounded.scale = largest / 127;
    if (rounded.scale == 0) return rounded;
    for (std::size_t i = 0; i < count; ++i) {
        rounded.values[i] = static_cast<int>(std::lround(static_cast<float>(weights[i * stride]) / rounded.scale));
    }
    return rounded;
}

inline bool is_identifier(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    constexpr std::string_view keywords =
        " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
        "co_await co_return co_yield compl concept const consteval constexpr constinit const_cast continue decltype "
        "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline "
        "int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
        "register reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch "
        "template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile "
        "wchar_t while xor xor_eq std ";
    const bool is_word = !name.empty() && name.find_first_not_of(letters) == std::string_view::npos &&
                         (name.front() < '0' || name.front() > '9');
    return is_word && keywords.find(join({" ", name, " "})) == std::string_view::npos;
}

/// Throws OptionError.
inline void check_namespace(std::string_view name) {
    for (std::string_view rest = name;;) {
        const std::size_t end = rest.find("::");
        if (!is_identifier(rest.substr(0, end))) {
            throw OptionError(join({"export_header: the name \"", name, "\" can't be a namespace"}));
        }
        if (end == std::string_view::npos) return;
        rest.remove_prefix(end + 2);
    }
}

/// A float as it stands in C++.
template <Real T>
std::string float_literal(T number) {
    const auto value = static_cast<float>(number);
    if (!std::isfinite(value)) {
        throw DataError(join({"export_header: ", number_text(static_cast<double>(number)), " is too large for float"}));
    }
    std::string text = exact_text(value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text + "f";
}

/// A text as it stands in C++: what isn't a plain character as three octal digits.
inline std::string text_literal(std::string_view text) {
    std::string literal = "\"";
    for (const char c : text) {
        if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
            literal += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        literal += '\\';
        for (const int shift : {6, 3, 0}) literal += static_cast<char>('0' + (byte >> shift & 7));
    }
    return literal + '"';
}

/// Makes the header of operations.
template <Real T>
class HeaderWriter {
public:
    HeaderWriter(HeaderWeights weights, std::size_t inputs, float input_scale) : weights_(weights) {
        new_value(inputs);
        body_ += join({"    for (std::size_t i = 0; i < input_count; ++i) x0[i] = static_cast<float>(features[i])",
                       input_scale == 1 ? "" : " * ", input_scale == 1 ? "" : float_literal(input_scale), ";\n"});
    }

    void add(const Operation<T>& operation) {
        using enum OperationKind;
        const std::size_t inputs = operation.inputs;
        const std::size_t outputs = operation.outputs;
        const T* const p = operation.parameters;
        const std::string module = join({"_", operation.module});
        const std::string x = values_.back();
        const std::string number = float_literal(operation.number);
        switch (operation.kind) {
            case affine: {
                const std::string weights = write_weights(module, operation);
                const std::string biases = array("float", "biases" + module, floats(p + inputs * outputs, outputs));
                return call("affine", {inputs, outputs}, {x, weights, biases, new_value(outputs)});
            }
            case standardize: {
                const std::string means = array("float", "means" + module, floats(p, outputs));
                const std::string deviations = array("float", "deviations" + module, floats(p + outputs, outputs));
                return call("standardize", {outputs}, {x, means, deviations, new_value(outputs)});
            }
            case layer_norm: {
                const std::string gains = array("float", "gains" + module, floats(p, outputs));
                const std::string biases = array("float", "biases" + module, floats(p + outputs, outputs));
                return call("layer_norm", {outputs}, {x, gains, biases, number, new_value(outputs)});
            }
            case sum:
                return call("sum", {outputs}, {x, values_[operation.other], new_value(outputs)});
            case sigmoid:
                return in_place("sigmoid", outputs);
            case tanh:
                return in_place("tanh", outputs);
            case relu:
                return in_place("relu", outputs);
            case leaky_relu:
                values_.push_back(x);
                return call("leaky_relu", {outputs}, {x, number});
            case elu:
                return in_place("elu", outputs);
            case gelu:
                return in_place("gelu", outputs);
            case silu:
                return in_place("silu", outputs);
            case softplus:
                return in_place("softplus", outputs);
            case softmax:
                return in_place("softmax", outputs);
        }
    }

    /// The weights and whatever else is constant.
    [[nodiscard]] const std::string& data() const noexcept { return data_; }
    /// What `predict` does, up to a value.
    [[nodiscard]] const std::string& body() const noexcept { return body_; }
    /// The name of that value.
    [[nodiscard]] const std::string& result() const noexcept { return values_.back(); }

private:
    std::string new_value(std::size_t size) {
        values_.push_back(join({"x", arrays_++}));
        body_ += join({"    float ", values_.back(), "[", size, "] = {};\n"});
        return values_.back();
    }

    void in_place(const char* function, std::size_t size) {
        values_.push_back(values_.back());
        call(function, {size}, {values_.back()});
    }

    void call(const char* function, std::initializer_list<std::size_t> sizes,
              std::initializer_list<std::string> arguments) {
        body_ += join({"    detail::", function});
        const char* before = "<";
        for (const std::size_t size : sizes) body_ += join({std::exchange(before, ", "), size});
        before = ">(";
        for (const std::string& argument : arguments) body_ += join({std::exchange(before, ", "), argument});
        body_ += ");\n";
    }

    /// The arguments that stand for them.
    std::string write_weights(const std::string& module, const Operation<T>& operation) {
        const std::size_t inputs = operation.inputs;
        const std::size_t outputs = operation.outputs;
        if (weights_ == HeaderWeights::float32) {
            return array("float", "weights" + module, floats(operation.parameters, inputs * outputs));
        }
        std::vector<std::string> values(inputs * outputs);
        std::vector<std::string> scales;
        for (std::size_t k = 0; k < outputs; ++k) {
            const RoundedWeights rounded = round_weights(operation.parameters + k, inputs, outputs);
            for (std::size_t i = 0; i < inputs; ++i) values[i * outputs + k] = join({rounded.values[i]});
            scales.push_back(float_literal(rounded.scale));
        }
        const std::string name = array("signed char", "weights" + module, values);
        return join({name, ", ", array("float", "scales" + module, scales)});
    }

    static std::vector<std::string> floats(const T* numbers, std::size_t count) {
        std::vector<std::string> literals;
        for (std::size_t i = 0; i < count; ++i) literals.push_back(float_literal(numbers[i]));
        return literals;
    }

    /// Defines a constant array and returns its name, as seen from `predict`.
    std::string array(const char* type, const std::string& name, const std::vector<std::string>& literals) {
        constexpr std::size_t longest_line = 120;
        data_ += join({"\ninline constexpr ", type, " ", name, "[", literals.size(), "] = {"});
        std::string line = "\n    ";
        for (const std::string& literal : literals) {
            if (line.size() + literal.size() > longest_line) data_ += std::exchange(line, "\n    ");
            line += join({literal, ", "});
        }
        data_ += join({line, "\n};\n"});
        return "detail::" + name;
    }

    HeaderWeights weights_;
    std::string data_;
    std::string body_;
    std::vector<std::string> values_;  ///< the array that each of the operations' values is in
    std::size_t arrays_ = 0;
};

}  // namespace detail

/// Writes a network as a header of its own, all of it or nothing (replace_file): C++17 that includes <cstddef> alone
/// and needs no heap, exceptions or functions of a library; everything in it is constexpr. It has, in the namespace
/// `options.name`,
///   input_count, output_count
///   predict(features)     the outputs for features[0] ..., raw ones, which it multiplies by `info.input_scale`: what
///                         the network's `predict` gives, computed in float, to within 1e-5 for outputs of about 1
///   classify(features)    the class, as the network's `classify`
///   labels                as in `info`, where there are some
/// Throws as `save` does, OptionError for a name that can't be a namespace and for a layer or an activation that is not
/// the library's, and DataError for a number that is too large for float.
template <AnyNetwork Network>
void export_header(const Network& network, const std::filesystem::path& path, const HeaderOptions& options = {},
                   const ModelInfo& info = {}) {
    using Layers = typename Network::Layers;
    using detail::join;
    detail::check_namespace(options.name);
    detail::require_finite("export_header", network);
    (void)detail::metadata_of<Network>("export_header", info);  // throws what is to be thrown
    detail::HeaderWriter<typename Network::Scalar> writer(options.weights, Layers::inputs, info.input_scale);
    for (const auto& operation : detail::operations_of("export_header", network)) writer.add(operation);

    std::string header =
        join({"// The trained network ", Network::architecture(), ", written by typenet ", version, ".\n",
              "// C++17 without a library: predict and classify can be evaluated while compiling.\n#pragma once\n\n",
              "#include <cstddef>\n\nnamespace ", options.name, " {\n\n", "inline constexpr std::size_t input_count = ",
              Layers::inputs, ";\n", "inline constexpr std::size_t output_count = ", Layers::outputs, ";\n"});
    for (const std::string& label : info.labels) {
        const bool is_first = &label == info.labels.data();
        header += is_first ? join({"inline constexpr const char* labels[", info.labels.size(), "] = {"}) : ", ";
        header += detail::text_literal(label);
    }
    header += info.labels.empty() ? "" : "};\n";
    header += join({"\nnamespace detail {\n", detail::header_source, writer.data(), "\n}  // namespace detail\n\n",
                    "struct Outputs {\n    float values[output_count];\n\n",
                    "    constexpr float operator[](std::size_t i) const { return values[i]; }\n};\n\n",
                    "/// `features`: anything that has numbers features[0] to features[input_count - 1].\n",
                    "template <class Features>\nconstexpr Outputs predict(const Features& features) {\n", writer.body(),
                    "    Outputs outputs{};\n",
                    "    for (std::size_t k = 0; k < output_count; ++k) outputs.values[k] = ", writer.result(),
                    "[k];\n    return outputs;\n}\n\n"});
    header += Layers::outputs == 1
                  ? "/// Whether the output is at least one half.\n"
                    "template <class Features>\nconstexpr std::size_t classify(const Features& features) {\n"
                    "    return predict(features)[0] >= 0.5f ? 1 : 0;\n}\n\n"
                  : "/// The index of the largest output.\n"
                    "template <class Features>\nconstexpr std::size_t classify(const Features& features) {\n"
                    "    const Outputs outputs = predict(features);\n    std::size_t best = 0;\n"
                    "    for (std::size_t k = 1; k < output_count; ++k) best = outputs[k] > outputs[best] ? k : best;\n"
                    "    return best;\n}\n\n";
    header += join({"}  // namespace ", options.name, "\n"});
    replace_file(path, std::as_bytes(std::span(header)));
}

/// The network whose weights are those of a header with HeaderWeights::int8: to measure what the rounding costs.
template <AnyNetwork Network>
Network rounded_to_int8(const Network& network) {
    using T = typename Network::Scalar;
    Network rounded = network;
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::Layers::template Layer<I>;
        if constexpr (HasWeights<Layer>) {
            T* const weights = rounded.parameters().data() + Network::Layers::offsets[I];
            for (std::size_t k = 0; k < Layer::outputs; ++k) {
                const auto [values, scale] = detail::round_weights(weights + k, Layer::inputs, Layer::outputs);
                for (std::size_t i = 0; i < Layer::inputs; ++i) {
                    weights[i * Layer::outputs + k] = static_cast<T>(static_cast<float>(values[i]) * scale);
                }
            }
        }
    });
    return rounded;
}

}  // namespace typenet
