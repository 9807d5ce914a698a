// dlib in the comparison: its dnn module with plain SGD, called directly on preallocated tensors.

#include <dlib/dnn.h>
#include <dlib/revision.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mnist/data.hpp>
#include <numeric>
#include <span>
#include <string>
#include <typenet/core/random.hpp>
#include <vector>

#include "command.hpp"

using compare::Command;
using compare::Json;

namespace {

using Input = dlib::input<dlib::matrix<float>>;
template <template <class> class Activation, unsigned long Width, class Below>
using Hidden = Activation<dlib::fc<Width, Below>>;

using Digits = dlib::fc<10, Hidden<dlib::sig, 64, Hidden<dlib::sig, 128, Input>>>;
using Large = dlib::fc<10, Hidden<dlib::sig, 2048, Hidden<dlib::sig, 2048, Input>>>;
using Tiny = dlib::fc<3, Hidden<dlib::htan, 16, Input>>;
using Small = dlib::fc<4, Hidden<dlib::htan, 64, Hidden<dlib::htan, 64, Input>>>;

/// Rows of floats and their labels; batches are copied from them.
struct Rows {
    std::vector<float> features;
    std::vector<unsigned long> labels;

    [[nodiscard]] std::size_t width() const { return features.size() / labels.size(); }
};

std::vector<unsigned long> widen(const std::vector<std::int32_t>& labels) { return {labels.begin(), labels.end()}; }

Rows digits(const Command& command, mnist::Part part) {
    const typenet::Dataset<784> data = mnist::load_digits({command.data}, part);
    std::vector<std::uint32_t> order(data.size());
    std::iota(order.begin(), order.end(), 0U);
    Rows rows{std::vector<float>(data.size() * 784), widen(data.targets().values())};
    data.gather(std::span<const std::uint32_t>(order), rows.features.data());
    return rows;
}

Rows dense(const Command& command, mnist::Part part) {
    Rows rows = digits(command, part);
    rows.features = compare::uniform(rows.features.size(), command.seed);
    return rows;
}

/// One batch in dlib's form.
struct Batch {
    dlib::resizable_tensor x;
    std::vector<unsigned long> labels;

    void take(const Rows& rows, std::span<const std::uint32_t> chosen) {
        const std::size_t width = rows.width();
        x.set_size(static_cast<long long>(chosen.size()), static_cast<long long>(width), 1, 1);
        labels.resize(chosen.size());
        float* to = x.host_write_only();
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            std::copy_n(rows.features.data() + chosen[i] * width, width, to + i * width);
            labels[i] = rows.labels[chosen[i]];
        }
    }
};

/// Lets the network convert a sample to a tensor: dlib requires this before it accepts an existing tensor.
template <class Net>
void open(Net& net) {
    const std::vector<dlib::matrix<float>> sample(1, dlib::zeros_matrix<float>(1, 1));
    dlib::resizable_tensor unused;
    net.to_tensor(sample.begin(), sample.end(), unused);
}

template <class Body>
class Network {
public:
    Network() { open(net_); }

    /// Returns the sum of the rows' losses.
    double step(const Batch& batch) {
        const double loss = net_.compute_parameter_gradients(batch.x, batch.labels.begin());
        net_.update_parameters(solvers_, 0.1);
        return loss * static_cast<double>(batch.labels.size());
    }

    /// The same parameters followed by a softmax.
    [[nodiscard]] dlib::softmax<Body> predictor(const Batch& any) {
        dlib::softmax<Body> probabilities;
        open(probabilities);
        net_.forward(any.x);  // dlib allocates the parameters at the first input
        probabilities.subnet() = net_.subnet();
        return probabilities;
    }

private:
    using Net = dlib::loss_multiclass_log<Body>;
    Net net_;
    std::vector<dlib::sgd> solvers_ = std::vector<dlib::sgd>(Net::num_computational_layers, dlib::sgd(0, 0));
};

