#pragma once

#include <concepts>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/header_columns.hpp>
#include <typenet/io/detail/header_source.hpp>
#include <typenet/io/detail/header_writer.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/io/detail/whole_header_source.hpp>
#include <typenet/io/detail/whole_header_writer.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/version.hpp>

/// Networks as a C++17 header that stands alone, for programs without a library, a heap or a file system.
/// `export_header` lists the network's operations (io/detail/operations.hpp), which HeaderWriter writes as code.
namespace TYPENET {

/// The options of `export_header`.
struct HeaderOptions {
    std::string name = "network";  ///< the header's namespace: an identifier, or several joined by ::
    bool whole_numbers = false;    ///< whether the header computes without floats; for Quantized networks
};

namespace detail {

/// What differs between the headers of a network in float and in whole numbers.
struct HeaderParts {
    std::string includes;
    std::string constants;      ///< declarations before all others
    std::string functions;      ///< what the code calls, and the columns' data
    const HeaderCode& code;     ///< arrays, and the body of `predict`
    std::string result;         ///< the array that then holds the outputs
    std::string number;         ///< type of an output
    std::string half;           ///< what stands for an output of one half
    std::string check_outputs;  ///< statements of class_of that return where there is no class
    std::string columns;        ///< functions that take columns
};

/// Returns the parts that a network in float, or partly in 8 bits, has.
template <AnyPredictor Network>
HeaderParts float_parts(const HeaderCode& code, const std::string& result) {
    std::string more_includes;
    std::string column_data;
    std::string column_functions;
    if constexpr (HasColumns<typename Network::InputType>) {
        const HeaderColumns<typename Network::InputType> columns;
        more_includes = "#include <limits>\n";
        column_data = join({header_columns_source, columns.data()});
        column_functions = columns.functions();
    }
    return {.includes = "#include <cstddef>\n" + more_includes,
            .constants = "inline constexpr std::size_t no_class = static_cast<std::size_t>(-1);\n",
            .functions = join({header_source, column_data}),
            .code = code,
            .result = result,
            .number = "float",
            .half = "0.5f",
            .check_outputs = R"(    for (const float value : outputs.values) {
        if (value != value) return no_class;
    }
)",
            .columns = column_functions};
}

/// Returns the parts that a network in whole numbers has.
inline HeaderParts whole_parts(const WholeHeaderWriter& writer) {
    return {.includes = "#include <cstddef>\n#include <cstdint>\n",
            .constants =
                join({"inline constexpr std::int64_t input_unit = ", writer.feature_unit(),
                      writer.takes_bytes() ? ";  // the features are bytes\n" : ";  // stands for a feature of 1\n",
                      "inline constexpr std::int32_t output_unit = ", writer.output_unit(),
                      ";  // stands for an output of 1\n"}),
            .functions = std::string(whole_header_source),
            .code = writer,
            .result = writer.result(),
            .number = "std::int32_t",
            .half = "output_unit / 2",
            .check_outputs = "",
            .columns = ""};
}

/// Returns the text of a header.
template <AnyPredictor Network>
std::string header_text(const HeaderParts& parts, const std::string& name, const std::vector<std::string>& labels) {
    std::vector<std::string> texts;
    texts.reserve(labels.size());
    for (const std::string& label : labels) texts.push_back(text_literal(label));
    std::string header = join(
        {"// The trained network ", Network::architecture(), ", written by typenet ", version, ".\n",
         "// C++17 without a library: predict and classify can be evaluated while compiling.\n#pragma once\n\n",
         parts.includes, "\nnamespace ", name, " {\n\n", "inline constexpr std::size_t input_count = ", Network::inputs,
         ";\n", "inline constexpr std::size_t output_count = ", Network::outputs, ";\n", parts.constants});
    if (!texts.empty()) {
        header += join({"inline constexpr const char* labels[", texts.size(), "] = {", join_list(texts), "};\n"});
    }
    return header + join({"\nnamespace detail {\n",
                          parts.functions,
                          parts.code.data(),
                          R"(
}  // namespace detail

struct Outputs {
    )",
                          parts.number,
                          R"( values[output_count];

    constexpr )",
                          parts.number,
                          R"( operator[](std::size_t i) const { return values[i]; }
};

/// `features`: anything that has numbers features[0] to features[input_count - 1].
template <class Features>
constexpr auto predict(const Features& features) -> decltype(void(features[0]), Outputs()) {
)",
                          parts.code.body(),
                          R"(    Outputs outputs{};
    for (std::size_t k = 0; k < output_count; ++k) outputs.values[k] = )",
                          parts.result,
                          R"([k];
    return outputs;
}

