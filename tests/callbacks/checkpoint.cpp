#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <ratio>
#include <string>
#include <string_view>
#include <support/banded_images.hpp>
#include <support/histories.hpp>
#include <support/temporary_file.hpp>
#include <typenet/activations.hpp>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/early_stopping.hpp>
#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/augment.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/any.hpp>
#include <typenet/optimizers/nadam.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/schedules.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#if __has_include(<sys/wait.h>)
#    include <sys/resource.h>
#    include <sys/wait.h>
#    include <unistd.h>
#    include <csignal>
#endif

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

using Network = Mlp<float, Input<16>, Dense<7, Sigmoid>, LayerNorm, Dropout<std::ratio<3, 10>>, Dense<3, Softmax>>;
using Data = Dataset<16>;
using Options = FitOptions<Data>;

// One type for all optimizers, so that `fit` is compiled once.
const AnyOptimizer adam = Adam{};
const AnyOptimizer nadam = Nadam{};
const AnyOptimizer sgd = Sgd{};

/// Changes how layers are trained after the second epoch.
struct Unfreezer {
    void on_epoch_end(const EpochRecord& epoch, auto& run) const {
        if (epoch.epoch != 2) return;
        unfreeze<0>(run.network());
        run.network().template training<3>() = {.rate_factor = 0.5, .l1 = 1e-3, .l2 = 1e-2};
        run.trainer().set_learning_rate(0.05);
    }
};

Data images(std::uint64_t seed, std::size_t count = 50) { return support::banded_images<4, 3>(seed, count); }

const Data train_data = images(1);
const Data validation_data = images(2);

/// Options under which everything that depends on the epoch or the step is used.
Options everything() {
    return {.epochs = 5,
            .batch_size = 12,
            .seed = Seed{3},
            .validation = &validation_data,
            .schedule = Warmup{.length = 7, .then = OneCycle{}},
            .clip_norm = 1,
            .augmentation = augment<4, 4>(Shift{.pixels = 0.5}, ElasticDistortion{.pixels = 0.3, .sigma = 1},
                                          Noise{.deviation = 0.05})};
}

CallbackResult stop(const EpochRecord&) { return CallbackResult::stop; }

auto stop_after(std::size_t epochs) {
    return [epochs](const EpochRecord& epoch) {
        return epoch.epoch == epochs ? CallbackResult::stop : CallbackResult::proceed;
    };
}

void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// A folder with the checkpoint of a training that was stopped after its first epoch.
class Stored {
public:
    TemporaryDirectory directory;
    std::filesystem::path file = directory / "checkpoint.typenet";

    explicit Stored(const Options& options = {.epochs = 2}, const AnyOptimizer& optimizer = Adam{}) {
        Network net(Seed{1});
        fit<CrossEntropy>(net, train_data, optimizer, options, Checkpoint(directory.path()), stop);
    }
};

/// Returns the message with which resuming fails, or "" if it succeeds. Checks that a failure leaves the network
/// unchanged.
template <class Net = Network, class Loss = CrossEntropy>
std::string refusal(const std::filesystem::path& folder, const Options& options = {.epochs = 2},
                    const AnyOptimizer& optimizer = Adam{}, const Data& data = train_data, const Loss& loss = {}) {
    Net net(Seed{9});
    try {
        fit(net, data, loss, optimizer, options, Checkpoint(folder, {.resume = true}));
    } catch (const FileError& error) {
        CHECK(parameter_hash(net) == parameter_hash(Net(Seed{9})));
        const std::string prefix = (folder / "checkpoint.typenet").string() + ": ";
        CHECK(std::string_view(error.what()).starts_with(prefix));
        return std::string(error.what()).substr(prefix.size());
    }
    return {};
}

}  // namespace

