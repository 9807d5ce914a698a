#include <typenet/core/stopwatch.hpp>

#include <doctest/doctest.h>

TEST_SUITE("core/stopwatch") {
    TEST_CASE("the time starts near 0 and rises") {
        const typenet::detail::Stopwatch watch;
        const double first = watch.seconds();
        CHECK(first >= 0);
        CHECK(first < 60);
        double later = first;
        for (int i = 0; i < 100'000'000 && later == first; ++i) later = watch.seconds();
        CHECK(later > first);
    }
}
