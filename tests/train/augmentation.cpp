#include <array>
#include <string>
#include <typenet/train/augmentation.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

struct Negate {
    [[nodiscard]] static std::string describe() { return "Negate"; }
    void operator()(std::span<float, 2> row, Random&) const {
        for (float& value : row) value = -value;
    }
};

}  // namespace

TEST_SUITE("train/augmentation") {
    TEST_CASE("a default Augmentation has no function") {
        const Augmentation<2> none;
        CHECK_FALSE(none);
        CHECK(none.describe() == "none");
    }

    TEST_CASE("it calls its function on the row, and keeps the function's description") {
        const Augmentation<2> negate = Negate{};
        REQUIRE(negate);
        std::array<float, 2> row{1, -2};
        Random random(Seed{1});
        negate(row, random);
        CHECK(row == std::array<float, 2>{-1, 2});
        CHECK(negate.describe() == "Negate");
        CHECK(Augmentation<2>([](std::span<float, 2>, Random&) {}).describe() == "a function");
    }
}
