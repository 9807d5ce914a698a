#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/train/step.hpp>

/// The first layer of a network, cut into blocks of columns for two threads: `ColumnBlocks`. Trainer uses it.
///
/// Of a network such as 784-128-64-10, nearly all parameters are the first layer's. If threads took rows of its weights
/// in one phase and rows of the batch in the other, each step would carry most of the weights from one core's cache to
/// the other's. A thread that owns some of the layer's outputs needs only the weights of these outputs. It keeps them,
/// with what the optimizer keeps for them, in memory of its own, and only outputs and their gradients travel.
namespace TYPENET {

namespace detail {

/// The smallest first layer, in bytes of weights, that is cut into blocks: a smaller one stays in all L1 caches.
inline constexpr std::size_t least_block_bytes = std::size_t{64} * 1024;

/// Whether a chain's first layer can be cut into two blocks of whole packs: a layer offers it with `Columns`, unless it
/// inherited that from a layer that computes something else. A skip connection from the network's input would need the
/// input beside the blocks.
template <class Layers>
inline constexpr bool has_column_blocks = [] {
    using First = typename Layers::template Layer<0>;
    using T = typename Layers::Scalar;
    constexpr std::size_t columns = First::outputs / 2;
    if constexpr (requires { requires std::same_as<typename First::template Columns<First::outputs>, First>; }) {
        const auto& starts = Layers::starts_of_skips;
        return columns * 2 == First::outputs && columns % simd::width<T> == 0 &&
               First::weight_count * sizeof(T) >= least_block_bytes &&
               std::find(starts.begin(), starts.end(), std::size_t{0}) == starts.end();
    }
    return false;
}();

/// Copies a matrix [rows, columns] whose rows are from_stride and to_stride numbers apart.
template <class T>
void copy_columns(std::size_t rows, std::size_t columns, const T* from, std::size_t from_stride, T* to,
                  std::size_t to_stride) {
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(from + r * from_stride, columns, to + r * to_stride);
}

}  // namespace detail

/// The blocks of a chain's first layer. Each holds its columns of the parameters and of the optimizer's vectors,
/// packed, and a workspace of its own, so that a block is touched by one thread only, apart from `send` and `receive`.
template <class Layers>
class ColumnBlocks {
public:
    using T = typename Layers::Scalar;
    using First = typename Layers::template Layer<0>;
    static constexpr std::size_t count = 2;
    static constexpr std::size_t columns = First::outputs / count;
    /// One block, as a chain of one layer.
    using Block = Chain<typename First::template Columns<columns>>;

    /// `vectors`: how many numbers the optimizer keeps for each parameter.
    ColumnBlocks(std::size_t batch_size, std::size_t vectors) {
        for (std::size_t b = 0; b < count; ++b) members_.emplace_back(batch_size, vectors);
    }

    /// Copies the layer's parameters, and the optimizer's `vectors` for them, from the network's to the blocks. The
    /// vectors are `stride` numbers apart.
    void load(const T* parameters, const T* vectors, std::size_t stride) {
        for_each_copy([&](T* packed, std::size_t vector, std::size_t column) {
            const T* const from = (vector == 0 ? parameters : vectors + (vector - 1) * stride) + column;
            detail::copy_columns(First::parameter_rows, columns, from, First::outputs, packed, columns);
        });
    }
    /// Copies them back.
    void store(T* parameters, T* vectors, std::size_t stride) {
        for_each_copy([&](const T* packed, std::size_t vector, std::size_t column) {
            T* const to = (vector == 0 ? parameters : vectors + (vector - 1) * stride) + column;
            detail::copy_columns(First::parameter_rows, columns, packed, columns, to, First::outputs);
        });
    }

    /// Computes a block's outputs of all rows of a batch. gather(first, last, x) writes the features of these rows to
    /// x.
    template <class Gather>
    void forward(std::size_t block, std::size_t batch, Gather gather) {
        Member& member = members_[block];
        Workspace<Block>& workspace = member.workspace;
        for (std::size_t first = 0; first < batch; first += detail::rows_at_once) {
            const std::size_t rows = std::min(detail::rows_at_once, batch - first);
            gather(first, first + rows, workspace.x()[first]);
            workspace.find_zeros(first, first + rows);
            workspace.template with_input<0>(workspace.skips_zeros_of(first, first + rows), [&](auto x) {
                Part::forward(member.parameters(), x.subrows(first, rows),
                              workspace.template y<0>().subrows(first, rows),
                              workspace.template saved<0>().subrows(first, rows));
            });
        }
    }

    /// Copies the outputs of rows first ... last - 1, and what the backward pass needs of them, from all blocks.
    void send(std::size_t first, std::size_t last, Workspace<Layers>& to) {
        for (std::size_t b = 0; b < count; ++b) {
            Workspace<Block>& from = members_[b].workspace;
            const std::size_t column = b * columns;
            detail::copy_columns(last - first, columns, from.template y<0>()[first], columns,
                                 to.template y<0>()[first] + column, First::outputs);
            if constexpr (First::saved != 0) {
                detail::copy_columns(last - first, columns, from.template saved<0>()[first], columns,
                                     to.template saved<0>()[first] + column, First::outputs);
            }
        }
    }
    /// Copies the gradients of these rows' outputs to all blocks.
    void receive(std::size_t first, std::size_t last, Workspace<Layers>& from) {
        for (std::size_t b = 0; b < count; ++b) {
            detail::copy_columns(last - first, columns, from.template d_y<0>()[first] + b * columns, First::outputs,
                                 members_[b].workspace.template d_y<0>()[first], columns);
        }
    }

    /// Calls update(workspace, slice, parameters, state) for each slice of a block: `parameters` and `state` are the
    /// block's, and `state` has no numbers yet.
    template <class Update>
    void update(std::size_t block, Update update) {
        Member& member = members_[block];
        for (std::size_t i = 0; i < ParameterSlices<Block>::count; ++i) {
            const ParameterSlice slice = ParameterSlices<Block>::at(i);
            update(member.workspace, slice, member.parameters() + slice.offset,
                   OptimizerState<T>{member.numbers.data() + size, size, slice.offset});
        }
    }

private:
    using Part = typename Block::template Layer<0>;
    static_assert(First::saved == 0 || First::saved == First::outputs);

    static constexpr std::size_t size = Block::parameter_count;

    struct Member {
        Workspace<Block> workspace;
        Buffer<T> numbers;  // the parameters, then the optimizer's vectors

        Member(std::size_t batch_size, std::size_t vectors) : workspace(batch_size), numbers((1 + vectors) * size) {}

        [[nodiscard]] T* parameters() noexcept { return numbers.data(); }
    };

    /// Calls copy(packed, vector, column) for the parameters (vector 0) and each vector of the optimizer.
    template <class Copy>
    void for_each_copy(Copy copy) {
        for (std::size_t b = 0; b < count; ++b) {
            Member& member = members_[b];
            for (std::size_t v = 0; v * size < member.numbers.size(); ++v) {
                copy(member.numbers.data() + v * size, v, b * columns);
            }
        }
    }

    std::vector<Member> members_;
};

}  // namespace TYPENET
