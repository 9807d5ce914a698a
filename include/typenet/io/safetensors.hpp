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
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/mapped_file.hpp>
#include <typenet/io/replace_file.hpp>
#include <typenet/network.hpp>
#include <typenet/version.hpp>

/// Model files in the safetensors format (https://huggingface.co/docs/safetensors): a JSON header, then the tensors.
/// Tensors have the names and layouts of PyTorch's nn.Sequential for the same network: an activation counts as a module
/// of its own, and a weight is stored [outputs, inputs].
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

/// One tensor as the file's header describes it, with its bytes.
struct StoredTensor {
    std::string dtype;
    std::vector<std::size_t> shape;
    std::string_view bytes;
};

/// A safetensors file taken apart and checked: every tensor lies within the file, and together they fill it.
struct SafetensorsFile {
    std::map<std::string, StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
};

inline std::string shape_text(std::span<const std::size_t> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

/// The header as JSON; throws FileError for what nlohmann::json would pass over: a name that stands twice in an object,
/// a byte order mark, and anything behind a zero byte.
inline nlohmann::json parse_header(const std::string& file, std::string_view text) {
    constexpr std::size_t deepest = 3;                     // tensors, their entries, their shapes
    std::array<std::set<std::string>, deepest + 2> names;  // those of the object open at each depth
    const auto check = [&](int open, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        const auto depth = static_cast<std::size_t>(open);
        if (depth > deepest) throw FileError(file, "the header is nested too deeply");
        if (event == nlohmann::json::parse_event_t::object_start) names[depth + 1].clear();
        if (event == nlohmann::json::parse_event_t::key && !names[depth].insert(value.get<std::string>()).second) {
            throw FileError(file, "the header names " + value.dump() + " twice");
        }
        return true;
    };
    if (!text.starts_with('{') || text.find('\0') != std::string_view::npos)
        throw FileError(file, "the header is no JSON object");
    try {
        return nlohmann::json::parse(text, check);
    } catch (const nlohmann::json::exception& error) {
        throw FileError(file, std::string("the header is no JSON: ") + error.what());
    }
}

inline StoredTensor read_tensor(const std::string& file, const std::string& name, const nlohmann::json& entry,
                                std::string_view data, std::pair<std::size_t, std::size_t>& place) {
    const auto fail = [&](const std::string& what) { throw FileError(file, "tensor " + name + ": " + what); };
    const auto is_size_list = [](const nlohmann::json& list) {
        return list.is_array() && std::all_of(list.begin(), list.end(),
                                              [](const nlohmann::json& item) { return item.is_number_unsigned(); });
    };
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
        !is_size_list(entry["shape"]) || !entry.contains("data_offsets") || !is_size_list(entry["data_offsets"]) ||
        entry["data_offsets"].size() != 2) {
        fail("the header must give it a dtype, a shape and two data_offsets");
    }
    StoredTensor tensor{entry["dtype"].get<std::string>(), entry["shape"].get<std::vector<std::size_t>>(), {}};
    place = {entry["data_offsets"][0].get<std::size_t>(), entry["data_offsets"][1].get<std::size_t>()};
    if (place.first > place.second || place.second > data.size()) {
        fail("its data_offsets " + shape_text(std::array{place.first, place.second}) + " lie outside the file's " +
             std::to_string(data.size()) + " bytes of data");
    }
    tensor.bytes = data.substr(place.first, place.second - place.first);
    return tensor;
}

inline SafetensorsFile read_safetensors(const std::string& file, std::string_view bytes) {
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length) throw FileError(file, "is too short for a safetensors file");
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes.remove_prefix(sizeof length);
    if (length > bytes.size()) {
        throw FileError(file, "claims a header of " + std::to_string(length) + " bytes; the file has " +
                                  std::to_string(bytes.size()) + " left: no safetensors file, or cut short");
    }
    const nlohmann::json header = parse_header(file, bytes.substr(0, length));
    const std::string_view data = bytes.substr(length);

    SafetensorsFile result;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            if (!entry.is_object()) throw FileError(file, "the header's __metadata__ is no object");
            for (const auto& [key, value] : entry.items()) {
                if (!value.is_string()) throw FileError(file, "the metadata entry " + key + " is no text");
                result.metadata[key] = value.get<std::string>();
            }
            continue;
        }
        result.tensors[name] = read_tensor(file, name, entry, data, places.emplace_back());
    }
    std::sort(places.begin(), places.end());
    std::size_t end = 0;
    for (const auto& [first, last] : places) {
        if (first != end) {
            throw FileError(file, "the tensors overlap or leave a gap at byte " + std::to_string(end) + " of the data");
        }
        end = last;
    }
    if (end != data.size()) {
        throw FileError(file, std::to_string(data.size() - end) + " bytes of data belong to no tensor");
    }
    return result;
}

/// Calls visit(name, shape, I, is_weight) for each tensor that a network's file has, in the order of the layers.
template <class Network, class Visit>
void for_each_tensor(Visit visit) {
    std::size_t module = 0;
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        static_assert(
            HasWeights<Layer> && requires { typename Layer::FinalActivation; },
            "model files hold networks of Dense layers");
        const std::string prefix = std::to_string(module) + ".";
        visit(prefix + "weight", std::vector<std::size_t>{Layer::outputs, Layer::inputs},
              std::integral_constant<std::size_t, I>{}, std::true_type{});
        visit(prefix + "bias", std::vector<std::size_t>{Layer::outputs}, std::integral_constant<std::size_t, I>{},
              std::false_type{});
        module += std::same_as<typename Layer::FinalActivation, Identity> ? 1 : 2;
    });
}

