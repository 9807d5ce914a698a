#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mnist/data.hpp>
#include <mnist/network.hpp>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <support/data_folders.hpp>
#include <support/mnist_csv.hpp>
#include <support/mnist_training.hpp>
#include <support/temporary_file.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/typenet.hpp>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using support::TemporaryDirectory;

nlohmann::json train(const std::string& recipe, std::uint64_t seed) {
    return support::train_mnist(support::mnist_folder(), recipe, seed);
}

}  // namespace

TEST_SUITE("real_data/mnist") {
    TEST_CASE("recipe seed reaches 92 % in 3 epochs, with the same bits each time") {
        const nlohmann::json first = train("seed", 1);
        CHECK(first["epoch_seconds"].size() == 3);
        CHECK(first["test_accuracy"].get<double>() >= 0.92);
        CHECK(first["train_rows"] == 60000);
        CHECK(first["test_rows"] == 10000);
        CHECK(train("seed", 1)["parameter_hash"] == first["parameter_hash"]);
    }

    TEST_CASE("recipe default reaches 98 % for each of five seeds") {
        for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
            CAPTURE(seed);
            CHECK(train("default", seed)["test_accuracy"].get<double>() >= 0.98);
        }
    }

    TEST_CASE("a network trained only on synthetic digits classifies at least 90 % of the real digits correctly") {
        mnist::Digits net(Seed{1});
        fit<CrossEntropy>(net, mnist::load_digits({}, mnist::Part::train), Sgd{.learning_rate = 0.1, .momentum = 0.9},
                          {.epochs = 6, .batch_size = 64});
        const double share = accuracy(net, mnist::load_digits({support::mnist_folder()}, mnist::Part::test));
        MESSAGE("real test accuracy after synthetic training: " << share);
        CHECK(share >= 0.90);
    }

    TEST_CASE("8 bits cost a trained network at most 0.1 % of its accuracy, and 20 of 10,000 classes") {
        const Dataset<784> train = mnist::load_digits({support::mnist_folder()}, mnist::Part::train);
        const Dataset<784> test = mnist::load_digits({support::mnist_folder()}, mnist::Part::test);
        mnist::Digits net(Seed{1});
        fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.3, .momentum = 0.9}, {.epochs = 4, .batch_size = 64});
        const auto small = quantize(net, train);
        CHECK(small.is_int8<0>());
        CHECK(small.is_int8<1>());
        const QuantizationCost cost = quantization_cost(net, small, test);
        MESSAGE("accuracy " << *cost.accuracy_before << ", in 8 bits " << *cost.accuracy_after << "; "
                            << *cost.agreement << " of the classes agree");
        CHECK(*cost.accuracy_before >= 0.95);
        CHECK(std::abs(*cost.accuracy_after - *cost.accuracy_before) <= 0.001);
        CHECK(*cost.agreement >= 0.998);
        // The images as bytes get the same classes as the floats that are made of them.
        const auto& pixels = std::get<std::vector<std::uint8_t>>(test.features().storage());
        std::size_t different = 0;
        for (std::size_t row = 0; row < test.size(); ++row) {
            const auto bytes = std::span(pixels).subspan(row * 784).first<784>();
            different += small.classify_bytes(bytes) != small.classify(test.row(row));
        }
        CHECK(different == 0);
    }

    TEST_CASE("CSV written from the IDX files gives the same dataset") {
        const Dataset<784> from_idx = mnist::load_digits({support::mnist_folder()}, mnist::Part::test);
        const TemporaryDirectory folder;
        const auto& pixels = std::get<std::vector<std::uint8_t>>(from_idx.features().storage());
        (void)folder.write("mnist_test.csv", support::mnist_csv(from_idx.targets().values(), pixels));
        const Dataset<784> from_csv = mnist::load_digits({folder.path()}, mnist::Part::test);
        CHECK(std::get<std::vector<std::uint8_t>>(from_csv.features().storage()) == pixels);
        CHECK(from_csv.targets().values() == from_idx.targets().values());
    }
}
