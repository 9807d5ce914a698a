// All headers of the standard library: the library's own must not meet the macros.
#if __has_include(<bits/stdc++.h>)
#    include <bits/stdc++.h>

// As <windows.h> defines them.
#    define min(a, b) (((a) < (b)) ? (a) : (b))
#    define max(a, b) (((a) > (b)) ? (a) : (b))
#endif

#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/header.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/quantized.hpp>
#include <typenet/io/save.hpp>
#include <typenet/optimizers/any.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/typenet.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("core/compiler") {
    TEST_CASE("all headers compile after a header that makes macros of min and max") {
        const Mlp<float, Input<2>, Dense<1, Identity>> network(Seed{1});
        CHECK(network.predict(std::array{0.0F, 0.0F})[0] == 0);
        CHECK(std::max(1, 2) == 2);
    }
}
