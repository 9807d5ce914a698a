#include <nlohmann/json.hpp>
#include <support/data_folders.hpp>
#include <support/mnist_training.hpp>

#include <doctest/doctest.h>

TEST_SUITE("real_data/fashion_mnist") {
    TEST_CASE("the recipe for digits reaches 87 % on clothes") {
        const nlohmann::json result = support::train_mnist(support::fashion_mnist_folder(), "default", 1);
        const auto accuracy = result["test_accuracy"].get<double>();
        CHECK(result["train_rows"] == 60000);
        CHECK(result["test_rows"] == 10000);
        CHECK(accuracy >= 0.87);  // 0.879 on average, with a deviation of 0.002 between seeds and processors
    }
}
