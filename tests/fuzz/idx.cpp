#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fuzz/fuzz.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <support/gzip.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/idx.hpp>
#include <variant>
#include <vector>

/// load_idx, plain and gzip, against a reader that is as simple as possible: both give the same dataset, or both refuse
/// the files. load_idx throws FileError and nothing else.
///
/// An input: a byte for the options, the length of the labels' file, that file, then the images' file. The options say
/// which files the target compresses, so that fuzzing gets behind gzip's checksums; a file may also be gzip itself.
namespace {

using namespace typenet;

constexpr std::size_t feature_count = 4;
constexpr std::size_t gzip_images = 1, gzip_labels = 2, eight_classes = 4, packed = 8;  // bits of the options

/// The extents and the values of an IDX file.
struct Array {
    std::vector<std::size_t> extents;
    std::string_view values;
};

std::optional<Array> read_array(std::string_view file) {
    if (file.size() < 4 || !file.starts_with(std::string_view("\0\0\x08", 3))) return {};
    Array array;
    const std::size_t dimensions = static_cast<unsigned char>(file[3]);
    file.remove_prefix(4);
    if (file.size() / 4 < dimensions) return {};
    std::size_t count = 1;
    for (std::size_t i = 0; i < dimensions; ++i) {
        std::size_t extent = 0;
        for (std::size_t byte = 0; byte < 4; ++byte) extent = 256 * extent + static_cast<unsigned char>(file[byte]);
        file.remove_prefix(4);
        array.extents.push_back(extent);
        count = std::min<std::size_t>(count * extent, 1U << 31);  // that is too many in any case
    }
    if (file.size() != count || count == 0) return {};
    array.values = file;
    return array;
}

/// The pixels and the labels of two plain files.
struct Images {
    std::string_view pixels;
    std::string_view labels;
};

/// Returns nothing when the files are not as load_idx wants them.
std::optional<Images> read_simply(std::string_view images, std::string_view labels, std::size_t classes) {
    const std::optional<Array> pixels = read_array(images);
    const std::optional<Array> targets = read_array(labels);
    if (!pixels || !targets || pixels->extents.size() < 2 || targets->extents.size() != 1) return {};
    if (pixels->values.size() != feature_count * pixels->extents[0]) return {};
    if (pixels->extents[0] != targets->extents[0]) return {};
    for (const char label : targets->values) {
        if (classes != 0 && static_cast<unsigned char>(label) >= classes) return {};
    }
    return Images{pixels->values, targets->values};
}

bool is_gzip(std::string_view file) { return file.starts_with("\x1F\x8B"); }

}  // namespace

std::vector<std::string> fuzz::seeds() {
    using namespace std::string_literals;
    const std::string labels = "\0\0\x08\x01\0\0\0\x02\x01\x07"s;
    const std::string images =
        "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02"
        "12345678"s;
    const std::string flat =
        "\0\0\x08\x02\0\0\0\x02\0\0\0\x04"
        "12345678"s;
    std::vector<std::string> seeds;
    for (const char options : "\0\1\2\3\7\x0B\x0F"s) {
        seeds.push_back(std::string(1, options) + with_length(labels) + (options < 3 ? images : flat));
    }
    seeds.push_back("\0"s + with_length(support::gzip(labels)) + support::gzip(images));
    seeds.push_back("\2"s + with_length(labels) + support::gzip(images.substr(0, 9)) +
                    support::gzip(images.substr(9), 0));
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    const std::string_view labels = input.text();
    const std::string_view images = input.rest();

    const auto write = [&](const char* name, std::string_view bytes, std::size_t option) {
        if ((options & option) == 0) return fuzz::file(name, bytes);
        return fuzz::file(name, support::gzip(bytes, (options & packed) != 0 ? 1 : 0));
    };
    const std::filesystem::path images_file = write("images", images, gzip_images);
    const std::filesystem::path labels_file = write("labels", labels, gzip_labels);
    const std::size_t classes = (options & eight_classes) != 0 ? 8 : 0;
    const std::optional<Images> expected = read_simply(images, labels, classes);
    // The simple reader doesn't inflate: a file that is gzip itself it can't read.
    const bool is_plain =
        ((options & gzip_images) != 0 || !is_gzip(images)) && ((options & gzip_labels) != 0 || !is_gzip(labels));
    try {
        const Dataset<feature_count> dataset =
            load_idx<feature_count>(images_file, labels_file, {.scale = 0.5F, .classes = classes});
        if (!is_plain) return 0;
        fuzz::require(expected.has_value(), "load_idx refuses what its comment says it refuses");
        const auto same = [](auto value, char byte) { return value == static_cast<unsigned char>(byte); };
        const auto& pixels = std::get<std::vector<std::uint8_t>>(dataset.features().storage());
        const auto& classes_read = dataset.targets().values();
        fuzz::require(std::equal(pixels.begin(), pixels.end(), expected->pixels.begin(), expected->pixels.end(), same),
                      "load_idx gives the file's pixels");
        fuzz::require(std::equal(classes_read.begin(), classes_read.end(), expected->labels.begin(),
                                 expected->labels.end(), same),
                      "load_idx gives the file's labels");
    } catch (const FileError&) {
        fuzz::require(!is_plain || !expected, "load_idx reads what its comment says it reads");
    }
    return 0;
}
