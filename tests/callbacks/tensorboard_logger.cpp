#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <ratio>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <support/temporary_file.hpp>
#include <system_error>
#include <thread>
#include <typenet/activations.hpp>
#include <typenet/callbacks/tensorboard_logger.hpp>
#include <typenet/core/bytes.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/protobuf.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/initializers.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#if __has_include(<sys/wait.h>)
#    include <sys/resource.h>
#    include <sys/wait.h>
#    include <unistd.h>
#endif

using namespace typenet;
using support::TemporaryDirectory;

// tests/interchange/check_events.py reads such files with a reader of its own, and compares all values.

namespace {

using Network = Mlp<float, Input<2>, Dense<3, Tanh>, Dropout<std::ratio<1, 5>>, Dense<2, Softmax>>;
const Dataset<2> data(Features<2>(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}), Labels({0, 1, 1, 0}));

/// Returns the folder's files in the order in which TensorBoard reads them.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
    return {files.begin(), files.end()};
}

/// Returns the events of a file. Fails where a record isn't whole or a length doesn't fit.
std::vector<std::string> events_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string> events;
    for (std::size_t at = 0; at < bytes.size();) {
        REQUIRE(bytes.size() - at >= 16);
        const auto length =
            static_cast<std::size_t>(ByteReader(std::string_view(bytes).substr(at)).number<std::uint64_t>());
        REQUIRE(bytes.size() - at >= 16 + length);
        events.push_back(bytes.substr(at + 12, length));
        at += 16 + length;
    }
    return events;
}

bool has(const std::string& event, std::string_view text) { return event.find(text) != std::string::npos; }

/// Says whether an event has a histogram with exactly this tag.
bool has_histogram(const std::string& event, std::string_view tag) {
    const std::string name(detail::ProtobufMessage().add(1, tag).bytes());
    return has(event, name + '\x2a');  // the histogram, field 5, follows
}

/// A Dense layer with names of its own for its parameters.
template <class T, std::size_t Inputs>
struct NamedDenseLayer : DenseLayer<T, Inputs, 3, Tanh, GlorotUniform> {
    static constexpr std::array tensors{LayerTensor{.name = "scales", .first = 0, .columns = 3 * Inputs},
                                        LayerTensor{.name = "", .first = 3 * Inputs, .columns = 3}};
};
struct NamedDense {
    static constexpr std::size_t outputs(std::size_t) { return 3; }
    template <class T, std::size_t Inputs>
    using Bind = NamedDenseLayer<T, Inputs>;
};

/// Stands in for a TrainingRun.
struct Run {
    Network net{Seed{1}};
    Network& network() { return net; }
};

}  // namespace

