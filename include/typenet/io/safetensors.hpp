#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/mapped_file.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/io/detail/safetensors_file.hpp>
#include <typenet/io/replace_file.hpp>
#include <typenet/network.hpp>
#include <typenet/version.hpp>

/// Model files in the safetensors format (https://huggingface.co/docs/safetensors): a JSON header, then the tensors.
/// Tensors have the names and layouts of PyTorch's nn.Sequential for the same list of layers: an activation counts as a
/// module of its own, so does a layer without parameters, and a Dense layer's weight is stored [outputs, inputs].
namespace typenet {

static_assert(std::endian::native == std::endian::little, "typenet: model files are read and written little-endian");

/// What a model file says beside its parameters.
struct ModelInfo {
    /// A raw feature times this is what the network was trained on, such as 1/255 for bytes.
    float input_scale = 1;
    /// Further entries of the file's metadata.
    std::map<std::string, std::string> metadata = {};
};

namespace detail {

template <Real T>
inline constexpr std::string_view dtype_of = std::same_as<T, float> ? "F32" : "F64";

/// The one tensor of this name, or a FileError that says what differs from what the network's type asks for.
inline std::string_view expect_tensor(const std::string& file, const SafetensorsFile& stored,
                                      const NetworkTensor& expected, std::string_view dtype, std::size_t number_size) {
    const std::string& name = expected.name;
    const auto found = stored.tensors.find(name);
    if (found == stored.tensors.end()) {
        throw FileError(file, join({"has no tensor ", name, ", which the network needs"}));
    }
    const StoredTensor& tensor = found->second;
    if (tensor.dtype != dtype) {
        throw FileError(file, join({"tensor ", name, " holds ", tensor.dtype, "; the network needs ", dtype}));
    }
    if (tensor.shape != expected.layout.shape()) {
        throw FileError(file, join({"tensor ", name, " has the shape ", shape_text(tensor.shape),
                                    "; the network needs ", shape_text(expected.layout.shape())}));
    }
    const std::size_t bytes = expected.layout.size() * number_size;
    if (tensor.bytes.size() != bytes) {
        throw FileError(
            file, join({"tensor ", name, " has ", tensor.bytes.size(), " bytes; its shape and dtype need ", bytes}));
    }
    return tensor.bytes;
}

/// The metadata entries that the library writes; a user's entries of the same names are left out.
inline constexpr std::array<std::string_view, 3> own_entries{"typenet.version", "architecture", "input_scale"};

/// The header of a network's file, as long as a multiple of 8. `own` holds the values of own_entries. Throws
/// OptionError for metadata that is no UTF-8.
inline std::string write_header(const std::map<std::string, std::string>& metadata,
                                const std::array<std::string, own_entries.size()>& own,
                                const std::vector<NetworkTensor>& tensors, std::string_view dtype,
                                std::size_t number_size) {
    std::string header = "{\"__metadata__\":{";
    const auto add_entry = [&](std::string_view key, std::string_view value, const char* end) {
        const std::optional<std::string> name = json_string(key);
        const std::optional<std::string> text = json_string(value);
        if (!name || !text) throw OptionError("save: the metadata must be UTF-8");
        header += join({*name, ":", *text, end});
    };
    for (const auto& [key, value] : metadata) {
        if (std::find(own_entries.begin(), own_entries.end(), key) == own_entries.end()) add_entry(key, value, ",");
    }
    for (std::size_t i = 0; i < own.size(); ++i) add_entry(own_entries[i], own[i], i + 1 < own.size() ? "," : "}");
    for (const NetworkTensor& tensor : tensors) {
        const std::size_t begin = tensor.layout.first * number_size;
        header += join({R"(,")", tensor.name, R"(":{"dtype":")", dtype, R"(","shape":)",
                        shape_text(tensor.layout.shape()), R"(,"data_offsets":)",
                        shape_text(std::array{begin, begin + tensor.layout.size() * number_size}), "}"});
    }
    header += '}';
    header.resize((header.size() + 7) / 8 * 8, ' ');
    return header;
}

inline std::string shortest_text(float value) {
    std::array<char, 32> text;
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return std::string(text.data(), end);
}

}  // namespace detail

/// Writes a network's parameters, architecture and `info` as a safetensors file, all of it or nothing (replace_file).
/// Throws FileError when the file can't be written, DataError when a parameter is not finite, and OptionError when
/// `info` holds what a file can't: a scale that is 0 or not finite, or text that is not UTF-8.
template <AnyNetwork Network>
void save(const Network& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    using T = typename Network::Scalar;
    if (!std::isfinite(info.input_scale) || info.input_scale == 0) {
        throw OptionError("save: input_scale must be finite and not 0");
    }
    const std::span<const T> parameters = network.parameters();
    if (!std::all_of(parameters.begin(), parameters.end(), [](T value) { return std::isfinite(value); })) {
        throw DataError("save: a parameter of the network is not finite");
    }
    const std::vector<detail::NetworkTensor> tensors = detail::tensors_of<Network>();
    const std::string header = detail::write_header(
        info.metadata, {std::string(version), Network::architecture(), detail::shortest_text(info.input_scale)},
        tensors, detail::dtype_of<T>, sizeof(T));
    const std::uint64_t length = header.size();
    std::vector<std::byte> contents(sizeof length + header.size() + parameters.size() * sizeof(T));
    std::memcpy(contents.data(), &length, sizeof length);
    std::memcpy(contents.data() + sizeof length, header.data(), header.size());
    std::byte* next = contents.data() + sizeof length + header.size();
    for (const detail::NetworkTensor& tensor : tensors) {
        for (std::size_t i = 0; i < tensor.layout.size(); ++i, next += sizeof(T)) {
            std::memcpy(next, &parameters[tensor.layout.place(i)], sizeof(T));
        }
    }
    replace_file(path, contents);
}

/// Reads a safetensors file into a network and returns what it says beside the parameters. Throws FileError, and leaves
/// the network as it was, when the file is damaged, when a name, shape or dtype differs from what the network's type
/// asks for, when its metadata names another architecture, or when a parameter is not finite.
template <AnyNetwork Network>
ModelInfo load(Network& network, const std::filesystem::path& path) {
    using T = typename Network::Scalar;
    const std::string file = path.string();
    const MappedFile mapped(path);
    detail::SafetensorsFile stored = detail::read_safetensors(file, mapped.bytes());

    if (const auto found = stored.metadata.find("architecture");
        found != stored.metadata.end() && found->second != Network::architecture()) {
        throw FileError(file,
                        detail::join({"holds the network ", found->second, "; this one is ", Network::architecture()}));
    }
    ModelInfo info;
    if (const auto found = stored.metadata.find("input_scale"); found != stored.metadata.end()) {
        const std::string& text = found->second;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), info.input_scale);
        if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(info.input_scale)) {
            throw FileError(file, detail::join({"the metadata's input_scale, \"", text, "\", is no finite number"}));
        }
    }

    const std::vector<detail::NetworkTensor> tensors = detail::tensors_of<Network>();
    std::vector<T> parameters(Network::parameter_count);
    for (const detail::NetworkTensor& tensor : tensors) {
        const char* next = detail::expect_tensor(file, stored, tensor, detail::dtype_of<T>, sizeof(T)).data();
        for (std::size_t i = 0; i < tensor.layout.size(); ++i, next += sizeof(T)) {
            T value;
            std::memcpy(&value, next, sizeof value);
            if (!std::isfinite(value)) {
                throw FileError(file, detail::join({"tensor ", tensor.name, " holds a number that is not finite"}));
            }
            parameters[tensor.layout.place(i)] = value;
        }
    }
    if (stored.tensors.size() != tensors.size()) {
        throw FileError(file,
                        detail::join({"holds ", stored.tensors.size(), " tensors; the network has ", tensors.size()}));
    }
    std::copy(parameters.begin(), parameters.end(), network.parameters().begin());
    for (const std::string_view key : detail::own_entries) stored.metadata.erase(std::string(key));
    info.metadata = std::move(stored.metadata);
    return info;
}

}  // namespace typenet
