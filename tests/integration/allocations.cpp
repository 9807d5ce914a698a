#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <set>
#include <string>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/early_stopping.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/idx.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/io/header.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/save.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/schedules.hpp>

#include <support/allocations.hpp>
#include <support/temporary_file.hpp>

// Each allocation fails once, the first, the second and so on, in everything that allocates. `load` and `load_npz` are
// tested in io/safetensors.cpp. With the address sanitizer, a leak is a failure of these suites, too.

using namespace typenet;
using support::TemporaryDirectory;

namespace {

using Net = Mlp<float, Input<4>, Dense<6, ReLU>, Dense<3, Softmax>>;

const Dataset<4> data = [] {
    constexpr std::size_t rows = 40;
    std::vector<float> features(rows * 4);
    std::vector<std::int32_t> labels(rows);
    for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<float>(i * 7 % 11) / 8;
    for (std::size_t row = 0; row < rows; ++row) labels[row] = static_cast<std::int32_t>(row % 3);
    return Dataset<4>(Features<4>(features), Labels(labels));
}();

/// Runs `act` again and again; the n-th allocation of the n-th run fails, until a run has fewer than n. Calls
/// `check(threw)` after each. Returns how many runs threw. Only bad_alloc and the library's errors may be thrown, the
/// latter where the system reports that it lacks memory.
template <class Act, class Check>
std::size_t fail_each_allocation(Act act, Check check) {
    std::size_t thrown = 0;
    for (std::size_t n = 1;; ++n) {
        bool threw = true;
        bool has_failed = false;
        {
            const support::FailingAllocation failing(n);
            try {
                act();
                threw = false;
            } catch (const std::bad_alloc&) {
            } catch (const Error&) {
            }
            has_failed = failing.has_failed();
        }
        CAPTURE(n);
        check(threw);
        if (threw) ++thrown;
        if (!has_failed) return thrown;
    }
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
    if (!std::filesystem::exists(folder)) return 0;
    return std::distance(std::filesystem::directory_iterator(folder), {});
}

/// Trains for three epochs, with everything that keeps memory of its own.
template <class... Callbacks>
void train(Net& network, std::size_t threads, Callbacks&&... callbacks) {
    fit<CrossEntropy>(
        network, data, Adam{},
        {.epochs = 3, .batch_size = 16, .validation = &data, .schedule = CosineDecay{}, .threads = threads},
        EarlyStopping{.patience = 5}, callbacks...);
}

/// Returns the hash of the network before the first epoch and after each.
std::set<std::uint64_t> hashes_between_epochs() {
    Net network(Seed{1});
    std::set<std::uint64_t> hashes{parameter_hash(network)};
    train(network, 1, [&](const EpochRecord&) { hashes.insert(parameter_hash(network)); });
    hashes.insert(parameter_hash(network));
    return hashes;
}

/// Checks that writing over a file leaves the old one or the new one, and nothing beside it.
template <class Write>
void check_writing(Write write) {
    const TemporaryDirectory directory;
    const std::filesystem::path path = directory / "file";
    write(path, Net(Seed{2}));
    const std::string after = contents(path);
    const Net network(Seed{1});
    write(path, network);
    const std::string before = contents(path);
    REQUIRE(before != after);
    const Net other(Seed{2});
    const std::size_t thrown = fail_each_allocation([&] { write(path, other); },
                                                    [&](bool threw) {
                                                        const std::string now = contents(path);
                                                        CHECK((now == after || (threw && now == before)));
                                                        CHECK(files_in(directory.path()) == 1);
                                                    });
    CHECK(thrown > 10);
}

}  // namespace

