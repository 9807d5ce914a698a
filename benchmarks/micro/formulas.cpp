// Times activations, losses and optimizers, in numbers per second.

#include <array>
#include <memory>
#include <span>
#include <typenet/activations.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/adagrad.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/adamw.hpp>
#include <typenet/optimizers/lion.hpp>
#include <typenet/optimizers/nadam.hpp>
#include <typenet/optimizers/rmsprop.hpp>
#include <typenet/optimizers/sgd.hpp>

#include "micro.hpp"

namespace micro {

namespace {

using namespace typenet;

constexpr std::size_t count = 8192;  // numbers per call: 32 KiB of floats
constexpr std::size_t width = 10;    // numbers per row, for formulas of whole rows

struct Numbers {
    Buffer<float> in = random_numbers(count);
    Buffer<float> more = random_numbers(count);
    Buffer<float> out = Buffer<float>(count);
};

std::shared_ptr<Numbers> numbers() { return std::make_shared<Numbers>(); }

/// Calls f(row, more, out) for each row of `width` numbers.
template <class F>
void for_rows(Numbers& data, F f) {
    for (std::size_t i = 0; i + width <= count; i += width) {
        f(std::span<const float, width>(data.in.data() + i, width),
          std::span<const float, width>(data.more.data() + i, width),
          std::span<float, width>(data.out.data() + i, width));
    }
}

template <class A>
void forward(Numbers& data) {
    if constexpr (RowActivation<A>) {
        for_rows(data, [](auto z, auto, auto y) { A::forward(z, y); });
    } else {
        simd::transform(
            count, data.out.data(), [](auto z) -> decltype(A::forward(z)) { return A::forward(z); }, data.in.data());
    }
}

template <class A>
void derivative(Numbers& data) {
    if constexpr (RowActivation<A>) {
        for_rows(data, [](auto y, auto d_y, auto d_z) { A::backward(y, d_y, d_z); });
    } else {
        simd::transform(
            count, data.out.data(), [](auto v) -> decltype(A::derivative(v)) { return A::derivative(v); },
            data.in.data());
    }
}

template <class A>
void add_activation() {
    const std::string name = "activation/" + std::string(A::name);
    const auto data = numbers();
    add(name + "/forward", "numbers", count, [data] { forward<A>(*data); });
    add(name + "/derivative", "numbers", count, [data] { derivative<A>(*data); });
}

/// Registers a loss. `targets` is "labels" or "numbers".
template <class Loss, class Target>
void add_loss(const char* targets, Target target_of) {
    const auto data = numbers();
    add("loss/" + std::string(Loss::name) + "/" + targets, "numbers", count, [=] {
        float sum = 0;
        for_rows(*data, [&](auto y, auto more, auto d_y) { sum += Loss{}(y, target_of(more), d_y); });
        benchmark::DoNotOptimize(sum);
    });
}

constexpr std::size_t parameters = 109386;  // as many as the MNIST network has

struct Block {
    Buffer<float> w = random_numbers(parameters);
    Buffer<float> d_w = Buffer<float>(parameters);  // zeros, so that the parameters stay finite in any number of steps
    Buffer<float> state;
};

template <class O>
void add_optimizer(const char* name, O optimizer) {
    const auto data = std::make_shared<Block>();
    data->state = Buffer<float>(optimizer.state_vectors() * parameters);
    add("optimizer/" + std::string(name), "parameters", parameters,
        [=, numbers = std::array<double, detail::state_numbers<O>>{}]() mutable {
            if constexpr (detail::state_numbers<O> != 0) optimizer.begin_step(std::span(numbers));
            optimizer.update(
                std::span<float>(data->w.data(), parameters), std::span<const float>(data->d_w.data(), parameters),
                OptimizerState<float>{data->state.data(), parameters, 0, numbers}, optimizer.learning_rate);
        });
}

template <class... A>
void add_activations() {
    (add_activation<A>(), ...);
}

}  // namespace

void register_formulas() {
    add_activations<Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus, Softmax>();

    const auto as_label = [](auto) { return std::int32_t{3}; };
    const auto as_numbers = [](auto target) { return target; };
    add_loss<CrossEntropy>("labels", as_label);
    add_loss<CrossEntropy>("numbers", as_numbers);
    add_loss<BinaryCrossEntropy>("numbers", as_numbers);
    add_loss<MeanSquaredError>("numbers", as_numbers);
    add_loss<MeanAbsoluteError>("numbers", as_numbers);
    add_loss<Huber>("numbers", as_numbers);

    add_optimizer("Sgd/plain", Sgd{.learning_rate = 0.1});
    add_optimizer("Sgd/momentum", Sgd{.learning_rate = 0.1, .momentum = 0.9});
    add_optimizer("Sgd/nesterov", Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
    add_optimizer("Sgd/momentum and decay", Sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 1e-9});
    add_optimizer("Adagrad", Adagrad{});
    add_optimizer("RmsProp/plain", RmsProp{});
    add_optimizer("RmsProp/centered with momentum", RmsProp{.momentum = 0.9, .centered = true});
    add_optimizer("Adam", Adam{});
    add_optimizer("AdamW", AdamW{});
    add_optimizer("Nadam", Nadam{});
    add_optimizer("Lion", Lion{});
}

}  // namespace micro
