#include <typenet/train/history.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("train/history") {
    TEST_CASE("what was not measured is absent, not 0") {
        const EpochRecord record;
        CHECK_FALSE(record.accuracy.has_value());
        CHECK_FALSE(record.validation_loss.has_value());
        CHECK_FALSE(record.validation_accuracy.has_value());
        CHECK(History{}.epochs.empty());
    }
}
