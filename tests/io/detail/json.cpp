#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/io/detail/json.hpp>

#include <doctest/doctest.h>

// JsonReader, in both notations: what it reads, what it refuses and where, and that it takes and refuses the same texts
// as nlohmann-json.

using namespace typenet;
using namespace typenet::detail;

namespace {

/// Why a text is refused by what `read` does with a reader, without the file's name; nothing where it is read.
std::string complaint(const std::string& text, const std::function<void(JsonReader&)>& read,
                      Notation notation = Notation::json) {
    try {
        JsonReader json("file", "it", text, notation);
        read(json);
        json.finish();
        return "";
    } catch (const FileError& error) {
        CHECK(error.file() == "file");
        return std::string(error.what()).substr(6);
    }
}

template <class Value>
std::string complaint_of_value(const std::string& text, Notation notation = Notation::json) {
    return complaint(
        text,
        [](JsonReader& json) {
            Value value{};
            json.read(value);
        },
        notation);
}

std::string complaint_of_list(const std::string& text, Notation notation = Notation::json) {
    return complaint(
        text,
        [](JsonReader& json) {
            std::vector<std::size_t> list;
            json.read(list, 3);
        },
        notation);
}

std::string complaint_of_metadata(const std::string& text) {
    return complaint(text, [](JsonReader& json) { (void)read_metadata(json); });
}

template <class Value>
Value read(const std::string& text, Notation notation = Notation::json) {
    Value value{};
    JsonReader json("file", "it", text, notation);
    json.read(value);
    json.finish();
    return value;
}

}  // namespace

