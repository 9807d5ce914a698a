#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include <typenet/platform/path_text.hpp>

using namespace typenet;

TEST_SUITE("platform/path_text") {
    TEST_CASE("a path's text is the whole path, as it was written") {
        CHECK(detail::path_text("folder/file.csv") == "folder/file.csv");
        CHECK(detail::path_text("").empty());
    }

    TEST_CASE("characters of any script are UTF-8") {
        constexpr std::u8string_view name = u8"Größe 日本語";
        CHECK(detail::path_text(std::filesystem::path(name)) == std::string(name.begin(), name.end()));
    }

#if !defined(_WIN32)
    TEST_CASE("bytes that are no UTF-8 stay as they are") {
        CHECK(detail::path_text("\xFF\x80.csv") == "\xFF\x80.csv");
    }
#endif
}
