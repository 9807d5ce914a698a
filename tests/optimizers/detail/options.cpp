#include <limits>
#include <typenet/optimizers/detail/options.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("optimizers/detail/options") {
    TEST_CASE("each rule lets through what it says, and nothing else") {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        constexpr double infinity = std::numeric_limits<double>::infinity();
        CHECK_NOTHROW(detail::require_at_least_0("A", "b", 0));
        CHECK_NOTHROW(detail::require_above_0("A", "b", 1e-300));
        CHECK_NOTHROW(detail::require_share("A", "b", 0));
        CHECK_NOTHROW(detail::require_share("A", "b", 0.999));
        CHECK_NOTHROW(detail::require_rate("A", 0));
        for (const double bad : {-1e-300, nan, infinity}) {
            CHECK_THROWS_AS(detail::require_at_least_0("A", "b", bad), OptionError);
            CHECK_THROWS_AS(detail::require_above_0("A", "b", bad), OptionError);
            CHECK_THROWS_AS(detail::require_share("A", "b", bad), OptionError);
            CHECK_THROWS_AS(detail::require_rate("A", bad), OptionError);
        }
        CHECK_THROWS_WITH_AS(detail::require_above_0("A", "b", 0), "A: b is 0; it must be finite and above 0",
                             OptionError);
        CHECK_THROWS_AS(detail::require_share("A", "b", 1), OptionError);
    }
}
