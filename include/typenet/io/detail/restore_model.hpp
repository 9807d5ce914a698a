#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>

/// What becomes of a model that was read from a file. restore_model, which `load` and `load_npz` call, reads into a
/// copy of the network, verifies the checksum and the outputs (verify_checksum, verify_outputs), and changes the
/// network only when everything was right.
namespace TYPENET::detail {

/// Returns the entry `key`, or null where the model has none.
inline const std::string* find_entry(const StoredModel& model, const char* key) {
    const auto found = model.metadata.find(key);
    return found == model.metadata.end() ? nullptr : &found->second;
}

/// Returns the entry `key`, a list of `count` texts or finite numbers. Throws FileError where it is missing or isn't
/// such a list.
template <class Item>
std::vector<Item> list_entry(const std::string& file, const StoredModel& model, const char* key, std::size_t count) {
    std::vector<Item> list;
    if (const std::string* const text = find_entry(model, key)) {
        JsonReader json(file, join({"the metadata's ", key}), *text);
        json.read(list, count);
        json.finish();
    }
    if (list.size() == count) return list;
    throw FileError(file, join({"the metadata's ", key, " has ", list.size(), " items; the network needs ", count}));
}

/// Throws FileError where the checksum is not that of the contents, or is missing beside other entries of the library.
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
    constexpr std::string_view remedy =
        ". If you changed the file on purpose, remove the entries checksum, check_input, check_output and "
        "typenet.version";
    throw FileError(file,
                    join({"is damaged: its checksum is ", shown(*stored), ", that of its contents ", found, remedy}));
}

/// Throws FileError where the network's outputs for check_input differ from check_output by more than rounding can
/// explain: 1/1000 of the largest output and 1/10,000. Does nothing where the model has neither entry.
template <AnyPredictor Network>
void verify_outputs(const std::string& file, const StoredModel& model, const Network& network) {
    using T = typename Network::Scalar;
    if (find_entry(model, "check_input") == nullptr && find_entry(model, "check_output") == nullptr) return;
    const auto features = list_entry<T>(file, model, "check_input", Network::inputs);
    const auto expected = list_entry<T>(file, model, "check_output", Network::outputs);
    const auto outputs = network.predict(features);
    T largest = 0;
    for (const T value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t k = 0; k < expected.size(); ++k) {
        if (std::abs(outputs[k] - expected[k]) <= T(1e-3) * largest + T(1e-4)) continue;
        throw FileError(file, join({"the network's output ", k, " for the file's check_input is ", outputs[k],
                                    "; check_output says ", expected[k]}));
    }
}

/// Throws FileError when the file names the columns of its features, and they aren't the network's.
template <AnyPredictor Network>
void check_columns(const std::string& file, const StoredModel& model) {
    if (find_entry(model, "columns") == nullptr) return;
    const std::vector<std::string> own = Network::InputType::column_texts();
    const auto stored = list_entry<std::string>(file, model, "columns", own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
        if (stored[i] == own[i]) continue;
        throw FileError(file, join({"was trained on other columns: its column ", i, " is ", shown(stored[i]),
                                    "; this network's is ", own[i]}));
    }
}

/// Lets read(loaded) read the model's parameters into a network, verifies everything, and returns what else the model
/// says. Throws FileError when anything in the model is wrong.
template <AnyPredictor Network, class Read>
ModelInfo verified_model(const std::string& file, const StoredModel& model, Network& loaded, Read read) {
    if (const std::string* text = find_entry(model, "architecture"); text && *text != Network::architecture()) {
        throw FileError(file, join({"holds the network ", shown(*text), "; this one is ", Network::architecture()}));
    }
    if constexpr (HasColumns<typename Network::InputType>) check_columns<Network>(file, model);
    ModelInfo info;
    if (const std::string* text = find_entry(model, "input_scale")) {
        info.input_scale = parse_decimal<float>(*text).value_or(0);
        if (!is_input_scale(info.input_scale)) {
            throw FileError(file, join({"the metadata's input_scale, \"", shown(*text),
                                        "\", is not a finite number other than 0"}));
        }
    }
    if (find_entry(model, "labels") != nullptr) {
        info.labels = list_entry<std::string>(file, model, "labels", classes_of<Network>);
    }
    read(loaded);
    verify_checksum(file, model);
    verify_outputs(file, model, loaded);

    for (const auto& [key, value] : model.metadata) {
        if (!is_own_entry(key)) info.metadata[key] = value;
    }
    return info;
}

/// Copies the model's parameters into the network and returns what else the model says. Throws FileError, and leaves
/// the network as it was, when anything in the model is wrong.
template <AnyNetwork Network>
ModelInfo restore_model(const std::string& file, const StoredModel& model, Network& network) {
    Network loaded = network;
    ModelInfo info = verified_model(file, model, loaded, [&](Network& to) { read_parameters(file, model, to); });
    std::copy(loaded.parameters().begin(), loaded.parameters().end(), network.parameters().begin());
    return info;
}

}  // namespace TYPENET::detail
