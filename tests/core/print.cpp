#include <sstream>
#include <typenet/core/print.hpp>
#include <typenet/core/tensor.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("core/print") {
    TEST_CASE("streams take vectors and matrices") {
        std::ostringstream text;
        text << Vector<float, 3>{1.0F, 2.5F, -3.0F};
        CHECK(text.str() == "{ 1. ,  2.5, -3. }");
        text.str("");
        Matrix<double> matrix = xt::ones<double>({1, 2});
        text << matrix;
        CHECK(text.str() == "{{ 1.,  1.}}");
    }
}
