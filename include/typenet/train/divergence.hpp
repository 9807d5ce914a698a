#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/train/layer_training.hpp>
#include <typenet/train/step.hpp>

/// Says in words what went wrong in a step whose numbers are not finite.
namespace TYPENET::detail {

/// Sets `found` to a sentence about a layer's numbers unless they are all finite or something was found before.
template <class T>
[[gnu::noinline]] void find_not_finite(std::string& found, const char* what, std::size_t layer,
                                       std::string (*describe)(), const char* note, const T* numbers,
                                       std::size_t count) {
    if (!found.empty() || simd::all_finite(numbers, count)) return;
    found = join({what, layer_text(layer, describe()), note, " are not finite"});
}

/// Returns the first thing on the way through the network that is not finite, such as "the outputs of layer 1
/// (Dense<64, Sigmoid>) are not finite": the network's `parameters`, then outputs, the loss, gradients of outputs.
template <class Network, class Loss>
std::string describe_divergence(std::span<const typename Network::Scalar> parameters,
                                Workspace<TrainedLayers<Network, Loss>>& workspace, std::size_t rows) {
    using Layers = TrainedLayers<Network, Loss>;
    std::string found;
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        find_not_finite(found, "the parameters of ", I, &Network::template Layer<I>::describe, "",
                        parameters.data() + Layers::offsets[I], Layer::parameter_rows * Layer::parameter_columns);
    });
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        constexpr bool whole = std::is_same_v<typename Layers::template Layer<I>, Layer>;
        const auto y = workspace.template y<I>().subrows(0, rows);
        find_not_finite(found, "the outputs of ", I, &Layer::describe, whole ? "" : ", before its activation,", y.data,
                        y.size());
    });
    if (found.empty() && !simd::all_finite(workspace.losses().data(), rows)) found = "the loss is not finite";
    Layers::for_each_backward([&]<std::size_t I>() {
        const auto d_y = workspace.template d_y<I>().subrows(0, rows);
        find_not_finite(found, "the gradients of the outputs of ", I, &Network::template Layer<I>::describe, "",
                        d_y.data, d_y.size());
    });
    return found.empty() ? "the gradient of the parameters is not finite" : found;
}

/// A feature above it, in absolute value, is taken for one that the user forgot to scale.
inline constexpr double largest_scaled_feature = 100;
inline constexpr std::string_view scale_advice =
    "scale the features (load_csv and load_idx have an option `scale`, such as 1.0f / 255), or begin the network with "
    "Standardize";

/// Returns a sentence that says what may help, from the features of the batch in the workspace, which has `rows` rows.
template <class Layers>
std::string divergence_advice(Workspace<Layers>& workspace, std::size_t rows) {
    using T = typename Layers::Scalar;
    constexpr bool standardized = Layers::template Layer<0>::fixed;
    const auto largest_of = [rows](const auto& all) {
        const auto x = all.subrows(0, rows);
        T largest = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (is_finite(x.data[i])) largest = std::max(largest, std::abs(x.data[i]));
        }
        return static_cast<double>(largest);
    };
    const double largest = [&] {
        if constexpr (standardized) return largest_of(workspace.template y<0>());
        return largest_of(workspace.x());
    }();
    if (largest <= largest_scaled_feature) return "A smaller learning rate may help";
    if (standardized) {
        return join({"Standardised features are as large as ", largest,
                     "; call standardize(network, data) with the training data before fit"});
    }
    return join({"Features are as large as ", largest, "; ", scale_advice});
}

}  // namespace TYPENET::detail
