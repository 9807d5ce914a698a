#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bit_cast.hpp>
#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/network/mlp.hpp>

/// A model on its way to or from a file, in no particular format.
/// To save, store_model (io/detail/model_metadata.hpp) calls store_parameters, which makes the tensors of a
/// StoredModel, and adds the metadata. write_safetensors or write_npz turns the model into the file's bytes. To load,
/// read_safetensors or read_npz makes a StoredModel whose tensors refer to the file's bytes. restore_model calls
/// read_parameters, which compares names, shapes and dtypes with the network's and converts the numbers. Neither side
/// knows the other: a model knows no format, a format knows no network.
namespace TYPENET::detail {

struct StoredTensor {
    std::string name;
    std::string dtype;               ///< as safetensors names it, such as F32
    std::vector<std::size_t> shape;  ///< empty for a scalar
    std::string_view bytes;          ///< the numbers, little-endian
    bool column_major = false;       ///< elements of a column are adjacent, not those of a row
};

struct StoredModel {
    std::vector<StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
    std::vector<char> numbers = {};  ///< what the tensors' bytes refer to; empty where they refer to a file
};

/// The most dimensions that a tensor of a file may have; NumPy has the same limit.
inline constexpr std::size_t most_dimensions = 64;

/// Returns "[784, 128]".
inline std::string shape_text(std::span<const std::size_t> shape) { return join({"[", join_list(shape), "]"}); }

template <Real T>
inline constexpr std::string_view dtype_of = std::same_as<T, float> ? "F32" : "F64";

/// Returns how many bytes a number takes; 0 for a dtype that networks don't read.
constexpr std::size_t size_of_dtype(std::string_view dtype) noexcept {
    if (dtype == "F64") return 8;
    if (dtype == "F32") return 4;
    return dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

/// Converts a number in IEEE 754's binary16 format: a sign bit, 5 bits of exponent, 10 bits of mantissa.
inline float from_half(std::uint16_t bits) noexcept {
    const int exponent = bits >> 10 & 31;
    const int mantissa = bits & 1023;
    const float sign = bits >> 15 != 0 ? -1.0F : 1.0F;
    if (exponent == 31) return mantissa == 0 ? sign * infinity<float> : nan<float>;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
    return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

/// Returns the number at `index` of an array of F64, F32, F16 or BF16, which need not be aligned.
inline double read_number(std::string_view dtype, const char* numbers, std::size_t index) noexcept {
    if (dtype == "F64") return load_number<double>(numbers + index * sizeof(double));
    if (dtype == "F32") return static_cast<double>(load_number<float>(numbers + index * sizeof(float)));
    const auto half = load_number<std::uint16_t>(numbers + index * sizeof(std::uint16_t));
    if (dtype == "F16") return static_cast<double>(from_half(half));
    return static_cast<double>(bit_cast<float>(std::uint32_t{half} << 16));  // BF16: the upper half of an F32
}

/// Returns the model's tensor of this name, or null where it has none.
inline const StoredTensor* find_tensor(const StoredModel& model, std::string_view name) {
    const auto found = std::find_if(model.tensors.begin(), model.tensors.end(),
                                    [&](const StoredTensor& tensor) { return tensor.name == name; });
    return found == model.tensors.end() ? nullptr : &*found;
}

/// Returns the model's tensor of this name. Throws FileError where there is none, and where its shape or size differs
/// from what the network needs, or its dtype is none of `dtypes`, whose numbers have the bytes that number_size
/// returns.
template <class SizeOf>
const StoredTensor& expect_tensor(const std::string& file, const StoredModel& model, const std::string& name,
                                  std::span<const std::size_t> shape, std::string_view dtypes, SizeOf size_of) {
    const StoredTensor* const found = find_tensor(model, name);
    if (found == nullptr) throw FileError(file, join({"has no tensor ", name, ", which the network needs"}));
    const std::size_t number_size = size_of(found->dtype);
    if (number_size == 0) {
        throw FileError(file, join({"tensor ", name, " holds ", shown(found->dtype), "; ", dtypes}));
    }
    if (!std::equal(found->shape.begin(), found->shape.end(), shape.begin(), shape.end())) {
        throw FileError(file, join({"tensor ", name, " has the shape ", shape_text(found->shape),
                                    "; the network needs ", shape_text(shape)}));
    }
    std::size_t bytes = number_size;
    for (const std::size_t extent : shape) bytes *= extent;
    if (found->bytes.size() != bytes) {
        throw FileError(
            file, join({"tensor ", name, " has ", found->bytes.size(), " bytes; its shape and dtype need ", bytes}));
    }
    return *found;
}

/// Adds a tensor to a model, and its numbers, which must have room in model.numbers, at `next`. Moves `next` behind
/// them.
template <class T, class NumberAt>
void add_tensor(StoredModel& model, char*& next, std::string name, std::string_view dtype,
                std::vector<std::size_t> shape, std::size_t size, NumberAt number_at) {
    model.tensors.push_back({.name = std::move(name),
                             .dtype = std::string(dtype),
                             .shape = std::move(shape),
                             .bytes = std::string_view(next, size * sizeof(T))});
    for (std::size_t i = 0; i < size; ++i, next += sizeof(T)) {
        const T number = number_at(i);
        store_numbers(next, &number, 1);
    }
}

/// Adds tensors of a network to a model; `parameters` points to the first of all its parameters.
template <Real T>
void add_tensors(StoredModel& model, char*& next, const std::vector<NetworkTensor>& tensors, const T* parameters) {
    for (const NetworkTensor& tensor : tensors) {
        add_tensor<T>(model, next, tensor.name, dtype_of<T>, tensor.layout.shape(), tensor.layout.size(),
                      [&](std::size_t i) { return parameters[tensor.layout.place(i)]; });
    }
}

/// Returns a model with copies of the network's parameters and no metadata.
template <HasParameters Network>
StoredModel store_parameters(const Network& network) {
    using T = typename Network::Scalar;
    StoredModel model;
    model.numbers.resize(Network::parameter_count * sizeof(T));
    char* next = model.numbers.data();
    add_tensors(model, next, tensors_of<Network>(), network.parameters().data());
    return model;
}

/// Writes the numbers of a network's tensors to their places in `parameters`, which points to the first of all its
/// parameters. Throws FileError as read_parameters does.
template <Real T>
void read_tensors(const std::string& file, const StoredModel& model, const std::vector<NetworkTensor>& tensors,
                  T* parameters) {
    for (const NetworkTensor& tensor : tensors) {
        const StoredTensor& stored = expect_tensor(file, model, tensor.name, tensor.layout.shape(),
                                                   "a network can be read from F64, F32, F16 and BF16", size_of_dtype);
        const std::size_t rows = stored.shape.size() == 1 ? 1 : stored.shape.front();
        const std::size_t columns = stored.shape.back();
        for (std::size_t i = 0; i < rows * columns; ++i) {
            const std::size_t place = stored.column_major ? i % columns * rows + i / columns : i;
            const double number = read_number(stored.dtype, stored.bytes.data(), place);
            if (!is_finite(number)) {
                throw FileError(file, join({"tensor ", tensor.name, " holds a number that is not finite"}));
            }
            const T value = static_cast<T>(number);
            if (!is_finite(value)) {
                throw FileError(
                    file, join({"tensor ", tensor.name, " holds ", number, ", which is too large for ", dtype_of<T>}));
            }
            parameters[tensor.layout.place(i)] = value;
        }
    }
}

/// Throws FileError for a tensor of the model whose name is none of `names`.
inline void expect_no_others(const std::string& file, const StoredModel& model, const std::vector<std::string>& names) {
    for (const StoredTensor& stored : model.tensors) {
        if (std::find(names.begin(), names.end(), stored.name) == names.end()) {
            throw FileError(file, join({"has a tensor ", shown(stored.name), ", which the network doesn't have"}));
        }
    }
}

/// Writes the model's numbers into the network's parameters. Throws FileError when a name, shape or dtype differs from
/// the network's, and when a number is not finite or too large for the network's type; some parameters may be written
/// by then.
template <AnyNetwork Network>
void read_parameters(const std::string& file, const StoredModel& model, Network& network) {
    const std::vector<NetworkTensor> tensors = tensors_of<Network>();
    read_tensors(file, model, tensors, network.parameters().data());
    std::vector<std::string> names;
    names.reserve(tensors.size());
    for (const NetworkTensor& tensor : tensors) names.push_back(tensor.name);
    expect_no_others(file, model, names);
}

}  // namespace TYPENET::detail
