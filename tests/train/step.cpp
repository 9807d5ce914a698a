#include <algorithm>
#include <ratio>
#include <typenet/kernels/buffer.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/losses.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/train/step.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

std::vector<double> random_values(std::size_t count, std::uint64_t stream) {
    Random random(Seed{11}, stream);
    std::vector<double> values(count);
    for (double& value : values) value = normal(random);
    return values;
}

/// Checks the gradient of every parameter, for labels or for random targets.
template <class Network, class Loss>
void check(const Loss& loss) {
    constexpr std::size_t N = Network::outputs;
    for (const std::size_t rows : {1U, 2U, 7U}) {
        const std::vector<double> x = random_values(rows * Network::inputs, 1);
        Network net(Seed{rows});
        // Biases of 0 would put the rectifiers behind a dead layer exactly on their kink.
        const std::vector<double> parameters = random_values(Network::parameter_count, 2);
        std::transform(parameters.begin(), parameters.end(), net.parameters().begin(), [](double p) { return p / 2; });
        CAPTURE(Network::architecture());
        CAPTURE(Loss::name);
        const auto passes = [&](auto target) {
            const auto report = gradient_check(net, loss, x, target);
            CAPTURE(report);
            CHECK(report);
        };
        if constexpr (LossFor<Loss, double, N, std::int32_t>) {
            constexpr std::size_t classes = N == 1 ? 2 : N;
            passes([](std::size_t r) { return static_cast<std::int32_t>(r % classes); });
        }
        std::vector<float> numbers(rows * N);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            // Probabilities that sum to 1 for losses of classes, any numbers for the others.
            const auto k = static_cast<float>(i % N + 1);
            const float share = 2 * k / static_cast<float>(N * (N + 1));
            numbers[i] = typenet::detail::fuses<Loss> ? share : 3 * share - 1.1F;
        }
        passes([&](std::size_t r) { return std::span<const float, N>(numbers.data() + r * N, N); });
    }
}

/// Checks networks of one to three layers of odd widths, with activation A in the hidden layers and, if the loss allows
/// it, in the last.
template <class A>
void check_activation() {
    check<Mlp<double, Input<3>, Dense<10, A>, Dense<3, Softmax>>>(CrossEntropy{.label_smoothing = 0.1});
    check<Mlp<double, Input<10>, Dense<17, A>, Dense<1, A>, Dense<3, Softmax>>>(CrossEntropy{});
    check<Mlp<double, Input<1>, Dense<17, A>, Dense<3, Sigmoid>>>(BinaryCrossEntropy{.class_weights = {1, 2}});
    check<Mlp<double, Input<3>, Dense<10, A>, Dense<1, Sigmoid>>>(BinaryCrossEntropy{});
    check<Mlp<double, Input<3>, Dense<1, A>>>(MeanSquaredError{});
    check<Mlp<double, Input<3>, Dense<10, A>, Dense<3, A>>>(MeanSquaredError{});
    check<Mlp<double, Input<17>, Dense<3, A>, Dense<10, A>>>(MeanAbsoluteError{});
    check<Mlp<double, Input<3>, Dense<17, A>, Dense<3, A>, Dense<3, A>>>(Huber{.delta = 0.7});
}

/// Returns the gradient of all parameters after the row phase.
template <class Layers>
auto gradient_of(Workspace<Layers>& workspace, std::size_t rows) {
    std::vector<typename Layers::Scalar> all(Layers::parameter_count);
    parameter_phase<Layers>(workspace, rows, [&](const ParameterSlice& slice, auto gradient) {
        std::copy(gradient.begin(), gradient.end(), all.data() + slice.offset);
    });
    return all;
}

}  // namespace

