#include <cstddef>
#include <sstream>
#include <string>
#include <support/allocations.hpp>
#include <support/comma_locale.hpp>
#include <typenet/callbacks/progress_bar.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

constexpr TrainingPlan plan{.epochs = 12, .rows = 1000, .batch_size = 100, .parameters = 5};

EpochRecord third_epoch() {
    EpochRecord record;
    record.epoch = 3;
    record.loss = 0.25;
    record.accuracy = 0.9375;
    record.seconds = 2;
    return record;
}

}  // namespace

TEST_SUITE("callbacks/progress_bar") {
    TEST_CASE("on streams other than a terminal it writes one plain line per epoch") {
        std::ostringstream out;
        ProgressBar bar(out);
        bar.on_train_begin(plan);
        bar.on_batch_end({.epoch = 3, .rows_done = 500, .loss = 0.5, .accuracy = 0.5, .seconds = 1});
        CHECK(out.str().empty());
        bar.on_epoch_end(third_epoch());
        CHECK(out.str() == "epoch  3/12  loss 0.2500  accuracy 93.75 %  2.00 s  500 rows/s\n");
    }

    TEST_CASE("its numbers have decimal points in every locale") {
        const support::CommaLocale locale;
        std::ostringstream out;
        ProgressBar bar(out);
        bar.on_train_begin(plan);
        bar.on_epoch_end(third_epoch());
        CHECK(out.str() == "epoch  3/12  loss 0.2500  accuracy 93.75 %  2.00 s  500 rows/s\n");
    }

    TEST_CASE("it allocates nothing while training") {
        std::ostringstream out;
        out.str(std::string(10'000, ' '));  // which the stream overwrites
        for (const bool live : {true, false}) {
            ProgressBar bar(out, live);
            bar.on_train_begin(plan);
            EpochRecord record = third_epoch();
            record.loss = -1.2345e300;
            record.validation_loss = 0.5;
            const std::size_t before = support::allocation_count();
            bar.on_batch_end({.epoch = 3, .rows_done = 500, .loss = 0.5, .accuracy = 0.5, .seconds = 1});
            bar.on_epoch_end(record);
            CHECK(support::allocation_count() == before);
        }
        CHECK(out.str().find("loss -1234") != std::string::npos);
    }

    TEST_CASE("validation results are shown if they exist, accuracies only for classification") {
        std::ostringstream out;
        ProgressBar bar(out);
        bar.on_train_begin(plan);
        EpochRecord record = third_epoch();
        record.accuracy.reset();
        record.validation_loss = 0.5;
        bar.on_epoch_end(record);
        CHECK(out.str() == "epoch  3/12  loss 0.2500  validation loss 0.5000  2.00 s  500 rows/s\n");
    }

    TEST_CASE("on a terminal it redraws one line with bar, loss, accuracy, rows a second and seconds left") {
        std::ostringstream out;
        ProgressBar bar(out, true);
        bar.on_train_begin(plan);
        bar.on_batch_end({.epoch = 3, .rows_done = 500, .loss = 0.5, .accuracy = 0.875, .seconds = 1});
        CHECK(out.str() == "epoch  3/12 [======>     ] loss 0.5 acc 87.5 % 500 rows/s 19 s left");
        out.str("");
        bar.on_epoch_end(third_epoch());
        CHECK(out.str().find("\r\x1b[2Kepoch  3/12  loss 0.2500") == 0);
        CHECK(out.str().back() == '\n');
    }

    TEST_CASE("it redraws at most ten times a second, and at the end of an epoch") {
        std::ostringstream out;
        ProgressBar bar(out, true);
        bar.on_train_begin(plan);
        std::size_t drawings = 0;
        for (std::size_t rows = 1; rows <= 1000; ++rows) {
            out.str("");
            bar.on_batch_end({.epoch = 1,
                              .rows_done = rows,
                              .loss = 1,
                              .accuracy = {},
                              .seconds = 1e-3 * static_cast<double>(rows)});
            if (!out.str().empty()) ++drawings;
        }
        CHECK(drawings >= 10);
        CHECK(drawings <= 12);
        CHECK(out.str().find("[============]") != std::string::npos);
    }

    TEST_CASE("the line fits into 80 columns") {
        std::ostringstream out;
        ProgressBar bar(out, true);
        bar.on_train_begin({.epochs = 100, .rows = 60'000, .batch_size = 32, .parameters = 5});
        bar.on_batch_end(
            {.epoch = 88, .rows_done = 5'984, .loss = 0.012345678, .accuracy = 0.98765, .seconds = 0.01723});
        CHECK(out.str().size() < 80);
    }

    TEST_CASE("the line of an epoch within which the training was stopped is erased") {
        std::ostringstream out;
        ProgressBar bar(out, true);
        bar.on_train_begin(plan);
        bar.on_batch_end({.epoch = 1, .rows_done = 100, .loss = 1, .accuracy = {}, .seconds = 1});
        bar.on_train_end({});
        CHECK(out.str().ends_with("\r\x1b[2K"));
    }

    TEST_CASE("a training of two epochs or more ends with a table of them") {
        for (const bool live : {false, true}) {
            std::ostringstream out;
            ProgressBar bar(out, live);
            bar.on_train_begin(plan);
            History history{{{.epoch = 1, .loss = 0.5, .accuracy = 0.75, .learning_rate = 0.1, .seconds = 2}}};
            bar.on_train_end(history);
            CHECK(out.str().empty());
            history.epochs.push_back({.epoch = 2, .loss = 0.25, .accuracy = 1, .learning_rate = 0.1, .seconds = 1.5});
            bar.on_train_end(history);
            CHECK(out.str() ==
                  "\n"
                  "                         learning\n"
                  "epoch    loss  accuracy      rate  seconds\n"
                  "    1  0.5000   75.00 %       0.1     2.00\n"
                  "    2  0.2500  100.00 %       0.1     1.50  best\n");
        }
    }

    TEST_CASE("an unfinished line ends when the bar is destroyed") {
        std::ostringstream out;
        {
            ProgressBar bar(out, true);
            bar.on_train_begin(plan);
            bar.on_batch_end({.epoch = 1, .rows_done = 100, .loss = 1, .accuracy = {}, .seconds = 1});
        }
        CHECK(out.str().back() == '\n');
    }
}
