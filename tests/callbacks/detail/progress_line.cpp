#include <sstream>
#include <string>
#include <typenet/callbacks/detail/progress_line.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

std::string bar(double fraction) {
    std::ostringstream out;
    detail::ProgressLine line(out);
    line.bar(fraction);
    line.end();
    return out.str().substr(0, out.str().size() - 1);
}

}  // namespace

TEST_SUITE("callbacks/detail/progress_line") {
    TEST_CASE("a bar is filled by its fraction and has a constant length") {
        CHECK(bar(0) == " [>           ]");
        CHECK(bar(0.5) == " [======>     ]");
        CHECK(bar(0.99) == " [===========>]");
        CHECK(bar(1) == " [============]");
    }

    TEST_CASE("all counts up to one total have the same width") {
        std::ostringstream out;
        detail::ProgressLine line(out);
        line.count("epoch", 3, 100);
        line.count(", epoch", 100, 100);
        line.end();
        CHECK(out.str() == "epoch   3/100, epoch 100/100\n");
    }

    TEST_CASE("numbers are written in the given format") {
        std::ostringstream out;
        detail::ProgressLine line(out);
        line.number(" loss %.2f", 1.0 / 3);
        line.end();
        CHECK(out.str() == " loss 0.33\n");
    }

    TEST_CASE("a paused line is erased by the next one, a line that ended is not") {
        std::ostringstream out;
        detail::ProgressLine line(out, true);
        for (int i = 0; i < 3; ++i) {
            line.begin();
            line.count("n", 1, 1);
            i == 0 ? line.pause() : line.end();
        }
        CHECK(out.str() == "n 1/1\r\x1b[2Kn 1/1\nn 1/1\n");
    }

    TEST_CASE("a paused line stays within the terminal, a line that ends is whole") {
        std::ostringstream out;
        detail::ProgressLine line(out, true);
        for (int i = 0; i < 2; ++i) {
            line.begin();
            for (int k = 0; k < 20; ++k) line.number("%.0f,", 1000 + k);
            i == 0 ? line.pause() : line.end();
        }
        const std::size_t paused = out.str().find('\r');
        CHECK(paused == 79);
        CHECK(out.str().size() == paused + 5 + 100 + 1);  // with what erases it, and the line break
    }

    TEST_CASE("a line without end is cut, and nothing is overwritten") {
        std::ostringstream out;
        detail::ProgressLine line(out);
        line.begin();
        for (int k = 0; k < 1000; ++k) line.number("%.0f,", k);
        line.end();
        CHECK(out.str().size() == 257);
        CHECK(out.str().starts_with("0,1,2,"));
    }

    TEST_CASE("the destructor ends a paused line") {
        std::ostringstream out;
        {
            detail::ProgressLine line(out, true);
            line.begin();
            line.pause();
        }
        CHECK(out.str() == "\n");
    }

    TEST_CASE("a line is live only on a terminal") {
        std::ostringstream out;
        CHECK_FALSE(detail::ProgressLine(out).live());
        CHECK(detail::ProgressLine(out, true).live());
    }
}
