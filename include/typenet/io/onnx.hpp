#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include <typenet/core/namespace.hpp>
#include <typenet/core/protobuf.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/onnx_graph.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/version.hpp>

/// Models for ONNX runtimes.
namespace TYPENET {

/// Writes a network as an ONNX model of operator set 13, all of it or nothing (replace_file):
///
/// ```cpp
/// export_onnx(net, "iris.onnx");
/// ```
///
/// The model's input `features` [batch, inputs] takes raw features, which it multiplies by `info.input_scale`. Its
/// output `outputs` [batch, outputs] is what `predict` returns. It computes in float, whatever the network's type. A
/// network that begins with Standardize takes NaN as a missing value, by the operators IsNaN and Where, which OpenCV's
/// importer doesn't have. The first layers of an Mlp become a model of their own, as with `save`. The model has the
/// metadata of a model file without the check and the checksum. Throws what `save` throws, OptionError for a layer or
/// an activation that states no operation, and DataError for a number that is too large for float.
template <HasParameters Network>
void export_onnx(const Network& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    using T = typename Network::Scalar;
    detail::check_model("export_onnx", network, info);
    detail::OnnxGraph<T> graph(Network::inputs, info.input_scale);
    for (const auto& operation : detail::operations_of("export_onnx", network)) graph.add(operation);

    detail::ProtobufMessage model;
    constexpr std::uint64_t ir_version = 7;
    constexpr std::uint64_t operator_set = 13;
    model.add(1, ir_version).add(2, "typenet").add(3, version).add(7, graph.finish(Network::outputs));
    model.add(8, detail::ProtobufMessage().add(1, "").add(2, operator_set));
    for (const auto& [key, value] : detail::metadata_of<Network>(info)) {
        model.add(14, detail::ProtobufMessage().add(1, key).add(2, value));
    }
    replace_file(path, std::as_bytes(std::span(model.bytes())));
}

}  // namespace TYPENET
