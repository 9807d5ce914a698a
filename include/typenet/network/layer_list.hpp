#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <typenet/core/namespace.hpp>
#include <typenet/network/chain.hpp>

namespace TYPENET {

/// Layers as the user writes them, one after the other. A type whose member Parts is such a list, such as Residual,
/// stands for the layers of that list.
template <class... Specs>
struct LayerList {
    static constexpr std::size_t length = sizeof...(Specs);
};

namespace detail {

template <class... A, class... B>
LayerList<A..., B...> operator+(LayerList<A...>, LayerList<B...>);

template <class Spec>
struct Flatten {
    using type = LayerList<Spec>;
};
template <class... Specs>
struct Flatten<LayerList<Specs...>> {
    using type = decltype((LayerList<>() + ... + typename Flatten<Specs>::type()));
};
template <class Composite>
requires requires { typename Composite::Parts; }
struct Flatten<Composite> {
    using type = typename Flatten<typename Composite::Parts>::type;
};

/// The list in which everything that stands for several layers is replaced by those layers.
template <class... Specs>
using Flat = typename Flatten<LayerList<Specs...>>::type;

/// The Chain of bound layers that a flat list becomes with `Inputs` features.
template <class T, std::size_t Inputs, class List>
struct Bound;
template <class T, std::size_t Inputs, class... Specs>
struct Bound<T, Inputs, LayerList<Specs...>> {
    static constexpr std::array<std::size_t, sizeof...(Specs)> inputs = [] {
        std::array<std::size_t, sizeof...(Specs)> widths{};
        std::size_t width = Inputs;
        std::size_t i = 0;
        ((widths[i++] = width, width = Specs::outputs(width)), ...);
        return widths;
    }();

    template <std::size_t... I>
    static auto bind(std::index_sequence<I...>) -> Chain<typename Specs::template Bind<T, inputs[I]>...>;

    using type = decltype(bind(std::index_sequence_for<Specs...>{}));
};

template <class List>
inline constexpr bool all_are_layers = false;
template <class... Specs>
inline constexpr bool all_are_layers<LayerList<Specs...>> = (LayerSpec<Specs> && ...);

}  // namespace detail

}  // namespace TYPENET
