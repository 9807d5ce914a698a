#include <string>
#include <typenet/report/detail/page.hpp>

#include <doctest/doctest.h>

using namespace typenet::detail;

TEST_SUITE("report/detail/page") {
    TEST_CASE("a page has a title, a style and its content") {
        const std::string page = html::page("A & B", "<p>x</p>\n");
        CHECK(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
        CHECK(page.find("<title>A &amp; B</title>") != std::string::npos);
        CHECK(page.find("<main>\n<p>x</p>\n</main>\n</body>\n</html>\n") != std::string::npos);
        CHECK(page.find("@media (prefers-color-scheme:dark)") != std::string::npos);
        CHECK(page.find("@media print") != std::string::npos);
    }

    TEST_CASE("parts without content are left out") {
        CHECK(html::section("A < B", "<p>x</p>") == "<section><h2>A &lt; B</h2>\n<p>x</p></section>\n");
        CHECK(html::section("A", "").empty());
        CHECK(html::charts("").empty());
        CHECK(html::charts("<figure></figure>", "charts pair") ==
              "<div class=\"charts pair\"><figure></figure></div>\n");
        CHECK(html::paragraph("a & b") == "<p>a &amp; b</p>\n");
    }
}
