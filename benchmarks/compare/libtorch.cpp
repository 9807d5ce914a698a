// LibTorch in the comparison: PyTorch's C++ API, used as with_torch.py uses the Python one.

#include <ATen/Context.h>
#include <torch/torch.h>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "peers.hpp"

namespace {

using torch::Tensor;

struct Batch {
    Tensor x;
    Tensor labels;

    void take(const compare::Rows& rows, std::span<const std::uint32_t> chosen) {
        const auto count = static_cast<std::int64_t>(chosen.size());
        if (!x.defined() || x.size(0) != count) {
            x = torch::empty({count, static_cast<std::int64_t>(rows.width())});
            labels = torch::empty({count}, torch::kInt64);
        }
        rows.gather(chosen, x.data_ptr<float>());
        auto* to = labels.data_ptr<std::int64_t>();
        for (const std::uint32_t row : chosen) *to++ = rows.labels[row];
    }
};

/// Has weights [inputs, outputs], so that a layer is one addmm. The activation works in place.
class Network {
public:
    Network(std::uint64_t seed, const std::vector<std::int64_t>& widths, Tensor& (*activate)(Tensor&))
        : activate_(activate) {
        torch::manual_seed(seed);
        for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
            const double limit = std::sqrt(6.0 / static_cast<double>(widths[i] + widths[i + 1]));
            parameters_.push_back(torch::empty({widths[i], widths[i + 1]}).uniform_(-limit, limit));
            parameters_.push_back(torch::zeros({widths[i + 1]}));
        }
        for (Tensor& parameter : parameters_) parameter.requires_grad_();
    }

    double step(const Batch& batch) {
        const Tensor loss = at::cross_entropy_loss(logits(batch.x), batch.labels);
        const std::vector<Tensor> gradients = torch::autograd::grad({loss}, parameters_);
        const torch::NoGradGuard guard;
        at::_foreach_add_(parameters_, gradients, -0.1);
        return loss.item<float>() * static_cast<double>(batch.x.size(0));
    }

    /// Returns two ways: with a new tensor for each result, and with existing ones.
    std::vector<std::function<void(const Batch&)>> predictors(const Batch& any) {
        const c10::InferenceMode mode;
        const auto outputs = std::make_shared<std::vector<Tensor>>();
        for (std::size_t i = 1; i < parameters_.size(); i += 2) {
            outputs->push_back(torch::empty({any.x.size(0), parameters_[i].size(0)}));
        }
        const auto probabilities = std::make_shared<Tensor>(torch::empty_like(outputs->back()));
        return {[this](const Batch& batch) {
                    const c10::InferenceMode here;
                    compare::keep(at::softmax(logits(batch.x), 1));
                },
                [this, outputs, probabilities](const Batch& batch) {
                    const c10::InferenceMode here;
                    const Tensor* x = &batch.x;
                    for (std::size_t i = 0; i < outputs->size(); ++i) {
                        Tensor& y = (*outputs)[i];
                        at::addmm_out(y, parameters_[2 * i + 1], *x, parameters_[2 * i]);
                        if (i + 1 < outputs->size()) activate_(y);
                        x = &y;
                    }
                    compare::keep(at::_softmax_out(*probabilities, *x, 1, false));
                }};
    }

private:
    Tensor logits(Tensor x) const {
        for (std::size_t i = 0; i < parameters_.size(); i += 2) {
            x = at::addmm(parameters_[i + 1], x, parameters_[i]);
            if (i + 2 < parameters_.size()) activate_(x);
        }
        return x;
    }

    Tensor& (*activate_)(Tensor&);
    std::vector<Tensor> parameters_;  ///< weights and biases of a layer, then those of the next
};

template <Tensor& (*Activate)(Tensor&), std::int64_t... Widths>
struct Shaped : Network {
    explicit Shaped(std::uint64_t seed) : Network(seed, {Widths...}, Activate) {}
};

struct LibTorch {
    using Batch = ::Batch;
    using Digits = Shaped<at::sigmoid_, 784, 128, 64, 10>;
    using Large = Shaped<at::sigmoid_, 784, 2048, 2048, 10>;
    using Tiny = Shaped<at::tanh_, 4, 16, 3>;
    using Small = Shaped<at::tanh_, 16, 64, 64, 4>;

    static void use_threads(std::size_t count) {
        at::set_num_threads(static_cast<int>(count));
        at::globalContext().setFlushDenormal(true);
    }

    static compare::Json versions() { return {{"LibTorch", TORCH_VERSION}}; }
};

}  // namespace

int main(int argc, char** argv) { return compare::run(argc, argv, compare::run_task<LibTorch>); }