TEST_SUITE("train/step") {
    TEST_CASE_TEMPLATE("gradients of every activation with every loss agree with central differences", A, Identity,
                       Sigmoid, Tanh, ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus) {
        check_activation<A>();
    }

    TEST_CASE("gradients of a softmax under regression losses agree with central differences") {
        check<Mlp<double, Input<3>, Dense<10, Tanh>, Dense<3, Softmax>>>(MeanSquaredError{});
        check<Mlp<double, Input<3>, Dense<10, Tanh>, Dense<3, Softmax>>>(MeanAbsoluteError{});
        check<Mlp<double, Input<3>, Dense<10, Tanh>, Dense<3, Softmax>>>(Huber{});
    }

    TEST_CASE("each layer, the first too, draws by its own index") {
        using Half = Dropout<std::ratio<1, 2>>;
        using Layers = TrainedLayers<Mlp<float, Input<40>, Half, Half, Dense<2, Softmax>>, CrossEntropy>;
        constexpr std::size_t rows = 3;
        const DrawKey key{.seed = Seed{4}, .step = 9};
        Workspace<Layers> workspace(rows);
        std::fill_n(workspace.x().data, rows * 40, 1.0F);
        const Buffer<float> parameters(Layers::parameter_count);  // the kernels read past its end
        first_layer_phase<Layers>(parameters.data(), workspace, 0, rows, key);
        row_phase<Layers>(
            parameters.data(), workspace, rows, 0, rows, CrossEntropy{}, [](std::size_t) { return std::int32_t{0}; },
            key);
        const std::vector<float> ones(rows * 40, 1.0F);
        const auto mask_of = [&](std::size_t layer) {
            std::vector<float> y(rows * 40);
            std::vector<float> mask(rows * 40);
            Layers::Layer<0>::forward_in_training(nullptr, {ones.data(), rows}, {y.data(), rows}, {mask.data(), rows},
                                                  {key.seed, key.step, layer, 0});
            return mask;
        };
        const auto kept = [](const auto& saved) { return std::vector<float>(saved.data, saved.data + saved.size()); };
        CHECK(kept(workspace.saved<0>()) == mask_of(0));
        CHECK(kept(workspace.saved<1>()) == mask_of(1));
        CHECK(mask_of(0) != mask_of(1));
    }

    TEST_CASE("gradients agree where zeros are skipped") {
        using Network = Mlp<double, Input<130>, Dense<3, Tanh>, Dense<3, Softmax>>;
        REQUIRE(Network::Layers::skips_zeros);
        constexpr std::size_t rows = 3;
        std::vector<double> x = random_values(rows * 130, 3);
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (i % 5 != 0) x[i] = 0;
        }
        const auto report = gradient_check(Network(Seed{1}), CrossEntropy{}, std::span<const double>(x),
                                           [](std::size_t r) { return static_cast<std::int32_t>(r); });
        CAPTURE(report);
        CHECK(report);
    }

    TEST_CASE("zeros are skipped where under three in five of the rows' numbers differ from 0") {
        using Layers = TrainedLayers<Mlp<float, Input<130>, Dense<3, Softmax>>, CrossEntropy>;
        Workspace<Layers> workspace(4);
        const auto fill = [&](std::size_t full_rows) {
            for (std::size_t r = 0; r < 4; ++r) std::fill_n(workspace.x()[r], 130, r < full_rows ? 1.0F : 0.0F);
        };
        const auto skips = [&](std::size_t full_rows) {
            fill(full_rows);
            for (std::size_t r = 0; r < 4; ++r) workspace.find_zeros(r, r + 1);
            return workspace.skips_zeros_of(0, 4);
        };
        CHECK(skips(0));
        CHECK(skips(2));
        CHECK_FALSE(skips(3));
        CHECK_FALSE(skips(4));
        // What earlier rows had, found one by one, is forgotten when the next are found together.
        fill(0);
        workspace.find_zeros(0, 4);
        CHECK(workspace.skips_zeros_of(0, 4));
    }

    TEST_CASE("threads change no bit: any division of the rows") {
        using Network = Mlp<float, Input<5>, Dense<9, GELU>, Dense<4, Tanh>, Dense<3, Softmax>>;
        using Layers = TrainedLayers<Network, CrossEntropy>;
        constexpr std::size_t rows = 150;
        const Network net(Seed{1});
        const std::vector<double> x = random_values(rows * 5, 2);
        const auto run = [&](std::vector<std::size_t> cuts) {
            Workspace<Layers> workspace(rows);
            std::copy(x.begin(), x.end(), workspace.x().data);
            prepare<Layers>(net.parameters().data(), workspace);
            cuts.push_back(rows);
            for (std::size_t first = 0; const std::size_t last : cuts) {
                first_layer_phase<Layers>(net.parameters().data(), workspace, first, last);
                row_phase<Layers>(net.parameters().data(), workspace, rows, first, last, CrossEntropy{},
                                  [](std::size_t r) { return std::int32_t(r % 3); });
                first = last;
            }
            return gradient_of(workspace, rows);
        };
        const std::vector<float> whole = run({});
        CHECK(std::any_of(whole.begin(), whole.end(), [](float g) { return g != 0; }));
        CHECK(run({75}) == whole);
        CHECK(run({1, 2, 65, 130, 149}) == whole);
    }

    TEST_CASE("the slices of the parameter phase cover each parameter exactly once") {
        using Network = Mlp<float, Input<200>, Dense<100, Tanh>, Dense<3, Softmax>>;
        using Layers = TrainedLayers<Network, CrossEntropy>;
        Workspace<Layers> workspace(4);
        std::vector<int> times(Network::parameter_count);
        std::size_t pieces = 0;
        parameter_phase<Layers>(workspace, 4, [&](const ParameterSlice& slice, std::span<const float> gradient) {
            ++pieces;
            CHECK(gradient.size() == slice.size);
            for (std::size_t i = 0; i < gradient.size(); ++i) ++times[slice.offset + i];
        });
        CHECK(std::all_of(times.begin(), times.end(), [](int t) { return t == 1; }));
        CHECK(pieces > 2);
    }
}
