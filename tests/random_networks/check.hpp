#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <support/temporary_file.hpp>
#include <typenet/io/header.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include <doctest/doctest.h>

/// What must hold for a network of any type. tests/random_networks/draw.cmake draws the types.
namespace {

using namespace typenet;

constexpr std::size_t rows = 7;

std::vector<double> random_numbers(std::size_t count, std::uint64_t stream) {
    Random random(Seed{3}, stream);
    std::vector<double> numbers(count);
    std::generate(numbers.begin(), numbers.end(), [&] { return normal(random); });
    return numbers;
}

/// A network with random parameters, biases too. Deviations of Standardize and Unstandardize are above 0.
template <class Network>
Network random_network() {
    Network net(Seed{1});
    const std::vector<double> numbers = random_numbers(Network::parameter_count, 1);
    std::transform(numbers.begin(), numbers.end(), net.parameters().begin(), [](double x) { return x / 2; });
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        if constexpr (std::is_same_v<Layer, StandardizeLayer<double, Layer::inputs>> ||
                      std::is_same_v<Layer, UnstandardizeLayer<double, Layer::inputs>>) {
            const auto deviations = net.parameters().subspan(Network::Layers::offsets[I] + Layer::inputs);
            for (std::size_t i = 0; i < Layer::inputs; ++i) deviations[i] = 0.5 + std::abs(deviations[i]);
        }
    });
    return net;
}

/// Random rows with targets that suit the loss: labels, numbers from 0 to 1, or any.
template <class Network, class Loss>
auto random_data(std::size_t count) {
    const std::vector<double> x = random_numbers(count * Network::inputs, 2);
    Features<Network::inputs> features(std::vector<float>(x.begin(), x.end()));
    const std::vector<double> y = random_numbers(count * Network::outputs, 4);
    if constexpr (std::is_same_v<Loss, CrossEntropy>) {
        std::vector<std::int32_t> labels(count);
        for (std::size_t r = 0; r < count; ++r) labels[r] = static_cast<std::int32_t>(r % Network::outputs);
        return Dataset<Network::inputs>(std::move(features), Labels(std::move(labels)));
    } else {
        std::vector<float> numbers(y.begin(), y.end());
        if constexpr (std::is_same_v<Loss, BinaryCrossEntropy>) {
            for (float& number : numbers) number = std::clamp(std::abs(number) / 2, 0.0F, 1.0F);
        }
        using Numbers = Targets<Network::outputs>;
        return Dataset<Network::inputs, Numbers>(std::move(features), Numbers(std::move(numbers)));
    }
}

template <class Network>
void check_predictions(const Network& net) {
    const std::vector<double> x = random_numbers(rows * Network::inputs, 2);
    const auto predict = [&](const std::vector<double>& batch) {
        return net.predict(xt::adapt(batch, std::array<std::size_t, 2>{rows, Network::inputs}));
    };
    const Matrix<double> y = predict(x);
    std::vector<double> reversed;
    for (std::size_t r = rows; r-- > 0;) {
        const double* row = x.data() + r * Network::inputs;
        reversed.insert(reversed.end(), row, row + Network::inputs);
        const auto alone = net.predict(std::span<const double, Network::inputs>(row, Network::inputs));
        CHECK(std::equal(alone.begin(), alone.end(), y.data() + r * Network::outputs));
    }
    const Matrix<double> y_reversed = predict(reversed);
    for (std::size_t r = 0; r < rows; ++r) {
        const double* row = y.data() + r * Network::outputs;
        CHECK(std::equal(row, row + Network::outputs, y_reversed.data() + (rows - 1 - r) * Network::outputs));
    }
}

template <class Network>
void check_files(const Network& net) {
    const support::TemporaryDirectory folder;
    const std::uint64_t hash = parameter_hash(net);
    save(net, folder / "net.safetensors");
    save_npz(net, folder / "net.npz");
    Network loaded(Seed{2});
    load(loaded, folder / "net.safetensors");
    CHECK(parameter_hash(loaded) == hash);
    Network from_npz(Seed{2});
    load_npz(from_npz, folder / "net.npz");
    CHECK(parameter_hash(from_npz) == hash);
    export_onnx(net, folder / "net.onnx");
    CHECK(std::filesystem::file_size(folder / "net.onnx") > Network::parameter_count * sizeof(float));
    export_header(net, folder / "net.hpp", {.name = "net"});
    CHECK(support::bytes_of(folder / "net.hpp").find("predict(") != std::string::npos);
}

template <class Network, class Loss>
void check_training(const Network& start) {
    const auto data = random_data<Network, Loss>(23);
    const auto trained = [&](std::size_t threads) {
        Network net = start;
        Trainer trainer(net, Loss{}, Adam{.learning_rate = 0.01},
                        {.batch_size = 10, .threads = threads, .seed = Seed{5}, .clip_norm = 1});
        for (int epoch = 0; epoch < 3; ++epoch) (void)trainer.partial_fit(data);
        return parameter_hash(net);
    };
    const std::uint64_t hash = trained(1);
    CHECK(hash != parameter_hash(start));
    CHECK(trained(3) == hash);
}

/// Gradients agree with central differences; a batch equals its rows in any order; save and load is the identity;
/// exports succeed; threads change no bit of a training.
template <class Network, class Loss>
void check_network() {
    const Network net = random_network<Network>();
    const auto data = random_data<Network, Loss>(rows);
    const std::vector<double> x = random_numbers(rows * Network::inputs, 2);
    // A step below the default's makes it unlikely that a difference reaches over a kink.
    const GradientReport report = gradient_check(net, Loss{}, x, [&](std::size_t r) { return data.target(r); },
                                                 {.step = 1e-5, .tolerance = 1e-5});
    CAPTURE(report);
    CHECK(report);
    check_predictions(net);
    check_files(net);
    check_training<Network, Loss>(net);
}

}  // namespace