TEST_SUITE("callbacks/checkpoint") {
    TEST_CASE(
        "a training that is stopped after any epoch and resumed ends with the same bits as an uninterrupted one") {
        detail::AllOptimizers::for_each([](const std::string& name, const AnyOptimizer& optimizer) {
            CAPTURE(name);
            Network whole(Seed{1});
            const History wanted = fit<CrossEntropy>(whole, train_data, optimizer, everything());
            for (std::size_t epochs = 1; epochs < 5; ++epochs) {
                CAPTURE(epochs);
                const TemporaryDirectory directory;
                Network net(Seed{1});
                fit<CrossEntropy>(net, train_data, optimizer, everything(), Checkpoint(directory.path()),
                                  stop_after(epochs));
                CHECK(parameter_hash(net) != parameter_hash(whole));
                Network later(Seed{9});
                Options two_threads = everything();
                two_threads.threads = 2;
                const History history = fit<CrossEntropy>(later, train_data, optimizer, two_threads,
                                                          Checkpoint(directory.path(), {.resume = true}));
                CHECK(parameter_hash(later) == parameter_hash(whole));
                CHECK(support::without_seconds(history) == support::without_seconds(wanted));
            }
        });
    }

    TEST_CASE("a training that is stopped after every epoch ends with the same bits as an uninterrupted one") {
        Network whole(Seed{1});
        fit<CrossEntropy>(whole, train_data, nadam, everything());
        const TemporaryDirectory directory;
        Network net(Seed{1});
        fit<CrossEntropy>(net, train_data, nadam, everything(), Checkpoint(directory.path()), stop);
        for (int i = 0; i < 4; ++i) {
            Network next;
            fit<CrossEntropy>(next, train_data, nadam, everything(), Checkpoint(directory.path(), {.resume = true}),
                              stop);
            net = next;
        }
        CHECK(parameter_hash(net) == parameter_hash(whole));
    }

    TEST_CASE("resuming a finished training does nothing; with more epochs it continues") {
        const Stored stored;
        Network done;
        Network more;
        fit<CrossEntropy>(done, train_data, adam, {.epochs = 2}, Checkpoint(stored.directory.path(), {.resume = true}));
        const History history = fit<CrossEntropy>(done, train_data, adam, {.epochs = 2},
                                                  Checkpoint(stored.directory.path(), {.resume = true}));
        CHECK(history.epochs.size() == 2);
        fit<CrossEntropy>(more, train_data, adam, {.epochs = 4}, Checkpoint(stored.directory.path(), {.resume = true}));
        Network whole(Seed{1});
        fit<CrossEntropy>(whole, train_data, adam, {.epochs = 2});
        CHECK(parameter_hash(done) == parameter_hash(whole));
        Network whole_four(Seed{1});
        fit<CrossEntropy>(whole_four, train_data, adam, {.epochs = 4});
        CHECK(parameter_hash(more) == parameter_hash(whole_four));
    }

    TEST_CASE("every Nth epoch is stored, and the last one") {
        const TemporaryDirectory directory;
        std::vector<std::size_t> stored;
        std::string before;
        const auto look = [&](const EpochRecord& epoch) {  // called before this epoch is stored
            const std::string now = bytes_of(directory / "checkpoint.typenet");
            if (now != before) stored.push_back(epoch.epoch - 1);
            before = now;
        };
        Network net(Seed{1});
        fit<CrossEntropy>(net, train_data, sgd, {.epochs = 8}, Checkpoint(directory.path(), {.every = 3}), look);
        look({.epoch = 9});
        CHECK(stored == std::vector<std::size_t>{3, 6, 8});
        CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    }

    TEST_CASE("a resumed EarlyStopping continues its count and restores the same parameters") {
        Options options = everything();
        options.epochs = 40;
        const AnyOptimizer optimizer = Adam{.learning_rate = 0.05};
        EarlyStopping stopping{.patience = 3};
        Network whole(Seed{1});
        const History wanted = fit<CrossEntropy>(whole, train_data, optimizer, options, stopping);
        REQUIRE(wanted.epochs.size() < 40);
        REQUIRE(stopping.best_epoch() > 1);
        for (const std::size_t epochs :
             {stopping.best_epoch() - 1, stopping.best_epoch(), wanted.epochs.size() - 1, wanted.epochs.size()}) {
            CAPTURE(epochs);
            const TemporaryDirectory directory;
            Network net(Seed{1});
            fit<CrossEntropy>(net, train_data, optimizer, options, Checkpoint(directory.path()),
                              EarlyStopping{.patience = 3}, stop_after(epochs));
            Network later;
            const History history =
                fit<CrossEntropy>(later, train_data, optimizer, options, EarlyStopping{.patience = 3},
                                  Checkpoint(directory.path(), {.resume = true}));
            CHECK(history.epochs.size() == wanted.epochs.size());
            CHECK(parameter_hash(later) == parameter_hash(whole));
        }
    }

    TEST_CASE("what callbacks change in how layers are trained is the same after a resume") {
        const TemporaryDirectory directory;
        const auto train = [&](std::size_t epochs, bool resume) {
            Network network(Seed{1});
            freeze<0>(network);
            fit<CrossEntropy>(network, train_data, adam, {.epochs = epochs, .batch_size = 12}, Unfreezer{},
                              Checkpoint(directory.path(), {.resume = resume}));
            return parameter_hash(network);
        };
        const std::uint64_t wanted = train(5, false);
        train(3, false);
        CHECK(train(5, true) == wanted);
    }

    TEST_CASE("a resumed training may have other callbacks") {
        const Stored stored({.epochs = 2, .validation = &validation_data});
        const Options options{.epochs = 3, .validation = &validation_data};
        Network net;
        const History history = fit<CrossEntropy>(net, train_data, adam, options, EarlyStopping{.patience = 9},
                                                  Checkpoint(stored.directory.path(), {.resume = true}));
        CHECK(history.epochs.size() == 3);
        CHECK(refusal(stored.directory.path(), options) == "");
    }

    TEST_CASE("load_checkpoint reads the parameters alone") {
        Network trained(Seed{1});
        const TemporaryDirectory directory;
        fit<CrossEntropy>(trained, train_data, adam, {.epochs = 1}, Checkpoint(directory.path()));
        Network net;
        load_checkpoint(net, directory / "checkpoint.typenet");
        CHECK(parameter_hash(net) == parameter_hash(trained));

        Mlp<double, Input<16>, Dense<3, Softmax>> other(Seed{2});
        const std::uint64_t before = parameter_hash(other);
        const std::string message = (directory / "checkpoint.typenet").string() +
                                    ": is of a different training: its network was " + Network::architecture() +
                                    " (float) and is now Input<16>, Dense<3, Softmax> (double)";
        CHECK_THROWS_WITH_AS(load_checkpoint(other, directory / "checkpoint.typenet"), message.c_str(), FileError);
        CHECK(parameter_hash(other) == before);
        CHECK_THROWS_AS(load_checkpoint(net, directory / "no.typenet"), FileError);
    }

    TEST_CASE("a failed load changes nothing: a different training, and the message says what differs") {
        const Stored stored;
        const auto folder = stored.directory.path();
        const std::string intro = "is of a different training: ";
        CHECK(refusal(folder, {.epochs = 2}, Adam{.learning_rate = 0.5}) == intro + "its optimizer was " +
                                                                                Adam{}.describe() + " and is now " +
                                                                                Adam{.learning_rate = 0.5}.describe());
        CHECK(refusal(folder, {.epochs = 2}, Sgd{}) ==
              intro + "its optimizer was " + Adam{}.describe() + " and is now " + Sgd{}.describe());
        CHECK(refusal(folder, {.epochs = 2, .seed = Seed{4}}) == intro + "its seed was 0 and is now 4");
        CHECK(refusal(folder, {.epochs = 2, .batch_size = 7, .schedule = CosineDecay{}}) ==
              intro +
                  "its schedule was constant and is now CosineDecay(last 0) per step; its batches was 32 rows, "
                  "shuffled and is now 7 rows, shuffled");
        CHECK(refusal<Mlp<float, Input<16>, Dense<3, Softmax>>>(folder).starts_with(
            intro + "its network was Input<16>, Dense<7, Sigmoid>, "));
        CHECK(refusal(folder, {.epochs = 2}, Adam{}, images(7)).starts_with(intro + "its data was 50 rows with hash "));
        CHECK(refusal(folder, {.epochs = 2}, Adam{}, train_data.with_weights(std::vector<float>(50, 2)))
                  .starts_with(intro + "its data was 50 rows with hash "));
        CHECK(refusal(folder, {.epochs = 2}, Adam{}, images(1, 49)).find("and is now 49 rows") != std::string::npos);
        CHECK(refusal(folder, {.epochs = 2}, Adam{}, train_data, CrossEntropy{.label_smoothing = 0.1})
                  .starts_with(intro + "its loss was "));
        CHECK(refusal(folder, {.epochs = 2, .validation = &validation_data})
                  .starts_with(intro + "its validation data was none and is now 50 rows"));
        CHECK(refusal(folder, {.epochs = 2, .clip_norm = 1}).starts_with(intro + "its clipping was "));
        CHECK(refusal(folder) == "");
    }

    TEST_CASE("a failed load changes nothing: a checkpoint truncated at any byte") {
        const Stored stored;
        const std::string whole = bytes_of(stored.file);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            CHECK_THROWS_AS(detail::open_checkpoint("file", std::string_view(whole).substr(0, size)), FileError);
        }
        for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
            write(stored.file, std::string_view(whole).substr(0, size));
            CHECK(refusal(stored.directory.path()) != "");
            Network net(Seed{9});
            CHECK_THROWS_AS(load_checkpoint(net, stored.file), FileError);
            CHECK(parameter_hash(net) == parameter_hash(Network(Seed{9})));
        }
        CHECK(refusal(stored.directory.path()).starts_with("is damaged: it has "));
        write(stored.file, whole + "x");
        CHECK(refusal(stored.directory.path()).starts_with("is damaged: it has "));
        write(stored.file, "");
        CHECK(refusal(stored.directory.path()) == "is not a checkpoint");
    }

    TEST_CASE("a failed load changes nothing: a checkpoint with any byte changed") {
        const Stored stored;
        std::string changed = bytes_of(stored.file);
        for (char& byte : changed) {
            const char before = byte;
            for (const int bit : {1, 128}) {
                byte = static_cast<char>(before ^ bit);
                CHECK_THROWS_AS(detail::open_checkpoint("file", changed), FileError);
            }
            byte = before;
        }
        CHECK_NOTHROW(detail::open_checkpoint("file", changed));
        for (std::size_t i = 0; i < changed.size(); i += changed.size() / 20) {
            changed[i] = static_cast<char>(changed[i] ^ 4);
            write(stored.file, changed);
            CHECK(refusal(stored.directory.path()) != "");
            changed[i] = static_cast<char>(changed[i] ^ 4);
        }
        changed[16] = 4;
        write(stored.file, changed);
        CHECK(refusal(stored.directory.path()) ==
              "is a checkpoint of version 4, or damaged; this library reads version 3");
        changed[16] = 3;
        changed[changed.size() - 1] = static_cast<char>(changed[changed.size() - 1] ^ 1);
        write(stored.file, changed);
        CHECK(refusal(stored.directory.path()) == "is damaged: its bytes don't match the hash at its end");
    }

    TEST_CASE("a failed load changes nothing: truncated contents with a correct hash") {
        const Stored stored;
        const std::string whole = bytes_of(stored.file);
        const std::string contents(detail::open_checkpoint("file", whole));
        for (std::size_t size = 0; size < contents.size(); ++size) {
            CAPTURE(size);
            const std::string part = contents.substr(0, size);
            CHECK_THROWS_AS(detail::read_run(ByteReader(part)), DataError);
        }
        write(stored.file, detail::seal_checkpoint(contents.substr(0, contents.size() - 9)));
        CHECK(refusal(stored.directory.path()) == "is damaged: there are fewer bytes than announced");
        write(stored.file, detail::seal_checkpoint(contents + "x"));
        CHECK(refusal(stored.directory.path()) == "is damaged: there are more bytes than announced");
    }

    TEST_CASE(
        "with resume and no file the training starts from the beginning, so that a program can simply be run again") {
        const TemporaryDirectory directory;
        const auto run_program = [&](std::size_t epochs) {
            Network net(Seed{1});
            const History history =
                fit<CrossEntropy>(net, train_data, adam, {.epochs = 3},
                                  Checkpoint(directory / "state", {.resume = true}), stop_after(epochs));
            return std::pair(history.epochs.size(), parameter_hash(net));
        };
        Network whole(Seed{1});
        fit<CrossEntropy>(whole, train_data, adam, {.epochs = 3});
        CHECK(run_program(1).first == 1);
        const auto [epochs, hash] = run_program(9);
        CHECK(epochs == 3);
        CHECK(hash == parameter_hash(whole));
        CHECK(run_program(9) == std::pair(epochs, hash));
    }

    TEST_CASE("without resume an earlier file is replaced") {
        const Stored stored;
        Network net(Seed{1});
        const History history =
            fit<CrossEntropy>(net, train_data, adam, {.epochs = 3}, Checkpoint(stored.directory.path()));
        CHECK(history.epochs.size() == 3);
        Network later;
        load_checkpoint(later, stored.file);
        CHECK(parameter_hash(later) == parameter_hash(net));
    }

    TEST_CASE("missing folders are made") {
        const TemporaryDirectory directory;
        const std::filesystem::path folder = directory / "some" / "folder";
        Network net(Seed{1});
        fit<CrossEntropy>(net, train_data, adam, {.epochs = 1}, Checkpoint(folder));
        CHECK(std::filesystem::exists(folder / "checkpoint.typenet"));
    }

    TEST_CASE("where the folder can't be made, fit refuses before anything changes") {
        const TemporaryDirectory directory;
        const std::filesystem::path file = directory.write("file", "text");
        for (const std::filesystem::path& folder : {file, file / "folder"}) {
            Network net(Seed{1});
            CHECK_THROWS_WITH_AS(fit<CrossEntropy>(net, train_data, adam, {}, Checkpoint(folder)),
                                 (folder.string() + ": cannot be made a folder: Not a directory").c_str(), FileError);
            CHECK(parameter_hash(net) == parameter_hash(Network(Seed{1})));
        }
        CHECK(bytes_of(file) == "text");
    }

    TEST_CASE("options out of range are refused") {
        CHECK_THROWS_WITH_AS(Checkpoint("folder", {.every = 0}), "Checkpoint: every is 0; it must be at least 1",
                             OptionError);
    }

    TEST_CASE("one training at a time uses a folder; afterwards the next may, also with the same callback") {
        const TemporaryDirectory directory;
        Checkpoint checkpoint(directory.path());
        const auto train = [&](auto&& callback) {
            Network net(Seed{1});
            fit<CrossEntropy>(net, train_data, adam, {.epochs = 1}, callback, [&](const EpochRecord&) {
                Network other(Seed{9});
                const std::string sentence = directory.path().string().append(": is in use by another training");
                CHECK_THROWS_WITH_AS(
                    fit<CrossEntropy>(other, train_data, adam, {.epochs = 1}, Checkpoint(directory.path())),
                    sentence.c_str(), FileError);
                CHECK(parameter_hash(other) == parameter_hash(Network(Seed{9})));
            });
        };
        train(checkpoint);
        train(checkpoint);
        train(Checkpoint(directory.path()));
        CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    }

