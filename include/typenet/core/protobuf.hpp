#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <typenet/core/bytes.hpp>
#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Builds a message in Protocol Buffers' wire format, of which ONNX files and TensorBoard's event files are made: a
/// field is its number and wire type, then its value. Source: https://protobuf.dev/programming-guides/encoding
class ProtobufMessage {
public:
    ProtobufMessage& add(std::uint32_t field, std::uint64_t number) {
        add_varint(std::uint64_t{field} << 3);
        add_varint(number);
        return *this;
    }
    ProtobufMessage& add(std::uint32_t field, float number) {
        add_varint(std::uint64_t{field} << 3 | 5);
        return append(number);
    }
    ProtobufMessage& add(std::uint32_t field, double number) {
        add_varint(std::uint64_t{field} << 3 | 1);
        return append(number);
    }
    /// Adds a text, or bytes.
    ProtobufMessage& add(std::uint32_t field, std::string_view text) {
        add_varint(std::uint64_t{field} << 3 | 2);
        add_varint(text.size());
        bytes_ += text;
        return *this;
    }
    ProtobufMessage& add(std::uint32_t field, const char* text) { return add(field, std::string_view(text)); }
    ProtobufMessage& add(std::uint32_t field, const ProtobufMessage& message) { return add(field, message.bytes()); }

    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

private:
    /// Writes seven bits per byte, the lowest first; the highest bit of a byte says that more follow.
    void add_varint(std::uint64_t number) {
        for (; number >= 128; number >>= 7) bytes_ += static_cast<char>((number & 127) | 128);
        bytes_ += static_cast<char>(number);
    }

    template <class T>
    ProtobufMessage& append(T number) {
        ByteWriter bytes;
        bytes.add(number);
        bytes_ += bytes.bytes();
        return *this;
    }

    std::string bytes_;
};

}  // namespace TYPENET::detail
