#include <sstream>
#include <string>
#include <typenet/callbacks/detail/progress_line.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

std::string bar(double share) {
    std::ostringstream out;
    detail::write_bar(out, share);
    return out.str();
}

}  // namespace

TEST_SUITE("callbacks/detail/progress_line") {
    TEST_CASE("a bar is as full as its share, and always as long") {
        CHECK(bar(0) == "[>           ]");
        CHECK(bar(0.5) == "[======>     ]");
        CHECK(bar(0.99) == "[===========>]");
        CHECK(bar(1) == "[============]");
    }

    TEST_CASE("counts of one whole are equally wide") {
        std::ostringstream out;
        detail::write_count(out, 3, 100);
        detail::write_count(out << ' ', 100, 100);
        CHECK(out.str() == "  3/100 100/100");
    }

    TEST_CASE("numbers are written in their format") {
        std::ostringstream out;
        detail::write_number(out, " loss %.2f", 1.0 / 3);
        CHECK(out.str() == " loss 0.33");
    }
}
