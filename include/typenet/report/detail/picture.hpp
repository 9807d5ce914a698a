#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/hash.hpp>
#include <typenet/core/namespace.hpp>

/// Small pictures inside an HTML page: PNG as an address "data:image/png;base64,...". Pixels aren't compressed: deflate
/// has blocks of stored bytes for that. Sources: W3C, Portable Network Graphics (third edition); RFC 1950 (zlib), 1951
/// (deflate), 4648 (base64).
namespace TYPENET::detail {

/// A picture of `width` x `height` pixels, row by row from the top, each a byte: a grey value, 0 black and 255 white,
/// or, where there is a palette, one of its colours.
struct Picture {
    struct Color {
        std::uint8_t red = 0, green = 0, blue = 0;
        std::uint8_t opacity = 255;  ///< 0: the page shows through
    };

    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> pixels = {};
    std::vector<Color> palette = {};  ///< empty, or 256 colours
};

/// How many pixels the pictures of mistakes, and those of weights, have at most, so that the page stays below 1 MB.
inline constexpr std::size_t most_pixels = 200'000;

namespace png {

inline void add_big_endian(std::string& bytes, std::uint32_t number) {
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift & 255);
}

/// Returns the checksum of zlib's format.
constexpr std::uint32_t adler32(std::string_view bytes) noexcept {
    constexpr std::uint32_t prime = 65521;
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const char byte : bytes) {
        a = (a + static_cast<unsigned char>(byte)) % prime;
        b = (b + a) % prime;
    }
    return b << 16 | a;
}

/// Returns bytes in zlib's format, stored.
inline std::string stored(std::string_view bytes) {
    constexpr std::size_t most = 65535;  // bytes of a block
    std::string stream = "\x78\x01";
    const std::uint32_t checksum = adler32(bytes);
    do {
        const std::string_view block = bytes.substr(0, most);
        bytes.remove_prefix(block.size());
        const auto size = static_cast<std::uint16_t>(block.size());
        stream += bytes.empty() ? '\1' : '\0';
        for (const unsigned length : {unsigned{size}, ~unsigned{size}}) {
            stream += static_cast<char>(length & 255);
            stream += static_cast<char>(length >> 8 & 255);
        }
        stream += block;
    } while (!bytes.empty());
    add_big_endian(stream, checksum);
    return stream;
}

inline void add_chunk(std::string& file, std::string_view type, std::string_view data) {
    add_big_endian(file, static_cast<std::uint32_t>(data.size()));
    const std::size_t begin = file.size();
    file.append(type).append(data);
    add_big_endian(file, crc32(std::string_view(file).substr(begin)));
}

/// Returns a picture as the bytes of a PNG file.
inline std::string encode(const Picture& picture) {
    const bool has_palette = !picture.palette.empty();
    std::string header;
    add_big_endian(header, static_cast<std::uint32_t>(picture.width));
    add_big_endian(header, static_cast<std::uint32_t>(picture.height));
    header += '\x08';                         // bits a pixel
    header += has_palette ? '\x03' : '\x00';  // kind of colours
    header.append(3, '\0');                   // compression, filter, interlace

    std::string lines;
    for (std::size_t y = 0; y < picture.height; ++y) {
        lines += '\0';  // no filter
        const auto first = picture.pixels.begin() + static_cast<std::ptrdiff_t>(y * picture.width);
        lines.append(first, first + static_cast<std::ptrdiff_t>(picture.width));
    }

    std::string file = "\x89PNG\r\n\x1a\n";
    add_chunk(file, "IHDR", header);
    if (has_palette) {
        std::string colors;
        std::string opacities;
        for (const Picture::Color& color : picture.palette) {
            for (const std::uint8_t part : {color.red, color.green, color.blue}) colors += static_cast<char>(part);
            opacities += static_cast<char>(color.opacity);
        }
        add_chunk(file, "PLTE", colors);
        add_chunk(file, "tRNS", opacities);
    }
    add_chunk(file, "IDAT", stored(lines));
    add_chunk(file, "IEND", {});
    return file;
}

}  // namespace png

inline std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            three = three << 8 | (k < there ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) text += k > there ? '=' : digits[three >> (18 - 6 * k) & 63];
    }
    return text;
}

/// Returns the picture as the address of an <img>.
inline std::string picture_address(const Picture& picture) {
    return "data:image/png;base64," + base64(png::encode(picture));
}

}  // namespace TYPENET::detail
