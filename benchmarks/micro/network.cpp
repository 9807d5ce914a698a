// Times the MNIST network: the prediction of one row, of an image and of a batch, and a training step, once on inputs
// without zeros and once with MNIST's share of zeros.

#include <cstdint>
#include <memory>
#include <mnist/network.hpp>
#include <numeric>
#include <string>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include "micro.hpp"

namespace micro {

namespace {

using namespace typenet;
using mnist::Digits;

constexpr std::size_t batch_size = 64;
constexpr double mnist_zeros = 0.81;  // share of MNIST's pixels that are 0

/// Times predictions of a network; `name` is added to the names of its benchmarks.
template <class Network>
void add_predictions(const std::string& name, const std::shared_ptr<const Network>& net, std::size_t rows) {
    const auto x = std::make_shared<Buffer<float>>(random_numbers(rows * 784));
    if (rows == 1) {
        add("predict" + name + "/row", "rows", 1,
            [=] { benchmark::DoNotOptimize(net->predict(std::span<const float, 784>(x->data(), 784))); });
    } else {
        auto batch = Matrix<float>::from_shape({rows, 784});
        std::copy_n(x->data(), x->size(), batch.data());
        add("predict" + name + "/batch/" + std::to_string(rows), "rows", static_cast<double>(rows),
            [=] { benchmark::DoNotOptimize(net->predict(batch)); });
    }
}

/// Times predictions of an image, as bytes and as floats. Its ink is a stroke of 7 by 20 pixels, so that about as many
/// of its pixels are 0, side by side, as of MNIST's.
void add_predictions_of_image(const std::shared_ptr<const Digits>& net) {
    std::vector<std::uint8_t> image(784);
    std::vector<float> floats(784);
    for (std::size_t i = 0; i < image.size(); ++i) {
        const bool ink = i / 28 >= 4 && i / 28 < 24 && i % 28 >= 10 && i % 28 < 17;
        image[i] = static_cast<std::uint8_t>(ink ? 1 + i % 255 : 0);
        floats[i] = static_cast<float>(image[i]) * mnist::pixel_scale;
    }
    const Dataset<784> data(Features<784>(image, mnist::pixel_scale), Labels(std::vector<std::int32_t>(1)));
    const auto small = std::make_shared<const Quantized<Digits>>(quantize(*net, data, {.most_disagreement = 1}));
    add("predict/image", "rows", 1, [=] { benchmark::DoNotOptimize(net->predict(floats)); });
    add("predict/int8/image", "rows", 1, [=] { benchmark::DoNotOptimize(small->predict(floats)); });
    add("predict/int8/image/bytes", "rows", 1, [=] { benchmark::DoNotOptimize(small->predict_bytes(image)); });
}

void add_step(const std::string& name, double zeros) {
    struct Training {
        Digits net;
        Dataset<784> data;
        Trainer<Digits, CrossEntropy, Sgd> trainer;
        std::vector<std::uint32_t> rows = std::vector<std::uint32_t>(batch_size);

        explicit Training(std::vector<float> features)
            : data(Features<784>(std::move(features)), Labels(std::vector<std::int32_t>(batch_size, 3))),
              trainer(net, CrossEntropy{}, Sgd{.learning_rate = 1e-3}, {.batch_size = batch_size}) {
            std::iota(rows.begin(), rows.end(), 0U);
        }
    };
    const Buffer<float> x = random_numbers(batch_size * 784, zeros);
    const auto training = std::make_shared<Training>(std::vector<float>(x.data(), x.data() + x.size()));
    add("step/" + name, "rows", batch_size,
        [=] { benchmark::DoNotOptimize(training->trainer.step(training->data, training->rows)); });
}

}  // namespace

void register_network() {
    const auto net = std::make_shared<const Digits>();
    const Buffer<float> x = random_numbers(64 * 784);
    const Dataset<784> data(Features<784>(std::vector<float>(x.data(), x.data() + x.size())),
                            Labels(std::vector<std::int32_t>(64)));
    const auto small = std::make_shared<const Quantized<Digits>>(quantize(*net, data, {.most_disagreement = 1}));
    for (const std::size_t rows : {1U, 64U, 1000U}) {
        add_predictions("", net, rows);
        add_predictions("/int8", small, rows);
    }
    add_predictions_of_image(net);
    add_step("dense", 0);
    add_step("zeros", mnist_zeros);
}

}  // namespace micro
