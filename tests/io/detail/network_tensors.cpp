#include <cstddef>
#include <ratio>
#include <string>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Net = Mlp<float, Input<3>, Standardize, Dense<4, ReLU>, Dropout<std::ratio<1, 5>>,
                Residual<LayerNorm, Dense<4, Identity>>, Dense<2, Softmax>>;

std::string text_of(const detail::NetworkTensor& tensor) {
    std::string text = detail::join({tensor.name, " at ", tensor.layout.first, ":"});
    for (const std::size_t extent : tensor.layout.shape()) text += detail::join({" ", extent});
    return text;
}

}  // namespace

TEST_SUITE("io/detail/network_tensors") {
    TEST_CASE("every layer is a module, its activation another; those without parameters have no tensors") {
        std::vector<std::string> texts;
        for (const detail::NetworkTensor& tensor : detail::tensors_of<Net>()) texts.push_back(text_of(tensor));
        CHECK(texts == std::vector<std::string>{"0.mean at 0: 3", "0.deviation at 3: 3",   //
                                                "1.weight at 6: 4 3", "1.bias at 18: 4",   //
                                                "4.weight at 22: 4", "4.bias at 26: 4",    //
                                                "5.weight at 30: 4 4", "5.bias at 46: 4",  //
                                                "7.weight at 50: 2 4", "7.bias at 58: 2"});
    }

    TEST_CASE("the tensors are all the parameters, each once") {
        std::vector<int> seen(Net::parameter_count);
        for (const detail::NetworkTensor& tensor : detail::tensors_of<Net>()) {
            for (std::size_t i = 0; i < tensor.layout.size(); ++i) ++seen.at(tensor.layout.place(i));
        }
        CHECK(seen == std::vector<int>(Net::parameter_count, 1));
    }

    TEST_CASE("a matrix is stored as it lies, or transposed") {
        const LayerTensor as_it_lies{.name = "a", .first = 10, .rows = 2, .columns = 3};
        CHECK(as_it_lies.shape() == std::vector<std::size_t>{2, 3});
        CHECK(as_it_lies.place(4) == 14);
        const LayerTensor transposed{.name = "a", .first = 10, .rows = 2, .columns = 3, .transposed = true};
        CHECK(transposed.shape() == std::vector<std::size_t>{3, 2});
        CHECK(transposed.place(0) == 10);
        CHECK(transposed.place(1) == 13);
        CHECK(transposed.place(2) == 11);
        CHECK(transposed.place(5) == 15);
    }
}