template <Real T>
inline constexpr std::string_view dtype_of = std::same_as<T, float> ? "F32" : "F64";

/// The one tensor of this name, or a FileError that says what differs from what the network's type asks for.
template <Real T>
std::string_view expect_tensor(const std::string& file, const SafetensorsFile& stored, const std::string& name,
                               std::span<const std::size_t> shape) {
    const auto found = stored.tensors.find(name);
    if (found == stored.tensors.end()) throw FileError(file, "has no tensor " + name + ", which the network needs");
    const StoredTensor& tensor = found->second;
    if (tensor.dtype != dtype_of<T>) {
        throw FileError(
            file, "tensor " + name + " holds " + tensor.dtype + "; the network needs " + std::string(dtype_of<T>));
    }
    if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
        throw FileError(file, "tensor " + name + " has the shape " + shape_text(tensor.shape) + "; the network needs " +
                                  shape_text(shape));
    }
    std::size_t bytes = sizeof(T);
    for (const std::size_t extent : shape) bytes *= extent;
    if (tensor.bytes.size() != bytes) {
        throw FileError(file, "tensor " + name + " has " + std::to_string(tensor.bytes.size()) +
                                  " bytes; its shape and dtype need " + std::to_string(bytes));
    }
    return tensor.bytes;
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
    for (const T parameter : network.parameters()) {
        if (!std::isfinite(parameter)) throw DataError("save: a parameter of the network is not finite");
    }
    nlohmann::ordered_json header;
    auto& metadata = header["__metadata__"];
    for (const auto& [key, value] : info.metadata) metadata[key] = value;
    metadata["typenet.version"] = version;
    metadata["architecture"] = Network::architecture();
    metadata["input_scale"] = detail::shortest_text(info.input_scale);

    std::vector<T> data;
    data.reserve(Network::parameter_count);
    detail::for_each_tensor<Network>(
        [&](const std::string& name, const std::vector<std::size_t>& shape, auto layer, auto is_weight) {
            const std::size_t first = data.size() * sizeof(T);
            if constexpr (is_weight) {
                const auto w = network.template weights<layer>();
                for (std::size_t o = 0; o < w.shape()[1]; ++o) {
                    for (std::size_t i = 0; i < w.shape()[0]; ++i) data.push_back(w(i, o));
                }
            } else {
                const auto b = network.template biases<layer>();
                data.insert(data.end(), b.begin(), b.end());
            }
            header[name] = {
                {"dtype", detail::dtype_of<T>}, {"shape", shape}, {"data_offsets", {first, data.size() * sizeof(T)}}};
        });

    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception&) {
        throw OptionError("save: the metadata must be UTF-8");
    }
    text.resize((text.size() + 7) / 8 * 8, ' ');  // the tensors begin at a multiple of 8
    const std::uint64_t length = text.size();
    std::vector<std::byte> contents(sizeof length + text.size() + data.size() * sizeof(T));
    std::memcpy(contents.data(), &length, sizeof length);
    std::memcpy(contents.data() + sizeof length, text.data(), text.size());
    std::memcpy(contents.data() + sizeof length + text.size(), data.data(), data.size() * sizeof(T));
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
        throw FileError(file, "holds the network " + found->second + "; this one is " + Network::architecture());
    }
    ModelInfo info;
    if (const auto found = stored.metadata.find("input_scale"); found != stored.metadata.end()) {
        const std::string& text = found->second;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), info.input_scale);
        if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(info.input_scale)) {
            throw FileError(file, "the metadata's input_scale, \"" + text + "\", is no finite number");
        }
    }

    Network read = network;
    std::size_t tensors = 0;
    detail::for_each_tensor<Network>(
        [&](const std::string& name, const std::vector<std::size_t>& shape, auto layer, auto is_weight) {
            ++tensors;
            const std::string_view bytes = detail::expect_tensor<T>(file, stored, name, shape);
            std::vector<T> values(bytes.size() / sizeof(T));
            std::memcpy(values.data(), bytes.data(), bytes.size());
            if (!std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); })) {
                throw FileError(file, "tensor " + name + " holds a number that is not finite");
            }
            if constexpr (is_weight) {
                auto w = read.template weights<layer>();
                for (std::size_t i = 0; i < shape[1]; ++i) {
                    for (std::size_t o = 0; o < shape[0]; ++o) w(i, o) = values[o * shape[1] + i];
                }
            } else {
                std::copy(values.begin(), values.end(), read.template biases<layer>().begin());
            }
        });
    if (stored.tensors.size() != tensors) {
        throw FileError(file, "holds " + std::to_string(stored.tensors.size()) + " tensors; the network has " +
                                  std::to_string(tensors));
    }
    std::copy(read.parameters().begin(), read.parameters().end(), network.parameters().begin());
    for (const auto* key : {"typenet.version", "architecture", "input_scale"}) stored.metadata.erase(key);
    info.metadata = std::move(stored.metadata);
    return info;
}

}  // namespace typenet
