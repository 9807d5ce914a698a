#include <string_view>
#include <typenet/core/protobuf.hpp>

#include <doctest/doctest.h>

using typenet::detail::ProtobufMessage;
using namespace std::string_view_literals;

TEST_SUITE("core/protobuf") {
    TEST_CASE("numbers are written seven bits a byte") {
        // The two examples of the format's description.
        CHECK(ProtobufMessage().add(1, std::uint64_t{150}).bytes() == "\x08\x96\x01"sv);
        CHECK(ProtobufMessage().add(2, "testing").bytes() == "\x12\x07testing"sv);
        CHECK(ProtobufMessage().add(1, std::uint64_t{0}).bytes() == "\x08\x00"sv);
        CHECK(ProtobufMessage().add(1, std::uint64_t{127}).bytes() == "\x08\x7f"sv);
        CHECK(ProtobufMessage().add(1, std::uint64_t{128}).bytes() == "\x08\x80\x01"sv);
        CHECK(ProtobufMessage().add(1, ~std::uint64_t{0}).bytes() == "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv);
        CHECK(ProtobufMessage().add(20, std::uint64_t{1}).bytes() == "\xa0\x01\x01"sv);
    }

    TEST_CASE("doubles are their eight bytes") {
        CHECK(ProtobufMessage().add(1, 1.0).bytes() == "\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"sv);
    }

    TEST_CASE("floats are their four bytes, and messages lie in each other with their length") {
        CHECK(ProtobufMessage().add(2, 1.0F).bytes() == "\x15\x00\x00\x80\x3f"sv);
        CHECK(ProtobufMessage().add(3, ProtobufMessage().add(1, std::uint64_t{150})).bytes() ==
              "\x1a\x03\x08\x96\x01"sv);
        CHECK(ProtobufMessage().add(3, ProtobufMessage()).bytes() == "\x1a\x00"sv);
    }

    TEST_CASE("fields follow each other, also those of one number") {
        ProtobufMessage message;
        message.add(1, "a"sv).add(1, ""sv).add(2, std::uint64_t{3});
        CHECK(message.bytes() ==
              "\x0a\x01"
              "a\x0a\x00\x10\x03"sv);
    }
}
