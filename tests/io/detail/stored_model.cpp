#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

// Numbers of all dtypes, tensors made of a network's parameters, and parameters read from tensors.

using namespace typenet;
using namespace typenet::detail;

namespace {

template <class T>
using Net = Mlp<T, Input<3>, Dense<2, Sigmoid>>;

/// A number of IEEE 754's binary16, with as little cleverness as can be: its value by the definition.
double half(std::uint16_t bits) {
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    const int exponent = (bits & 0x7C00) / 0x400;
    const double mantissa = (bits & 0x3FF) / 1024.0;
    if (exponent == 31) return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
    return exponent == 0 ? sign * std::pow(2.0, -14) * mantissa : sign * std::pow(2.0, exponent - 15) * (1 + mantissa);
}

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

/// A model for Net with weights [[1, 2, 3], [4, 5, 6]] and biases [7, 8], and the memory of its numbers.
template <class Number>
struct Stored {
    Stored(const std::string& dtype, const std::vector<Number>& numbers) : bytes(bytes_of(numbers)) {
        const std::string_view all = bytes;
        model.tensors.push_back(
            {.name = "0.weight", .dtype = dtype, .shape = {2, 3}, .bytes = all.substr(0, 6 * sizeof(Number))});
        model.tensors.push_back(
            {.name = "0.bias", .dtype = dtype, .shape = {2}, .bytes = all.substr(6 * sizeof(Number))});
    }
    std::string bytes;
    StoredModel model;
};

template <class T>
std::vector<T> parameters_of(const StoredModel& model) {
    Net<T> network;
    read_parameters("file", model, network);
    return {network.parameters().begin(), network.parameters().end()};
}

}  // namespace

TEST_SUITE("io/detail/stored_model") {
    TEST_CASE("shapes are shown as lists") {
        CHECK(shape_text(std::vector<std::size_t>{}) == "[]");
        CHECK(shape_text(std::vector<std::size_t>{784, 128}) == "[784, 128]");
    }

    TEST_CASE("all numbers of 16 bits are read as what they mean") {
        for (std::uint32_t bits = 0; bits < 65536; ++bits) {
            const auto number = static_cast<std::uint16_t>(bits);
            const double found = read_number("F16", reinterpret_cast<const char*>(&number), 0);
            const double expected = half(number);
            const bool both_nan = std::isnan(found) && std::isnan(expected);
            REQUIRE((both_nan || std::bit_cast<std::uint64_t>(found) == std::bit_cast<std::uint64_t>(expected)));
            const double brain = read_number("BF16", reinterpret_cast<const char*>(&number), 0);
            const auto upper_half = static_cast<double>(std::bit_cast<float>(bits << 16));
            REQUIRE(((std::isnan(brain) && std::isnan(upper_half)) || brain == upper_half));
        }
    }

    TEST_CASE("numbers are read from anywhere") {
        const std::string bytes = "x" + bytes_of(std::vector<double>{0.1, -1e300}) + bytes_of(std::vector<float>{0.1F});
        CHECK(read_number("F64", bytes.data() + 1, 1) == -1e300);
        CHECK(read_number("F32", bytes.data() + 1, 4) == static_cast<double>(0.1F));
    }

    TEST_CASE_TEMPLATE("a network's parameters become tensors, and the tensors its parameters", T, float, double) {
        Net<T> network;
        for (std::size_t i = 0; i < 8; ++i) network.parameters()[i] = static_cast<T>(i);
        const StoredModel model = store_parameters(network);
        REQUIRE(model.tensors.size() == 2);
        CHECK(model.tensors[0].name == "0.weight");
        CHECK(model.tensors[0].dtype == (sizeof(T) == 4 ? "F32" : "F64"));
        CHECK(model.tensors[0].shape == std::vector<std::size_t>{2, 3});
        CHECK(model.tensors[0].bytes == bytes_of(std::vector<T>{0, 2, 4, 1, 3, 5}));
        CHECK(model.tensors[1].bytes == bytes_of(std::vector<T>{6, 7}));
        CHECK(parameters_of<T>(model) == std::vector<T>{0, 1, 2, 3, 4, 5, 6, 7});
    }

    TEST_CASE_TEMPLATE("any of four dtypes becomes the network's", T, float, double) {
        const std::vector<T> expected{1, 4, 2, 5, 3, 6, 7, 8};
        CHECK(parameters_of<T>(Stored<double>("F64", {1, 2, 3, 4, 5, 6, 7, 8}).model) == expected);
        CHECK(parameters_of<T>(Stored<float>("F32", {1, 2, 3, 4, 5, 6, 7, 8}).model) == expected);
        using Bits = Stored<std::uint16_t>;
        CHECK(parameters_of<T>(Bits("F16", {0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700, 0x4800}).model) ==
              expected);
        CHECK(parameters_of<T>(Bits("BF16", {0x3F80, 0x4000, 0x4040, 0x4080, 0x40A0, 0x40C0, 0x40E0, 0x4100}).model) ==
              expected);
    }

    TEST_CASE("a matrix may lie column by column") {
        Stored<float> stored("F32", {1, 2, 3, 4, 5, 6, 7, 8});
        stored.model.tensors[0].column_major = true;  // now [[1, 3, 5], [2, 4, 6]]
        stored.model.tensors[1].column_major = true;
        CHECK(parameters_of<float>(stored.model) == std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
    }

    TEST_CASE("what differs is said") {
        const auto complaint = [](const auto& change) {
            Stored<double> stored("F64", {1, 2, 3, 4, 5, 6, 7, 8});
            change(stored.model.tensors);
            try {
                (void)parameters_of<float>(stored.model);
                return std::string();
            } catch (const FileError& error) {
                return std::string(error.what());
            }
        };
        using Tensors = std::vector<StoredTensor>;
        const double infinite = std::numeric_limits<double>::infinity();
        const std::string bad = bytes_of(std::vector<double>{0, infinite});
        const std::string large = bytes_of(std::vector<double>{0, -1e39});
        CHECK(complaint([](Tensors&) {}).empty());
        CHECK(complaint([](Tensors& t) { t[1].name = "0.b"; }) ==
              "file: has no tensor 0.bias, which the network needs");
        CHECK(complaint([](Tensors& t) { t[0].dtype = "I64"; }) ==
              "file: tensor 0.weight holds I64; a network can be read from F64, F32, F16 and BF16");
        CHECK(complaint([](Tensors& t) {
                  t[0].shape = {3, 2};
              }) == "file: tensor 0.weight has the shape [3, 2]; the network needs [2, 3]");
        CHECK(complaint([](Tensors& t) { t[1].dtype = "F32"; }) ==
              "file: tensor 0.bias has 16 bytes; its shape and dtype need 8");
        CHECK(complaint([](Tensors& t) {
                  t.push_back({.name = "2.bias\n", .dtype = "F32", .shape = {}, .bytes = {}});
              }) == "file: has a tensor 2.bias?, which the network doesn't have");
        CHECK(complaint([&](Tensors& t) { t[1].bytes = bad; }) ==
              "file: tensor 0.bias holds a number that is not finite");
        CHECK(complaint([&](Tensors& t) { t[1].bytes = large; }) ==
              "file: tensor 0.bias holds -1e+39, which is too large for F32");
    }
}
