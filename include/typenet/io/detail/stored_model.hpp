#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/bytes.hpp>  // and with it, that numbers in files are little-endian
#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/network/mlp.hpp>

/// A model file whatever its format: what writers are given, and readers make.
namespace typenet::detail {

struct StoredTensor {
    std::string name;
    std::string dtype;  ///< as safetensors names them, such as F32
    std::vector<std::size_t> shape;
    std::string_view bytes;
    bool column_major = false;  ///< the first index counts fastest, not the last
};

struct StoredModel {
    std::vector<StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
    std::vector<char> numbers = {};  ///< that the tensors refer to, where they refer to no file
};

inline std::string shape_text(std::span<const std::size_t> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += join({i > 0 ? ", " : "", shape[i]});
    return text += ']';
}

template <Real T>
inline constexpr std::string_view dtype_of = std::same_as<T, float> ? "F32" : "F64";

/// 0 for a dtype that networks don't read.
constexpr std::size_t size_of_dtype(std::string_view dtype) noexcept {
    if (dtype == "F64") return 8;
    if (dtype == "F32") return 4;
    return dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

/// A number of IEEE 754's binary16: a sign, 5 bits of exponent, 10 of mantissa.
inline float from_half(std::uint16_t bits) noexcept {
    const int exponent = bits >> 10 & 31;
    const int mantissa = bits & 1023;
    const float sign = bits >> 15 != 0 ? -1.0F : 1.0F;
    if (exponent == 31) return mantissa == 0 ? sign * HUGE_VALF : std::nanf("");
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
    return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

/// Number `index` of an array of such a dtype.
inline double read_number(std::string_view dtype, const char* numbers, std::size_t index) noexcept {
    const auto read = [&]<class Number>(Number number) {
        std::memcpy(&number, numbers + index * sizeof number, sizeof number);
        return number;
    };
    if (dtype == "F64") return read(double{});
    if (dtype == "F32") return static_cast<double>(read(float{}));
    const std::uint16_t half = read(std::uint16_t{});
    if (dtype == "F16") return static_cast<double>(from_half(half));
    return static_cast<double>(std::bit_cast<float>(std::uint32_t{half} << 16));  // BF16: the upper half of an F32
}

/// The model's one tensor of this name, or a FileError that says what differs from what the network's type asks for.
inline const StoredTensor& expect_tensor(const std::string& file, const StoredModel& model,
                                         const NetworkTensor& expected) {
    const std::string& name = expected.name;
    const auto found = std::find_if(model.tensors.begin(), model.tensors.end(),
                                    [&](const StoredTensor& tensor) { return tensor.name == name; });
    if (found == model.tensors.end()) {
        throw FileError(file, join({"has no tensor ", name, ", which the network needs"}));
    }
    const std::size_t number_size = size_of_dtype(found->dtype);
    if (number_size == 0) {
        throw FileError(file, join({"tensor ", name, " holds ", shown(found->dtype),
                                    "; a network can be read from F64, F32, F16 and BF16"}));
    }
    if (found->shape != expected.layout.shape()) {
        throw FileError(file, join({"tensor ", name, " has the shape ", shape_text(found->shape),
                                    "; the network needs ", shape_text(expected.layout.shape())}));
    }
    const std::size_t bytes = expected.layout.size() * number_size;
    if (found->bytes.size() != bytes) {
        throw FileError(
            file, join({"tensor ", name, " has ", found->bytes.size(), " bytes; its shape and dtype need ", bytes}));
    }
    return *found;
}

template <AnyNetwork Network>
StoredModel store_parameters(const Network& network) {
    using T = typename Network::Scalar;
    StoredModel model;
    model.numbers.resize(Network::parameter_count * sizeof(T));
    char* next = model.numbers.data();
    for (const NetworkTensor& tensor : tensors_of<Network>()) {
        const std::size_t size = tensor.layout.size();
        model.tensors.push_back({.name = tensor.name,
                                 .dtype = std::string(dtype_of<T>),
                                 .shape = tensor.layout.shape(),
                                 .bytes = std::string_view(next, size * sizeof(T))});
        for (std::size_t i = 0; i < size; ++i, next += sizeof(T)) {
            std::memcpy(next, &network.parameters()[tensor.layout.place(i)], sizeof(T));
        }
    }
    return model;
}

/// The parameters that the model gives such a network. Throws FileError when a name, shape or dtype differs from what
/// the network's type asks for, and when a number is not finite.
template <AnyNetwork Network>
Buffer<typename Network::Scalar> read_parameters(const std::string& file, const StoredModel& model) {
    using T = typename Network::Scalar;
    const std::vector<NetworkTensor> tensors = tensors_of<Network>();
    Buffer<T> parameters(Network::parameter_count);
    for (const NetworkTensor& tensor : tensors) {
        const StoredTensor& stored = expect_tensor(file, model, tensor);
        const std::size_t rows = stored.shape.size() == 1 ? 1 : stored.shape.front();
        const std::size_t columns = stored.shape.back();
        for (std::size_t i = 0; i < rows * columns; ++i) {
            const std::size_t place = stored.column_major ? i % columns * rows + i / columns : i;
            const double number = read_number(stored.dtype, stored.bytes.data(), place);
            if (!std::isfinite(number)) {
                throw FileError(file, join({"tensor ", tensor.name, " holds a number that is not finite"}));
            }
            const T value = static_cast<T>(number);
            if (!std::isfinite(value)) {
                throw FileError(file, join({"tensor ", tensor.name, " holds ", number_text(number),
                                            ", which is too large for ", dtype_of<T>}));
            }
            parameters.data()[tensor.layout.place(i)] = value;
        }
    }
    for (const StoredTensor& stored : model.tensors) {
        if (std::none_of(tensors.begin(), tensors.end(),
                         [&](const auto& known) { return known.name == stored.name; })) {
            throw FileError(file, join({"has a tensor ", shown(stored.name), ", which the network doesn't have"}));
        }
    }
    return parameters;
}

}  // namespace typenet::detail
