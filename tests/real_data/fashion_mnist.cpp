#include <nlohmann/json.hpp>
#include <support/data_folders.hpp>
#include <support/mnist_training.hpp>

#include <doctest/doctest.h>

TEST_SUITE("real_data/fashion_mnist") {
    TEST_CASE("the recipe that was made for digits reaches 88 % on clothes") {
        const nlohmann::json result = support::train_mnist(support::fashion_mnist_folder(), "default", 1);
        const auto accuracy = result["test_accuracy"].get<double>();
        MESSAGE("test accuracy " << accuracy);
        CHECK(result["train_rows"] == 60000);
        CHECK(result["test_rows"] == 10000);
        CHECK(accuracy >= 0.88);
    }
}
