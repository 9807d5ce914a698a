#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <typenet/core/text.hpp>
#include <typenet/io/detail/header_columns.hpp>
#include <typenet/io/detail/header_source.hpp>
#include <typenet/io/detail/header_writer.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/version.hpp>

/// Networks as a C++17 header that stands alone, for programs without a library, a heap or a file system.
/// `export_header` lists the network's operations (io/detail/operations.hpp), which HeaderWriter writes as code.
namespace typenet {

struct HeaderOptions {
    std::string name = "network";  ///< the header's namespace: an identifier, or several joined by ::
};

/// Writes a network as a header that stands alone, all of it or nothing (replace_file):
///
/// ```cpp
/// export_header(net, "iris.hpp", {.name = "iris"});  // then iris::classify(features), wherever iris.hpp is included
/// ```
///
/// The header is C++17 and includes <cstddef> alone, with Columns also <limits>. It needs no heap, no exceptions, and
/// no functions but memcpy and memset, which compilers may call. Everything in it is constexpr. It has, in the
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
/// Throws what `save` throws, OptionError for a name that can't be a namespace or for a layer or an activation that
/// states no operation, and DataError for a number that is too large for float.
template <AnyPredictor Network>
void export_header(const Network& network, const std::filesystem::path& path, const HeaderOptions& options = {},
                   const ModelInfo& info = {}) {
    using Layers = typename Network::Layers;
    using detail::join;
    detail::check_namespace(options.name);
    detail::check_model("export_header", network, info);
    detail::HeaderWriter<typename Network::Scalar> writer(Layers::inputs, info.input_scale);
    for (const auto& operation : detail::operations_of("export_header", network)) writer.add(operation);

    std::vector<std::string> labels;
    for (const std::string& label : info.labels) labels.push_back(detail::text_literal(label));
    std::string more_includes;
    std::string column_data;
    std::string column_functions;
    if constexpr (detail::HasColumns<typename Network::InputType>) {
        const detail::HeaderColumns<typename Network::InputType> columns;
        more_includes = "#include <limits>\n";
        column_data = join({detail::header_columns_source, columns.data()});
        column_functions = columns.functions();
    }
    std::string header =
        join({"// The trained network ", Network::architecture(), ", written by typenet ", version, ".\n",
              "// C++17 without a library: predict and classify can be evaluated while compiling.\n#pragma once\n\n",
              "#include <cstddef>\n", more_includes, "\nnamespace ", options.name, " {\n\n",
              "inline constexpr std::size_t input_count = ", Layers::inputs, ";\n",
              "inline constexpr std::size_t output_count = ", Layers::outputs, ";\n",
              "inline constexpr std::size_t no_class = static_cast<std::size_t>(-1);\n"});
    if (!labels.empty()) {
        header +=
            join({"inline constexpr const char* labels[", labels.size(), "] = {", detail::join_list(labels), "};\n"});
    }
    header += join({"\nnamespace detail {\n", detail::header_source, column_data, writer.data(), R"(
}  // namespace detail

struct Outputs {
    float values[output_count];

    constexpr float operator[](std::size_t i) const { return values[i]; }
};

/// `features`: anything that has numbers features[0] to features[input_count - 1].
template <class Features>
constexpr auto predict(const Features& features) -> decltype(void(features[0]), Outputs()) {
)",
                    writer.body(),
                    "    Outputs outputs{};\n    for (std::size_t k = 0; k < output_count; ++k) outputs.values[k] = ",
                    writer.result(), R"([k];
    return outputs;
}

/// The index of the largest output, or, of a single output, 1 where it is at least one half; no_class if one is NaN.
constexpr std::size_t class_of(const Outputs& outputs) {
    for (const float value : outputs.values) {
        if (value != value) return no_class;
    }
    if constexpr (output_count == 1) return outputs[0] >= 0.5f ? 1 : 0;
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
                    column_functions, R"(
}  // namespace )",
                    options.name, "\n"});
    replace_file(path, std::as_bytes(std::span(header)));
}

}  // namespace typenet
