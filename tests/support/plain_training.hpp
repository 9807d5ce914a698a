#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <typenet/train/layer_training.hpp>
#include <vector>

namespace support {

/// A training step in the plainest loops, in double, to compare Trainer::step with: dense layers, tanh in all but the
/// last, softmax and cross-entropy behind it, and gradient descent with momentum and weight decay,
///     g = d_w + decay w,      v = momentum v + g,      w = w - rate v
struct PlainTraining {
    struct Layer {
        std::size_t inputs, outputs;
        std::vector<double> w;  // weights [inputs, outputs], then biases [outputs]
        typenet::LayerTraining training = {};
        std::vector<double> v = std::vector<double>(w.size());  // the velocity
    };
    std::vector<Layer> layers;
    double rate, momentum, decay;
    std::optional<double> clip_value, clip_norm;

    /// Trains on rows of features and their labels. Returns the sum of the rows' losses.
    double step(const std::vector<std::vector<double>>& rows, const std::vector<std::int32_t>& labels) {
        std::vector<std::vector<double>> gradients;
        for (const Layer& layer : layers) gradients.emplace_back(layer.w.size());
        double loss = 0;
        for (std::size_t r = 0; r < rows.size(); ++r) {
            loss += add_gradient(rows[r], static_cast<std::size_t>(labels[r]), 1 / static_cast<double>(rows.size()),
                                 gradients);
        }
        double squares = 0;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (layers[i].training.rate_factor == 0) continue;
            for (std::size_t p = 0; p < gradients[i].size(); ++p) {
                double& g = gradients[i][p];
                const double w = layers[i].w[p];
                const bool is_weight = p < layers[i].inputs * layers[i].outputs;
                const double sign = w > 0 ? 1 : w < 0 ? -1 : 0;
                if (is_weight) g += layers[i].training.l1 * sign + layers[i].training.l2 * w;
                if (clip_value) g = std::clamp(g, -*clip_value, *clip_value);
                squares += g * g;
            }
        }
        const double scale = clip_norm && std::sqrt(squares) > *clip_norm ? *clip_norm / std::sqrt(squares) : 1;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            Layer& layer = layers[i];
            if (layer.training.rate_factor == 0) continue;
            for (std::size_t p = 0; p < layer.w.size(); ++p) {
                layer.v[p] = momentum * layer.v[p] + scale * gradients[i][p] + decay * layer.w[p];
                layer.w[p] -= rate * layer.training.rate_factor * layer.v[p];
            }
        }
        return loss;
    }

private:
    /// Adds `share` times the gradient of one row's loss to `gradients`; returns the loss.
    double add_gradient(const std::vector<double>& row, std::size_t label, double share,
                        std::vector<std::vector<double>>& gradients) const {
        std::vector<std::vector<double>> y{row};
        for (const Layer& layer : layers) {
            std::vector<double> z(layer.outputs);
            for (std::size_t k = 0; k < layer.outputs; ++k) {
                z[k] = layer.w[layer.inputs * layer.outputs + k];
                for (std::size_t i = 0; i < layer.inputs; ++i) z[k] += y.back()[i] * layer.w[i * layer.outputs + k];
                if (&layer != &layers.back()) z[k] = std::tanh(z[k]);
            }
            y.push_back(z);
        }
        std::vector<double> d = y.back();
        const double largest = *std::max_element(d.begin(), d.end());
        double sum = 0;
        for (double& value : d) sum += value = std::exp(value - largest);
        const double loss = -std::log(d[label] / sum);
        for (double& value : d) value /= sum;
        d[label] -= 1;
        for (std::size_t i = layers.size(); i-- > 0;) {
            const Layer& layer = layers[i];
            std::vector<double> d_x(layer.inputs);
            for (std::size_t k = 0; k < layer.outputs; ++k) {
                gradients[i][layer.inputs * layer.outputs + k] += share * d[k];
                for (std::size_t j = 0; j < layer.inputs; ++j) {
                    gradients[i][j * layer.outputs + k] += share * y[i][j] * d[k];
                    d_x[j] += layer.w[j * layer.outputs + k] * d[k];
                }
            }
            for (std::size_t j = 0; i > 0 && j < layer.inputs; ++j) d_x[j] *= 1 - y[i][j] * y[i][j];
            d = d_x;
        }
        return loss;
    }
};

}  // namespace support
