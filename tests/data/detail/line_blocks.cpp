#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <typenet/data/detail/line_blocks.hpp>

using typenet::detail::LineBlocks;

namespace {

/// Returns a source of a text, which must outlive it. It counts its calls in `calls`.
LineBlocks::Source source_of(std::string_view text, std::size_t& calls) {
    return [text, &calls](char* out, std::size_t count) mutable {
        ++calls;
        const std::size_t got = text.copy(out, count);
        text.remove_prefix(got);
        return got;
    };
}

}  // namespace

TEST_SUITE("data/detail/line_blocks") {
    TEST_CASE("blocks of any size are whole lines, and together the text") {
        for (const std::string_view text :
             {"", "\n", "a", "a\n", "a\nb", "\n\n", "1,2\n345,6\n\n7\n", "a long line, longer than a block\nb\nc"}) {
            for (std::size_t block_size = 1; block_size <= text.size() + 2; ++block_size) {
                CAPTURE(text);
                CAPTURE(block_size);
                std::size_t calls = 0;
                LineBlocks blocks(source_of(text, calls), text.size(), block_size);
                std::string all;
                while (all.size() < text.size()) {
                    const std::string_view block = blocks.next({});
                    REQUIRE_FALSE(block.empty());
                    all += block;
                    REQUIRE((block.back() == '\n' || all.size() == text.size()));
                    REQUIRE(blocks.rest() == text.size() - all.size());
                }
                CHECK(all == text);
                CHECK(blocks.next({}).empty());
                CHECK(blocks.next({}).empty());
                CHECK(blocks.rest() == 0);
            }
        }
    }

    TEST_CASE("the end of a block may be kept, whole or in part") {
        const std::string_view text = "first\nsecond\nthird\nfourth";
        for (std::size_t block_size = 1; block_size <= 30; ++block_size) {
            for (std::size_t most = 0; most <= text.size(); ++most) {
                CAPTURE(block_size);
                CAPTURE(most);
                std::size_t calls = 0;
                LineBlocks blocks(source_of(text, calls), 0, block_size);
                std::string_view block = blocks.next({});
                std::size_t end = block.size();
                while (end < text.size()) {
                    const std::size_t kept = std::min(most, block.size());
                    block = blocks.next(block.substr(block.size() - kept));
                    REQUIRE(block.size() > kept);
                    REQUIRE(block == text.substr(end - kept, block.size()));
                    end += block.size() - kept;
                }
                const std::string_view last = block.substr(block.size() - std::min(most, block.size()));
                CHECK(blocks.next(last) == last);
            }
        }
    }

    TEST_CASE("where the size of the text isn't known, the rest seems as large as what has been read") {
        std::size_t calls = 0;
        LineBlocks blocks(source_of("12\n45\n78\n", calls), 0, 4);
        CHECK(blocks.next({}) == "12\n");
        CHECK(blocks.rest() == 5);
        while (!blocks.next({}).empty()) {
        }
        CHECK(blocks.rest() == 0);
        LineBlocks longer(source_of("12\n45\n78\n", calls), 3, 4);  // the text is longer than it should be
        CHECK(longer.next({}) == "12\n");
        CHECK(longer.rest() == 5);
    }

    TEST_CASE("a source is asked for whole blocks, and not again after its end") {
        std::size_t calls = 0;
        const std::string text(100, '\n');
        LineBlocks blocks(source_of(text, calls), 0, 32);
        std::size_t size = 0;
        for (int i = 0; i < 10; ++i) size += blocks.next({}).size();
        CHECK(size == text.size());
        CHECK(calls == 4);
    }

    TEST_CASE("a long line takes a number of reads that grows as its logarithm") {
        std::size_t calls = 0;
        const std::string text(1'000'000, 'x');
        LineBlocks blocks(source_of(text, calls), 0, 1);
        CHECK(blocks.next({}) == text);
        CHECK(calls < 45);
    }

    TEST_CASE("what a source throws is passed on") {
        LineBlocks blocks([](char*, std::size_t) -> std::size_t { throw std::runtime_error("the source is broken"); });
        CHECK_THROWS_WITH_AS((void)blocks.next({}), "the source is broken", std::runtime_error);
    }
}
