#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/operations.hpp>

/// The parts of an exported header, as text.
namespace typenet::detail {

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
    constexpr float most = 127;
    if (largest < most * std::numeric_limits<float>::min()) return rounded;  // steps would be no normal numbers
    rounded.scale = largest / most;
    for (std::size_t i = 0; i < count; ++i) {
        rounded.values[i] = static_cast<int>(
            std::clamp(std::round(static_cast<float>(weights[i * stride]) / rounded.scale), -most, most));
    }
    return rounded;
}

/// Whether a namespace may have this name. Names that the system's headers give to macros or to the global namespace
/// are the user's to know.
inline bool is_identifier(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    constexpr std::string_view keywords =
        " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
        "co_await co_return co_yield compl concept const consteval constexpr constinit const_cast continue decltype "
        "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline "
        "int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
        "register reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch "
        "template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile "
        "wchar_t while xor xor_eq std size_t ptrdiff_t max_align_t ";
    const bool is_reserved = name.find("__") != std::string_view::npos ||
                             (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z');
    const bool is_word = !name.empty() && name.find_first_not_of(letters) == std::string_view::npos &&
                         (name.front() < '0' || name.front() > '9');
    return is_word && !is_reserved && keywords.find(join({" ", name, " "})) == std::string_view::npos;
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
inline std::string float_literal(float value) {
    std::string text = exact_text(value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text + "f";
}

inline std::vector<std::string> float_literals(const std::vector<float>& numbers) {
    std::vector<std::string> literals;
    literals.reserve(numbers.size());
    for (const float number : numbers) literals.push_back(float_literal(number));
    return literals;
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
    HeaderWriter(bool is_int8, std::size_t inputs, float input_scale) : is_int8_(is_int8) {
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
        const std::string number = float_literal(static_cast<float>(operation.number));
        switch (operation.kind) {
            case none:
            case identity:
                return;  // not in the list: see operations_of
            case affine: {
                const std::string weights = write_weights(module, operation);
                const std::string biases = array("float", "biases" + module, floats(p + inputs * outputs, outputs));
                return call("affine", {inputs, outputs}, {x, weights, biases, new_value(outputs)});
            }
            case standardize: {
                const std::string means = array("float", "means" + module, floats(p, outputs));
                const std::string deviations = array(
                    "float", "deviations" + module, float_literals(to_divisors("export_header", p + outputs, outputs)));
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
        if (!is_int8_) {
            return array("float", "weights" + module, floats(operation.parameters, inputs * outputs));
        }
        const std::vector<float> weights = to_floats("export_header", operation.parameters, inputs * outputs);
        std::vector<std::string> values(inputs * outputs);
        std::vector<float> scales;
        for (std::size_t k = 0; k < outputs; ++k) {
            const RoundedWeights rounded = round_weights(weights.data() + k, inputs, outputs);
            for (std::size_t i = 0; i < inputs; ++i) values[i * outputs + k] = join({rounded.values[i]});
            scales.push_back(rounded.scale);
        }
        const std::string name = array("signed char", "weights" + module, values);
        return join({name, ", ", array("float", "scales" + module, float_literals(scales))});
    }

    static std::vector<std::string> floats(const T* numbers, std::size_t count) {
        return float_literals(to_floats("export_header", numbers, count));
    }

    /// Defines a constant array and returns its name, as seen from `predict`.
    std::string array(const char* type, const std::string& name, const std::vector<std::string>& literals) {
        constexpr std::size_t longest_line = 120;
        data_ += join({"\ninline constexpr ", type, " ", name, "[", literals.size(), "] = {"});
        constexpr const char* indent = "   ";
        std::string line = indent;
        for (const std::string& literal : literals) {
            const std::string item = join({" ", literal, ","});
            if (line.size() + item.size() > longest_line) data_ += join({"\n", std::exchange(line, indent)});
            line += item;
        }
        data_ += join({"\n", line, "\n};\n"});
        return "detail::" + name;
    }

    bool is_int8_;
    std::string data_;
    std::string body_;
    std::vector<std::string> values_;  ///< the array that each of the operations' values is in
    std::size_t arrays_ = 0;
};

}  // namespace typenet::detail