#if __has_include(<unistd.h>)
    TEST_CASE("the trial file of a training that was killed goes away with the next training") {
        const TemporaryDirectory directory;
        (void)directory.write("checkpoint.typenet.typenet.tmp", "x");
        Network net;
        fit<CrossEntropy>(net, train_data, adam, {.epochs = 1}, Checkpoint(directory.path()));
        CHECK(std::filesystem::exists(directory / "checkpoint.typenet"));
        CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    }
#endif

#if __has_include(<sys/wait.h>)
    TEST_CASE("a disk that is too small for two files, or for what EarlyStopping will keep, is found at once") {
        // A limit on the size of a file stands for a small disk. The trial writes one file for all the room it needs.
        const TemporaryDirectory directory;
        enum Outcome { refused, changed, trained, not_limited };
        const auto train = [](const std::filesystem::path& folder, auto... callbacks) {
            Network net(Seed{9});
            try {
                fit<CrossEntropy>(net, train_data, adam, {.epochs = 2, .validation = &train_data}, Checkpoint(folder),
                                  callbacks...);
            } catch (const FileError&) {
                return parameter_hash(net) == parameter_hash(Network(Seed{9})) ? refused : changed;
            }
            return trained;
        };
        REQUIRE(train(directory.path()) == trained);
        const auto size = std::filesystem::file_size(directory / "checkpoint.typenet");
        const auto with_limit = [&](double sizes, const std::string& folder, auto... callbacks) {
            const ::pid_t child = ::fork();
            if (child == 0) {
                const auto bytes = static_cast<::rlim_t>(sizes * static_cast<double>(size));
                const ::rlimit limit{bytes, bytes};
                if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
                    ::_exit(not_limited);
                }
                ::_exit(train(directory / folder, callbacks...));
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        };
        CHECK(with_limit(1.5, "a") == refused);
        CHECK(with_limit(2.3, "b") == trained);
        CHECK(with_limit(2.3, "c", EarlyStopping{}) == refused);
        CHECK(with_limit(3.5, "d", EarlyStopping{}) == trained);
    }

    TEST_CASE("where the folder vanishes, the training ends with an error, and the network is as trained") {
        const TemporaryDirectory directory;
        Network two_epochs(Seed{1});
        fit<CrossEntropy>(two_epochs, train_data, adam, {.epochs = 2});
        Network net(Seed{1});
        const auto remove = [&](const EpochRecord& epoch) {
            if (epoch.epoch == 2) std::filesystem::remove_all(directory.path());
        };
        CHECK_THROWS_AS(fit<CrossEntropy>(net, train_data, adam, {.epochs = 4}, remove, Checkpoint(directory.path())),
                        FileError);
        CHECK(parameter_hash(net) == parameter_hash(two_epochs));
        CHECK_FALSE(std::filesystem::exists(directory.path()));
    }

    TEST_CASE("where the disk becomes full, on_failure decides; the network is as trained either way") {
        const TemporaryDirectory directory;
        Network two_epochs(Seed{1});
        fit<CrossEntropy>(two_epochs, train_data, adam, {.epochs = 2});
        Network four_epochs(Seed{1});
        fit<CrossEntropy>(four_epochs, train_data, adam, {.epochs = 4});
        enum Outcome { as_wanted, other_parameters, not_limited };
        // The disk becomes full in epoch 2, and in the last epoch of four there is room again.
        const auto outcome_of = [&](OnFailure on_failure, std::uint64_t wanted) {
            const ::pid_t child = ::fork();
            if (child == 0) {
                std::cerr.setstate(std::ios::failbit);  // quiet
                if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) ::_exit(not_limited);
                Network net(Seed{1});
                const auto fill = [](const EpochRecord& epoch) {
                    const ::rlimit limit{epoch.epoch == 2 || epoch.epoch == 3 ? 1000 : RLIM_INFINITY, RLIM_INFINITY};
                    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(not_limited);
                };
                try {
                    fit<CrossEntropy>(net, train_data, adam, {.epochs = 4}, fill,
                                      Checkpoint(directory.path(), {.on_failure = on_failure}));
                } catch (const FileError&) {
                    if (on_failure == OnFailure::warn) ::_exit(other_parameters);
                }
                ::_exit(parameter_hash(net) == wanted ? as_wanted : other_parameters);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        };
        CHECK(outcome_of(OnFailure::stop, parameter_hash(two_epochs)) == as_wanted);
        Network stored;
        load_checkpoint(stored, directory / "checkpoint.typenet");
        CHECK(parameter_hash(stored) != parameter_hash(two_epochs));  // that of epoch 1
        CHECK(outcome_of(OnFailure::warn, parameter_hash(four_epochs)) == as_wanted);
        load_checkpoint(stored, directory / "checkpoint.typenet");
        CHECK(parameter_hash(stored) == parameter_hash(four_epochs));
        CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    }

    TEST_CASE(
        "where the folder is full or read-only, fit refuses before anything changes, and the earlier checkpoint "
        "stays") {
        enum Outcome { refused, privileged, changed, trained };
        // Trains in a process of its own, which has given up its right to write.
        const auto outcome_of = [](const std::filesystem::path& folder, bool full) -> int {
            const ::pid_t child = ::fork();
            if (child == 0) {
                if (full) {
                    const ::rlimit limit{1000, 1000};  // bytes a file
                    if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
                        ::_exit(privileged);
                    }
                } else if (::geteuid() == 0 && ::setuid(65534) != 0) {
                    ::_exit(privileged);
                }
                Network net(Seed{9});
                try {
                    fit<CrossEntropy>(net, train_data, adam, {.epochs = 2}, Checkpoint(folder, {.resume = true}));
                } catch (const FileError&) {
                    ::_exit(parameter_hash(net) == parameter_hash(Network(Seed{9})) ? refused : changed);
                }
                ::_exit(trained);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        };
        const Stored stored;
        const std::filesystem::path folder = stored.directory.path();
        const std::string before = bytes_of(stored.file);
        CHECK(outcome_of(folder, true) == refused);
        CHECK(bytes_of(stored.file) == before);

        using std::filesystem::perms;
        std::filesystem::permissions(folder,
                                     perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec);
        std::filesystem::permissions(stored.file, perms::all);
        const int outcome = outcome_of(folder, false);
        std::filesystem::permissions(folder, perms::all);
        CHECK((outcome == refused || outcome == privileged));
        CHECK(bytes_of(stored.file) == before);
        CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
        if (outcome == refused) CHECK(outcome_of(folder, false) == trained);
    }
#endif
}
