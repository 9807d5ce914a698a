#include <cstddef>
#include <cstdint>
#include <fuzz/fuzz.hpp>
#include <mnist/png.hpp>
#include <string>
#include <string_view>
#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <vector>

/// read_png of the MNIST program. Either it throws FileError, or it returns as many pixels as the header says. It
/// allocates no more memory than the file's bytes can be worth: tests/run.sh --fuzz sets libFuzzer's limit.
///
/// An input: a byte for the options, then a file. By the options the target writes the checksums of its chunks.
namespace {

constexpr std::size_t repaired_checksums = 1;  // a bit of the options
constexpr std::size_t signature_size = 8;

std::string big_endian(std::size_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
    return bytes;
}

/// Returns the number in four bytes of `file`; 0 where they are not all there.
std::size_t number(std::string_view file, std::size_t place) {
    std::size_t value = 0;
    for (std::size_t i = place; i < place + 4; ++i) {
        value = 256 * value + (i < file.size() ? static_cast<unsigned char>(file[i]) : 0);
    }
    return value;
}

/// Writes the checksums of the chunks up to the first IEND.
void repair_checksums(std::string& file) {
    for (std::size_t chunk = signature_size; chunk + 12 <= file.size();) {
        const std::size_t size = number(file, chunk);
        if (size > file.size() - chunk - 12) return;
        const std::string_view hashed = std::string_view(file).substr(chunk + 4, size + 4);
        file.replace(chunk + 8 + size, 4, big_endian(typenet::crc32(hashed)));
        if (file.compare(chunk + 4, 4, "IEND") == 0) return;
        chunk += 12 + size;
    }
}

/// Returns a PNG of 3 x 2 pixels with a palette. `bits` of each channel; `kind`: grey, colours and so on, as the format
/// counts them. Its rows, of `row_size` bytes, aren't compressed.
std::string make_png(char bits, char kind, std::size_t row_size, char interlaced) {
    const auto chunk = [](std::string_view type, std::string_view data) {
        const std::string hashed = std::string(type).append(data);
        return big_endian(data.size()) + hashed + big_endian(typenet::crc32(hashed));
    };
    const std::string rows = std::string(2, '\0').append(2 * row_size + 2, '\1');
    const auto size = static_cast<char>(rows.size());
    const std::string stored = std::string{'\x78', '\1', '\1', size, '\0', static_cast<char>(~size), '\xFF'} + rows;
    std::string png = "\x89PNG\r\n\x1a\n";
    png += chunk("IHDR", big_endian(3) + big_endian(2) + bits + kind + std::string(2, '\0') + interlaced);
    if (kind == 3) png += chunk("PLTE", "abcdef") + chunk("tRNS", std::string_view("\x7F\xFF", 2));
    return png + chunk("IDAT", stored + std::string(4, '\0')) + chunk("IEND", "");
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
    std::vector<std::string> seeds;
    for (const char options : {'\0', '\1'}) {
        for (const char interlaced : {'\0', '\1'}) {
            for (const std::string& png :
                 {make_png(8, 0, 3, interlaced), make_png(1, 0, 1, interlaced), make_png(16, 6, 24, interlaced),
                  make_png(8, 2, 9, interlaced), make_png(2, 3, 1, interlaced), make_png(8, 4, 6, interlaced)}) {
                seeds.push_back(std::string(1, options) + png);
            }
        }
    }
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    std::string file(input.rest());
    if ((options & repaired_checksums) != 0) repair_checksums(file);
    const std::size_t width = number(file, 16);
    const std::size_t height = number(file, 20);
    try {
        const mnist::GreyImage image = mnist::read_png(fuzz::file("image.png", file));
        fuzz::require(image.width == width && image.height == height && image.pixels.size() == width * height,
                      "an image has as many pixels as its header says");
        std::string repaired = file;
        repair_checksums(repaired);
        fuzz::require(repaired == file, "an image with a wrong checksum is refused");
    } catch (const typenet::FileError&) {
    }
    return 0;
}
