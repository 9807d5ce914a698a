// Threads. A network is trained by two threads, with the very bits that one thread gives. Then many threads predict
// with it at once, without locks: `predict` is const, and changes nothing but its result.

#include <array>
#include <cmath>
#include <iostream>
#include <thread>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

using Net = Mlp<float, Input<16>, Dense<64, ReLU>, Dense<32, ReLU>, Dense<2, Softmax>>;

Dataset<16> make_rows(std::size_t count) {
    Random random(Seed{1});
    std::vector<std::array<double, 16>> rows(count);
    std::vector<int> labels(count);
    for (std::size_t r = 0; r < count; ++r) {
        double sum = 0;
        for (double& value : rows[r]) sum += std::abs(value = uniform(random, -1, 1));
        labels[r] = sum > 8 ? 1 : 0;
    }
    return make_dataset<16>(rows, labels);
}

Net train(const Dataset<16>& data, std::size_t threads) {
    Net net(Seed{1});
    fit<CrossEntropy>(net, data, Adam{}, {.epochs = 20, .threads = threads});
    return net;
}

int main() {
    const auto data = make_rows(20000);
    const Net net = train(data, 2);
    const bool same_bits = parameter_hash(net) == parameter_hash(train(data, 1));

    std::vector<int> right(4);  // one counter a thread
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < right.size(); ++t) {
        threads.emplace_back([&, t] {
            int count = 0;
            for (std::size_t row = t; row < data.size(); row += right.size()) {
                if (net.classify(data.row(row)) == data.label(row)) ++count;
            }
            right[t] = count;
        });
    }
    for (std::thread& thread : threads) thread.join();

    int sum = 0;
    for (const int count : right) sum += count;
    const double share = sum / static_cast<double>(data.size());
    std::cout << "two threads train to the bits of one: " << (same_bits ? "yes" : "no") << "; four threads find "
              << share << " right, evaluate finds " << accuracy(net, data) << '\n';
    return same_bits && share == accuracy(net, data) && share > 0.9 ? 0 : 1;
}
