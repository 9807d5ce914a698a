#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/version.hpp>

/// What the library writes into a model's metadata, and checks when it finds it there.
namespace typenet::detail {

/// The library's own entries; a user's of the same names are left out. Lists are JSON.
inline constexpr std::array<std::string_view, 7> own_entries{"typenet.version", "architecture", "input_scale", "labels",
                                                             "check_input",     "check_output", "checksum"};

inline bool is_own_entry(std::string_view key) {
    return std::find(own_entries.begin(), own_entries.end(), key) != own_entries.end();
}

/// A hash of all that the model says but its checksum: the sum of its entries' and its tensors', so that their order
/// doesn't matter.
inline std::string checksum(const StoredModel& model) {
    std::uint64_t sum = 0;
    const auto add = [&sum](std::initializer_list<std::string_view> parts) {
        Hash hash;
        for (const std::string_view part : parts) {
            hash.add(std::uint64_t{part.size()});
            hash.add(std::as_bytes(std::span(part)));
        }
        sum += hash.value();
    };
    for (const auto& [key, value] : model.metadata) {
        if (key != "checksum") add({key, value});
    }
    for (const StoredTensor& tensor : model.tensors) {
        add({tensor.name, tensor.dtype, shape_text(tensor.shape), tensor.column_major ? "columns" : "rows",
             tensor.bytes});
    }
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(sum));
    return text;
}

/// What the network with these parameters gives for one row of features.
template <AnyNetwork Network>
std::vector<typename Network::Scalar> outputs_for(const typename Network::Scalar* parameters,
                                                  const std::vector<typename Network::Scalar>& row) {
    using Layers = typename Network::Layers;
    Buffer<typename Network::Scalar> scratch(Layers::scratch_size(1));
    std::vector<typename Network::Scalar> outputs(Layers::outputs);
    Layers::forward(parameters, {row.data(), 1}, {outputs.data(), 1}, scratch.data(), nullptr);
    return outputs;
}

template <class Numbers>
std::string number_list(const Numbers& numbers) {
    std::string text;
    for (const auto number : numbers) text += join({text.empty() ? "[" : ",", exact_text(number)});
    return text + "]";
}

/// As JSON; nothing where a text isn't UTF-8.
inline std::optional<std::string> text_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) {
        const std::optional<std::string> quoted = json_string(text);
        if (!quoted) return {};
        list += join({list.empty() ? "[" : ",", *quoted});
    }
    return list + "]";
}

inline bool is_input_scale(float scale) noexcept { return std::isfinite(scale) && scale != 0; }

/// How many labels a network may have.
template <AnyNetwork Network>
inline constexpr std::size_t class_count = Network::Layers::outputs == 1 ? 2 : Network::Layers::outputs;

/// The parts of `info` that every kind of file holds. Throws OptionError, in the name of `function`, for a scale that
/// is 0 or not finite, a wrong number of labels, and text that is not UTF-8.
template <AnyNetwork Network>
std::map<std::string, std::string> metadata_of(std::string_view function, const ModelInfo& info) {
    const auto fail = [&](std::string_view what) { throw OptionError(join({function, ": ", what})); };
    if (!is_input_scale(info.input_scale)) fail("input_scale must be finite and not 0");
    if (!info.labels.empty() && info.labels.size() != class_count<Network>) {
        fail(join({"there are ", info.labels.size(), " labels for ", class_count<Network>, " classes"}));
    }
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : info.metadata) {
        if (!json_string(key) || !json_string(value)) fail("the metadata must be UTF-8");
        if (!is_own_entry(key)) metadata[key] = value;
    }
    metadata["typenet.version"] = std::string(version);
    metadata["architecture"] = Network::architecture();
    metadata["input_scale"] = exact_text(info.input_scale);
    if (!info.labels.empty()) {
        const std::optional<std::string> labels = text_list(info.labels);
        if (!labels) fail("the labels must be UTF-8");
        metadata["labels"] = *labels;
    }
    return metadata;
}

/// Throws DataError, in the name of `function`, when a parameter is not finite.
template <AnyNetwork Network>
void require_finite(std::string_view function, const Network& network) {
    const auto parameters = network.parameters();
    if (!std::all_of(parameters.begin(), parameters.end(), [](auto value) { return std::isfinite(value); })) {
        throw DataError(join({function, ": a parameter of the network is not finite"}));
    }
}

/// The whole model file's contents. Throws what metadata_of and require_finite throw.
template <AnyNetwork Network>
StoredModel store_model(std::string_view function, const Network& network, const ModelInfo& info) {
    using T = typename Network::Scalar;
    require_finite(function, network);
    std::map<std::string, std::string> metadata = metadata_of<Network>(function, info);
    StoredModel model = store_parameters(network);
    model.metadata = std::move(metadata);
    std::vector<T> features(Network::Layers::inputs);  // between 0 and 1, and unlike their neighbours
    for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<T>(i * 7 % 15 + 1) / T(16);
    const std::vector<T> outputs = outputs_for<Network>(network.parameters().data(), features);
    if (std::all_of(outputs.begin(), outputs.end(), [](T value) { return std::isfinite(value); })) {
        model.metadata["check_input"] = number_list(features);
        model.metadata["check_output"] = number_list(outputs);
    }
    model.metadata["checksum"] = checksum(model);
    return model;
}

