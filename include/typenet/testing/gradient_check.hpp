#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/testing/gradient_report.hpp>
#include <typenet/train/layer_training.hpp>
#include <typenet/train/step.hpp>

/// Checks hand-written gradients, the library's or the user's own, against central differences, in double.
///   gradient_check              a network with its loss, through the two phases of a training step
///   gradient_check_layer        one layer alone
///   gradient_check_activation   an activation
///   gradient_check_loss         a loss
/// Each returns a GradientReport, which converts to true where the check passed. Buffers that a backward function must
/// overwrite are filled with NaN before it is called, so that a forgotten write makes the check fail. Tests call these
/// functions; training doesn't.
namespace TYPENET {

namespace detail {

template <class N>
concept DoubleNetwork = AnyNetwork<N> && std::same_as<typename N::Scalar, double>;

template <class L>
concept DoubleLayer = BoundLayer<L> && std::same_as<typename L::Scalar, double>;

/// Fills a buffer with NaN.
inline void poison(std::span<double> values) { std::fill(values.begin(), values.end(), nan<double>); }

/// Returns a text such as "weight [3, 7]".
inline std::string index_text(const char* what, std::size_t row, std::size_t column) {
    return std::string(what) + " [" + std::to_string(row) + ", " + std::to_string(column) + "]";
}

/// Returns the name of the parameter at `index` of layer L's parameters, such as "bias [1]".
template <class L>
std::string parameter_text(std::size_t index) {
    const std::size_t row = index / L::parameter_columns;
    const std::size_t column = index % L::parameter_columns;
    if constexpr (HasWeights<L>) {
        if (index < L::weight_count) return index_text("weight", row, column);
        return "bias [" + std::to_string(index - L::weight_count) + "]";
    } else {
        return index_text("parameter", row, column);
    }
}

/// Returns `size` numbers from the standard normal distribution.
inline Buffer<double> random_buffer(std::size_t size, Random& random) {
    Buffer<double> values(size);
    std::generate_n(values.data(), size, [&] { return normal(random); });
    return values;
}

}  // namespace detail

/// Checks the gradient of a batch's mean loss plus the network's penalties, with respect to every parameter that
/// training may change. The gradient is computed by the same two phases as in training.
/// ```cpp
/// const Mlp<double, Input<2>, Dense<4, Tanh>, Dense<3, Softmax>> small(Seed{1});
/// const std::vector<double> x{0.5, -1, 2, 0.25};  // two rows
/// const auto label = [](std::size_t row) { return static_cast<std::int32_t>(row); };
/// if (const auto report = gradient_check(small, CrossEntropy{}, x, label); !report) std::cout << report << '\n';
/// ```
/// x is [rows, inputs], stored row by row; `target(r)` returns the target of row r. Throws ShapeError where x holds no
/// rows or an incomplete one, DataError where a target doesn't fit the network and the loss, and OptionError where an
/// option of the loss is out of range.
template <detail::DoubleNetwork Network, class Loss, class TargetOf>
GradientReport gradient_check(Network network, const Loss& loss, std::span<const double> x, TargetOf target,
                              const GradientCheckOptions& options = {}) {
    using Layers = TrainedLayers<Network, Loss>;
    detail::check_final_activation<Network, Loss>();
    detail::validate_loss<Network::outputs>(loss);
    const std::size_t rows = x.size() / Network::inputs;
    if (rows == 0 || rows * Network::inputs != x.size()) {
        throw ShapeError("gradient_check: x must hold one or more whole rows of " + std::to_string(Network::inputs));
    }
    for (std::size_t row = 0; row < rows; ++row) {
        if constexpr (std::integral<decltype(target(row))>) {
            if (detail::is_class<Network>(target(row))) continue;
        } else {
            if (detail::accepts<Loss>(target(row))) continue;
        }
        throw DataError("gradient_check: the target of row " + std::to_string(row) +
                        " doesn't fit the network and the loss");
    }
    double* parameters = network.parameters().data();
    Workspace<Layers> workspace(rows);
    const auto run_rows = [&] {
        Layers::for_each([&]<std::size_t I>() {
            const auto d_y = workspace.template d_y<I>();
            detail::poison({d_y.data, d_y.size()});
        });
        std::copy(x.begin(), x.end(), workspace.x().data);
        prepare<Layers>(parameters, workspace);
        first_layer_phase<Layers>(parameters, workspace, 0, rows);
        row_phase<Layers>(parameters, workspace, rows, 0, rows, detail::loss_on_targets(network, loss), target);
    };
    const auto mean_loss = [&] {
        run_rows();
        double sum = 0;
        for (const double row_loss : workspace.losses()) sum += row_loss;
        return sum / static_cast<double>(rows) + penalty(network);
    };

    run_rows();
    std::vector<double> analytic(Network::parameter_count);
    detail::poison(workspace.gradient(0));
    parameter_phase<Layers>(workspace, rows, [&](const ParameterSlice& slice, std::span<double> gradient) {
        const std::span<const double> weights(parameters + slice.offset, slice.weights);
        detail::add_penalty_gradient(network.training(slice.layer), weights, gradient.data());
        std::copy(gradient.begin(), gradient.end(), analytic.data() + slice.offset);
        detail::poison(workspace.gradient(0));
    });

    detail::Comparison comparison;
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        if (!detail::is_trained<Layer>) return;
        for (std::size_t p = 0; p < Layer::parameter_rows * Layer::parameter_columns; ++p) {
            const std::size_t index = Layers::offsets[I] + p;
            comparison.add(analytic[index], parameters[index], options.step, mean_loss,
                           detail::layer_text(I, Layer::describe()) + ", " + detail::parameter_text<Layer>(p));
        }
    });
    return comparison.report(options);
}

