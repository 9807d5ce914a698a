// expects: has parameters, but no `tensors` that name them
#include <array>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>
using namespace typenet;

/// y = x + b
template <class T, std::size_t N>
struct OffsetLayer : LayerBase<T, N> {
    static constexpr std::size_t parameter_rows = 1;
    static std::string describe() { return "Offset"; }
#ifndef MUST_FAIL
    static constexpr std::array tensors{LayerTensor{.name = "offset", .columns = N}};
#endif
    static void forward(const T*, Rows<const T, N>, Rows<T, N>, Rows<T, 0>) {}
    static void backward_input(const T*, const T*, Rows<const T, 0>, Rows<const T, N>, Rows<T, N>) {}
    static void backward_parameters(Rows<const T, N>, Rows<const T, 0>, Rows<const T, N>, std::size_t, std::size_t,
                                    T*) {}
};
struct Offset {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }
    template <class T, std::size_t Inputs>
    using Bind = OffsetLayer<T, Inputs>;
};

void write() { save(Mlp<float, Input<3>, Offset, Dense<2, Softmax>>(), "model"); }
