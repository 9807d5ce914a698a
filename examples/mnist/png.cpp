#include "mnist/png.hpp"

#include <fstream>
#include <ios>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#include <stb_image.h>

#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>

namespace mnist {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t most_pixels = 100'000'000;
constexpr std::uint64_t most_inflated = 1032;  // bytes that deflate can make of one: 258 bytes take at least 2 bits

constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";

std::uint32_t big_endian(std::string_view four_bytes) {
    std::uint32_t value = 0;
    for (const char byte : four_bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

/// Returns the fewest bytes of pixels, before compression, that a PNG of this size has. 0 for a `color_type` that the
/// format doesn't know, which the decoder refuses.
std::uint64_t size_of_pixels(std::uint64_t width, std::uint64_t height, unsigned bit_depth, unsigned color_type) {
    constexpr unsigned channels[] = {1, 0, 3, 1, 2, 0, 4};
    if (color_type >= std::size(channels)) return 0;
    return (width * bit_depth * channels[color_type] + 7) / 8 * height;
}

/// Checks a PNG, `bytes` beginning with its signature, before its pixels are decoded. Returns what is wrong, or "". The
/// decoder verifies no checksums and would return a damaged picture. It also allocates memory for as many pixels as the
/// header claims, before it sees whether the file has them.
std::string fault_of_png(std::string_view bytes) {
    constexpr std::string_view header = "\0\0\0\x0dIHDR"sv;
    constexpr std::size_t around_data = 12;  // bytes: length and type before a chunk's data, checksum after it
    bytes.remove_prefix(signature.size());
    if (bytes.size() >= around_data + 13) {
        if (!bytes.starts_with(header)) return "is a damaged PNG image: it does not start with its header";
        const std::uint64_t width = big_endian(bytes.substr(8));
        const std::uint64_t height = big_endian(bytes.substr(12));
        if (width * height > most_pixels) {
            return "is too large: " + std::to_string(width) + " x " + std::to_string(height) + " pixels, at most " +
                   std::to_string(most_pixels) + " are read";
        }
        const auto bit_depth = static_cast<unsigned char>(bytes[16]);
        const auto color_type = static_cast<unsigned char>(bytes[17]);
        if (size_of_pixels(width, height, bit_depth, color_type) > most_inflated * bytes.size()) {
            return "is a damaged PNG image: its " + std::to_string(bytes.size() + signature.size()) +
                   " bytes can't hold " + std::to_string(width) + " x " + std::to_string(height) + " pixels";
        }
    }
    while (bytes.size() >= around_data) {
        const std::size_t size = big_endian(bytes);
        if (bytes.size() - around_data < size) break;
        const std::string_view type_and_data = bytes.substr(4, 4 + size);
        if (typenet::crc32(type_and_data) != big_endian(bytes.substr(8 + size))) {
            return "is a damaged PNG image: a checksum does not match";
        }
        if (type_and_data.starts_with("IEND")) return {};
        bytes.remove_prefix(around_data + size);
    }
    return "is a truncated PNG image";
}

}  // namespace

GreyImage read_png(const std::filesystem::path& path) {
    const auto fail = [&](const std::string& reason) { throw typenet::FileError(path.string(), reason); };

    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) fail("is a directory, not a PNG image");
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("cannot be opened");
    std::string bytes(signature.size(), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (file.bad()) fail("cannot be read");
    if (bytes != signature) fail("is not a PNG image");  // the rest is not read: the file may be an endless stream
    bytes.append(std::istreambuf_iterator<char>(file), {});
    if (file.bad()) fail("cannot be read");
    if (const std::string fault = fault_of_png(bytes); !fault.empty()) fail(fault);
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) fail("is too large: over 2 GB");

    int width = 0;
    int height = 0;
    int channels = 0;
    constexpr int grey_and_alpha = 2;
    const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
        stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()), static_cast<int>(bytes.size()), &width,
                              &height, &channels, grey_and_alpha),
        &stbi_image_free);
    if (!pixels) fail(std::string("is a damaged PNG image: ") + stbi_failure_reason());

    GreyImage image{.pixels = {}, .width = static_cast<std::size_t>(width), .height = static_cast<std::size_t>(height)};
    image.pixels.resize(image.width * image.height);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        const int value = pixels.get()[2 * i];
        const int alpha = pixels.get()[2 * i + 1];
        image.pixels[i] = static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
    }
    return image;
}

}  // namespace mnist
