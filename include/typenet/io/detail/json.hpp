#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json_string.hpp>

/// JSON in model files. nlohmann::json takes part as a template's parameter: so its parser is compiled only into
/// programs that load.
namespace typenet::detail {

/// How deeply objects and lists may lie in each other: a header, its tensors, their shapes.
inline constexpr std::size_t deepest_json = 3;

/// The text as JSON; `what` names it in messages. Throws FileError for what is no JSON, for what is nested too deeply,
/// and for what nlohmann::json would pass over: a name that stands twice in an object, and anything behind a zero byte.
template <class Json = nlohmann::json>
Json parse_json(const std::string& file, std::string_view what, std::string_view text) {
    std::array<std::set<std::string>, deepest_json + 2> names;  // those of the object open at each depth
    const auto check = [&](int open, typename Json::parse_event_t event, Json& value) {
        const auto depth = static_cast<std::size_t>(open);
        if (depth > deepest_json) throw FileError(file, join({what, " is nested too deeply"}));
        if (event == Json::parse_event_t::object_start) names[depth + 1].clear();
        if (event == Json::parse_event_t::key) {
            const auto& name = value.template get_ref<const std::string&>();
            if (!names[depth].insert(name).second) {
                throw FileError(file, join({what, " names ", *json_string(name), " twice"}));
            }
        }
        return true;
    };
    if (text.find('\0') != std::string_view::npos) throw FileError(file, join({what, " is no JSON: a zero byte"}));
    try {
        return Json::parse(text, check);
    } catch (const typename Json::exception& error) {
        throw FileError(file, join({what, " is no JSON: ", error.what()}));
    }
}

/// As parse_json for an object, which begins with the first byte.
template <class Json = nlohmann::json>
Json parse_json_object(const std::string& file, std::string_view what, std::string_view text) {
    if (!text.starts_with('{')) throw FileError(file, join({what, " is no JSON object"}));
    return parse_json<Json>(file, what, text);
}

/// The metadata of a model, whose values are texts. Throws FileError for anything else.
template <class Json>
std::map<std::string, std::string> metadata_from(const std::string& file, const Json& object) {
    if (!object.is_object()) throw FileError(file, "the metadata are no object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) throw FileError(file, join({"the metadata entry ", key, " is no text"}));
        metadata[key] = value.template get<std::string>();
    }
    return metadata;
}

}  // namespace typenet::detail
