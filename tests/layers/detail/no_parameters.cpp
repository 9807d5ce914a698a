#include <typenet/layers/detail/no_parameters.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/network/chain.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("layers/detail/no_parameters") {
    TEST_CASE("a layer on top of it is one, takes no place among the parameters, and keeps what it asks for") {
        using Layer = SkipSum<1>::Bind<float, 3>;
        static_assert(std::is_base_of_v<typenet::detail::NoParameters<float, 3>, Layer>);
        CHECK(BoundLayer<Layer>);
        CHECK(Chain<Layer>::parameter_count == 0);
        CHECK(Layer::saved == 0);
        CHECK(typenet::detail::NoParameters<float, 3, 5>::saved == 5);
    }
}
