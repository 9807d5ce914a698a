#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fuzz/fuzz.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <vector>

#include <nlohmann/json.hpp>

/// JsonReader against nlohmann-json: both read the same value, or both refuse the text. JsonReader throws FileError and
/// nothing else. An object of texts is the same after it was written and read again.
///
/// An input: a byte that says what the text must hold, then the text.
namespace {

using namespace typenet;
using nlohmann::json;
using Texts = std::map<std::string, std::string>;

constexpr std::size_t longest = 3;  // items of a list

/// Returns the text's value by nlohmann-json; nothing for a text that is not JSON, or where a name comes twice.
std::optional<json> parse(std::string_view text) {
    // nlohmann-json skips a byte order mark, and takes a zero for the end of the text.
    if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos) return {};
    std::vector<std::set<std::string>> names;  // of each object that is open
    bool comes_twice = false;
    const auto see = [&](int, json::parse_event_t event, const json& parsed) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second)
            comes_twice = true;
        return true;
    };
    json value = json::parse(text, see, false);
    if (value.is_discarded() || comes_twice) return {};
    return value;
}

/// Checks that `read(reader)` reads the text where `is_right(value)` says so, and refuses it otherwise. Returns what
/// was read.
template <class Value, class Read, class IsRight>
std::optional<Value> check(std::string_view text, Read read, IsRight is_right) {
    const std::optional<json> expected = parse(text);
    const bool is_expected = expected && is_right(*expected);
    try {
        detail::JsonReader reader("file", "the text", text);
        Value value = read(reader);
        reader.finish();
        fuzz::require(is_expected, "JsonReader refuses what is not JSON or not what the caller asks for");
        fuzz::require(value == expected->get<Value>(), "JsonReader reads what the text says");
        return value;
    } catch (const FileError&) {
        fuzz::require(!is_expected, "JsonReader reads JSON");
        return {};
    }
}

template <class Item, class IsItem>
void check_list(std::string_view text, IsItem is_item) {
    using List = std::vector<Item>;
    const auto read = [](detail::JsonReader& reader) {
        List list;
        reader.read(list, longest);
        return list;
    };
    check<List>(text, read, [&](const json& value) {
        return value.is_array() && value.size() <= longest && std::all_of(value.begin(), value.end(), is_item);
    });
}

void check_object(std::string_view text) {
    const auto is_text = [](const json& item) { return item.is_string(); };
    const auto are_texts = [&](const json& value) {
        return value.is_object() && std::all_of(value.begin(), value.end(), is_text);
    };
    const std::optional<Texts> texts = check<Texts>(text, detail::read_metadata, are_texts);
    if (!texts) return;
    const std::optional<Texts> again = check<Texts>(detail::json_object(*texts), detail::read_metadata, are_texts);
    fuzz::require(again == texts, "what is written is read again");
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
    return {
        R"(0{"a":"b","":"\"\\\/\b\f\n\r\t","c":"y\u00E9s y)"
        "\xC3\xA9"
        R"(s \uD83D\ude00"})",
        "0 {\t\"a\" : \"\xF0\x9F\x98\x80 \xE2\x82\xAC\" ,\r\n\"b\":\"\" } ",
        R"(0{"a":"1","\u0061":"2"})",
        R"(0{"a":{"a":["b"]}})",
        R"(1["a","\u20AC",""])",
        R"(1[ ])",
        R"(2[0,18446744073709551615,12])",
        R"(2[00,-0,1e2])",
    };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t kind = input.byte() % 3;
    const std::string_view text = input.rest();
    if (kind == 0) check_object(text);
    if (kind == 1) check_list<std::string>(text, [](const json& item) { return item.is_string(); });
    if (kind == 2) check_list<std::size_t>(text, [](const json& item) { return item.is_number_unsigned(); });
    return 0;
}
