#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>

/// The roles that a type can play, each a concept with its contract in prose:
///   Activation      y = f(z): ElementwiseActivation or RowActivation
///   Initializer     draws the first weights of a layer
///   LayerSpec       a layer as the user writes it, such as Dense<10, Softmax>; with its input width, a BoundLayer
///   LossFor         the loss of a row and its gradient
///   TrainingData    rows to train on
///   Optimizer       the rule that changes parameters
/// A type of your own that meets a contract works like the library's types. Rows of numbers are x [rows, inputs]; d_x
/// is the gradient of the loss with respect to x. All functions are called from several threads at once, so that they
/// must not change anything but what they are said to write.
namespace TYPENET {

/// What a layer or an activation computes in prediction, as exports know it.
enum class OperationKind {
    none,           ///< not stated: the layer can't be exported
    identity,       ///< y = x
    affine,         ///< y = x w + b; parameters: w [inputs, outputs], b [outputs]
    standardize,    ///< y = (x - m) / s, 0 where x is NaN; parameters: m [outputs], s [outputs]
    unstandardize,  ///< y = x s + m; parameters: m [outputs], s [outputs]
    layer_norm,     ///< y = g n + b, n being the row with mean 0 and variance 1; parameters: g [outputs], b [outputs]
    sum,            ///< y = x + the input of the layer where the skip begins (LayerBase::skip)
    sigmoid,        ///< this and all below: the activation of that name
    tanh,
    relu,
    leaky_relu,
    elu,
    gelu,
    silu,
    softplus,
    softmax
};

/// One step of what a layer computes in prediction, with its constant.
struct LayerOperation {
    OperationKind kind = OperationKind::none;  ///< which
    double number = 0;  ///< leaky_relu: the slope; layer_norm: epsilon, which is added to the variance; 0 for others
};

/// What an elementwise activation y = f(z) computes f' from: its input z or its output y.
enum class DerivativeOf { input, output };

/// An activation that maps each number by itself. It has
///   name                 a text for messages and model files
///   derivative_of        a DerivativeOf: what `derivative` takes
///   forward(z)           returns y = f(z)
///   derivative(z or y)   returns f'(z)
/// and, where it has parameters of its own that `name` doesn't tell,
///   describe()           returns its full text for model files
/// and, for exports,
///   operation            a LayerOperation: the function that it computes
/// and, for Dense,
///   Initializer          the initializer that suits it; GlorotUniform where it names none
/// Where forward and derivative are templates over any V, they are called with packs (kernels/simd.hpp); where they are
/// templates over Real T, with one number at a time.
template <class A>
concept ElementwiseActivation = requires(float value) {
    { A::name } -> std::convertible_to<std::string_view>;
    { A::derivative_of } -> std::convertible_to<DerivativeOf>;
    { A::forward(value) } -> std::same_as<float>;
    { A::derivative(value) } -> std::same_as<float>;
};

/// An activation that maps a whole row, such as Softmax; only the last layer can have one. It has
///   name                   a text for messages and model files
///   forward(z, y)          writes y = f(z), one row of N numbers; z and y may be the same memory
///   backward(y, d_y, d_z)  writes d_z, given the output y and its gradient; d_y and d_z may be the same memory
template <class A>
concept RowActivation = requires(std::span<const float, 2> in, std::span<float, 2> out) {
    { A::name } -> std::convertible_to<std::string_view>;
    A::forward(in, out);
    A::backward(in, in, out);
};

/// An activation, of numbers or of rows.
template <class A>
concept Activation = ElementwiseActivation<A> || RowActivation<A>;

/// A distribution from which a layer's initial weights are drawn. It has
///   draw(random, inputs, outputs)   returns one weight of a layer with these widths. It is called once for each
///                                   weight, in their order.
template <class I>
concept Initializer = requires(Random& random, std::size_t count) {
    { I::draw(random, count, count) } -> std::same_as<double>;
};

/// What a layer's random numbers in one step depend on. They don't depend on the thread that draws them, nor on the
/// time.
struct DrawKey {
    Seed seed = {};             ///< the training's
    std::uint64_t step = 0;     ///< below 2^40
    std::size_t layer = 0;      ///< below 256
    std::size_t first_row = 0;  ///< index in the batch of the first row that the layer is given
};

/// A layer as the user writes it, before its input width is known. It has
///   outputs(inputs)          returns its output width for an input width; 0 where it can't take that width
///   Bind<T, Inputs>          the layer itself, a BoundLayer
template <class L>
concept LayerSpec = requires {
    { L::outputs(std::size_t{1}) } -> std::same_as<std::size_t>;
    typename L::template Bind<float, 1>;
};

/// Some of a layer's parameters, for model files: a vector, or a matrix that is row-major in memory. Names and shapes
/// in files are those that PyTorch gives them.
struct LayerTensor {
    std::string_view name;    ///< such as "weight"
    std::size_t first = 0;    ///< index of its first number among the layer's parameters
    std::size_t rows = 0;     ///< rows in memory; 0 for a vector
    std::size_t columns = 0;  ///< columns in memory; for a vector its length
    bool transposed = false;  ///< whether files hold the matrix transposed, [columns, rows]

