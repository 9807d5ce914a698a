#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/initializers.hpp>
#include <typenet/kernels/gemm.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/kernels/sparse.hpp>
#include <typenet/kernels/transpose.hpp>

namespace TYPENET {

/// The initializer of a Dense layer with the activation A, unless another one is named: A::Initializer, or
/// GlorotUniform for an activation that names none.
template <class A>
struct DefaultInitializer {
    using type = GlorotUniform;  ///< the initializer
};
/// An activation's own choice.
template <class A>
requires requires { typename A::Initializer; }
struct DefaultInitializer<A> {
    using type = typename A::Initializer;  ///< the initializer
};

namespace detail {

/// The activation's operation for exports; none if it states none.
template <class A>
inline constexpr LayerOperation operation_of = [] {
    if constexpr (requires { A::operation; }) return A::operation;
    return LayerOperation{};
}();

/// An activation as a function object.
template <class A>
struct Activated {
    template <class V>
    auto operator()(V z) const -> decltype(A::forward(z)) {
        return A::forward(z);
    }
};

/// The function that a kernel applies to the packs of a product: the activation if it takes packs, else none.
template <class A, class T>
using AppliedByKernel =
    std::conditional_t<!std::same_as<A, Identity> && std::is_invocable_r_v<simd::Pack<T>, Activated<A>, simd::Pack<T>>,
                       Activated<A>, gemm::Unchanged>;

/// Computes y = f(z) for `count` values. One function serves layers of all widths.
template <ElementwiseActivation A, Real T>
void transform_by(std::size_t count, T* y, const T* z) {
    simd::transform(count, y, Activated<A>{}, z);
}

/// Multiplies y by f'(from) for `count` values.
template <ElementwiseActivation A, Real T>
void multiply_by_derivative(std::size_t count, T* y, const T* from) {
    const auto chain = [](auto d, auto v) -> decltype(d * A::derivative(v)) { return d * A::derivative(v); };
    simd::transform(count, y, chain, y, from);
}

}  // namespace detail

/// A bound Dense layer: z = x w + b, y = f(z), with x [rows, Inputs], w [Inputs, Outputs], b [Outputs] and z, y
/// [rows, Outputs]. Its parameters are Inputs + 1 rows of Outputs values: w, then b. Where it is only some columns of a
/// layer, `Width` is that layer's number of outputs, and the bits are that layer's.
template <Real T, std::size_t Inputs, std::size_t Outputs, Activation A, Initializer I, std::size_t Width = Outputs>
struct DenseLayer : LayerBase<T, Inputs, Outputs> {
    /// The activation, on which losses depend.
    using FinalActivation = A;
    /// The same layer, with the same parameters, up to z. A loss that takes over the activation trains it.
    using WithoutActivation = DenseLayer<T, Inputs, Outputs, Identity, I, Width>;

    /// `Count` of the layer's columns, for training by several threads: any of them, since a column depends on no
    /// other.
    template <std::size_t Count>
    requires(ElementwiseActivation<A>) using Columns = DenseLayer<T, Inputs, Count, A, I, Width>;

    static constexpr std::size_t parameter_rows = Inputs + 1;
    static constexpr bool last_only = RowActivation<A>;

    /// How many weights there are; the biases follow them.
    static constexpr std::size_t weight_count = Inputs * Outputs;
    /// The parameters by name and shape, as model files store them.
    static constexpr std::array tensors{
        LayerTensor{.name = "weight", .first = 0, .rows = Inputs, .columns = Outputs, .transposed = true},
        LayerTensor{.name = "bias", .first = weight_count, .columns = Outputs}};
    static constexpr std::array operations{LayerOperation{OperationKind::affine}, detail::operation_of<A>};

    /// Whether products can skip the zeros of x.
    static constexpr bool skips_zeros = gemm::can_skip_zeros<Inputs>;

    /// How many parameter rows of the gradient are computed at once: about 16 KiB, so that they stay in L1 beside d_y,
    /// and a multiple of 32, half a word of the bitmap of nonzeros. Large weights have larger slices.
    static constexpr std::size_t parameter_chunk = [] {
        if (gemm::is_large<T, Inputs, Outputs>) return gemm::large_slice;
        constexpr std::size_t half_word = word_bits / 2;
        constexpr std::size_t rows = std::size_t{16} * 1024 / (Outputs * sizeof(T));
        return std::max<std::size_t>(1, rows / half_word) * half_word;
    }();

    /// Values a row that `forward` keeps: z, if the derivative needs it.
    static constexpr std::size_t saved = [] {
        if constexpr (ElementwiseActivation<A>) return A::derivative_of == DerivativeOf::input ? Outputs : 0;
        return std::size_t{0};
    }();
    /// Values that `prepare` derives: w transposed, [Outputs, Inputs], unless its kernel does that.
    static constexpr std::size_t prepared = gemm::transposes_weights<T, Inputs, Outputs> ? 0 : weight_count;

    static std::string describe() { return detail::join({"Dense<", Outputs, ", ", activation_text(), ">"}); }

    static void initialize(Random& random, T* parameters) {
        std::generate_n(parameters, weight_count, [&] { return static_cast<T>(I::draw(random, Inputs, Outputs)); });
        std::fill_n(parameters + weight_count, Outputs, T(0));
    }

