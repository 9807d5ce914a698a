#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <exception>  // before xtensor: xtl 0.7 names std::terminate, but doesn't include this
#include <iterator>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include <typenet/core/compiler.hpp>  // before xtensor, which can't be compiled with macros min and max

// Only this file and core/print.hpp include xtensor, whose version 0.26 moved its headers into folders.
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
#include <typenet/core/namespace.hpp>

namespace TYPENET {

/// The element types a network can have.
template <class T>
concept Real = std::same_as<T, float> || std::same_as<T, double>;

/// An owning array of N numbers. The size is part of the type, and nothing is on the heap.
template <class T, std::size_t N>
using Vector = xt::xtensor_fixed<T, xt::xshape<N>, xt::layout_type::row_major, false>;

/// An owning array [rows, columns], row-major, whose sizes are known at run time.
template <class T>
using Matrix = xt::xtensor<T, 2, xt::layout_type::row_major>;

/// A view of `count` contiguous rows of Columns numbers that somebody else owns: what kernels and layers work on.
template <class T, std::size_t Columns>
struct Rows {
    static constexpr std::size_t columns = Columns;  ///< numbers in a row

    T* data = nullptr;      ///< the first row's first number
    std::size_t count = 0;  ///< rows

    /// Converts writable rows to read-only ones.
    constexpr operator Rows<const T, Columns>() const noexcept requires(!std::is_const_v<T>) { return {data, count}; }

    [[nodiscard]] constexpr T* operator[](std::size_t row) const noexcept { return data + row * Columns; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return count * Columns; }

    /// Returns `rows` rows from row `first` on.
    [[nodiscard]] constexpr Rows subrows(std::size_t first, std::size_t rows) const noexcept {
        return {(*this)[first], rows};
    }
};

namespace detail {

/// How many bytes an array takes at most for functions of the library to put it on the stack. A thread's stack can be
/// as small as 128 KiB, and the arrays of several functions lie there at once.
inline constexpr std::size_t largest_on_stack = std::size_t{16} * 1024;
template <class T, std::size_t N>
inline constexpr bool fits_on_stack = N <= largest_on_stack / sizeof(T);

template <class Shape>
struct static_rank;  // undefined for an array whose number of dimensions is known only at run time

template <class I, std::size_t N>
struct static_rank<std::array<I, N>> : std::integral_constant<std::size_t, N> {};

template <std::size_t... Extents>
struct static_rank<xt::fixed_shape<Extents...>> : std::integral_constant<std::size_t, sizeof...(Extents)> {};

/// The length of one axis, where the type has it; undefined elsewhere.
template <class Shape, std::size_t Axis>
struct static_extent;
template <std::size_t... Extents, std::size_t Axis>
struct static_extent<xt::fixed_shape<Extents...>, Axis>
    : std::integral_constant<std::size_t, std::array<std::size_t, sizeof...(Extents)>{Extents...}[Axis]>{};

/// Whether an expression is an array of T that is contiguous and row-major.
template <class Expression, class T>
concept lies_flat = (Expression::static_layout == xt::layout_type::row_major) && requires(const Expression& e) {
    { e.data() } -> std::convertible_to<const T*>;
    { e.data_offset() } -> std::convertible_to<std::size_t>;
};

/// Returns the address of an expression's first number.
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
concept ArrayOfRank = (detail::static_rank<typename Expression::shape_type>::value == Rank);

/// What functions return for one row of N numbers: a Vector, or, where that would take more than 16 KiB of the stack,
/// an array on the heap.
template <class T, std::size_t N>
using RowArray =
    std::conditional_t<detail::fits_on_stack<T, N>, Vector<T, N>, xt::xtensor<T, 1, xt::layout_type::row_major>>;

namespace detail {

/// Returns an array of N numbers that aren't set.
template <class T, std::size_t N>
RowArray<T, N> make_row_array() {
    if constexpr (fits_on_stack<T, N>) {
        return {};
    } else {
        return RowArray<T, N>::from_shape({N});
    }
}

/// An xtensor expression.
template <class Expression>
concept HasShape = requires {
    typename Expression::shape_type;
};

/// The type of a sequence's elements.
template <class S>
using ElementOf = std::remove_cvref_t<decltype(*std::data(std::declval<const S&>()))>;

/// Elements one after the other in memory, but not an xtensor expression.
template <class S>
concept Sequence = !HasShape<S> && requires(const S& sequence) {
    *std::data(sequence);
    { std::size(sequence) } -> std::convertible_to<std::size_t>;
};

/// A type that counts as a number: not a bool, nor a character of a text.
template <class T>
concept RowValue = std::is_arithmetic_v<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

/// The length of a sequence, where its type has it; std::dynamic_extent elsewhere.
template <class S>
inline constexpr std::size_t length_of = std::dynamic_extent;
template <class S>
requires requires { std::tuple_size<S>::value; }
inline constexpr std::size_t length_of<S> = std::tuple_size<S>::value;
template <class T, std::size_t N>
inline constexpr std::size_t length_of<std::span<T, N>> = N;
template <class T, std::size_t N>
inline constexpr std::size_t length_of<T[N]> = N;

}  // namespace detail

/// Numbers of any type in a std::vector, std::array, std::span or array of C++.
template <class S>
concept NumberSequence = detail::Sequence<S> && detail::RowValue<detail::ElementOf<S>>;

/// Rows of numbers, such as std::vector<std::array<float, 4>>.
template <class S>
concept RowSequence = detail::Sequence<S> && NumberSequence<detail::ElementOf<S>>;

/// Returns an xtensor view of Size numbers that somebody else owns. Unlike xtensor's fixed-size adaptor alone, it can
/// be copied, and it throws when an array of another shape is assigned to it.
template <std::size_t Size, class T>
auto vector_view(T* data) {
    // The pointer is moved: of an lvalue, xt::adapt would keep a reference, here to a parameter that is about to end.
    return xt::view(xt::adapt<xt::layout_type::row_major>(std::move(data), xt::xshape<Size>()), xt::all());
}

/// Returns such a view of RowCount rows of Columns numbers. The shape is part of the type, because xtensor assigns
/// views of the same type without comparing their shapes.
template <std::size_t RowCount, std::size_t Columns, class T>
auto matrix_view(T* data) {
    return xt::view(xt::adapt<xt::layout_type::row_major>(std::move(data), xt::xshape<RowCount, Columns>()), xt::all(),
                    xt::all());
}

}  // namespace TYPENET
