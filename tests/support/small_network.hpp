#pragma once

#include <cmath>
#include <cstddef>
#include <typenet/activations.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

namespace support {

using Small =
    typenet::Mlp<float, typenet::Input<3>, typenet::Dense<4, typenet::Tanh>, typenet::Dense<2, typenet::Softmax>>;

template <class T, std::size_t N>
std::vector<T> values(const typenet::Vector<T, N>& array) {
    return {array.begin(), array.end()};
}

inline typenet::Matrix<float> some_rows(std::size_t rows) {
    auto x = typenet::Matrix<float>::from_shape({rows, 3});
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(static_cast<float>(i));
    return x;
}

}  // namespace support
