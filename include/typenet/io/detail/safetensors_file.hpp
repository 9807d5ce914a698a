#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json_string.hpp>

namespace typenet::detail {

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
    for (std::size_t i = 0; i < shape.size(); ++i) text += join({i > 0 ? ", " : "", shape[i]});
    return text += ']';
}

// Where nlohmann::json takes part, its type is a parameter: so its parser is compiled only into programs that load.

/// The header as JSON; throws FileError for what nlohmann::json would pass over: a name that stands twice in an object,
/// a byte order mark, and anything behind a zero byte.
template <class Json>
Json parse_header(const std::string& file, std::string_view text) {
    constexpr std::size_t deepest = 3;                     // tensors, their entries, their shapes
    std::array<std::set<std::string>, deepest + 2> names;  // those of the object open at each depth
    const auto check = [&](int open, typename Json::parse_event_t event, Json& value) {
        const auto depth = static_cast<std::size_t>(open);
        if (depth > deepest) throw FileError(file, "the header is nested too deeply");
        if (event == Json::parse_event_t::object_start) names[depth + 1].clear();
        if (event == Json::parse_event_t::key) {
            const auto& name = value.template get_ref<const std::string&>();
            if (!names[depth].insert(name).second) {
                throw FileError(file, join({"the header names ", *json_string(name), " twice"}));
            }
        }
        return true;
    };
    if (!text.starts_with('{') || text.find('\0') != std::string_view::npos)
        throw FileError(file, "the header is no JSON object");
    try {
        return Json::parse(text, check);
    } catch (const typename Json::exception& error) {
        throw FileError(file, join({"the header is no JSON: ", error.what()}));
    }
}

/// A list of whole numbers; nothing when `value` is anything else.
template <class Json>
std::optional<std::vector<std::size_t>> size_list(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_array()) return {};
    std::vector<std::size_t> sizes;
    for (const Json& item : *found) {
        if (!item.is_number_unsigned()) return {};
        sizes.push_back(item.template get<std::size_t>());
    }
    return sizes;
}

template <class Json>
StoredTensor read_tensor(const std::string& file, const std::string& name, const Json& entry, std::string_view data,
                         std::pair<std::size_t, std::size_t>& place) {
    const auto dtype = entry.is_object() ? entry.find("dtype") : entry.end();
    auto shape = size_list(entry, "shape");
    const auto offsets = size_list(entry, "data_offsets");
    if (dtype == entry.end() || !dtype->is_string() || !shape || !offsets || offsets->size() != 2) {
        throw FileError(file,
                        join({"tensor ", name, ": the header must give it a dtype, a shape and two data_offsets"}));
    }
    place = {(*offsets)[0], (*offsets)[1]};
    if (place.first > place.second || place.second > data.size()) {
        throw FileError(file, join({"tensor ", name, ": its data_offsets ", shape_text(*offsets),
                                    " lie outside the file's ", data.size(), " bytes of data"}));
    }
    return {dtype->template get<std::string>(), *std::move(shape),
            data.substr(place.first, place.second - place.first)};
}

template <class Json = nlohmann::json>
SafetensorsFile read_safetensors(const std::string& file, std::string_view bytes) {
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length) throw FileError(file, "is too short for a safetensors file");
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes.remove_prefix(sizeof length);
    if (length > bytes.size()) {
        throw FileError(file, join({"claims a header of ", length, " bytes; the file has ", bytes.size(),
                                    " left: no safetensors file, or cut short"}));
    }
    const Json header = parse_header<Json>(file, bytes.substr(0, length));
    const std::string_view data = bytes.substr(length);

    SafetensorsFile result;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            if (!entry.is_object()) throw FileError(file, "the header's __metadata__ is no object");
            for (const auto& [key, value] : entry.items()) {
                if (!value.is_string()) throw FileError(file, join({"the metadata entry ", key, " is no text"}));
                result.metadata[key] = value.template get<std::string>();
            }
            continue;
        }
        result.tensors[name] = read_tensor(file, name, entry, data, places.emplace_back());
    }
    std::sort(places.begin(), places.end());
    std::size_t end = 0;
    for (const auto& [first, last] : places) {
        if (first != end) {
            throw FileError(file, join({"the tensors overlap or leave a gap at byte ", end, " of the data"}));
        }
        end = last;
    }
    if (end != data.size()) {
        throw FileError(file, join({data.size() - end, " bytes of data belong to no tensor"}));
    }
    return result;
}

}  // namespace typenet::detail
