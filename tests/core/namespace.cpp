#include <string_view>
#include <typeinfo>
#include <typenet/core/random.hpp>

#include <doctest/doctest.h>

TEST_SUITE("core/namespace") {
    TEST_CASE("names tell the instruction set, and programs needn't know") {
        const std::string_view name = typeid(typenet::Seed).name();
        CAPTURE(name);
#if defined(__AVX512F__)
        CHECK(name.find("isa_5") != name.npos);
#elif defined(__AVX2__) && defined(__FMA__) && defined(__BMI2__)
        CHECK(name.find("isa_2fb") != name.npos);
#elif defined(__x86_64__) && !defined(__SSE3__)
        CHECK(name.find("isa_") == name.npos);
#endif
        CHECK(name.find("typenet") != name.npos);
        CHECK(name.find("TYPENET") == name.npos);
    }
}