    static void forward(const T* parameters, Rows<const T, Inputs> x, Rows<T, Outputs> y, Rows<T, saved> z) {
        forward_from(parameters, x, y, z);
    }
    static void forward(const T* parameters, MaskedRows<const T, Inputs> x, Rows<T, Outputs> y,
                        Rows<T, saved> z) requires(skips_zeros) {
        forward_from(parameters, x, y, z);
    }

    /// Computes y = f(z) in place of z.
    static void activate(Rows<T, Outputs> y) {
        if constexpr (RowActivation<A>) {
            for (std::size_t r = 0; r < y.count; ++r) A::forward(constant_row(y, r), row(y, r));
        } else if constexpr (!std::same_as<A, Identity>) {
            detail::transform_by<A>(y.size(), y.data, y.data);
        }
    }

    static void prepare(const T* parameters, T* transposed) {
        if constexpr (prepared > 0) gemm::transpose<Inputs, Outputs>(parameters, transposed);
    }

    /// Computes d_z = d_y f'(z) in place of d_y.
    static void backward_output(Rows<const T, Outputs> y, Rows<const T, saved> z, Rows<T, Outputs> d_y) {
        if constexpr (RowActivation<A>) {
            for (std::size_t r = 0; r < y.count; ++r) A::backward(row(y, r), constant_row(d_y, r), row(d_y, r));
        } else if constexpr (!std::same_as<A, Identity>) {
            detail::multiply_by_derivative<A>(d_y.size(), d_y.data, saved > 0 ? z.data : y.data);
        }
    }

    /// Computes d_x = d_z w^T.
    static void backward_input(const T* parameters, const T* transposed, Rows<const T, saved>,
                               Rows<const T, Outputs> d_z, Rows<T, Inputs> d_x) {
        gemm::backward_input<T, Inputs, Outputs>(d_z, prepared > 0 ? transposed : parameters, d_x);
    }

    /// Computes d_w = x^T d_z and d_b = sum of the rows of d_z, for parameter rows first ... last - 1.
    static void backward_parameters(Rows<const T, Inputs> x, Rows<const T, saved>, Rows<const T, Outputs> d_z,
                                    std::size_t first, std::size_t last, T* d_parameters) {
        backward_parameters_from(x, d_z, first, last, d_parameters);
    }
    static void backward_parameters(MaskedRows<const T, Inputs> x, Rows<const T, saved>, Rows<const T, Outputs> d_z,
                                    std::size_t first, std::size_t last, T* d_parameters) requires(skips_zeros) {
        backward_parameters_from(x, d_z, first, last, d_parameters);
    }

private:
    static constexpr std::size_t slice = gemm::detail::slice_length<T>(Inputs, Width);

    template <class X>
    static void forward_from(const T* parameters, X x, Rows<T, Outputs> y, Rows<T, saved> z) {
        const T* const bias = parameters + weight_count;
        if constexpr (saved > 0) {
            if (z.data != nullptr) {
                gemm::affine<gemm::Unchanged, T, Inputs, Outputs, slice>(x, parameters, bias, {z.data, z.count});
                return detail::transform_by<A>(y.size(), y.data, z.data);
            }
        }
        using F = detail::AppliedByKernel<A, T>;
        gemm::affine<F, T, Inputs, Outputs, slice>(x, parameters, bias, y);
        if constexpr (std::same_as<F, gemm::Unchanged>) activate(y);
    }

    template <class X>
    static void backward_parameters_from(X x, Rows<const T, Outputs> d_z, std::size_t first, std::size_t last,
                                         T* d_parameters) {
        const std::size_t last_weight = std::min(last, Inputs);
        if (first < last_weight) {
            gemm::backward_weights<T, Inputs, Outputs>(x, d_z, first, last_weight, d_parameters);
        }
        if (last == parameter_rows && first < last) {
            gemm::sum_rows(d_z, d_parameters + (Inputs - first) * Outputs);
        }
    }

    static std::string activation_text() {
        if constexpr (requires { A::describe(); }) return A::describe();
        return std::string(A::name);
    }

    template <class U>
    static std::span<U, Outputs> row(Rows<U, Outputs> rows, std::size_t r) {
        return std::span<U, Outputs>(rows[r], Outputs);
    }
    static std::span<const T, Outputs> constant_row(Rows<T, Outputs> rows, std::size_t r) {
        return std::span<const T, Outputs>(rows[r], Outputs);
    }
};

/// A fully connected layer with `Outputs` outputs and the activation f: y = f(x w + b).
///
/// ```cpp
/// using Wide = Mlp<float, Input<4>, Dense<64, Tanh, LeCunNormal>, Dense<3, Softmax>>;
/// ```
///
/// Its input width is the output width of the layer before it. Weights start as the initializer draws them, biases at
/// 0.
template <std::size_t Outputs, Activation A, Initializer I = typename DefaultInitializer<A>::type>
struct Dense {
    static_assert(Outputs > 0, "Dense: a layer needs at least one output");
    static_assert(!RowActivation<A> || Outputs > 1,
                  "Dense: a Softmax of one output is always 1; use Sigmoid for a yes or no");

    static constexpr std::size_t outputs(std::size_t) { return Outputs; }

    template <class T, std::size_t Inputs>
    using Bind = DenseLayer<T, Inputs, Outputs, A, I>;
};

}  // namespace TYPENET