    [[nodiscard]] constexpr std::size_t size() const noexcept { return rows == 0 ? columns : rows * columns; }

    /// Returns the shape in files.
    [[nodiscard]] std::vector<std::size_t> shape() const {
        if (rows == 0) return {columns};
        return transposed ? std::vector{columns, rows} : std::vector{rows, columns};
    }

    /// Returns the index, among the layer's parameters, of the number with index `stored` in a file.
    [[nodiscard]] constexpr std::size_t place(std::size_t stored) const noexcept {
        return first + (transposed ? stored % rows * columns + stored / rows : stored);
    }
};

/// Base of every bound layer: what most layers have in common. A layer hides the members that differ for it. The
/// defaults are those of a layer without parameters and without an activation.
template <Real T, std::size_t Inputs, std::size_t Outputs = Inputs>
struct LayerBase {
    using Scalar = T;
    /// The layer's activation, for losses that take it over; void for none. A layer that has one also has
    /// `WithoutActivation`: the same layer, with the same parameters, up to the activation's input.
    using FinalActivation = void;

    static constexpr std::size_t inputs = Inputs;    ///< numbers a row of x
    static constexpr std::size_t outputs = Outputs;  ///< numbers a row of y

    /// The parameters are a matrix of parameter_rows x parameter_columns numbers, row by row.
    static constexpr std::size_t parameter_rows = 0;
    static constexpr std::size_t parameter_columns = Outputs;
    /// How many parameter rows a thread is given at once, the last ones aside, which may be fewer.
    static constexpr std::size_t parameter_chunk = 1;
    static constexpr bool fixed = false;  ///< whether the parameters are set rather than trained
    /// inputs x outputs where the parameters are weights [inputs, outputs], then biases [outputs]; 0 for a layer with
    /// other parameters. Only weights can be penalised, and only such layers have Mlp::weights and Mlp::biases.
    static constexpr std::size_t weight_count = 0;
    static constexpr std::array<LayerTensor, 0> tensors{};  ///< names all parameters, in their order, for model files

    /// What the layer computes in prediction, for exports: operations that are applied one after the other, each to the
    /// result of the one before. The first takes x, all others are as wide as y. Their parameters are the layer's.
    static constexpr std::array operations{LayerOperation{}};

    static constexpr std::size_t saved = 0;     ///< numbers a row that forward keeps for the backward pass
    static constexpr std::size_t prepared = 0;  ///< numbers that prepare derives from the parameters
    static constexpr bool last_only = false;    ///< whether the layer must be a network's last
    /// Whether x may hold NaN for missing values, which the layer replaces. Such a layer must be a network's first.
    static constexpr bool takes_missing = false;
    static constexpr std::size_t skip = 0;  ///< n > 0: the input of the layer n places before is added to y
    /// Whether forward and backward_parameters also take x as MaskedRows, and give the same bits for it.
    static constexpr bool skips_zeros = false;

