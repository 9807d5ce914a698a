// typenet in the comparison.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <mnist/commands.hpp>
#include <mnist/data.hpp>
#include <mnist/network.hpp>
#include <numeric>
#include <span>
#include <string>
#include <support/allocations.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/typenet.hpp>
#include <utility>
#include <vector>

#include "command.hpp"

using namespace typenet;
using compare::Command;
using compare::Json;

namespace {

using Digitset = Dataset<784>;
using Large = Mlp<float, Input<784>, Dense<2048, Sigmoid>, Dense<2048, Sigmoid>, Dense<10, Softmax>>;
using Tiny = Mlp<float, Input<4>, Dense<16, Tanh>, Dense<3, Softmax>>;
using Small = Mlp<float, Input<16>, Dense<64, Tanh>, Dense<64, Tanh>, Dense<4, Softmax>>;

constexpr Sgd plain{.learning_rate = 0.1};
constexpr std::size_t fma_chains = 12;

Digitset digits(const Command& command, mnist::Part part) { return mnist::load_digits({command.data}, part); }

/// Returns the training digits' labels with random inputs, none of which is 0.
Digitset dense_digits(const Command& command) {
    Labels labels = digits(command, mnist::Part::train).targets();
    const std::size_t count = labels.size() * Digitset::feature_count;
    return {Features<784>(compare::uniform(count, command.seed)), std::move(labels)};
}

template <std::size_t N>
Matrix<float> matrix_of(const Dataset<N>& data) {
    std::vector<std::uint32_t> rows(data.size());
    std::iota(rows.begin(), rows.end(), 0U);
    auto matrix = Matrix<float>::from_shape({data.size(), N});
    data.gather(std::span<const std::uint32_t>(rows), matrix.data());
    return matrix;
}

/// Returns the number of heap allocations per training step.
template <class Network, class Data>
double allocations_a_step(const Data& data, std::size_t batch_size, std::size_t threads) {
    constexpr std::size_t steps = 10;
    std::vector<std::uint32_t> rows(batch_size);
    std::iota(rows.begin(), rows.end(), 0U);
    Network net;
    Trainer trainer(net, CrossEntropy{}, plain, {.batch_size = batch_size, .threads = threads});
    trainer.step(data, rows);
    const std::size_t before = support::allocation_count();
    for (std::size_t i = 0; i < steps; ++i) trainer.step(data, rows);
    return static_cast<double>(support::allocation_count() - before) / steps;
}

/// Returns the median seconds of three epochs after a warm-up epoch, and the loss of the last epoch.
Json time_epochs(const Command& command, const Digitset& data, std::size_t batch_size) {
    mnist::Digits net(Seed{command.seed});
    const FitOptions<Digitset> options{
        .epochs = 4, .batch_size = batch_size, .seed = Seed{command.seed}, .threads = command.threads};
    const History history = fit<CrossEntropy>(net, data, plain, options);
    std::vector<double> seconds;
    for (const EpochRecord& epoch : std::span(history.epochs).subspan(1)) seconds.push_back(epoch.seconds);
    Json result = compare::seconds_of(command.task, compare::median(seconds));
    result["loss"] = history.epochs.back().loss;
    result["allocations_a_step"] = allocations_a_step<mnist::Digits>(data, batch_size, command.threads);
    return result;
}

Json time_large_epoch(const Command& command) {
    const Digitset all = digits(command, mnist::Part::train);
    std::vector<std::uint32_t> rows(10000);
    std::iota(rows.begin(), rows.end(), 0U);
    const Digitset data = all.subset(rows);
    const Digitset few = all.subset(std::span(rows).first(1024));
    Large net(Seed{command.seed});
    const FitOptions<Digitset> options{
        .epochs = 1, .batch_size = 256, .seed = Seed{command.seed}, .threads = command.threads};
    fit<CrossEntropy>(net, few, plain, options);
    const EpochRecord epoch = fit<CrossEntropy>(net, data, plain, options).epochs.back();
    Json result = compare::seconds_of(command.task, epoch.seconds);
    result["loss"] = epoch.loss;
    return result;
}

Json time_single_rows(const Command& command, const Matrix<float>& images) {
    const mnist::Digits net(Seed{command.seed});
    const double seconds = compare::time_calls(images.shape()[0], [&](std::size_t i) {
        compare::keep(net.predict(std::span<const float, 784>(images.data() + i * 784, 784)));
    });
    return compare::seconds_of(command.task, seconds);
}

Json time_all_rows(const Command& command, const Matrix<float>& images) {
    const mnist::Digits net(Seed{command.seed});
    return compare::seconds_of(command.task, compare::time_calls(1, [&](std::size_t) {
                                   compare::keep(net.predict(images, {.threads = command.threads}));
                               }));
}

/// Times a step and a prediction of `rows` rows, cycling through 64 different batches.
template <class Network>
void time_small(const Command& command, std::size_t rows, const std::string& name, Json& seconds) {
    constexpr std::size_t batches = 64;
    constexpr std::size_t calls = 16 * batches;
    constexpr std::size_t inputs = Network::inputs;
    using Data = Dataset<inputs>;
    const Data data(Features<inputs>(compare::uniform(batches * rows * inputs, command.seed)),
                    Labels(compare::random_labels(batches * rows, Network::outputs, command.seed)));
    std::vector<std::uint32_t> order(data.size());
    std::iota(order.begin(), order.end(), 0U);
    Network net(Seed{command.seed});
    Trainer trainer(net, CrossEntropy{}, plain, {.batch_size = rows});
    seconds[name + " step"] = compare::time_calls(calls, [&](std::size_t i) {
        compare::keep(trainer.step(data, std::span(order).subspan(i % batches * rows, rows)));
    });
    const Matrix<float> features = matrix_of(data);
    std::vector<Matrix<float>> parts;
    for (std::size_t i = 0; i < batches; ++i) {
        parts.push_back(Matrix<float>::from_shape({rows, inputs}));
        std::copy_n(features.data() + i * rows * inputs, rows * inputs, parts.back().data());
    }
    seconds[name + " predict"] = compare::time_calls(calls, [&](std::size_t i) {
        const Matrix<float>& part = parts[i % batches];
        if (rows == 1) {
            compare::keep(net.predict(std::span<const float, inputs>(part.data(), inputs)));
        } else {
            compare::keep(net.predict(part));
        }
    });
}

Json time_small_networks(const Command& command, std::size_t rows) {
    Json result{{"seconds", Json::object()}};
    time_small<Tiny>(command, rows, "4-16-3", result["seconds"]);
    time_small<Small>(command, rows, "16-64-64-4", result["seconds"]);
    return result;
}

std::filesystem::path csv_folder(const Command& command) { return std::filesystem::path(command.data) / "csv"; }

Json time_loading(const Command& command) {
    return compare::seconds_of(
        command.task,
        compare::time_calls(
            1, [&](std::size_t) { compare::keep(mnist::load_digits({csv_folder(command)}, mnist::Part::train)); }, 3));
}

// The columns that compare.py writes.
using Table = Columns<Optional<Number<"age">>, Number<"weight">, Number<"years">, Number<"gain">, Number<"loss">,
                      Number<"hours">, Category<"work", "work-private", "work-state", "work-own", "work-none">,
                      Category<"school", "school-first", "school-second", "school-third">,
                      Category<"status", "status-single", "status-married", "status-divorced">,
                      Category<"job", "job-clerk", "job-craft", "job-sales", "job-tech">,
                      Category<"role", "role-husband", "role-wife", "role-child">,
                      Category<"town", "town-north", "town-south">, Category<"sex", "sex-male", "sex-female">,
                      Category<"country", "country-here", "country-there", "country-elsewhere">>;

Json time_table(const Command& command) {
    const auto load = [&](std::size_t) {
        compare::keep(load_csv<Table, Label<"answer", "no", "yes">>(csv_folder(command) / "table.csv"));
    };
    return compare::seconds_of(command.task, compare::time_calls(1, load, 3));
}

/// Writes digits.onnx, the network with which ONNX Runtime predicts, to the folder of the data.
Json export_digits(const Command& command) {
    export_onnx(mnist::Digits(Seed{command.seed}), std::filesystem::path(command.data) / "digits.onnx");
    return Json::object();
}

/// Stops the training after the first epoch with a test accuracy of at least 98 %.
struct StopAt98 {
    const mnist::Digits& net;
    const Digitset& test;
    double reached = 0;

