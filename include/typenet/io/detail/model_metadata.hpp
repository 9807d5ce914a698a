#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/version.hpp>

/// The metadata that the library writes into model files. `save`, `save_npz` and the exporters call check_model first,
/// which throws whatever can be wrong with the network or the user's ModelInfo. store_model then makes a StoredModel:
/// the parameters, the entries of metadata_of, a row of features with the network's outputs for it (check_input,
/// check_output), and a checksum of all that. restore_model.hpp goes the other way.
namespace TYPENET::detail {

/// The library's own entries, of which a user's ModelInfo can't set any. Lists are JSON.
inline constexpr std::array<std::string_view, 8> own_entries{
    "typenet.version", "architecture", "columns", "input_scale", "labels", "check_input", "check_output", "checksum"};

inline bool is_own_entry(std::string_view key) {
    return std::find(own_entries.begin(), own_entries.end(), key) != own_entries.end();
}

/// Returns a hash of everything that the model says, except the checksum, as 16 hexadecimal digits. It is the sum of a
/// hash for each entry and tensor, so that their order doesn't matter.
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

/// Returns numbers as a JSON list that reads back exactly.
template <class Numbers>
std::string number_list(const Numbers& numbers) {
    std::vector<std::string> texts;
    texts.reserve(std::size(numbers));
    for (const auto number : numbers) texts.push_back(exact_text(number));
    return join({"[", join_list(texts), "]"});
}

/// Returns texts as a JSON list.
inline std::string text_list(const std::vector<std::string>& texts) {
    std::vector<std::string> strings;
    strings.reserve(texts.size());
    for (const std::string& text : texts) strings.push_back(json_string(text));
    return join({"[", join_list(strings), "]"});
}

inline bool are_utf8(const std::vector<std::string>& texts) { return std::all_of(texts.begin(), texts.end(), is_utf8); }

inline bool is_input_scale(float scale) noexcept { return is_finite(scale) && scale != 0; }

/// Throws what a file can't hold, in the name of `function`: DataError for a parameter that is not finite; OptionError
/// for an input_scale that is 0 or not finite, a wrong number of labels, and text that is not UTF-8.
template <AnyPredictor Network>
void check_model(std::string_view function, const Network& network, const ModelInfo& info) {
    if (!network.all_finite()) throw DataError(join({function, ": a parameter of the network is not finite"}));
    if (!is_input_scale(info.input_scale)) {
        throw OptionError(join({function, ": input_scale must be finite and not 0"}));
    }
    if (!info.labels.empty() && info.labels.size() != classes_of<Network>) {
        throw OptionError(
            join({function, ": there are ", info.labels.size(), " labels for ", classes_of<Network>, " classes"}));
    }
    if (!are_utf8(info.labels)) {
        throw OptionError(join({function, ": the labels must be UTF-8"}));
    }
    if constexpr (HasColumns<typename Network::InputType>) {
        if (!are_utf8(Network::InputType::column_texts())) {
            throw OptionError(join({function, ": the names and values of the columns must be UTF-8"}));
        }
    }
    for (const auto& [key, value] : info.metadata) {
        if (!is_utf8(key) || !is_utf8(value)) throw OptionError(join({function, ": the metadata must be UTF-8"}));
    }
}

/// Returns the metadata that every kind of file has, for what check_model accepts.
template <AnyPredictor Network>
std::map<std::string, std::string> metadata_of(const ModelInfo& info) {
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : info.metadata) {
        if (!is_own_entry(key)) metadata[key] = value;
    }
    metadata["typenet.version"] = std::string(version);
    metadata["architecture"] = Network::architecture();
    metadata["input_scale"] = exact_text(info.input_scale);
    if constexpr (HasColumns<typename Network::InputType>) {
        metadata["columns"] = text_list(Network::InputType::column_texts());
    }
    if (!info.labels.empty()) metadata["labels"] = text_list(info.labels);
    return metadata;
}

/// Adds all metadata, which check_model accepts, to a model that has the network's parameters.
template <AnyPredictor Network>
void add_metadata(StoredModel& model, const Network& network, const ModelInfo& info) {
    using T = typename Network::Scalar;
    model.metadata = metadata_of<Network>(info);
    std::vector<T> features(Network::inputs);  // from 1/16 to 15/16, neighbours far from each other
    for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<T>(i * 7 % 15 + 1) / T(16);
    const auto outputs = network.predict(features);
    if (std::all_of(outputs.begin(), outputs.end(), [](T value) { return is_finite(value); })) {
        model.metadata["check_input"] = number_list(features);
        model.metadata["check_output"] = number_list(outputs);
    }
    model.metadata["checksum"] = checksum(model);
}

/// Returns everything that a model file holds. Throws what check_model throws.
template <HasParameters Network>
StoredModel store_model(std::string_view function, const Network& network, const ModelInfo& info) {
    check_model(function, network, info);
    StoredModel model = store_parameters(network);
    add_metadata(model, network, info);
    return model;
}

}  // namespace TYPENET::detail