TEST_SUITE("callbacks/tensorboard_logger") {
    TEST_CASE("a record is length, checksum, event, checksum") {
        // The record of an event "abc"; the checksums were computed bit by bit with another program.
        using namespace std::string_view_literals;
        CHECK(detail::event_record("abc") ==
              "\x03\x00\x00\x00\x00\x00\x00\x00\xb0\x99\x49\x0e"
              "abc"
              "\x6e\x57\xf1\x21"sv);
    }

    TEST_CASE("each epoch is in the file as soon as it ends") {
        const TemporaryDirectory directory;
        Run run;
        TensorBoardLogger logger(directory / "runs" / "first");
        logger.check({});
        CHECK(files_in(directory / "runs" / "first").empty());
        logger.on_train_begin({});
        REQUIRE(files_in(directory / "runs" / "first").size() == 1);
        const std::filesystem::path file = files_in(directory / "runs" / "first")[0];
        CHECK(file.filename().string().starts_with("events.out.tfevents."));
        REQUIRE(events_of(file).size() == 1);
        CHECK(has(events_of(file)[0], "brain.Event:2"));
        logger.on_epoch_end({.epoch = 1, .loss = 0.5}, run);
        REQUIRE(events_of(file).size() == 2);
        const std::string event = events_of(file)[1];
        CHECK(has(event, "loss/train"));
        CHECK(has(event, "learning_rate"));
        CHECK_FALSE(has(event, "accuracy"));
        CHECK_FALSE(has(event, "validation"));
    }

    TEST_CASE("each training adds a file that comes after the others") {
        const TemporaryDirectory directory;
        for (std::size_t i = 0; i < 12; ++i) {  // more than a digit counts
            TensorBoardLogger logger(directory.path());
            const auto before = files_in(directory.path());
            logger.check({});
            logger.on_train_begin({});
            const auto after = files_in(directory.path());
            REQUIRE(after.size() == i + 1);
            CHECK(std::vector(after.begin(), after.end() - 1) == before);
        }
    }

    TEST_CASE("trainings that begin at the same time get a file each") {
        const TemporaryDirectory directory;
        constexpr std::size_t loggers = 200;
        const auto begin = [&] {
            for (std::size_t i = 0; i < loggers; ++i) {
                TensorBoardLogger logger(directory.path());
                logger.check({});
                logger.on_train_begin({});
            }
        };
        std::thread other(begin);
        begin();
        other.join();
        const auto files = files_in(directory.path());
        CHECK(files.size() == 2 * loggers);
        for (const std::filesystem::path& file : files) CHECK(events_of(file).size() == 1);
    }

    TEST_CASE("a resumed training says from which step on its file replaces others") {
        const TemporaryDirectory directory;
        TensorBoardLogger logger(directory.path());
        logger.check({});
        logger.on_train_begin({.epochs_done = 6});
        const auto events = events_of(files_in(directory.path())[0]);
        REQUIRE(events.size() == 2);
        CHECK(events[1].substr(9) == "\x10\x07\x3a\x02\x08\x01");  // after the time: step 7, status START
    }

    TEST_CASE("histograms come every few epochs, of layers that have weights") {
        const TemporaryDirectory directory;
        Network net(Seed{1});
        fit<CrossEntropy>(net, data, Sgd{}, {.epochs = 5, .validation = &data},
                          TensorBoardLogger(directory.path(), {.histograms_every = 2}));
        const auto events = events_of(files_in(directory.path())[0]);
        REQUIRE(events.size() == 6);
        for (std::size_t epoch = 1; epoch <= 5; ++epoch) {
            const std::string& event = events[epoch];
            CHECK(has(event, "accuracy/validation"));
            for (const std::string_view tag : {"layer_0/weight", "layer_0/bias", "layer_2/weight", "layer_2/bias"}) {
                CHECK(has_histogram(event, tag) == (epoch % 2 == 0));
            }
            CHECK_FALSE(has(event, "layer_1"));
        }
    }

    TEST_CASE("layers that normalise have histograms of their parameters") {
        const TemporaryDirectory directory;
        Mlp<float, Input<2>, Standardize, Dense<3, Tanh>, LayerNorm, Dense<2, Softmax>> net(Seed{1});
        standardize(net, data);
        fit<CrossEntropy>(net, data, Sgd{}, {.epochs = 1},
                          TensorBoardLogger(directory.path(), {.histograms_every = 1}));
        const auto events = events_of(files_in(directory.path())[0]);
        REQUIRE(events.size() == 2);
        for (const std::string_view tag : {"layer_0/mean", "layer_0/deviation", "layer_1/weight", "layer_1/bias",
                                           "layer_2/weight", "layer_2/bias"}) {
            CAPTURE(tag);
            CHECK(has_histogram(events[1], tag));
        }
        const std::span<const float> means = std::as_const(net).parameters().first(2);
        CHECK(has(events[1], detail::histogram_of(means).bytes()));
    }

    TEST_CASE("a histogram has the name of its tensor as it is, also where that is empty") {
        const TemporaryDirectory directory;
        Mlp<float, Input<2>, NamedDense, Dense<2, Softmax>> net(Seed{1});
        fit<CrossEntropy>(net, data, Sgd{}, {.epochs = 1},
                          TensorBoardLogger(directory.path(), {.histograms_every = 1}));
        const auto events = events_of(files_in(directory.path())[0]);
        REQUIRE(events.size() == 2);
        CHECK(has_histogram(events[1], "layer_0/scales"));
        CHECK(has_histogram(events[1], "layer_0/"));
    }

    TEST_CASE("a histogram counts each number once, also where all are equal") {
        const auto doubles = [](std::initializer_list<double> numbers) {
            ByteWriter bytes;
            for (const double number : numbers) bytes.add(number);
            return std::move(bytes).bytes();
        };
        const auto holds = [](const detail::ProtobufMessage& message, std::uint32_t field, const std::string& bytes) {
            return has(std::string(message.bytes()),
                       detail::ProtobufMessage().add(field, std::string_view(bytes)).bytes());
        };
        const std::vector<float> equal{2, 2, 2};
        const auto of_equal = detail::histogram_of(std::span<const float>(equal));
        CHECK(holds(of_equal, 6, doubles({2})));
        CHECK(holds(of_equal, 7, doubles({3})));
        const std::vector<double> numbers{-15, 15, 0.5, -14.5};
        const auto of_numbers = detail::histogram_of(std::span<const double>(numbers));
        CHECK(holds(of_numbers, 7, doubles({2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                            1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})));
    }

    TEST_CASE("if the folder can't be made, fit refuses before anything changes") {
        const TemporaryDirectory directory;
        const std::filesystem::path file = directory.write("taken", "");
        Network net(Seed{1});
        CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Sgd{}, {}, TensorBoardLogger(file)), FileError);
        CHECK(parameter_hash(net) == parameter_hash(Network(Seed{1})));
    }

    TEST_CASE("no file stays if a later callback refuses the training") {
        struct Refusal {
            void check(const TrainingPlan&) { throw OptionError("refused"); }
        };
        const TemporaryDirectory directory;
        Network net(Seed{1});
        CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Sgd{}, {}, TensorBoardLogger(directory.path()), Refusal{}),
                        OptionError);
        CHECK(files_in(directory.path()).empty());
    }

#if __has_include(<sys/wait.h>)
    TEST_CASE("a full disk is an error, and the records before it stay whole") {
        const TemporaryDirectory directory;
        const ::pid_t child = ::fork();
        if (child == 0) {
            const ::rlimit limit{200, 200};  // the largest size of a file, in bytes, for this process
            if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
            Run run;
            TensorBoardLogger logger(directory.path());
            try {
                logger.check({});
                logger.on_train_begin({});
                logger.on_epoch_end({.epoch = 1, .loss = 0.5}, run);
            } catch (const FileError&) {
                ::_exit(3);
            }
            try {
                for (std::size_t epoch = 2; epoch < 5; ++epoch) logger.on_epoch_end({.epoch = epoch}, run);
            } catch (const FileError& error) {
                const std::string reason = ": cannot be written: " + std::generic_category().message(EFBIG);
                ::_exit(error.what() == files_in(directory.path())[0].string() + reason ? 0 : 4);
            }
            ::_exit(5);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        const std::string bytes = support::bytes_of(files_in(directory.path())[0]);
        CHECK(bytes.size() == 200);
        CHECK(has(bytes, "loss/train"));
    }
#endif
}