    static void initialize(Random&, T*) {}
    static void prepare(const T*, T*) {}
    static void backward_output(Rows<const T, Outputs>, auto, Rows<T, Outputs>) {}
};

namespace detail {

/// Whether training changes a layer's parameters.
template <class L>
inline constexpr bool is_trained = L::parameter_rows > 0 && !L::fixed;

}  // namespace detail

/// A layer with all its sizes: derived from LayerBase, with static functions on memory that others own.
///   describe()            returns the text of its type, for model files
///   initialize(random, parameters)   sets the first parameters; they are 0 before
///   forward(parameters, x, y, saved)   overwrites y and saved; saved.data is null in prediction
///   forward_in_training(parameters, x, y, saved, key)   for a layer that is random in training: replaces forward
///                         there; the same key gives the same numbers
///   prepare(parameters, prepared)   writes what backward_input needs; called after each change of the parameters
///   backward_output(y, saved, d_y)   replaces d_y, the gradient of y, by what the next two functions take: for a layer
///                         with an activation, the gradient of the activation's input
///   backward_input(parameters, prepared, saved, d_y, d_x)   overwrites d_x
///   backward_parameters(x, saved, d_y, first, last, d_parameters)   overwrites parameter rows first ... last - 1,
///                         summed over all rows of x; d_parameters points to row `first`. Not needed where nothing is
///                         trained.
/// and, where a network's last layer only gives the outputs the units of the targets,
///   standardize_target(parameters, target, to)   writes what the layer's input should be for a target, both std::span
///                         of `outputs` floats. Training and evaluation then leave the layer out: the loss takes its
///                         input, with the target that this function writes.
/// and, where a column of y depends on the same column of the parameters only,
///   Columns<Count>        the bound layer of some `Count` of the columns, with the same bits; two threads can then own
///                         half of a network's first layer each (train/column_blocks.hpp)
/// Only backward_parameters combines rows; the other functions may be given any rows of a batch, by any thread.
/// All memory but x and y may be read up to simd::slack numbers past its end.
template <class L>
concept BoundLayer = std::derived_from<L, LayerBase<typename L::Scalar, L::inputs, L::outputs>> &&
    requires(Random& random, typename L::Scalar* to, const typename L::Scalar* from,
             Rows<const typename L::Scalar, L::inputs> x, Rows<typename L::Scalar, L::inputs> d_x,
             Rows<const typename L::Scalar, L::outputs> y, Rows<typename L::Scalar, L::outputs> d_y,
             Rows<typename L::Scalar, L::saved> saved, std::size_t row) {
    { L::describe() } -> std::convertible_to<std::string>;
    L::initialize(random, to);
    L::forward(from, x, d_y, saved);
    L::prepare(from, to);
    L::backward_output(y, saved, d_y);
    L::backward_input(from, from, saved, y, d_x);
    requires !detail::is_trained<L> || requires { L::backward_parameters(x, saved, y, row, row, to); };
};

/// A loss of N outputs y and a target: a label, or one number for each output. It has
///   name                  a text for messages
///   operator()(y, target, d_y)   returns the loss of one row and writes its gradient to d_y. A batch's loss is the
///                         mean over its rows.
/// and, where it needs them,
///   FusedActivation       the final activation that the loss computes itself, because both are stable only together:
///                         the loss then takes the activation's input z instead of y
///   check<FinalActivation>()   stops the compiler with a sentence where the network ends in another activation
///   validate<N>()         throws OptionError where its options don't fit N outputs
///   describe()            returns its name and options; a checkpoint resumes only where the text is the same
///   accepts(target)       returns whether a row of numbers is a valid target; without it, any finite numbers are
///   target_rule           a text for messages that says which targets are valid
template <class L, class T, std::size_t N, class Target>
concept LossFor = requires(const L loss, std::span<const T, N> y, Target target, std::span<T, N> d_y) {
    { L::name } -> std::convertible_to<std::string_view>;
    { loss(y, target, d_y) } -> std::same_as<T>;
};

/// Rows to train on or to evaluate. Several threads call these functions at once.
///   feature_count         how many features a row has
///   size()                how many rows there are; below 2^32
///   gather(rows, x)       writes the features of the given rows to x [rows.size(), feature_count], which points to the
///                         network's numbers: float or double
///   target(row)           the row's label, an integer, or its targets, a std::span<const float, N>
/// and, where a row takes time to reach,
///   prefetch(row)         brings the row's features near the processor; a later `gather` reads them
/// and, where rows don't all count the same,
///   weights()             a const RowWeights& (core/row_weights.hpp), with one weight for each row or with none
/// They must not look at the network, whose parameters may be on their way while it is trained.
/// A function isn't data: `Dataset<2> data(Features<2>(x), Labels(y));` declares one. `make_dataset<2>(x, y)` or braces
/// make the dataset.
template <class D>
concept TrainingData = std::is_object_v<D> &&
    requires(const D& data, std::span<const std::uint32_t> rows, float* x, std::size_t row) {
    { D::feature_count } -> std::convertible_to<std::size_t>;
    { data.size() } -> std::convertible_to<std::size_t>;
    data.gather(rows, x);
    data.target(row);
};

/// What an optimizer keeps between steps, for the parameters of one update. All of it is 0 before the first step. Where
/// it lies says nothing about which of the network's parameters these are: threads may keep some of them apart.
template <class T>
struct OptimizerState {
    T* data = nullptr;                     ///< the state vectors, one after the other
    std::size_t stride = 0;                ///< length of a vector
    std::size_t offset = 0;                ///< where in each vector the numbers of the update's parameters begin
    std::span<const double> numbers = {};  ///< what belongs to all parameters together, such as a count of steps

    /// Returns the numbers of one state vector that belong to the update's parameters.
    [[nodiscard]] T* operator[](std::size_t vector) const noexcept { return data + vector * stride + offset; }
};

/// A rule that changes parameters by their gradient, each parameter by itself. It has
///   learning_rate         the learning rate that the user chose; a schedule and a layer's factor multiply it
///   state_vectors()       returns how many numbers it keeps for each parameter
///   validate()            throws OptionError where an option is out of range
///   describe()            returns its name and options; a checkpoint resumes only where the text is the same
///   update(w, d_w, state, rate)   changes the parameters w, some of the network's, by their gradient d_w; `rate` is
///                         learning_rate times its factors
/// and, where it keeps numbers for all parameters together, such as a count of steps,
///   state_numbers         how many
///   begin_step(numbers)   updates them; called once a step, before the first `update`
template <class O>
concept Optimizer = requires(const O optimizer, std::span<float> w, std::span<const float> d_w,
                             OptimizerState<float> state, double rate) {
    { optimizer.learning_rate } -> std::convertible_to<double>;
    { optimizer.state_vectors() } -> std::same_as<std::size_t>;
    { optimizer.describe() } -> std::convertible_to<std::string>;
    optimizer.validate();
    optimizer.update(w, d_w, state, rate);
};

namespace detail {

template <class O>
inline constexpr std::size_t state_numbers = [] {
    if constexpr (requires { O::state_numbers; }) return O::state_numbers;
    return std::size_t{0};
}();

}  // namespace detail

}  // namespace TYPENET
