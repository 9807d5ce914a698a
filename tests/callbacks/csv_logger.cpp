#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <support/temporary_file.hpp>
#include <typenet/callbacks/csv_logger.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <vector>

#include <doctest/doctest.h>

#if !defined(_WIN32)
#    include <fcntl.h>
#    include <sys/stat.h>
#    include <unistd.h>
#endif

using namespace typenet;
using support::TemporaryDirectory;

namespace {

const std::string header = "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds\n";

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string csv(const History& history) {
    std::ostringstream out;
    write_csv(out, history);
    return out.str();
}

/// Stands in for a TrainingRun.
struct Run {
    History former;
    [[nodiscard]] const History& history() const { return former; }
};

const EpochRecord first{.epoch = 1, .loss = 0.1, .learning_rate = 0.5, .seconds = 2};
const EpochRecord second{.epoch = 2,
                         .loss = 1.0 / 3,
                         .accuracy = 0.25,
                         .validation_loss = 1e-10,
                         .validation_accuracy = 1,
                         .learning_rate = 0.5,
                         .seconds = 1.5};
const std::string first_row = "1,0.1,,,,0.5,2\n";
const std::string second_row = "2,0.3333333333333333,0.25,1e-10,1,0.5,1.5\n";

}  // namespace

TEST_SUITE("callbacks/csv_logger") {
    TEST_CASE(
        "a history is a header and one row an epoch, with all digits, and empty fields for what was not measured") {
        CHECK(csv({}) == header);
        CHECK(csv({{first, second}}) == header + first_row + second_row);
    }

    TEST_CASE("each epoch's row is in the file as soon as the epoch ends") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("log.csv", "of an earlier training");
        CsvLogger logger(path);
        Run run;
        logger.check({});
        CHECK(text_of(path) == "of an earlier training");
        logger.on_train_begin({}, run);
        CHECK(text_of(path) == header);
        logger.on_epoch_end(first);
        CHECK(text_of(path) == header + first_row);
        logger.on_epoch_end(second);
        CHECK(text_of(path) == header + first_row + second_row);
    }

    TEST_CASE("in a resumed training the file begins with the epochs before the stop") {
        const TemporaryDirectory directory;
        CsvLogger logger(directory / "log.csv");
        Run run{{{first}}};
        logger.on_train_begin({.epochs_done = 1}, run);
        logger.on_epoch_end(second);
        CHECK(text_of(directory / "log.csv") == header + first_row + second_row);
    }

    TEST_CASE("the file holds the history that fit returns") {
        using Network = Mlp<float, Input<2>, Dense<2, Softmax>>;
        const Dataset<2> data(Features<2>(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}), Labels({0, 1, 1, 0}));
        const TemporaryDirectory directory;
        Network net(Seed{1});
        const History history =
            fit<CrossEntropy>(net, data, Sgd{}, {.epochs = 3, .validation = &data}, CsvLogger(directory / "log.csv"));
        CHECK(history.epochs.size() == 3);
        CHECK(text_of(directory / "log.csv") == csv(history));
    }

    TEST_CASE("if the file can't be written, fit refuses before anything changes") {
        using Network = Mlp<float, Input<2>, Dense<2, Softmax>>;
        const Dataset<2> data(Features<2>(std::vector<float>{1, 2, 3, 4}), Labels({0, 1}));
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "missing" / "log.csv";
        Network net(Seed{1});
        CHECK_THROWS_WITH_AS(fit<CrossEntropy>(net, data, Sgd{}, {}, CsvLogger(path)),
                             (path.string() + ": cannot be written: No such file or directory").c_str(), FileError);
        CHECK_THROWS_AS(CsvLogger(path).check({}), FileError);
        CHECK(parameter_hash(net) == parameter_hash(Network(Seed{1})));
    }

#if !defined(_WIN32)
    TEST_CASE("the reader of a pipe gets all rows") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
        REQUIRE(reader >= 0);
        char text[500];
        CsvLogger logger(path);
        Run run;
        logger.check({});
        CHECK(::read(reader, text, sizeof text) == -1);  // 0 would be the end: nobody writes any more
        logger.on_train_begin({}, run);
        logger.on_epoch_end(first);
        const auto size = ::read(reader, text, sizeof text);
        REQUIRE(size > 0);
        CHECK(std::string(text, static_cast<std::size_t>(size)) == header + first_row);
        ::close(reader);
    }
#endif

    TEST_CASE("no file stays if a later callback refuses the training, and an older one stays as it was") {
        struct Refusal {
            void check(const TrainingPlan&) { throw OptionError("refused"); }
        };
        using Network = Mlp<float, Input<2>, Dense<2, Softmax>>;
        const Dataset<2> data(Features<2>(std::vector<float>{1, 2, 3, 4}), Labels({0, 1}));
        const TemporaryDirectory directory;
        const std::filesystem::path older = directory.write("older.csv", "of an earlier training");
        const std::filesystem::path empty = directory.write("empty.csv", "");
        Network net(Seed{1});
        for (const std::filesystem::path& path : {directory / "new.csv", older, empty}) {
            CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Sgd{}, {}, CsvLogger(path), Refusal{}), OptionError);
        }
        CHECK_FALSE(std::filesystem::exists(directory / "new.csv"));
        CHECK(text_of(older) == "of an earlier training");
        CHECK(std::filesystem::exists(empty));
    }

    TEST_CASE("a full disk is an error") {
        if (!std::filesystem::exists("/dev/full")) return;
        CsvLogger logger("/dev/full");
        Run run;
        CHECK_THROWS_AS(logger.on_train_begin({}, run), FileError);
    }
}
