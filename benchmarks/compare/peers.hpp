#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mnist/data.hpp>
#include <numeric>
#include <span>
#include <string>
#include <typenet/core/random.hpp>
#include <utility>
#include <vector>

#include "command.hpp"

/// The tasks of the C++ peers. peers.py has those of the Python peers.
///
/// A peer is a class with
///     use_threads(count)
///     Batch                         has take(rows, chosen), which copies the rows of these indices
///     Digits, Large, Tiny, Small    networks: 784-128-64-10 and 784-2048-2048-10 with sigmoid inside, 4-16-3 and
///                                   16-64-64-4 with tanh
///     versions()
/// A network is constructed with a seed. Its step(batch) trains with rate 0.1 and returns the sum of the rows' losses.
/// Its predictors(batch) returns the peer's ways to compute probabilities, as functions of a batch, for batches as
/// large as the one given; they need the network to live on.
namespace compare {

/// Rows of floats and their labels; batches are copied from them.
struct Rows {
    std::vector<float> features;
    std::vector<std::int32_t> labels;

    [[nodiscard]] std::size_t width() const { return features.size() / labels.size(); }

    /// Copies the rows of these indices to `to`, one after the other.
    void gather(std::span<const std::uint32_t> chosen, float* to) const {
        for (const std::uint32_t row : chosen) to = std::copy_n(features.data() + row * width(), width(), to);
    }
};

inline std::vector<std::uint32_t> indices(std::size_t count) {
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    return order;
}

inline Rows digits(const Command& command, mnist::Part part) {
    const typenet::Dataset<784> data = mnist::load_digits({command.data}, part);
    Rows rows{std::vector<float>(data.size() * 784), data.targets().values()};
    data.gather(std::span<const std::uint32_t>(indices(data.size())), rows.features.data());
    return rows;
}

/// Returns the digits' labels with random inputs, none of which is 0.
inline Rows dense(const Command& command, mnist::Part part) {
    Rows rows = digits(command, part);
    rows.features = uniform(rows.features.size(), command.seed);
    return rows;
}

/// Trains one pass over the first `count` rows in a new random order and returns the mean loss.
template <class Peer, class Network>
double epoch(Network& net, const Rows& rows, std::size_t count, std::size_t batch_size, typenet::Random& random) {
    static typename Peer::Batch batch;
    std::vector<std::uint32_t> order = indices(count);
    typenet::shuffle(std::span(order), random);
    double loss = 0;
    for (std::size_t first = 0; first < count; first += batch_size) {
        batch.take(rows, std::span(order).subspan(first, std::min(batch_size, count - first)));
        loss += net.step(batch);
    }
    return loss / static_cast<double>(count);
}

/// Returns the median seconds of three epochs after a warm-up epoch, and the loss of the last epoch.
template <class Peer>
Json time_epochs(const Command& command, const Rows& rows, std::size_t batch_size) {
    typename Peer::Digits net(command.seed);
    typenet::Random random(typenet::Seed{command.seed});
    double loss = 0;
    const auto pass = [&] { loss = epoch<Peer>(net, rows, rows.labels.size(), batch_size, random); };
    pass();
    const double seconds = median({seconds_for(pass), seconds_for(pass), seconds_for(pass)});
    Json result = seconds_of(command.task, seconds);
    result["loss"] = loss;
    return result;
}

template <class Peer>
Json time_large_epoch(const Command& command, const Rows& rows) {
    typename Peer::Large net(command.seed);
    typenet::Random random(typenet::Seed{command.seed});
    epoch<Peer>(net, rows, 1024, 256, random);
    double loss = 0;
    Json result = seconds_of(command.task, seconds_for([&] { loss = epoch<Peer>(net, rows, 10000, 256, random); }));
    result["loss"] = loss;
    return result;
}

template <class Peer>
auto split(const Rows& rows, std::size_t size) {
    const std::vector<std::uint32_t> order = indices(rows.labels.size());
    std::vector<typename Peer::Batch> batches(order.size() / size);
    for (std::size_t i = 0; i < batches.size(); ++i) batches[i].take(rows, std::span(order).subspan(i * size, size));
    return batches;
}

/// Returns time_calls of the fastest of the network's predictors.
template <class Network, class Batch>
double time_predictions(Network& net, const std::vector<Batch>& batches, std::size_t calls) {
    std::vector<double> seconds;
    for (const auto& predict : net.predictors(batches.front())) {
        seconds.push_back(time_calls(calls, [&](std::size_t i) { predict(batches[i % batches.size()]); }));
    }
    return *std::min_element(seconds.begin(), seconds.end());
}

template <class Peer>
Json time_digits(const Command& command, const Rows& rows, std::size_t size) {
    typename Peer::Digits net(command.seed);
    return seconds_of(command.task, time_predictions(net, split<Peer>(rows, size), rows.labels.size() / size));
}

template <class Peer, class Network>
void time_small(const Command& command, std::size_t rows, std::size_t inputs, std::uint32_t classes,
                const std::string& name, Json& seconds) {
    constexpr std::size_t count = 64;
    constexpr std::size_t calls = 16 * count;
    const auto batches = split<Peer>(
        {uniform(count * rows * inputs, command.seed), random_labels(count * rows, classes, command.seed)}, rows);
    Network net(command.seed);
    seconds[name + " step"] = time_calls(calls, [&](std::size_t i) { keep(net.step(batches[i % count])); });
    seconds[name + " predict"] = time_predictions(net, batches, calls);
}

template <class Peer>
Json run_task(const Command& command) {
    if (command.task == "versions") return Peer::versions();
    Peer::use_threads(command.threads);
    if (const auto size = command.number_after("epoch")) {
        return time_epochs<Peer>(command, digits(command, mnist::Part::train), *size);
    }
    if (const auto size = command.number_after("dense_epoch")) {
        return time_epochs<Peer>(command, dense(command, mnist::Part::train), *size);
    }
    if (command.task == "large_epoch") return time_large_epoch<Peer>(command, digits(command, mnist::Part::train));
    if (command.task == "infer_one") return time_digits<Peer>(command, digits(command, mnist::Part::test), 1);
    if (command.task == "infer_one_dense") return time_digits<Peer>(command, dense(command, mnist::Part::test), 1);
    if (command.task == "infer_10000") return time_digits<Peer>(command, digits(command, mnist::Part::test), 10000);
    if (const auto rows = command.number_after("small")) {
        Json result{{"seconds", Json::object()}};
        time_small<Peer, typename Peer::Tiny>(command, *rows, 4, 3, "4-16-3", result["seconds"]);
        time_small<Peer, typename Peer::Small>(command, *rows, 16, 4, "16-64-64-4", result["seconds"]);
        return result;
    }
    throw Unavailable("there is no task " + command.task);
}

}  // namespace compare
