#include <sstream>
#include <typenet/platform/terminal.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("platform/terminal") {
    TEST_CASE("a stream that writes to no terminal is recognised") {
        const std::ostringstream out;
        CHECK(detail::terminal_descriptor(out) == -1);
        CHECK_FALSE(detail::can_redraw(out));
        CHECK(detail::terminal_columns(out) == 80);
    }
}
