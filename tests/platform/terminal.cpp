#include <sstream>
#include <typenet/platform/terminal.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("platform/terminal") {
    TEST_CASE("a stream that writes to no terminal is recognised") {
        const std::ostringstream out;
        CHECK_FALSE(detail::is_terminal(out));
    }
}
