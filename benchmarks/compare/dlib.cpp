// dlib in the comparison: its dnn module with plain SGD, called directly on preallocated tensors.

#include <dlib/dnn.h>
#include <dlib/revision.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "peers.hpp"

namespace {

/// One batch in dlib's form.
struct Batch {
    dlib::resizable_tensor x;
    std::vector<unsigned long> labels;

    void take(const compare::Rows& rows, std::span<const std::uint32_t> chosen) {
        x.set_size(static_cast<long long>(chosen.size()), static_cast<long long>(rows.width()), 1, 1);
        rows.gather(chosen, x.host_write_only());
        labels.resize(chosen.size());
        for (std::size_t i = 0; i < chosen.size(); ++i) labels[i] = static_cast<unsigned long>(rows.labels[chosen[i]]);
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
    explicit Network(std::uint64_t seed) {
        std::srand(static_cast<unsigned>(seed));  // dlib takes the seeds of its weights from std::rand
        open(net_);
    }

    double step(const Batch& batch) {
        const double loss = net_.compute_parameter_gradients(batch.x, batch.labels.begin());
        net_.update_parameters(solvers_, 0.1);
        return loss * static_cast<double>(batch.labels.size());
    }

    /// Returns one way: the same parameters followed by a softmax.
    std::vector<std::function<void(const Batch&)>> predictors(const Batch& any) {
        const auto probabilities = std::make_shared<dlib::softmax<Body>>();
        open(*probabilities);
        net_.forward(any.x);  // dlib allocates the parameters at the first input
        probabilities->subnet() = net_.subnet();
        return {[probabilities](const Batch& batch) { probabilities->forward(batch.x).host(); }};
    }

private:
    using Net = dlib::loss_multiclass_log<Body>;
    Net net_;
    std::vector<dlib::sgd> solvers_ = std::vector<dlib::sgd>(Net::num_computational_layers, dlib::sgd(0, 0));
};

using Input = dlib::input<dlib::matrix<float>>;
template <template <class> class Activation, unsigned long Width, class Below>
using Hidden = Activation<dlib::fc<Width, Below>>;

struct Dlib {
    using Batch = ::Batch;
    using Digits = Network<dlib::fc<10, Hidden<dlib::sig, 64, Hidden<dlib::sig, 128, Input>>>>;
    using Large = Network<dlib::fc<10, Hidden<dlib::sig, 2048, Hidden<dlib::sig, 2048, Input>>>>;
    using Tiny = Network<dlib::fc<3, Hidden<dlib::htan, 16, Input>>>;
    using Small = Network<dlib::fc<4, Hidden<dlib::htan, 64, Hidden<dlib::htan, 64, Input>>>>;

    /// Does nothing: OPENBLAS_NUM_THREADS sets the threads.
    static void use_threads(std::size_t) {}

    static compare::Json versions() {
        return {{"dlib", std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION) + "." +
                             std::to_string(DLIB_PATCH_VERSION)}};
    }
};

}  // namespace

int main(int argc, char** argv) { return compare::run(argc, argv, compare::run_task<Dlib>); }
