#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mnist/network.hpp>
#include <mnist/web_page.hpp>
#include <string>
#include <support/temporary_file.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/header.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

/// Checks the page's WebAssembly module and returns its length in base64 characters.
std::size_t module_size(const std::string& page) {
    const std::string begin = "<script type=\"application/wasm\" id=\"module\">";
    const std::size_t first = page.find(begin);
    REQUIRE(first != std::string::npos);
    const std::size_t from = first + begin.size() + 1;
    const std::size_t end = page.find("</script>", from);
    REQUIRE(page.compare(from, 6, "AGFzbQ") == 0);  // \0asm
    CHECK(page.substr(from, end - from)
              .find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n") ==
          std::string::npos);
    return end - from;
}

}  // namespace

// tests/interchange/draw_digits.mjs tests the page's behaviour in a browser.
TEST_SUITE("examples/mnist/web_page") {
    TEST_CASE("a page is a single file that contains the network and requests no other file") {
        const TemporaryDirectory directory;
        const std::filesystem::path folder = directory / "it's a \"page\"";
        const mnist::Digits net(Seed{1});
        const auto write_header = [&](const std::filesystem::path& path, const std::string& name) {
            export_header(net, path, {.name = name}, {.input_scale = 1.0F / 255});
        };
        mnist::write_page(folder, write_header);
        CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
        const std::string page = bytes_of(folder / "index.html");
        const std::size_t weights = 4 * mnist::Digits::parameter_count;
        CHECK(module_size(page) > weights * 4 / 3);
        CHECK(module_size(page) < weights * 4 / 3 + 60'000);
        CHECK(page.find("src=") == std::string::npos);
        CHECK(page.find("@module@") == std::string::npos);

        const Dataset<784> blank(Features<784>(std::vector<std::uint8_t>(784, 255), 1.0F / 255), Labels({0}));
        const auto small = quantize(net, blank, {.most_disagreement = 1});
        mnist::write_page(folder, [&](const std::filesystem::path& path, const std::string& name) {
            export_header(small, path, {.name = name}, {.input_scale = 1.0F / 255});
        });
        CHECK(module_size(bytes_of(folder / "index.html")) < weights * 4 / 3 / 2);
    }

    TEST_CASE("a folder that can't be created is an error") {
        const TemporaryDirectory directory;
        const std::filesystem::path folder = directory.write("file", "") / "folder";
        const auto write_header = [](const std::filesystem::path& path, const std::string& name) {
            export_header(mnist::Digits(), path, {.name = name});
        };
        CHECK_THROWS_AS(mnist::write_page(folder, write_header), FileError);
    }
}
