#include <array>
#include <limits>
#include <string_view>
#include <typenet/core/options.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

namespace {

struct Oven {
    static constexpr std::string_view name = "Oven";

    double heat = 0.5;
    std::size_t trays = 2;
    bool fan = true;

    [[nodiscard]] auto options() const {
        return std::to_array<Option>({{"heat", heat, require_positive}, {"trays", trays, require_count}, {"fan", fan}});
    }
};

/// An option more, which its list doesn't have.
struct Kitchen {
    static constexpr std::string_view name = "Kitchen";

    std::string_view owner = "";
    double heat = 0.5;

    [[nodiscard]] auto options() const { return std::to_array<Option>({{"heat", heat, require_positive}}); }
};

}  // namespace

TEST_SUITE("core/options") {
    TEST_CASE("a description has the name and all options, with the fewest digits that read back") {
        CHECK(describe_options(Oven{.heat = 1.0 / 3}) == "Oven(heat 0.3333333333333333, trays 2, fan 1)");
        CHECK(describe_options("Adam", {{"learning_rate", 0.1}, {"beta", 1.0 / 3}}) ==
              "Adam(learning_rate 0.1, beta 0.3333333333333333)");
        CHECK(describe_options("Constant", {}) == "Constant");
    }

    TEST_CASE("each option keeps its rule") {
        CHECK_NOTHROW(validate_options(Oven{}));
        CHECK_NOTHROW(validate_options(Oven{.fan = false}));
        CHECK_THROWS_WITH_AS(validate_options(Oven{.heat = -1}),
                             "Oven: heat is -1; it must be above 0 and finite, as a float too", OptionError);
        CHECK_THROWS_WITH_AS(validate_options(Oven{.trays = 0}), "Oven: trays is 0; it must be at least 1",
                             OptionError);
    }

    TEST_CASE("the fields of an aggregate are counted") {
        CHECK(has_fields<Oven, 0>);
        CHECK(has_fields<Oven, 3>);
        CHECK_FALSE(has_fields<Oven, 4>);
        CHECK(has_fields<Kitchen, 2>);
        CHECK_FALSE(has_fields<Kitchen, 3>);
        CHECK(describe_options<1>(Kitchen{}) == "Kitchen(heat 0.5)");
    }
}