TEST_SUITE("io/detail/json") {
    TEST_CASE("texts, numbers, lists and objects are read, with blanks wherever they may be") {
        std::string text;
        std::vector<std::size_t> sizes;
        std::vector<float> numbers;
        std::vector<std::string> names;
        JsonReader json("file", "it",
                        " { \"a\" : \"b\" ,\n\"c\":\t[ 1 , 20 ],\r\"d\":[0.5,-3,1e-2],\"e\":[\"x\",\"\"]} ");
        json.read_object([&](const std::string& name) {
            names.push_back(name);
            if (name == "a") json.read(text);
            if (name == "c") json.read(sizes, 2);
            if (name == "d") json.read(numbers, 3);
            if (name == "e") json.read(names, 2);
        });
        json.finish();
        CHECK(text == "b");
        CHECK(sizes == std::vector<std::size_t>{1, 20});
        CHECK(numbers == std::vector<float>{0.5F, -3, 0.01F});
        CHECK(names == std::vector<std::string>{"x", ""});
    }

    TEST_CASE("what is wrong is said with its position, counted from 1") {
        CHECK(complaint_of_value<std::string>("") == "it is wrong at byte 1: a text must stand here");
        CHECK(complaint_of_value<std::string>("7") == "it is wrong at byte 1: a text must stand here");
        CHECK(complaint_of_value<std::string>("\"ab") == "it is wrong at byte 4: a text must be closed, in UTF-8");
        CHECK(complaint_of_value<std::string>("\"\xFF\"") == "it is wrong at byte 2: a text must be closed, in UTF-8");
        CHECK(complaint_of_value<std::string>("\"a\nb\"") == "it is wrong at byte 3: a text must be closed, in UTF-8");
        CHECK(complaint_of_value<std::string>("\"\\x\"") == "it is wrong at byte 4: this is no escape");
        CHECK(complaint_of_value<std::string>("\"\\") == "it is wrong at byte 3: this is no escape");
        CHECK(complaint_of_value<std::string>("\"\" x") == "it is wrong at byte 4: nothing more must follow");
        CHECK(complaint_of_value<float>("null") == "it is wrong at byte 1: a number must stand here");
        CHECK(complaint_of_value<std::size_t>(" -1") == "it is wrong at byte 2: a whole number must stand here");
        CHECK(complaint_of_list("[1,2,3,4]") == "it is wrong at byte 8: a list of at most 3 items must end here");
        CHECK(complaint_of_list("[1 2]") == "it is wrong at byte 4: , must stand here");
        CHECK(complaint_of_list("[1,]") == "it is wrong at byte 4: a whole number must stand here");
        CHECK(complaint_of_list("[,1]") == "it is wrong at byte 2: a whole number must stand here");
        CHECK(complaint_of_list("[[1]]") == "it is wrong at byte 2: a whole number must stand here");
        CHECK(complaint_of_list("[1,2,3]").empty());
        CHECK(complaint_of_list("[]").empty());
        const std::string with_zero("{}\0", 3);
        CHECK(complaint_of_metadata(with_zero) == "it is wrong at byte 3: nothing more must follow");
        CHECK(complaint_of_metadata("{\"a\"}") == "it is wrong at byte 5: : must stand here");
        CHECK(complaint_of_metadata("{\"a\":\"\",}") == "it is wrong at byte 9: a text must stand here");
    }

    TEST_CASE("whole numbers and numbers are those that the type can hold") {
        CHECK(read<std::size_t>("18446744073709551615") == 18446744073709551615ULL);
        for (const char* text : {"18446744073709551616", "2.0", "02", "00", "1e3", "-0", "+1", ""}) {
            CAPTURE(text);
            CHECK_FALSE(complaint_of_value<std::size_t>(text).empty());
        }
        CHECK(read<float>("3.4028235e38") == 3.4028235e38F);
        CHECK(read<double>("1e300") == 1e300);
        CHECK(read<float>("-0.5") == -0.5F);
        CHECK(read<float>("0") == 0);
        for (const char* text : {"1e39", "nan", "inf", "-", ".", "1e", "1-2", "+1", "0x1", "00.5", "-01"}) {
            CAPTURE(text);
            CHECK_FALSE(complaint_of_value<float>(text).empty());
        }
    }

    TEST_CASE("texts are read as another JSON library reads them, or refused where it refuses them") {
        // Texts of characters, escapes and pieces of these, in a random order.
        const std::vector<std::string> pieces{"a",
                                              " ",
                                              "\\n",
                                              "\\\"",
                                              "\\\\",
                                              "\\/",
                                              "\\b",
                                              "\\f",
                                              "\\r",
                                              "\\t",
                                              "\\u0000",
                                              "\\u00e9",
                                              "\\uFFFF",
                                              "\\ud83d",
                                              "\\ude00",
                                              "\\uD800",
                                              "\\udfff",
                                              "\\u0800",
                                              "\\u12",
                                              "\\u-123",
                                              "\\uDBFF",
                                              "\\uDC00",
                                              "\xC3\xA9",
                                              "\xE2\x82\xAC",
                                              "\xF0\x9F\x98\x80",
                                              "\xC3",
                                              "\x80",
                                              "\xED\xA0\x80",
                                              "\x1F",
                                              "\x7F",
                                              "\"",
                                              "\\",
                                              "u"};
        Random random(Seed{7});
        int accepted = 0;
        int wrong = 0;
        for (int round = 0; round < 200'000; ++round) {
            std::string text = "\"";
            const auto size = static_cast<std::uint32_t>(pieces.size());
            for (std::uint32_t left = uniform_index(random, 4); left > 0; --left)
                text += pieces[uniform_index(random, size)];
            text += '"';
            const auto expected = nlohmann::json::parse(text, nullptr, false);
            const bool is_accepted = complaint_of_value<std::string>(text).empty();
            wrong += is_accepted == expected.is_discarded() ? 1 : 0;
            if (!is_accepted || expected.is_discarded()) continue;
            wrong += read<std::string>(text) == expected.get<std::string>() ? 0 : 1;
            ++accepted;
        }
        CHECK(wrong == 0);
        CHECK(accepted > 50'000);
    }

    TEST_CASE("what json_string writes is read as the same text") {
        for (int first = 0; first < 256; ++first) {
            const std::string text = std::string("a\n").append(1, static_cast<char>(first)).append("\xC3\xA9");
            if (is_utf8(text)) CHECK((read<std::string>(json_string(text)) == text));
        }
    }

    TEST_CASE("metadata are texts, and no name comes twice") {
        JsonReader json("file", "it", R"({"a":"b","":""})");
        CHECK((read_metadata(json) == std::map<std::string, std::string>{{"a", "b"}, {"", ""}}));
        CHECK(complaint_of_metadata("{}").empty());
        CHECK(complaint_of_metadata("[]") == "it is wrong at byte 1: { must stand here");
        CHECK(complaint_of_metadata(R"({"a":1})") == "it is wrong at byte 6: a text must stand here");
        CHECK(complaint_of_metadata(R"({"a":"","a":""})") == "it is wrong at byte 12: a comes twice");
        CHECK(complaint_of_metadata(R"({"a\n\"":"","a\n\"":""})") == "it is wrong at byte 20: a?\" comes twice");
    }

    TEST_CASE("an object has at most 65,535 names, and takes a time in proportion to them") {
        // If each name were compared with all others, this would take minutes.
        std::string text = "{\"0\":\"\"";
        for (int i = 1; i < 65'535; ++i) text.append(",\"").append(std::to_string(i)).append("\":\"\"");
        CHECK(complaint_of_metadata(text + "}").empty());
        CHECK(complaint_of_metadata(text + ",\"more\":\"\"}")
                  .ends_with("an object of at most 65535 names must end here"));
    }

    TEST_CASE("Python's notation has other quotes and lists, True and False, and a comma after the last item") {
        const auto python = Notation::python;
        CHECK(read<std::string>("'a\"'", python) == "a\"");
        CHECK(read<bool>("True", python));
        CHECK_FALSE(read<bool>(" False", python));
        CHECK(complaint_of_value<bool>("0", python) == "it is wrong at byte 1: True or False must stand here");
        for (const char* text : {"()", "(1,)", "(1, 2)", "(1, 2, )"}) {
            CAPTURE(text);
            CHECK(complaint_of_list(text, python).empty());
        }
        for (const char* text : {"[1]", "(,)", "(1,,)", "(1"}) {
            CAPTURE(text);
            CHECK_FALSE(complaint_of_list(text, python).empty());
        }
        CHECK_FALSE(complaint_of_list("(1)").empty());
    }
}
