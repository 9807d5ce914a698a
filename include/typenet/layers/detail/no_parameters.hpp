#pragma once

#include <cstddef>

#include <typenet/activations.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>

namespace typenet::detail {

/// What layers without parameters, and as wide as what comes before them, have in common; see BoundLayer.
template <Real T, std::size_t N, std::size_t Saved = 0>
struct NoParameters {
    using Scalar = T;
    using FinalActivation = Identity;

    static constexpr std::size_t inputs = N;
    static constexpr std::size_t outputs = N;
    static constexpr std::size_t parameter_rows = 0;
    static constexpr std::size_t parameter_columns = 1;
    static constexpr std::size_t parameter_chunk = 1;
    static constexpr std::size_t saved = Saved;
    static constexpr std::size_t prepared = 0;
    static constexpr bool last_only = false;

    static void initialize(Random&, T*) {}
    static void prepare(const T*, T*) {}
    static void backward_parameters(Rows<const T, N>, Rows<const T, Saved>, Rows<const T, N>, std::size_t, std::size_t,
                                    T*) {}
};

}  // namespace typenet::detail
