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

    TEST_CASE("an epoch's steps are its whole batches and one more for the rows left") {
        const auto steps = [](std::size_t rows) {
            return TrainingPlan{.rows = rows, .batch_size = 4}.steps_an_epoch();
        };
        CHECK(steps(1) == 1);
        CHECK(steps(4) == 1);
        CHECK(steps(5) == 2);
        CHECK(steps(8) == 2);
        CHECK(TrainingPlan{.epochs = 3, .rows = 5, .batch_size = 4}.all_steps() == 6);
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
