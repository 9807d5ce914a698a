#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include <typenet/core/error.hpp>
#include <typenet/io/detail/json.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

namespace {

/// What parse_json says of it, without the file's name; nothing where it accepts it.
std::string complaint(const std::string& text) {
    try {
        (void)parse_json("file", "it", text, 3);
        return "";
    } catch (const FileError& error) {
        CHECK(error.file() == "file");
        return std::string(error.what()).substr(6);
    }
}

}  // namespace

TEST_SUITE("io/detail/json") {
    TEST_CASE("JSON becomes values") {
        const nlohmann::json value = parse_json("file", "it", R"({"a":[1,{"b":"c"}],"d":{"b":null}})", 3);
        CHECK(value["a"][1]["b"] == "c");
        CHECK(value["d"]["b"].is_null());
        CHECK(value.dump() == R"({"a":[1,{"b":"c"}],"d":{"b":null}})");
        CHECK(parse_json("file", "it", "[0.5,-3,true]", 3).dump() == "[0.5,-3,true]");
        CHECK(parse_json("file", "it", "\"\\u00e9\"", 3) == "\xC3\xA9");
    }

    TEST_CASE("what is no JSON is refused") {
        CHECK(complaint("") == "it is not JSON: something is wrong at byte 1");
        CHECK(complaint("{} x") == "it is not JSON: something is wrong at byte 4");
        for (const char* text : {"{", "1e999", "\"\xFF\"", "[1,]"}) {
            CAPTURE(text);
            CHECK(complaint(text).starts_with("it is not JSON: something is wrong at byte "));
        }
        CHECK(complaint(std::string("{}\0", 3)) == "it is not JSON: it has a zero byte");
    }

    TEST_CASE("a name that stands twice in one object is refused, in two it is not") {
        CHECK(complaint(R"({"a":0,"a":0})") == "it names a twice");
        CHECK(complaint(R"({"a\n\"":{},"a\n\"":{}})") == "it names a?\" twice");
        CHECK(complaint(R"({"a":{"b":0,"b":0}})") == "it names b twice");
        CHECK(complaint(R"({"a":{"a":0},"b":{"a":0}})").empty());
    }

    TEST_CASE("three levels are allowed, four are not") {
        CHECK(complaint("[[[0]]]").empty());
        CHECK(complaint("[[[[0]]]]") == "it is nested too deeply");
        CHECK(complaint(std::string(1'000'000, '[')) == "it is nested too deeply");
    }

    TEST_CASE("lists have their longest length") {
        CHECK(complaint("[1,2,3]").empty());
        CHECK(complaint("{\"a\":[[1,2,3],[1,2,3],[]]}").empty());
        CHECK(complaint("[1,2,3,4]") == "it has a list of more than 3 items");
    }

    TEST_CASE("a large object takes a time in proportion") {
        // Where each name were compared with all others, or each end looked at all before it, this would take minutes.
        std::string text = "{";
        for (int i = 0; i < 200'000; ++i) text.append("\"").append(std::to_string(i)).append("\":{},");
        CHECK(complaint(text + "\"end\":{}}").empty());
        CHECK(complaint(text + "\"0\":{}}") == "it names 0 twice");
    }

    TEST_CASE("an object begins with its first byte") {
        CHECK(parse_json_object("file", "it", "{}").empty());
        std::string list = "{\"a\":[0";
        for (int i = 0; i < 63; ++i) list += ",0";
        CHECK(parse_json_object("file", "it", list + "]}")["a"].size() == 64);
        CHECK_THROWS_AS((void)parse_json_object("file", "it", list + ",0]}"), FileError);
        for (const char* text : {"", "[]", " {}", "\xEF\xBB\xBF{}"}) {
            CAPTURE(text);
            CHECK_THROWS_WITH_AS((void)parse_json_object("file", "it", text), "file: it is not a JSON object",
                                 FileError);
        }
    }

    TEST_CASE("metadata are texts") {
        using Json = nlohmann::json;
        CHECK(metadata_from("file", Json::parse(R"({"a":"b","":""})")) ==
              std::map<std::string, std::string>{{"a", "b"}, {"", ""}});
        CHECK_THROWS_WITH_AS((void)metadata_from("file", Json::parse("[]")), "file: the metadata are not a JSON object",
                             FileError);
        CHECK_THROWS_WITH_AS((void)metadata_from("file", Json::parse(R"({"a":1})")),
                             "file: the metadata's a is not a text", FileError);
    }
}