/// The index of the largest output, or, of a single output, 1 where it is at least one half)",
                          parts.check_outputs.empty() ? "." : "; no_class if one is NaN.",
                          R"(
constexpr std::size_t class_of(const Outputs& outputs) {
)",
                          parts.check_outputs,
                          "    if constexpr (output_count == 1) return outputs[0] >= ",
                          parts.half,
                          R"( ? 1 : 0;
    std::size_t best = 0;
    for (std::size_t k = 1; k < output_count; ++k) best = outputs[k] > outputs[best] ? k : best;
    return best;
}

/// The class of features that `predict` takes.
template <class Features>
constexpr auto classify(const Features& features) -> decltype(void(features[0]), std::size_t()) {
    return class_of((predict)(features));  // in parentheses: not a predict from the features' own namespace
}
)",
                          parts.columns,
                          R"(
}  // namespace )",
                          name,
                          "\n"});
}

}  // namespace detail

/// Writes a network as a header that stands alone, all of it or nothing (replace_file):
///
/// ```cpp
/// export_header(net, "iris.hpp", {.name = "iris"});  // then iris::classify(features), wherever iris.hpp is included
/// ```
///
/// The header is C++17 and includes `<cstddef>` alone, with Columns also `<limits>`. It needs no heap, no exceptions,
/// and no functions but memcpy and memset, which compilers may call. Everything in it is constexpr. It has, in the
/// namespace `options.name`,
///   input_count, output_count
///   predict(features)     returns the outputs for the raw features features[0] ..., which it multiplies by
///                         `info.input_scale`; computed in float, to within 1e-5 of the network's for outputs near 1.
///                         NaN is a missing value where the network begins with Standardize, unless the header is
///                         compiled with -ffast-math, which ends what is said here of NaN.
///   classify(features)    returns the class, as the network's `classify` does, or no_class if an output is NaN
///   labels                those of `info`, if there are any
/// A Quantized network becomes a quarter as large, not faster, and multiplies whole numbers. Where a byte is rounded
/// the other way than in the library, an output differs by about a step. For a network of Columns, `predict` and
/// `classify` also take one argument for each column, as Columns::row does: a float (NaN for a missing value), a text
/// or a bool, as in passengers::predict(34, 7.25f, "male", "S"). The outputs are NaN where Columns::row would throw.
/// The first layers of an Mlp become a header of their own, as with `save`.
///
/// A Quantized network whose layers are all in 8 bits can be exported for processors without floats:
///
/// ```cpp
/// export_header(small, "digits.hpp", {.name = "digits", .whole_numbers = true}, {.input_scale = 1.0f / 255});
/// ```
///
/// Everything in that header is whole numbers; it also includes `<cstdint>`. Weights have 8 bits, sums 32, products
/// with fixed-point factors 64, and activations are tables of 2 KiB. It has
///   input_unit    the number that stands for a raw feature of 1: it takes features as whole numbers, of any type,
///                 that are their value times input_unit. Where the calibration data were bytes times
///                 `info.input_scale`, it is 1, and each feature is a byte: from 0 to 255, which isn't checked.
///   output_unit   the number that stands for an output of 1, such as 2^30 for the probabilities of Softmax
/// Bytes between layers are the library's but for rare roundings; functions from tables are right to within 1e-5, ELU
/// to within 1e-4. There are no missing values, and no functions that take columns. Other layers than Dense, Dropout,
/// Residual, Standardize and Unstandardize are refused, and so is a Residual around the first layer.
///
/// Throws what `save` throws; OptionError for a name that can't be a namespace, for a layer or an activation that
/// states no operation, and for one that can't be in whole numbers; DataError for a number that is too large for float,
/// or for whole numbers.
template <AnyPredictor Network>
void export_header(const Network& network, const std::filesystem::path& path, const HeaderOptions& options = {},
                   const ModelInfo& info = {}) {
    detail::check_namespace(options.name);
    detail::check_model("export_header", network, info);
    std::string header;
    const auto write = [&](auto writer, auto parts_of) {
        for (const auto& operation : detail::operations_of("export_header", network)) writer.add(operation);
        header = detail::header_text<Network>(parts_of(writer), options.name, info.labels);
    };
    if (!options.whole_numbers) {
        write(detail::HeaderWriter<typename Network::Scalar>(Network::inputs, info.input_scale),
              [](const auto& writer) { return detail::float_parts<Network>(writer, writer.result()); });
    } else {
        detail::check_whole_numbers(network);
        if constexpr (std::same_as<typename Network::Scalar, float>) {
            write(detail::WholeHeaderWriter(info.input_scale), detail::whole_parts);
        }
    }
    replace_file(path, std::as_bytes(std::span(header)));
}

}  // namespace TYPENET
