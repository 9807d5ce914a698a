#include <string>
#include <typenet/core/finite.hpp>
#include <typenet/report/detail/html.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

TEST_SUITE("report/detail/html") {
    TEST_CASE("texts are escaped for elements and for attributes") {
        CHECK(html::escaped("<script>alert(\"1\") && 'x'</script>") ==
              "&lt;script&gt;alert(&quot;1&quot;) &amp;&amp; 'x'&lt;/script&gt;");
        CHECK(html::escaped("größer als €, 𝄞") == "größer als €, 𝄞");
        CHECK(html::escaped("").empty());
    }

    TEST_CASE("control characters and what isn't UTF-8 are replaced") {
        CHECK(html::escaped("a\nb\tc") == "a b c");
        CHECK(html::escaped(std::string("\0\x1b\x7f", 3)) == "\uFFFD\uFFFD\uFFFD");
        CHECK(html::escaped("\xC3(") == "\uFFFD(");
        CHECK(html::escaped("<\xFF>") == "&lt;\uFFFD&gt;");
        CHECK(html::escaped("cut \xE2\x82") == "cut \uFFFD\uFFFD");
    }

    TEST_CASE("an element ends with its own name") {
        CHECK(html::element("p", "x") == "<p>x</p>");
        CHECK(html::element("th scope=\"row\"", "") == "<th scope=\"row\"></th>");
    }

    TEST_CASE("numbers") {
        CHECK(html::fixed(1.005, 1) == "1.0");
        CHECK(html::fixed(-0.04, 1) == "0.0");
        CHECK(html::fixed(-1.26, 1) == "-1.3");
        CHECK(html::fixed(1e300, 3).size() == 301);
        CHECK(html::fixed(detail::nan<double>, 2) == "NaN");
        CHECK(html::significant(0.0123456) == "0.01235");
        CHECK(html::significant(123456.0, 6) == "123456");
        CHECK(html::significant(1.5e-7) == "1.5e-7");
        CHECK(html::significant(2e-12) == "2e-12");
        CHECK(html::significant(3e20) == "3e20");
        CHECK(html::significant(1e300) == "1e300");
        CHECK(html::significant(-0.0) == "0");
        CHECK(html::significant(detail::infinity<double>) == "∞");
        CHECK(html::significant(-detail::infinity<double>) == "−∞");
        CHECK(html::percent(0.98765) == "98.77 %");
        CHECK(html::percent(detail::nan<double>) == "NaN");
    }

    TEST_CASE("counts have their digits in groups") {
        CHECK(html::count(std::size_t{0}) == "0");
        CHECK(html::count(std::size_t{999}) == "999");
        CHECK(html::count(std::size_t{1000}) == "1,000");
        CHECK(html::count(std::size_t{1234567}) == "1,234,567");
        CHECK(html::count(1234.5) == "1,234.50");
        CHECK(html::count_of(1, "row") == "1 row");
        CHECK(html::count_of(2000, "row") == "2,000 rows");
    }

    TEST_CASE("times have a unit that suits them") {
        CHECK(html::duration(0.0123) == "12.3 ms");
        CHECK(html::duration(5.4321) == "5.43 s");
        CHECK(html::duration(119) == "119 s");
        CHECK(html::duration(150) == "2.5 min");
        CHECK(html::duration(9000) == "2.5 h");
        CHECK(html::duration(detail::nan<double>) == "NaN");
    }

    TEST_CASE("a table has a caption, headings and a box of its own") {
        html::Table table("Rows & <columns>", {"name", "number"});
        table.add_row({"a", "1"});
        CHECK(table.text() ==
              "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Rows &amp; &lt;columns&gt;\">"
              "<table class=\"numbers\"><caption>Rows &amp; &lt;columns&gt;</caption>"
              "<thead><tr><th scope=\"col\">name</th><th scope=\"col\">number</th></tr></thead>"
              "<tbody><tr><th scope=\"row\">a</th><td>1</td></tr>\n</tbody></table></div>\n");
    }
}
