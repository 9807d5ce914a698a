#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>

/// JSON in model files. nlohmann::json takes part as a template's parameter and is only declared here: a program that
/// loads needs all of <nlohmann/json.hpp>, and one that saves is spared it.
namespace typenet::detail {

/// How deeply objects and lists may lie in each other: a header, its tensors, their shapes.
inline constexpr std::size_t deepest_json = 3;

/// What the JSON library's parser calls: makes values of what it finds, in time and memory that grow with the text
/// alone. Throws FileError for what the parser would pass over: a name that stands twice in an object, lists longer
/// than any here, and what is nested too deeply.
template <class Json>
class JsonBuilder {
public:
    JsonBuilder(std::string file, std::string_view what, std::size_t longest_list)
        : file_(std::move(file)), what_(what), longest_list_(longest_list) {}

    [[nodiscard]] Json result() && { return std::move(root_); }

    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(typename Json::number_integer_t value) { return add(value); }
    bool number_unsigned(typename Json::number_unsigned_t value) { return add(value); }
    bool number_float(typename Json::number_float_t value, const std::string&) { return add(value); }
    bool string(std::string& value) { return add(std::move(value)); }
    bool binary(typename Json::binary_t&) { return false; }  // not in JSON as text
    bool start_object(std::size_t) { return open(Json::object()); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        if (open_.back()->contains(name)) fail(join({"names ", shown(name), " twice"}));
        name_ = std::move(name);
        return true;
    }
    template <class Exception>
    bool parse_error(std::size_t position, const std::string&, const Exception&) {
        fail(join({"is not JSON: something is wrong at byte ", position}));
        return false;
    }

private:
    [[noreturn]] void fail(const std::string& reason) const { throw FileError(file_, join({what_, " ", reason})); }

    Json& place(Json&& value) {
        if (open_.empty()) return root_ = std::move(value);
        Json& parent = *open_.back();
        if (parent.is_object()) return parent[name_] = std::move(value);
        if (parent.size() == longest_list_) fail(join({"has a list of more than ", longest_list_, " items"}));
        parent.push_back(std::move(value));
        return parent.back();
    }
    bool add(Json&& value) {
        place(std::move(value));
        return true;
    }
    bool open(Json&& value) {
        if (open_.size() == deepest_json) fail("is nested too deeply");
        open_.push_back(&place(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::string file_;
    std::string what_;
    std::size_t longest_list_;
    Json root_;
    std::vector<Json*> open_;  ///< the objects and lists around what comes next; a parent doesn't grow meanwhile
    std::string name_;         ///< of what comes next in an object
};

/// The text as JSON; `what` names it in messages. Throws FileError for what is no JSON, and as JsonBuilder does.
template <class Json = nlohmann::json>
Json parse_json(const std::string& file, std::string_view what, std::string_view text, std::size_t longest_list) {
    if (text.find('\0') != std::string_view::npos)
        throw FileError(file, join({what, " is not JSON: it has a zero byte"}));
    JsonBuilder<Json> builder(file, what, longest_list);
    Json::sax_parse(text, &builder);
    return std::move(builder).result();
}

/// As parse_json for an object, which begins with the first byte, and in which lists are no longer than shapes.
template <class Json = nlohmann::json>
Json parse_json_object(const std::string& file, std::string_view what, std::string_view text) {
    constexpr std::size_t most_dimensions = 64;
    if (!text.starts_with('{')) throw FileError(file, join({what, " is not a JSON object"}));
    return parse_json<Json>(file, what, text, most_dimensions);
}

/// The metadata of a model, whose values are texts. Throws FileError for anything else.
template <class Json>
std::map<std::string, std::string> metadata_from(const std::string& file, const Json& object) {
    if (!object.is_object()) throw FileError(file, "the metadata are not a JSON object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) throw FileError(file, join({"the metadata's ", shown(key), " is not a text"}));
        metadata[key] = value.template get<std::string>();
    }
    return metadata;
}

}  // namespace typenet::detail
