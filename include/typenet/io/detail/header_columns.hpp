#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/header_writer.hpp>

/// What an exported header has more if the network's features are Columns: `predict` and `classify` that take one
/// argument for each column. `export_header` (io/header.hpp) copies header_columns_source into the header's namespace
/// `detail`, with HeaderColumns::data() behind it, and HeaderColumns::functions() behind `classify`. For the columns
/// Number<"width"> and Category<"kind", "old", "new">, the latter has the lines
///     constexpr Outputs predict(float width, const char* kind) {
///         float features[input_count] = {};
///         bool is_known = true;
///         is_known = detail::write_number(width, features) && is_known;
///         is_known = detail::write_category<2>(kind, detail::values_1, features + 1) && is_known;
namespace TYPENET::detail {

inline constexpr std::string_view header_columns_source = R"(
// Each function writes the features of a column and returns whether the network knows the value.

constexpr bool write_number(float value, float* features) {
    features[0] = value;
    return value >= -3.4028235e38f && value <= 3.4028235e38f;
}

constexpr bool write_optional_number(float value, float* features) {
    return write_number(value, features) || value != value;
}

constexpr bool write_flag(bool value, float* features) {
    features[0] = value ? 1.0f : 0.0f;
    return true;
}

// A text that isn't among the first Known values is the last value, if there are more.
template <std::size_t Known, std::size_t Size>
constexpr bool write_category(const char* text, const char* const (&values)[Size], float* features) {
    std::size_t found = 0;
    for (; found < Known; ++found) {
        std::size_t i = 0;
        while (text[i] != '\0' && text[i] == values[found][i]) ++i;
        if (text[i] == values[found][i]) break;
    }
    if (found == Size) return false;
    features[found] = 1;
    return true;
}
)";

/// Returns the names of the arguments of `predict` for columns of these names: the names themselves, with _ in the
/// place of what identifiers can't have, and a number where two would be the same or one means something else.
inline std::vector<std::string> argument_names(const std::vector<std::string_view>& columns) {
    constexpr std::string_view taken[] = {"features", "is_known",    "outputs",     "detail",   "labels",
                                          "value",    "input_count", "predict",     "classify", "class_of",
                                          "Outputs",  "no_class",    "output_count"};
    std::vector<std::string> names;
    const auto is_free = [&](const std::string& name) {
        return is_identifier(name) && std::find(names.begin(), names.end(), name) == names.end() &&
               std::find(std::begin(taken), std::end(taken), name) == std::end(taken);
    };
    for (const std::string_view column : columns) {
        std::string name;
        for (const char c : column) {
            const bool is_allowed = is_identifier(std::string("a") + c) && c != '_';
            if (is_allowed) {
                name += c;
            } else if (!name.empty() && name.back() != '_') {
                name += '_';
            }
        }
        for (std::size_t number = names.size() + 1; !is_free(name); ++number) name = join({"column_", number});
        names.push_back(std::move(name));
    }
    return names;
}

/// The text of an exported header that the network's columns decide.
template <class Columns>
class HeaderColumns {
public:
    HeaderColumns() {
        using Kind = typename std::remove_cvref_t<decltype(Columns::rules[0])>::Kind;
        std::vector<std::string_view> columns(Columns::argument_count);
        for (std::size_t i = Columns::count; i-- > 0;) columns[Columns::arguments_of[i]] = Columns::rules[i].name;
        const std::vector<std::string> names = argument_names(columns);

        std::vector<std::string> parameters(names.size());
        std::string writes;
        for (std::size_t i = 0; i < Columns::count; ++i) {
            const auto& rule = Columns::rules[i];
            const std::string& name = names[Columns::arguments_of[i]];
            std::string& parameter = parameters[Columns::arguments_of[i]];
            std::string call;
            if (rule.kind == Kind::category) {
                parameter = "const char* " + name;
                data_ += join({"\ninline constexpr const char* values_", i, "[", rule.values.size(), "] = {",
                               join_list(literals_of(rule.values)), "};\n"});
                call = join({"category<", rule.values.size() - rule.has_other, ">(", name, ", detail::values_", i});
            } else if (rule.kind == Kind::number) {
                parameter = "float " + name;
                call = join({rule.optional ? "optional_number(" : "number(", name});
            } else if (Columns::optional_of(i) != Columns::no_column) {
                call = join({"flag(", name, " != ", name});
            } else {
                parameter = "bool " + name;
                call = join({"flag(", name});
            }
            writes += join({"    is_known = detail::write_", call, ", features + ", rule.first, ") && is_known;\n"});
        }
        functions_ = join({"\n/// The outputs for a row of the table that the network was trained on",
                           Columns::has_optional ? "; NaN is a missing value" : "",
                           ".\n/// They are NaN if a number isn't finite or a text isn't a value of its column.\n",
                           declaration("Outputs predict", parameters), R"( {
    float features[input_count] = {};
    bool is_known = true;
)",
                           writes, R"(    if (is_known) return (predict)(features);
    Outputs outputs{};
    for (float& value : outputs.values) value = std::numeric_limits<float>::quiet_NaN();
    return outputs;
}

/// The class of such a row.
)",
                           declaration("std::size_t classify", parameters), " {\n    return class_of((predict)(",
                           join_list(names), "));\n}\n"});
    }

    /// Returns the definitions of all constant arrays.
    [[nodiscard]] const std::string& data() const noexcept { return data_; }
    /// Returns the definitions of `predict` and `classify`.
    [[nodiscard]] const std::string& functions() const noexcept { return functions_; }

private:
    /// Returns a function's first line, or a line for each parameter if it would be long.
    static std::string declaration(const char* function, const std::vector<std::string>& parameters) {
        std::string line = join({"constexpr ", function, "(", join_list(parameters), ")"});
        if (line.size() < 118) return line;
        std::string lines = join({"constexpr ", function, "("});
        const char* before = "\n    ";
        for (const std::string& parameter : parameters) lines += join({std::exchange(before, ",\n    "), parameter});
        return lines + ")";
    }

    template <class Texts>
    static std::vector<std::string> literals_of(const Texts& texts) {
        std::vector<std::string> literals;
        for (const auto& text : texts) literals.push_back(text_literal(text));
        return literals;
    }

    std::string data_;
    std::string functions_;
};

}  // namespace TYPENET::detail
