#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

// The only file that knows where each version of xtensor keeps its headers: 0.26 moved them into folders.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#    include <xtensor/containers/xadapt.hpp>
#    include <xtensor/containers/xfixed.hpp>
#    include <xtensor/containers/xtensor.hpp>
#    include <xtensor/views/xview.hpp>
#else
#    include <xtensor/xadapt.hpp>
#    include <xtensor/xfixed.hpp>
#    include <xtensor/xtensor.hpp>
#    include <xtensor/xview.hpp>
#endif

#include <typenet/core/error.hpp>

namespace typenet {

/// The element types a network can have.
template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

/// An owning array of N values whose size is part of its type; no heap, exactly its data.
template <class T, std::size_t N>
using Vector = xt::xtensor_fixed<T, xt::xshape<N>, xt::layout_type::row_major, false>;

/// An owning array of any number of rows, contiguous, row by row.
template <class T>
using Matrix = xt::xtensor<T, 2, xt::layout_type::row_major>;

/// What the library's own loops see: `count` rows of Columns values each, contiguous and owned by somebody else.
template <class T, std::size_t Columns>
struct Rows {
    static constexpr std::size_t columns = Columns;

    T* data = nullptr;
    std::size_t count = 0;

    /// Read-only rows can be made from writable ones.
    constexpr operator Rows<const T, Columns>() const noexcept requires(!std::is_const_v<T>) { return {data, count}; }

    [[nodiscard]] constexpr T* operator[](std::size_t row) const noexcept { return data + row * Columns; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return count * Columns; }

    /// `rows` rows from `first` on.
    [[nodiscard]] constexpr Rows subrows(std::size_t first, std::size_t rows) const noexcept {
        return {(*this)[first], rows};
    }
};

namespace detail {

template <class Shape>
struct static_rank;  // an array whose number of dimensions is known only at run time has none

template <class I, std::size_t N>
struct static_rank<std::array<I, N>> : std::integral_constant<std::size_t, N> {};

template <std::size_t... Extents>
struct static_rank<xt::fixed_shape<Extents...>> : std::integral_constant<std::size_t, sizeof...(Extents)> {};

/// The length of one axis, where the type has it.
template <class Shape, std::size_t Axis>
struct static_extent;
template <std::size_t... Extents, std::size_t Axis>
struct static_extent<xt::fixed_shape<Extents...>, Axis>
    : std::integral_constant<std::size_t, std::array<std::size_t, sizeof...(Extents)>{Extents...}[Axis]>{};

/// Whether an expression is an array of T in one contiguous, row-major piece, and where that begins.
template <class Expression, class T>
concept lies_flat = requires(const Expression& e) {
    { e.data() } -> std::convertible_to<const T*>;
    { e.data_offset() } -> std::convertible_to<std::size_t>;
}
&&(Expression::static_layout == xt::layout_type::row_major);

template <class Expression>
const auto* flat_data(const Expression& expression) {
    return expression.data() + expression.data_offset();
}

}  // namespace detail

/// The number of dimensions of an xtensor expression, where its type says so (xt::xarray's does not).
template <class Expression>
inline constexpr std::size_t rank_of = detail::static_rank<typename Expression::shape_type>::value;

/// An xtensor expression with Rank dimensions.
template <class Expression, std::size_t Rank>
concept ArrayOfRank = requires {
    detail::static_rank<typename Expression::shape_type>::value;
}
&&(rank_of<Expression> == Rank);

/// An xtensor view of Size numbers that somebody else owns. It reads and writes through, and, unlike a fixed-size
/// adaptor alone, it can be copied and throws when an array of another shape is assigned to it.
template <std::size_t Size, class T>
auto vector_view(T* data) {
    // The pointer is moved in: xt::adapt keeps a reference to an lvalue, here to a parameter about to go away.
    return xt::view(xt::adapt<xt::layout_type::row_major>(std::move(data), xt::xshape<Size>()), xt::all());
}

/// As vector_view, with RowCount rows of Columns numbers. The shape is in the type: xtensor assigns one view to another
/// of the same type without a look at their shapes.
template <std::size_t RowCount, std::size_t Columns, class T>
auto matrix_view(T* data) {
    return xt::view(xt::adapt<xt::layout_type::row_major>(std::move(data), xt::xshape<RowCount, Columns>()), xt::all(),
                    xt::all());
}

}  // namespace typenet
