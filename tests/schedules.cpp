#include <doctest/doctest.h>

#include <initializer_list>

#include <typenet/schedules.hpp>

using namespace typenet;

TEST_SUITE("schedules") {
    TEST_CASE_TEMPLATE("begins at 1 and ends at last", S, LinearDecay, CosineDecay) {
        for (const double last : {0.0, 0.1, 1.0, 2.0}) {
            CAPTURE(last);
            const S schedule{.last = last};
            CHECK(schedule(0) == doctest::Approx(1).epsilon(1e-15));
            CHECK(schedule(1) == doctest::Approx(last).epsilon(1e-15));
        }
    }

    TEST_CASE_TEMPLATE("ends at 0 unless told", S, LinearDecay, CosineDecay) {
        CHECK(S{}(1) == doctest::Approx(0).epsilon(1e-15));
    }

    TEST_CASE_TEMPLATE("is half way in the middle", S, LinearDecay, CosineDecay) {
        CHECK(S{.last = 0.2}(0.5) == doctest::Approx(0.6).epsilon(1e-15));
    }

    TEST_CASE_TEMPLATE("only falls towards a smaller last, and only rises towards a larger one", S, LinearDecay,
                       CosineDecay) {
        const S falling{.last = 0.1};
        const S rising{.last = 3};
        for (int i = 0; i < 1000; ++i) {
            const double now = i / 1000.0;
            const double then = (i + 1) / 1000.0;
            CHECK(falling(then) < falling(now));
            CHECK(rising(then) > rising(now));
        }
    }

    TEST_CASE("LinearDecay is a straight line") {
        const LinearDecay schedule{.last = 0.2};
        CHECK(schedule(0.25) == doctest::Approx(0.8).epsilon(1e-15));
        CHECK(schedule(0.75) == doctest::Approx(0.4).epsilon(1e-15));
    }

    TEST_CASE("CosineDecay is half a cosine wave") {
        // (1 + cos(pi / 3)) / 2 = 3/4 and (1 + cos(2 pi / 3)) / 2 = 1/4.
        const CosineDecay schedule{.last = 0.2};
        CHECK(schedule(1.0 / 3) == doctest::Approx(0.8).epsilon(1e-15));
        CHECK(schedule(2.0 / 3) == doctest::Approx(0.4).epsilon(1e-15));
    }
}