/// Trains one pass over the first `count` rows in a new random order and returns the mean loss.
template <class Body>
double epoch(Network<Body>& net, const Rows& rows, std::size_t count, std::size_t batch_size, std::uint64_t seed) {
    static Batch batch;
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    typenet::Random random(typenet::Seed{seed});
    typenet::shuffle(std::span(order), random);
    double loss = 0;
    for (std::size_t first = 0; first < count; first += batch_size) {
        batch.take(rows, std::span(order).subspan(first, std::min(batch_size, count - first)));
        loss += net.step(batch);
    }
    return loss / static_cast<double>(count);
}

/// Returns the median seconds of three epochs after a warm-up epoch, and the loss of the last epoch.
Json time_epochs(const Command& command, const Rows& rows, std::size_t batch_size) {
    Network<Digits> net;
    double loss = 0;
    std::uint64_t pass = 0;
    const double seconds = compare::time_calls(
        1, [&](std::size_t) { loss = epoch(net, rows, rows.labels.size(), batch_size, ++pass); }, 3);
    Json result = compare::seconds_of(command.task, seconds);
    result["loss"] = loss;
    return result;
}

Json time_large_epoch(const Command& command, const Rows& rows) {
    Network<Large> net;
    epoch(net, rows, 1024, 256, 1);
    double loss = 0;
    Json result = compare::seconds_of(command.task,
                                      compare::seconds_for([&] { loss = epoch(net, rows, 10000, 256, command.seed); }));
    result["loss"] = loss;
    return result;
}

std::vector<Batch> split(const Rows& rows, std::size_t size) {
    std::vector<std::uint32_t> order(rows.labels.size());
    std::iota(order.begin(), order.end(), 0U);
    std::vector<Batch> batches(order.size() / size);
    for (std::size_t i = 0; i < batches.size(); ++i) batches[i].take(rows, std::span(order).subspan(i * size, size));
    return batches;
}

template <class Body>
double time_predictions(const std::vector<Batch>& batches, std::size_t calls) {
    auto predictor = Network<Body>().predictor(batches.front());
    return compare::time_calls(calls, [&](std::size_t i) { predictor.forward(batches[i % batches.size()].x).host(); });
}

template <class Body>
void time_small(const Command& command, std::size_t rows, std::size_t inputs, std::uint32_t classes,
                const std::string& name, Json& seconds) {
    constexpr std::size_t count = 64;
    constexpr std::size_t calls = 16 * count;
    const std::vector<Batch> batches = split({compare::uniform(count * rows * inputs, command.seed),
                                              widen(compare::random_labels(count * rows, classes, command.seed))},
                                             rows);
    Network<Body> net;
    seconds[name + " step"] =
        compare::time_calls(calls, [&](std::size_t i) { compare::keep(net.step(batches[i % count])); });
    seconds[name + " predict"] = time_predictions<Body>(batches, calls);
}

Json versions() {
    return {{"dlib", std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION) + "." +
                         std::to_string(DLIB_PATCH_VERSION)}};
}

Json run_task(const Command& command) {
    if (command.task == "versions") return versions();
    if (const auto size = command.number_after("epoch")) {
        return time_epochs(command, digits(command, mnist::Part::train), *size);
    }
    if (const auto size = command.number_after("dense_epoch")) {
        return time_epochs(command, dense(command, mnist::Part::train), *size);
    }
    if (command.task == "large_epoch") return time_large_epoch(command, digits(command, mnist::Part::train));
    if (command.task == "infer_one" || command.task == "infer_one_dense") {
        const Rows rows =
            command.task == "infer_one" ? digits(command, mnist::Part::test) : dense(command, mnist::Part::test);
        return compare::seconds_of(command.task, time_predictions<Digits>(split(rows, 1), rows.labels.size()));
    }
    if (command.task == "infer_10000") {
        return compare::seconds_of(command.task,
                                   time_predictions<Digits>(split(digits(command, mnist::Part::test), 10000), 1));
    }
    if (const auto rows = command.number_after("small")) {
        Json result{{"seconds", Json::object()}};
        time_small<Tiny>(command, *rows, 4, 3, "4-16-3", result["seconds"]);
        time_small<Small>(command, *rows, 16, 4, "16-64-64-4", result["seconds"]);
        return result;
    }
    throw compare::Unavailable("there is no task " + command.task);
}

}  // namespace

int main(int argc, char** argv) { return compare::run(argc, argv, run_task); }