TEST_SUITE("integration/allocations") {
    TEST_CASE("a training that runs out of memory leaves the network between two epochs") {
        const std::set<std::uint64_t> hashes = hashes_between_epochs();
        REQUIRE(hashes.size() == 4);
        for (const std::size_t threads : {1U, 2U}) {
            CAPTURE(threads);
            Net network(Seed{1});
            const std::size_t thrown = fail_each_allocation([&] { train(network, threads); },
                                                            [&](bool) {
                                                                CHECK(hashes.contains(parameter_hash(network)));
                                                                network = Net(Seed{1});
                                                            });
            CHECK(thrown > 20);
        }
    }

    TEST_CASE("a step allocates nothing, so that it can't run out of memory") {
        Net network(Seed{1});
        Trainer trainer(network, CrossEntropy{}, Adam{}, {.batch_size = data.size()});
        CHECK(fail_each_allocation([&] { (void)trainer.step(data); }, [](bool threw) { CHECK_FALSE(threw); }) == 0);
    }

    TEST_CASE("a checkpoint's folder has a whole checkpoint or none, and resuming ends as without the failure") {
        const std::set<std::uint64_t> hashes = hashes_between_epochs();
        Net trained(Seed{1});
        train(trained, 1);
        const TemporaryDirectory directory;
        const std::size_t thrown = fail_each_allocation(
            [&] {
                Net network(Seed{1});
                train(network, 1, Checkpoint(directory.path()));
            },
            [&](bool) {
                CHECK(files_in(directory.path()) <= 1);
                Net network(Seed{1});
                train(network, 1, Checkpoint(directory.path(), {.resume = true}));
                CHECK(parameter_hash(network) == parameter_hash(trained));
                std::filesystem::remove_all(directory.path());
            });
        CHECK(thrown > 50);
    }

    TEST_CASE("a resumption that runs out of memory leaves the network as it was, or between two epochs") {
        const std::set<std::uint64_t> hashes = hashes_between_epochs();
        const TemporaryDirectory directory;
        Net first(Seed{1});
        train(first, 1, Checkpoint(directory.path()));
        const std::string stored = contents(directory / "checkpoint.typenet");
        const std::uint64_t fresh = parameter_hash(Net(Seed{9}));
        Net network(Seed{9});
        const std::size_t thrown = fail_each_allocation(
            [&] { train(network, 1, Checkpoint(directory.path(), {.resume = true})); },
            [&](bool threw) {
                const std::uint64_t hash = parameter_hash(network);
                CHECK((hash == parameter_hash(first) || (threw && (hash == fresh || hashes.contains(hash)))));
                CHECK(contents(directory / "checkpoint.typenet") == stored);
                network = Net(Seed{9});
            });
        CHECK(thrown > 50);
    }

    TEST_CASE("a file that can't be written for lack of memory stays as it was") {
        check_writing([](const auto& path, const Net& network) { save(network, path, {.labels = {"a", "b", "c"}}); });
        check_writing([](const auto& path, const Net& network) { save_npz(network, path); });
        check_writing([](const auto& path, const Net& network) { export_onnx(network, path); });
        check_writing([](const auto& path, const Net& network) { export_header(network, path); });
    }

    TEST_CASE("loading data and evaluating throw, or do what they do with enough memory") {
        const TemporaryDirectory directory;
        const auto csv = directory.write("data.csv", "label,a,b\n1,2,3\n0,0.5,6\n");
        Dataset<2> loaded = load_csv<2>(csv);
        CHECK(fail_each_allocation([&] { loaded = load_csv<2>(csv); },
                                   [&](bool) {
                                       CHECK(loaded.size() == 2);
                                       CHECK(loaded.row(1)[0] == 0.5F);
                                   }) > 10);

        const auto images = directory.write("images", std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x02\1\2\3\4", 16));
        const auto labels = directory.write("labels", std::string("\0\0\x08\x01\0\0\0\x02\1\0", 10));
        CHECK(fail_each_allocation([&] { loaded = load_idx<2>(images, labels); },
                                   [&](bool threw) {
                                       if (!threw) CHECK(loaded.row(1)[1] == 4);
                                   }) > 5);

        const Net network(Seed{1});
        const double loss = evaluate<CrossEntropy>(network, data).loss;
        double found = loss;
        CHECK(fail_each_allocation([&] { found = evaluate<CrossEntropy>(network, data).loss; },
                                   [&](bool) { CHECK(found == loss); }) > 0);
    }
}