inline const std::string* find_entry(const StoredModel& model, const char* key) {
    const auto found = model.metadata.find(key);
    return found == model.metadata.end() ? nullptr : &found->second;
}

/// The entry `key` as a list of `count` items, for each of which is_right(item). Throws FileError where it is anything
/// else.
template <class Item, class Json, class IsRight>
std::vector<Item> list_entry(const std::string& file, const StoredModel& model, const char* key, std::size_t count,
                             const char* items, IsRight is_right) {
    const std::string* const text = find_entry(model, key);
    const Json list =
        parse_json<Json>(file, join({"the metadata's ", key}), text == nullptr ? "[]" : std::string_view(*text), count);
    if (!list.is_array() || list.size() != count || !std::all_of(list.begin(), list.end(), is_right)) {
        throw FileError(file, join({"the metadata's ", key, " is not a list of ", count, " ", items}));
    }
    return list.template get<std::vector<Item>>();
}

/// Throws FileError where the model holds other contents than the library wrote.
inline void verify_checksum(const std::string& file, const StoredModel& model) {
    const std::string* const stored = find_entry(model, "checksum");
    if (stored == nullptr) {
        for (const char* key : {"typenet.version", "check_input", "check_output"}) {
            if (find_entry(model, key) == nullptr) continue;
            throw FileError(file, join({"is damaged: its metadata have ", key, ", but no checksum"}));
        }
        return;
    }
    const std::string found = checksum(model);
    if (*stored == found) return;
    constexpr const char* advice =
        "; after a change on purpose, leave out checksum, check_input, check_output and typenet.version";
    throw FileError(file,
                    join({"is damaged: its checksum is ", shown(*stored), " and its contents have ", found, advice}));
}

/// Throws FileError where the network gives other outputs for the model's check_input than the one that was saved, by
/// more than what rounding can do.
template <AnyNetwork Network, class Json>
void verify_outputs(const std::string& file, const StoredModel& model, const typename Network::Scalar* parameters) {
    using T = typename Network::Scalar;
    if (find_entry(model, "check_input") == nullptr && find_entry(model, "check_output") == nullptr) return;
    const auto numbers = [&](const char* key, std::size_t count) {
        return list_entry<T, Json>(file, model, key, count, "finite numbers", [](const Json& item) {
            return item.is_number() && std::isfinite(item.template get<T>());
        });
    };
    const std::vector<T> features = numbers("check_input", Network::Layers::inputs);
    const std::vector<T> expected = numbers("check_output", Network::Layers::outputs);
    const std::vector<T> outputs = outputs_for<Network>(parameters, features);
    T largest = 0;
    for (const T value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        if (std::abs(outputs[k] - expected[k]) <= T(1e-3) * largest + T(1e-4)) continue;
        throw FileError(
            file, join({"its check doesn't come out: output ", k, " is ", number_text(static_cast<double>(outputs[k])),
                        " and should be ", number_text(static_cast<double>(expected[k]))}));
    }
}

/// Gives the network the model's parameters and returns what else it says. Throws FileError, and leaves the network as
/// it was, when anything in it is not right.
template <class Json = nlohmann::json, AnyNetwork Network>
ModelInfo restore_model(const std::string& file, const StoredModel& model, Network& network) {
    if (const std::string* text = find_entry(model, "architecture"); text && *text != Network::architecture()) {
        throw FileError(file, join({"holds the network ", shown(*text), "; this one is ", Network::architecture()}));
    }
    ModelInfo info;
    if (const std::string* text = find_entry(model, "input_scale")) {
        const char* const last = text->data() + text->size();
        const auto [end, error] = std::from_chars(text->data(), last, info.input_scale);
        if (error != std::errc() || end != last || !is_input_scale(info.input_scale)) {
            throw FileError(file, join({"the metadata's input_scale, \"", shown(*text),
                                        "\", is not a finite number other than 0"}));
        }
    }
    if (find_entry(model, "labels") != nullptr) {
        info.labels = list_entry<std::string, Json>(file, model, "labels", class_count<Network>, "texts",
                                                    [](const Json& item) { return item.is_string(); });
    }
    const auto parameters = read_parameters<Network>(file, model);
    verify_checksum(file, model);
    verify_outputs<Network, Json>(file, model, parameters.data());

    for (const auto& [key, value] : model.metadata) {
        if (!is_own_entry(key)) info.metadata[key] = value;
    }
    std::copy_n(parameters.data(), parameters.size(), network.parameters().begin());
    return info;
}

}  // namespace typenet::detail
