#include <map>
#include <string>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/json.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

namespace {

/// What parse_json says of it, without the file's name; nothing where it accepts it.
std::string complaint(const std::string& text) {
    try {
        (void)parse_json("file", "it", text);
        return "";
    } catch (const FileError& error) {
        CHECK(error.file() == "file");
        return std::string(error.what()).substr(6);
    }
}

}  // namespace

TEST_SUITE("io/detail/json") {
    TEST_CASE("JSON becomes values") {
        const nlohmann::json value = parse_json("file", "it", R"({"a":[1,{"b":"c"}],"d":{"b":null}})");
        CHECK(value["a"][1]["b"] == "c");
        CHECK(value["d"]["b"].is_null());
        CHECK(parse_json("file", "it", "[0.5]")[0] == 0.5);
    }

    TEST_CASE("what is no JSON is refused") {
        for (const char* text : {"", "{", "{} x", "1e999", "\"\xFF\"", "[1,]"}) {
            CAPTURE(text);
            CHECK(complaint(text).starts_with("it is no JSON: "));
        }
        CHECK(complaint(std::string("{}\0", 3)) == "it is no JSON: a zero byte");
    }

    TEST_CASE("a name that stands twice in one object is refused, in two it is not") {
        CHECK(complaint(R"({"a":0,"a":0})") == "it names \"a\" twice");
        CHECK(complaint(R"({"a\n\"":{},"a\n\"":{}})") == R"(it names "a\n\"" twice)");
        CHECK(complaint(R"({"a":{"b":0,"b":0}})") == "it names \"b\" twice");
        CHECK(complaint(R"({"a":{"a":0},"b":{"a":0}})").empty());
    }

    TEST_CASE("three levels are allowed, four are not") {
        CHECK(complaint("[[[0]]]").empty());
        CHECK(complaint("[[[[0]]]]") == "it is nested too deeply");
        CHECK(complaint(std::string(1'000'000, '[')) == "it is nested too deeply");
    }

    TEST_CASE("an object begins with its first byte") {
        CHECK(parse_json_object("file", "it", "{}").empty());
        for (const char* text : {"", "[]", " {}", "\xEF\xBB\xBF{}"}) {
            CAPTURE(text);
            CHECK_THROWS_WITH_AS((void)parse_json_object("file", "it", text), "file: it is no JSON object", FileError);
        }
    }

    TEST_CASE("metadata are texts") {
        using Json = nlohmann::json;
        CHECK(metadata_from("file", Json::parse(R"({"a":"b","":""})")) ==
              std::map<std::string, std::string>{{"a", "b"}, {"", ""}});
        CHECK_THROWS_WITH_AS((void)metadata_from("file", Json::parse("[]")), "file: the metadata are no object",
                             FileError);
        CHECK_THROWS_WITH_AS((void)metadata_from("file", Json::parse(R"({"a":1})")),
                             "file: the metadata entry a is no text", FileError);
    }
}
