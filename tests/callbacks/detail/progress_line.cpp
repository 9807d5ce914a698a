#include <sstream>
#include <string>
#include <typenet/callbacks/detail/progress_line.hpp>
#include <typenet/core/text.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

std::string bar(double fraction) {
    std::ostringstream out;
    detail::ProgressLine(out).bar(fraction);
    return out.str();
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
        CHECK(out.str() == "epoch   3/100, epoch 100/100");
    }

    TEST_CASE("a piece is all its texts, one after the other") {
        std::ostringstream out;
        detail::ProgressLine(out).add({" loss ", detail::NumberText(1.0 / 3, detail::decimals(2)), " or so"});
        CHECK(out.str() == " loss 0.33 or so");
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

    TEST_CASE("a live line leaves out the pieces that don't fit, another one has them all") {
        const std::string long_piece = " " + std::string(49, 'x');  // two of them don't fit into 80 columns
        for (const bool live : {true, false}) {
            std::ostringstream out;
            detail::ProgressLine line(out, live);
            line.begin();
            line.add({long_piece});
            line.add({long_piece.substr(0, 20), long_piece.substr(20)});
            line.add({" short ", "1"});
            CHECK(out.str() == long_piece + (live ? "" : long_piece) + " short 1");
        }
    }

    TEST_CASE("a live line leaves the last column free") {
        std::ostringstream out;
        detail::ProgressLine line(out, true);
        line.begin();
        line.add({std::string(60, 'x')});
        line.add({std::string(20, 'y')});
        line.add({std::string(19, 'z')});
        CHECK(out.str() == std::string(60, 'x') + std::string(19, 'z'));
    }

    TEST_CASE("of the first piece, a live line has as much as fits") {
        std::ostringstream out;
        detail::ProgressLine line(out, true);
        line.begin();
        line.add({std::string(70, 'x'), std::string(20, 'y')});
        line.add({"z"});
        CHECK(out.str() == std::string(70, 'x') + std::string(9, 'y'));
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