/// Checks one bound layer over double alone: the gradients of a random linear function of its outputs with respect to
/// its parameters and its inputs, for `rows` random rows. Throws ShapeError where `rows` is 0.
/// ```cpp
/// const GradientReport report = gradient_check_layer<Dense<3, Tanh>::Bind<double, 5>>(2);
/// ```
template <detail::DoubleLayer Layer>
GradientReport gradient_check_layer(std::size_t rows, const GradientCheckOptions& options = {}) {
    if (rows == 0) throw ShapeError("gradient_check_layer: there must be at least one row");
    constexpr std::size_t parameter_count = Layer::parameter_rows * Layer::parameter_columns;
    Random random(options.seed, 1);
    Buffer<double> parameters = detail::random_buffer(parameter_count, random);
    Buffer<double> x = detail::random_buffer(rows * Layer::inputs, random);
    const Buffer<double> probe = detail::random_buffer(rows * Layer::outputs, random);
    Buffer<double> y(rows * Layer::outputs);
    Buffer<double> saved(rows * Layer::saved);
    Buffer<double> prepared(Layer::prepared);
    const Rows<const double, Layer::inputs> x_rows{x.data(), rows};
    const Rows<double, Layer::outputs> y_rows{y.data(), rows};
    const Rows<double, Layer::saved> saved_rows{saved.data(), rows};
    const auto probed = [&] {
        detail::forward_in_training<Layer>(parameters.data(), x_rows, y_rows, saved_rows, DrawKey{options.seed});
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += probe.data()[i] * y.data()[i];
        return sum;
    };

    probed();
    Buffer<double> d_y = probe;
    Buffer<double> d_x(rows * Layer::inputs);
    Buffer<double> d_parameters(parameter_count);
    detail::poison({d_x.data(), d_x.size()});
    detail::poison({d_parameters.data(), d_parameters.size()});
    const Rows<double, Layer::outputs> d_y_rows{d_y.data(), rows};
    Layer::prepare(parameters.data(), prepared.data());
    Layer::backward_output(y_rows, saved_rows, d_y_rows);
    Layer::backward_input(parameters.data(), prepared.data(), saved_rows, d_y_rows, {d_x.data(), rows});
    detail::Comparison comparison;
    if constexpr (detail::is_trained<Layer>) {
        // The gradient is computed in two slices of the parameter rows, as two threads would do it.
        const std::size_t middle = Layer::parameter_rows / 2;
        Layer::backward_parameters(x_rows, saved_rows, d_y_rows, 0, middle, d_parameters.data());
        Layer::backward_parameters(x_rows, saved_rows, d_y_rows, middle, Layer::parameter_rows,
                                   d_parameters.data() + middle * Layer::parameter_columns);
        for (std::size_t p = 0; p < parameter_count; ++p) {
            comparison.add(d_parameters.data()[p], parameters.data()[p], options.step, probed,
                           detail::parameter_text<Layer>(p));
        }
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        comparison.add(d_x.data()[i], x.data()[i], options.step, probed,
                       detail::index_text("input", i / Layer::inputs, i % Layer::inputs));
    }
    return comparison.report(options);
}

