#include <sstream>
#include <typenet/platform/terminal.hpp>

#include <doctest/doctest.h>

using namespace typenet;

// tests/examples/mnist/terminal.py looks at what a program does on a terminal.

TEST_SUITE("platform/terminal") {
    TEST_CASE("a stream that writes to no terminal can't redraw, and is taken for 80 columns wide") {
        const std::ostringstream out;
        CHECK_FALSE(detail::is_terminal(out));
        CHECK_FALSE(detail::can_redraw(out));
        CHECK(detail::terminal_width(out) == 80);
    }

    TEST_CASE("the streams of the standard library are told from others") {
        const std::ostringstream out;
        CHECK(detail::descriptor_of(std::cout) == 1);
        CHECK(detail::descriptor_of(std::cerr) == 2);
        CHECK(detail::descriptor_of(std::clog) == 2);
        CHECK(detail::descriptor_of(out) == -1);
    }
}
