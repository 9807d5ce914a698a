#include <type_traits>
#include <typenet/layers/dense.hpp>
#include <typenet/network/layer_list.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class... Specs>
struct Block {
    using Parts = LayerList<Specs...>;
};

using A = Dense<3, Tanh>;
using B = Dense<2, Tanh>;

}  // namespace

TEST_SUITE("network/layer_list") {
    TEST_CASE("a type that stands for several layers is expanded into them, at any depth") {
        CHECK(std::is_same_v<typenet::detail::Flat<A, B>, LayerList<A, B>>);
        CHECK(std::is_same_v<typenet::detail::Flat<Block<A, Block<B, A>>, B>, LayerList<A, B, A, B>>);
        CHECK(typenet::detail::Flat<Block<A, Block<B, A>>, B>::length == 4);
    }

    TEST_CASE("each layer's input width is the previous layer's output width") {
        using Layers = typenet::detail::Bound<float, 7, LayerList<A, B>>::type;
        CHECK(Layers::Layer<0>::inputs == 7);
        CHECK(Layers::Layer<1>::inputs == 3);
        CHECK(Layers::outputs == 2);
    }

    TEST_CASE("types that aren't layers are recognised") {
        CHECK(typenet::detail::all_are_layers<LayerList<A, B>>);
        CHECK_FALSE(typenet::detail::all_are_layers<LayerList<A, int>>);
    }
}
