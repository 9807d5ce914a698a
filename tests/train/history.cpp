#include <string_view>
#include <typenet/train/history.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("train/history") {
    TEST_CASE("a value that was not measured is absent, not 0") {
        const EpochRecord record;
        CHECK_FALSE(record.accuracy.has_value());
        CHECK_FALSE(record.validation_loss.has_value());
        CHECK_FALSE(record.validation_accuracy.has_value());
        CHECK(History{}.epochs.empty());
    }

    TEST_CASE("for_each_field visits every field in the order of the declaration") {
        EpochRecord record;
        auto& [epoch, loss, accuracy, validation_loss, validation_accuracy, learning_rate, seconds] = record;
        const std::vector<const void*> fields{
            &epoch, &loss, &accuracy, &validation_loss, &validation_accuracy, &learning_rate, &seconds};
        std::vector<const void*> visited;
        std::vector<std::string_view> names;
        detail::for_each_field(record, [&](std::string_view name, const auto& field) {
            names.push_back(name);
            visited.push_back(&field);
        });
        CHECK(visited == fields);
        CHECK(names.front() == "epoch");
        CHECK(names.back() == "seconds");
    }
}