/// Checks an elementwise activation's derivative at the given points, which must be more than 2 steps away from the
/// activation's kinks.
/// ```cpp
/// const GradientReport report = gradient_check_activation<GELU>(std::vector<double>{-3, -0.5, 0.5, 2});
/// ```
template <ElementwiseActivation A>
GradientReport gradient_check_activation(std::span<const double> points, const GradientCheckOptions& options = {}) {
    detail::Comparison comparison;
    for (const double z : points) {
        const double analytic =
            A::derivative_of == DerivativeOf::input ? A::derivative(z) : A::derivative(A::forward(z));
        const double numeric = detail::central_difference([z](double h) { return A::forward(z + h); }, options.step);
        std::ostringstream place;
        place << A::name << " at " << z;
        comparison.add(analytic, numeric, place.str());
    }
    return comparison.report(options);
}

/// Checks the backward pass of a RowActivation at one row z: the gradient of a random linear function of its outputs.
template <RowActivation A, std::size_t N>
GradientReport gradient_check_activation(std::span<const double, N> z, const GradientCheckOptions& options = {}) {
    Random random(options.seed, 2);
    const Buffer<double> probe = detail::random_buffer(N, random);
    std::vector<double> values(z.begin(), z.end());
    std::vector<double> y(N);
    std::vector<double> d_z(N);
    const auto probed = [&] {
        A::forward(std::span<const double, N>(values.data(), N), std::span<double, N>(y.data(), N));
        return std::inner_product(y.begin(), y.end(), probe.data(), 0.0);
    };
    probed();
    detail::poison(d_z);
    A::backward(std::span<const double, N>(y.data(), N), std::span<const double, N>(probe.data(), N),
                std::span<double, N>(d_z.data(), N));
    detail::Comparison comparison;
    for (std::size_t k = 0; k < N; ++k) {
        comparison.add(d_z[k], values[k], options.step, probed, std::string(A::name) + ", input " + std::to_string(k));
    }
    return comparison.report(options);
}

/// Checks a loss's gradient with respect to the outputs `y` of one row. For a loss with a FusedActivation, y are the
/// inputs of that activation.
template <std::size_t N, class Loss, class Target>
GradientReport gradient_check_loss(const Loss& loss, std::span<const double, N> y, Target target,
                                   const GradientCheckOptions& options = {}) {
    std::vector<double> values(y.begin(), y.end());
    std::vector<double> d_y(N);
    std::vector<double> ignored(N);
    const auto evaluate = [&](std::vector<double>& d) {
        detail::poison(d);
        return loss(std::span<const double, N>(values.data(), N), target, std::span<double, N>(d.data(), N));
    };
    evaluate(d_y);
    detail::Comparison comparison;
    const auto row_loss = [&] { return evaluate(ignored); };
    for (std::size_t k = 0; k < N; ++k) {
        comparison.add(d_y[k], values[k], options.step, row_loss,
                       std::string(Loss::name) + ", output " + std::to_string(k));
    }
    return comparison.report(options);
}

}  // namespace TYPENET
