#include <doctest/doctest.h>

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <typenet/io/detail/json_string.hpp>

using typenet::detail::is_utf8;
using typenet::detail::json_string;

namespace {

/// What json_string makes of it; nothing where it isn't UTF-8.
std::optional<std::string> found(const std::string& text) {
    return is_utf8(text) ? std::optional(json_string(text)) : std::nullopt;
}

/// What nlohmann::json makes of it: nothing of what isn't UTF-8.
std::optional<std::string> expected(const std::string& text) {
    try {
        return nlohmann::json(text).dump();
    } catch (const nlohmann::json::exception&) {
        return {};
    }
}

}  // namespace

TEST_SUITE("io/detail/json_string") {
    TEST_CASE("text stands in quotes") {
        CHECK(json_string("") == "\"\"");
        CHECK(json_string("a b/c") == "\"a b/c\"");
        CHECK(json_string("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
    }

    TEST_CASE("quotes, backslashes and control characters are escaped") {
        CHECK(json_string("a\"b\\c") == R"("a\"b\\c")");
        CHECK(json_string(std::string("\0\n\x1F\x7F", 4)) == "\"\\u0000\\n\\u001f\x7F\"");
    }

    TEST_CASE(
        "all sequences of one and two bytes are written as nlohmann::json writes them, or refused where they are no "
        "UTF-8") {
        int wrong = 0;
        for (int first = 0; first < 256; ++first) {
            const std::string one(1, static_cast<char>(first));
            wrong += found(one) == expected(one) ? 0 : 1;
            for (int second = 0; second < 256; ++second) {
                const std::string two = one + static_cast<char>(second);
                wrong += found(two) == expected(two) ? 0 : 1;
            }
        }
        CHECK(wrong == 0);
    }

    TEST_CASE("so are longer ones, at the bounds of what each byte may be") {
        const std::string bytes =
            "\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4"
            "\xF5\xFF";
        int wrong = 0;
        for (const char first : bytes) {
            for (const char second : bytes) {
                for (const char third : bytes) {
                    const std::string three{first, second, third};
                    wrong += found(three) == expected(three) ? 0 : 1;
                    for (const char fourth : bytes) {
                        const std::string four = three + fourth;
                        wrong += found(four) == expected(four) ? 0 : 1;
                    }
                }
            }
        }
        CHECK(wrong == 0);
    }

    TEST_CASE("texts become an object, in the order of their names") {
        CHECK(typenet::detail::json_object({}) == "{}");
        CHECK(typenet::detail::json_object({{"b", ""}, {"a\"", "\n"}}) == R"({"a\"":"\n", "b":""})");
    }
}