    CallbackResult on_epoch_end(const EpochRecord&) {
        reached = accuracy(net, test);
        return reached >= 0.98 ? CallbackResult::stop : CallbackResult::proceed;
    }
};

/// Trains to 98 %. Measures no time: compare.py measures that of the whole process.
Json train_to_98(const Command& command) {
    const mnist::Source source{csv_folder(command)};
    const Digitset train = mnist::load_digits(source, mnist::Part::train);
    const Digitset test = mnist::load_digits(source, mnist::Part::test);
    const mnist::Recipe recipe = mnist::find_recipe("default");
    mnist::Digits net(Seed{command.seed});
    const FitOptions<Digitset> options{.epochs = recipe.epochs,
                                       .batch_size = recipe.batch_size,
                                       .seed = Seed{command.seed},
                                       .schedule = LinearDecay{},
                                       .threads = command.threads};
    StopAt98 stop{net, test};
    const History history = fit<CrossEntropy>(net, train, recipe.optimizer, options, stop);
    return {{"seconds", Json::object()}, {"epochs", history.epochs.size()}, {"accuracy", stop.reached}};
}

/// Runs twelve independent chains of fused multiply-adds in registers: enough to hide the latency of each.
template <Real T>
T multiply_add(std::size_t links, T factor) {
    using Pack = simd::Pack<T>;
    const Pack a(factor);
    Pack sum[fma_chains];
    for (Pack& s : sum) s = a;
    for (std::size_t i = 0; i < links; ++i) {
        for (Pack& s : sum) s = simd::fma(s, a, a);
    }
    Pack total = sum[0];
    for (std::size_t c = 1; c < fma_chains; ++c) total = total + sum[c];
    return simd::reduce_add(total);
}

/// Returns the peak of one core in 10^9 operations per second, a multiply-add counting as two: the best of several
/// passes.
template <Real T>
double fma_peak() {
    constexpr std::size_t links = 2'000'000;
    T factor{0.5};
    compare::keep(factor);
    double least = std::numeric_limits<double>::infinity();
    for (int pass = 0; pass < 20; ++pass) {
        least = std::min(least, compare::seconds_for([&] { compare::keep(multiply_add<T>(links, factor)); }));
    }
    return 2.0 * simd::width<T> * fma_chains * links / least / 1e9;
}

Json versions() {
#if defined(__clang__)
    return {{"typenet", typenet::version}, {"compiler", "clang " __clang_version__}};
#else
    return {{"typenet", typenet::version}, {"compiler", "g++ " __VERSION__}};
#endif
}

Json run_task(const Command& command) {
    if (command.task == "versions") return versions();
    if (command.task == "fma_peak") {
        return {{"seconds", Json::object()},
                {"gflops", {{"float", fma_peak<float>()}, {"double", fma_peak<double>()}}}};
    }
    if (const auto size = command.number_after("epoch")) {
        return time_epochs(command, digits(command, mnist::Part::train), *size);
    }
    if (const auto size = command.number_after("dense_epoch")) {
        return time_epochs(command, dense_digits(command), *size);
    }
    if (command.task == "large_epoch") return time_large_epoch(command);
    if (command.task == "infer_one") return time_single_rows(command, matrix_of(digits(command, mnist::Part::test)));
    if (command.task == "infer_one_dense") {
        auto rows = Matrix<float>::from_shape({10000, 784});
        const std::vector<float> values = compare::uniform(rows.size(), command.seed);
        std::copy(values.begin(), values.end(), rows.data());
        return time_single_rows(command, rows);
    }
    if (command.task == "infer_10000") return time_all_rows(command, matrix_of(digits(command, mnist::Part::test)));
    if (const auto rows = command.number_after("small")) return time_small_networks(command, *rows);
    if (command.task == "load_csv") return time_loading(command);
    if (command.task == "load_table") return time_table(command);
    if (command.task == "csv_to_98") return train_to_98(command);
    if (command.task == "export_onnx") return export_digits(command);
    throw compare::Unavailable("there is no task " + command.task);
}

}  // namespace

int main(int argc, char** argv) { return compare::run(argc, argv, run_task); }
