#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/options.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

std::uint64_t trained(FitOptions<Dataset<2>> options) {
    const Dataset<2> data(Features<2>(std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1}), Labels({0, 1, 1, 0}));
    Mlp<float, Input<2>, Dense<8, Tanh>, Dropout<std::ratio<1, 4>>, Dense<2, Softmax>> net(Seed{1});
    options.epochs = 3;
    fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.5}, options);
    return parameter_hash(net);
}

}  // namespace

TEST_SUITE("train/options") {
    TEST_CASE("each option affects the training") {
        const std::uint64_t plain = trained({});
        CHECK(trained({}) == plain);
        CHECK(trained({.batch_size = 2}) != plain);
        CHECK(trained({.batch_size = 2, .shuffle = false}) != trained({.batch_size = 2}));
        CHECK(trained({.seed = Seed{1}}) != plain);  // the seed chooses the dropout masks
        CHECK(trained({.clip_value = 0.01}) != plain);
        CHECK(trained({.clip_norm = 0.01}) != plain);
        CHECK(trained({.augmentation = [](std::span<float, 2> row, Random&) { row[0] += 1; }}) != plain);
        CHECK(trained({.threads = 2}) == plain);
    }
}
