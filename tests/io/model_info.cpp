#include <typenet/io/model_info.hpp>

#include <doctest/doctest.h>

using typenet::ModelInfo;

TEST_SUITE("io/model_info") {
    TEST_CASE("a model says nothing unless it is told to, and features are then as they come") {
        const ModelInfo info;
        CHECK(info.input_scale == 1);
        CHECK(info.labels.empty());
        CHECK(info.metadata.empty());
    }
}
