#include <cmath>
#include <limits>
#include <typenet/core/error.hpp>
#include <typenet/train/monitor.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("train/monitor") {
    constexpr EpochRecord epoch{.loss = 1, .accuracy = 0.2, .validation_loss = 3, .validation_accuracy = 0.4};

    TEST_CASE("each monitor has its name and its value") {
        CHECK(name_of(Monitor::loss) == "loss");
        CHECK(name_of(Monitor::accuracy) == "accuracy");
        CHECK(name_of(Monitor::validation_loss) == "validation_loss");
        CHECK(name_of(Monitor::validation_accuracy) == "validation_accuracy");
        CHECK(value_of(Monitor::loss, epoch) == 1);
        CHECK(value_of(Monitor::accuracy, epoch) == 0.2);
        CHECK(value_of(Monitor::validation_loss, epoch) == 3);
        CHECK(value_of(Monitor::validation_accuracy, epoch) == 0.4);
    }

    TEST_CASE("a value that wasn't measured is NaN") {
        for (const Monitor monitor : {Monitor::accuracy, Monitor::validation_loss, Monitor::validation_accuracy}) {
            CHECK(std::isnan(value_of(monitor, {.loss = 1})));
        }
    }

    TEST_CASE("a smaller loss is better, and so is a larger accuracy") {
        for (const Monitor monitor : {Monitor::loss, Monitor::validation_loss}) {
            CHECK(detail::is_better(monitor, 1, 2));
            CHECK_FALSE(detail::is_better(monitor, 2, 2));
            CHECK_FALSE(detail::is_better(monitor, 3, 2));
            CHECK(detail::is_better(monitor, 1e300, detail::worst_of(monitor)));
            CHECK_FALSE(detail::is_better(monitor, 1.5, 2, 0.5));
            CHECK(detail::is_better(monitor, 1.25, 2, 0.5));
        }
        for (const Monitor monitor : {Monitor::accuracy, Monitor::validation_accuracy}) {
            CHECK(detail::is_better(monitor, 2, 1));
            CHECK_FALSE(detail::is_better(monitor, 2, 2));
            CHECK_FALSE(detail::is_better(monitor, 1, 2));
            CHECK(detail::is_better(monitor, 0, detail::worst_of(monitor)));
            CHECK_FALSE(detail::is_better(monitor, 2.5, 2, 0.5));
            CHECK(detail::is_better(monitor, 2.75, 2, 0.5));
        }
    }

    TEST_CASE("NaN is not better than anything") {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        for (const Monitor monitor : {Monitor::loss, Monitor::accuracy}) {
            CHECK_FALSE(detail::is_better(monitor, nan, 1));
            CHECK_FALSE(detail::is_better(monitor, nan, detail::worst_of(monitor)));
        }
    }

    TEST_CASE("it remembers the best epoch and counts the epochs since") {
        detail::BestEpoch best{Monitor::accuracy, 0.1};
        CHECK(best.epoch == 0);
        CHECK_FALSE(best.add({.epoch = 1}));
        CHECK(best.waited == 1);
        CHECK(best.add({.epoch = 2, .accuracy = 0.5}));
        CHECK(best.waited == 0);
        CHECK_FALSE(best.add({.epoch = 3, .accuracy = 0.55}));
        CHECK_FALSE(best.add({.epoch = 4, .accuracy = 0.4}));
        CHECK(best.waited == 2);
        CHECK(best.epoch == 2);
        CHECK(best.value == 0.5);
        CHECK(best.add({.epoch = 5, .accuracy = 0.7}));
        CHECK(best.epoch == 5);
    }

    TEST_CASE("a metric that the training doesn't measure is refused") {
        const auto require = [](Monitor monitor, bool classifies, bool validates) {
            detail::require_monitored("Owner", monitor, {.classifies = classifies, .validates = validates});
        };
        CHECK_NOTHROW(require(Monitor::loss, false, false));
        CHECK_NOTHROW(require(Monitor::accuracy, true, false));
        CHECK_NOTHROW(require(Monitor::validation_loss, false, true));
        CHECK_NOTHROW(require(Monitor::validation_accuracy, true, true));
        CHECK_THROWS_WITH_AS(require(Monitor::validation_loss, true, false),
                             "Owner: it watches validation_loss, and fit was given no validation data", OptionError);
        CHECK_THROWS_WITH_AS(require(Monitor::accuracy, false, true),
                             "Owner: it watches accuracy, and this training doesn't classify", OptionError);
        CHECK_THROWS_AS(require(Monitor::validation_accuracy, true, false), OptionError);
        CHECK_THROWS_AS(require(Monitor::validation_accuracy, false, true), OptionError);
    }
}
