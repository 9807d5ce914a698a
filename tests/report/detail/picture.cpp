#include <cstdint>
#include <filesystem>
#include <mnist/png.hpp>
#include <string>
#include <support/temporary_file.hpp>
#include <typenet/report/detail/picture.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet::detail;

namespace {

/// Returns what another reader of PNG makes of a picture.
mnist::GreyImage read(const Picture& picture) {
    const support::TemporaryDirectory folder;
    return mnist::read_png(folder.write("picture.png", png::encode(picture)));
}

}  // namespace

TEST_SUITE("report/detail/picture") {
    TEST_CASE("base64 has the digits of RFC 4648") {
        CHECK(base64("").empty());
        CHECK(base64("f") == "Zg==");
        CHECK(base64("fo") == "Zm8=");
        CHECK(base64("foo") == "Zm9v");
        CHECK(base64("foobar") == "Zm9vYmFy");
        CHECK(base64("\xFB\xFF\xBF") == "+/+/");
    }

    TEST_CASE("the checksum of zlib") {
        static_assert(png::adler32("") == 1);
        static_assert(png::adler32("Wikipedia") == 0x11E60398);
        CHECK(png::adler32(std::string(100'000, '\xFF')) == 0x149A302C);
    }

    TEST_CASE("a grey picture is read back with the same pixels") {
        const Picture picture{.width = 3, .height = 2, .pixels = {0, 50, 100, 150, 200, 255}};
        const mnist::GreyImage image = read(picture);
        CHECK(image.width == 3);
        CHECK(image.height == 2);
        CHECK(image.pixels == picture.pixels);
    }

    TEST_CASE("a large picture takes several blocks") {
        Picture picture{.width = 300, .height = 500};
        for (std::size_t i = 0; i < 150'000; ++i) picture.pixels.push_back(static_cast<std::uint8_t>(i * i >> 7));
        CHECK(png::encode(picture).size() > 150'000);
        CHECK(read(picture).pixels == picture.pixels);
    }

    TEST_CASE("a palette has colours through which the page is seen") {
        Picture picture{.width = 3, .height = 1, .pixels = {0, 1, 255}};
        picture.palette.resize(256);
        picture.palette[1] = {255, 255, 255, 255};
        picture.palette[255] = {0, 0, 0, 0};
        CHECK(read(picture).pixels == std::vector<std::uint8_t>{0, 255, 255});  // read on white
    }

    TEST_CASE("an address holds the whole picture") {
        const Picture picture{.width = 1, .height = 1, .pixels = {7}};
        CHECK(picture_address(picture) == "data:image/png;base64," + base64(png::encode(picture)));
    }
}
