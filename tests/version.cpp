#include <doctest/doctest.h>

#include <string>

#include <typenet/version.hpp>

TEST_SUITE("version") {
    TEST_CASE("the text is made of the three numbers") {
        CHECK(typenet::version == std::to_string(TYPENET_VERSION_MAJOR) + "." + std::to_string(TYPENET_VERSION_MINOR) +
                                      "." + std::to_string(TYPENET_VERSION_PATCH));
    }
}
