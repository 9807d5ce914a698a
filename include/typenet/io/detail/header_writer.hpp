#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/operations.hpp>

/// The text of an exported header. `export_header` (io/header.hpp) checks the namespace with check_namespace, gives
/// each Operation of the network to HeaderWriter::add, and puts the pieces together:
///   header_source (io/detail/header_source.hpp)   the functions that compute, the same in every header
///   HeaderWriter::data()                          the network's constant arrays
///   HeaderWriter::body()                          what `predict` does: a call of one of the functions per operation
/// For a Dense layer of 2 inputs and 3 outputs with Tanh, `add` writes the arrays weights_0 and biases_0 and the lines
///     float x1[3] = {};
///     detail::affine<2, 3>(x0, detail::weights_0, detail::biases_0, x1);
///     detail::apply<3, detail::tanh>(x1);
namespace TYPENET::detail {

/// Returns whether a namespace or an argument may have this name: an identifier that C++ doesn't reserve, other than
/// the few global names that every header of the standard library brings, and macros of compilers and common headers.
/// Other macros and global names are for the user to avoid.
inline bool is_identifier(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    constexpr std::string_view keywords =
        " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
        "co_await co_return co_yield compl concept const consteval constexpr constinit const_cast continue decltype "
        "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline "
        "int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
        "register reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch "
        "template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile "
        "wchar_t while xor xor_eq std size_t ptrdiff_t max_align_t NULL linux unix i386 EOF INFINITY NAN EDOM ERANGE I "
        "errno stdin stdout stderr signals slots near far small IN OUT ";
    const bool is_reserved = name.find("__") != std::string_view::npos ||
                             (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z');
    const bool is_word = !name.empty() && name.find_first_not_of(letters) == std::string_view::npos &&
                         (name.front() < '0' || name.front() > '9');
    return is_word && !is_reserved && keywords.find(join({" ", name, " "})) == std::string_view::npos;
}

/// Throws OptionError unless the name is an identifier, or several joined by ::.
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

/// Returns a number as C++ source.
inline std::string literal(float value) {
    std::string text = exact_text(value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text + "f";
}
inline std::string literal(std::signed_integral auto value) { return join({value}); }

/// Returns a text as C++ source in ASCII: quotes, backslashes and whatever is not printable become \ and three octal
/// digits.
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

/// The text that differs between exported headers: constant arrays, and the body of `predict`.
class HeaderCode {
public:
    /// Returns the definitions of all constant arrays.
    [[nodiscard]] const std::string& data() const noexcept { return data_; }
    /// Returns the statements of `predict` that compute the outputs.
    [[nodiscard]] const std::string& body() const noexcept { return body_; }

protected:
    /// Defines a local array of `predict`.
    void define(std::string_view type, const std::string& name, std::size_t size) {
        body_ += join({"    ", type, " ", name, "[", size, "] = {};\n"});
    }

    void call(const char* function, std::initializer_list<TextPart> template_arguments,
              std::initializer_list<std::string> arguments) {
        body_ +=
            join({"    detail::", function, "<", join_list(template_arguments), ">(", join_list(arguments), ");\n"});
    }

    void add_statement(std::string_view statement) { body_ += join({"    ", statement, "\n"}); }

    /// Defines a constant array, in lines of up to 120 characters, and returns its name as `predict` sees it.
    template <class Number>
    std::string array(const std::string& name, const std::vector<Number>& numbers) {
        constexpr std::size_t longest_line = 120;
        constexpr const char* indent = "   ";
        data_ += join({"\ninline constexpr ", type_text<Number>, " ", name, "[", numbers.size(), "] = {"});
        std::string line = indent;
        for (const Number number : numbers) {
            const std::string item = join({" ", literal(number), ","});
            if (line.size() + item.size() > longest_line) data_ += join({"\n", std::exchange(line, indent)});
            line += item;
        }
        data_ += join({"\n", line, "\n};\n"});
        return "detail::" + name;
    }

private:
    template <class Number>
    static constexpr const char* type_text = std::same_as<Number, float>          ? "float"
                                             : std::same_as<Number, std::int8_t>  ? "signed char"
                                             : std::same_as<Number, std::int32_t> ? "std::int32_t"
                                                                                  : "std::int64_t";

    std::string data_;
    std::string body_;
};

/// Writes the code of a network that computes in float.
template <Real T>
class HeaderWriter : public HeaderCode {
public:
    HeaderWriter(std::size_t inputs, float input_scale) {
        new_value(inputs);
        const std::string factor = input_scale == 1 ? "" : " * " + literal(input_scale);
        add_statement(join(
            {"for (std::size_t i = 0; i < input_count; ++i) x0[i] = static_cast<float>(features[i])", factor, ";"}));
    }

    /// Writes the next operation. Throws DataError for a number that float can't hold.
    void add(const Operation<T>& operation) {
        using enum OperationKind;
        const std::size_t inputs = operation.inputs;
        const std::size_t outputs = operation.outputs;
        const T* const p = operation.parameters;
        const std::string x = values_.back();
        const std::string number = literal(static_cast<float>(operation.number));
        module_ = operation.module;
        switch (operation.kind) {  // the items of a braced list are evaluated in their order
            case none:
            case identity:
                return;  // not in the list: see operations_of
            case affine:
                if (operation.int8) return add_int8(operation, x);
                return call("affine", {inputs, outputs},
                            {x, vector("weights", p, inputs * outputs), vector("biases", p + inputs * outputs, outputs),
                             new_value(outputs)});
            case standardize:
                return call(
                    "standardize", {outputs},
                    {x, vector("means", p, outputs),
                     array("deviations", to_divisors("export_header", p + outputs, outputs)), new_value(outputs)});
            case unstandardize:
                return call(
                    "unstandardize", {outputs},
                    {x, vector("means", p, outputs), vector("deviations", p + outputs, outputs), new_value(outputs)});
            case layer_norm:
                return call("layer_norm", {outputs},
                            {x, vector("gains", p, outputs), vector("biases", p + outputs, outputs), number,
                             new_value(outputs)});
            case sum:
                return call("sum", {outputs}, {x, values_[operation.other], new_value(outputs)});
            case leaky_relu:
                values_.push_back(x);
                return call("leaky_relu", {outputs}, {x, number});
            case sigmoid:
                return apply("sigmoid", outputs);
            case tanh:
                return apply("tanh", outputs);
            case relu:
                return apply("relu", outputs);
            case elu:
                return apply("elu", outputs);
            case gelu:
                return apply("gelu", outputs);
            case silu:
                return apply("silu", outputs);
            case softplus:
                return apply("softplus", outputs);
            case softmax:
                values_.push_back(x);
                return call("softmax", {outputs}, {x});
        }
    }

    /// Returns the name of the local array that, after the body, holds the outputs.
    [[nodiscard]] const std::string& result() const noexcept { return values_.back(); }

private:
    /// Defines a local array of `predict` and returns its name.
    std::string new_value(std::size_t size) {
        values_.push_back(join({"x", arrays_++}));
        define("float", values_.back(), size);
        return values_.back();
    }

    /// Calls an activation of one value for each of the latest values.
    void apply(const char* function, std::size_t size) {
        values_.push_back(values_.back());
        call("apply", {size, join({"detail::", function})}, {values_.back()});
    }

    /// Writes an affine operation in 8 bits.
    void add_int8(const Operation<T>& operation, const std::string& x) {
        const Int8Parameters& p = *operation.int8;
        const Int8Factors own = factors_of(p);
        call("affine", {operation.inputs, operation.outputs},
             {x, array("weights", p.weights), array("factors", own.factors), array("offsets", own.offsets),
              literal(p.range.low), literal(p.range.step), new_value(operation.outputs)});
    }

    std::string vector(const char* name, const T* numbers, std::size_t count) {
        return array(name, to_floats("export_header", numbers, count));
    }

    /// Defines a constant array for the current layer and returns its name.
    template <class Number>
    std::string array(const char* name, const std::vector<Number>& numbers) {
        return HeaderCode::array(join({name, "_", module_}), numbers);
    }

    std::vector<std::string> values_;  ///< value i of the operations is in the array named values_[i]
    std::size_t arrays_ = 0;           ///< how many local arrays are defined
    std::size_t module_ = 0;           ///< index of the current layer's module in model files
};

}  // namespace TYPENET::detail
