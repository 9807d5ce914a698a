#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/data_file.hpp>
#include <typenet/platform/large_pages.hpp>
#include <typenet/platform/path_text.hpp>

/// Loads images and labels from IDX files, the format of the original MNIST. An IDX file is one array of bytes:
///
///     0 0 type dimensions     4 bytes; the type is 8 for unsigned bytes
///     extents                 one for each dimension: 32 bits, the highest byte first
///     values                  the last dimension varies fastest
///
/// `load_idx` opens an IdxReader for each of the two files, compares their extents and reads their values directly
/// into the dataset's memory. Positions in messages are bytes of the uncompressed file and count from 0.
namespace TYPENET {

/// The options of `load_idx`.
struct IdxOptions {
    float scale = 1;          ///< a network is given the bytes times this, such as 1.0F / 255; finite, not 0
    std::size_t classes = 0;  ///< labels must be below it; 0 for any labels
};

namespace detail {

/// Returns the product of the extents, or the largest std::size_t when the product is larger. No extent may be 0.
constexpr std::size_t product_of(std::span<const std::size_t> extents) noexcept {
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    std::size_t product = 1;
    for (const std::size_t extent : extents) product = product > largest / extent ? largest : product * extent;
    return product;
}

/// Reads one IDX file, plain or gzip.
class IdxReader {
public:
    /// Reads the header: all that comes before the values.
    explicit IdxReader(const std::filesystem::path& path) : file_(path) {
        const std::array<std::uint8_t, 4> magic = read_word("the first 4 bytes");
        if (magic[0] != 0 || magic[1] != 0) fail({"not an IDX file, which begins with two zero bytes"});
        if (magic[2] != 8) {
            fail({"byte 2 says that the values have the type ", magic[2], "; expected 8, unsigned bytes"});
        }
        for (std::size_t i = 0; i < magic[3]; ++i) {
            const std::array<std::uint8_t, 4> word = read_word("the extents");
            std::size_t extent = 0;
            for (const std::uint8_t byte : word) extent = extent << 8 | byte;
            if (extent == 0) fail({"the array is empty: the extent at byte ", position_ - 4, " is 0"});
            extents_.push_back(extent);
        }
    }

    [[nodiscard]] std::span<const std::size_t> extents() const noexcept { return extents_; }

    /// Returns how many bytes of the uncompressed file have been read.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    /// Returns the values. Throws FileError when there are fewer or more than the extents say. Reserves no more memory
    /// than the file can fill, whatever the extents say, and touches no more than it does fill.
    [[nodiscard]] std::vector<std::uint8_t> read_values() {
        const std::size_t count = product_of(extents_);
        std::vector<std::uint8_t> values;
        reserve_in_large_pages(values, std::min(count, file_.largest_size()));
        while (values.size() < count) {
            const std::size_t done = values.size();
            const std::size_t piece = std::min(count - done, largest_piece);
            values.resize(done + piece);
            const std::size_t got = read(values.data() + done, piece);
            if (got != piece) fail_short(count, done + got);
        }
        std::uint8_t extra = 0;
        if (read(&extra, 1) != 0) {
            fail({"there are bytes after byte ", position_ - 2, ", where the array of ", count, " bytes ends"});
        }
        return values;
    }

    [[noreturn]] void fail(std::initializer_list<TextPart> reason) const {
        throw FileError(file_.name(), join(reason));
    }

private:
    static constexpr std::size_t largest_piece = std::size_t{1} << 18;  // 256 KiB, which stay in L2 until written

    /// Reads the next `count` bytes, or as many as are left, and returns how many.
    std::size_t read(std::uint8_t* out, std::size_t count) {
        const std::size_t got = file_.read(reinterpret_cast<char*>(out), count);
        position_ += got;
        return got;
    }

    std::array<std::uint8_t, 4> read_word(const char* what) {
        std::array<std::uint8_t, 4> word{};
        if (read(word.data(), word.size()) != word.size()) {
            fail({"the file ends after ", position_, " bytes, within ", what});
        }
        return word;
    }

    [[noreturn]] void fail_short(std::size_t expected, std::size_t found) const {
        fail({"the file ends too early: expected ", expected, " values, found ", found});
    }

    DataFile file_;
    std::size_t position_ = 0;
    std::vector<std::size_t> extents_;
};

}  // namespace detail

/// Loads images and their labels from a pair of IDX files. Either file may be compressed with gzip if the program is
/// built with zlib. The images' array has two or more dimensions: the first is the number of images, the product of the
/// others is FeatureCount. The labels' array has one dimension. Pixels are stored as bytes.
///
/// ```cpp
/// const Dataset<784> digits = load_idx<784>("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
///                                           {.scale = 1.0F / 255, .classes = 10});
/// ```
///
/// Memory is taken for the values alone, one byte for each. A gzip file can hold up to 1032 times as many as it has
/// bytes.
///
/// Throws OptionError when the scale is 0 or not finite. Throws FileError when a file can't be read, isn't IDX of
/// unsigned bytes, or is cut off, damaged or too long; when images have another size; when there are more or fewer
/// labels than images; and when a label is not below `classes`.
template <std::size_t FeatureCount>
[[nodiscard]] Dataset<FeatureCount> load_idx(const std::filesystem::path& images, const std::filesystem::path& labels,
                                             const IdxOptions& options = {}) {
    static_assert(FeatureCount > 0, "load_idx<FeatureCount> needs at least one feature");
    detail::require_scale("load_idx", "scale", static_cast<double>(options.scale));

    detail::IdxReader image_reader(images);
    const std::span<const std::size_t> extents = image_reader.extents();
    if (extents.size() < 2) {
        image_reader.fail({"byte 3 says that the array has ", extents.size(), " dimensions; images have 2 or more"});
    }
    if (const std::size_t size = detail::product_of(extents.subspan(1)); size != FeatureCount) {
        image_reader.fail({"the images have ", size, " pixels, expected ", FeatureCount});
    }

    detail::IdxReader label_reader(labels);
    if (label_reader.extents().size() != 1) {
        label_reader.fail(
            {"byte 3 says that the array has ", label_reader.extents().size(), " dimensions; labels have 1"});
    }
    if (label_reader.extents()[0] != extents[0]) {
        label_reader.fail({"there are ", label_reader.extents()[0], " labels, but ", extents[0], " images in ",
                           detail::path_text(images)});
    }

    const std::size_t first_label = label_reader.position();
    const std::vector<std::uint8_t> classes = label_reader.read_values();
    if (options.classes != 0) {
        const auto wrong =
            std::find_if(classes.begin(), classes.end(), [&](std::uint8_t label) { return label >= options.classes; });
        if (wrong != classes.end()) {
            const std::size_t position = first_label + static_cast<std::size_t>(wrong - classes.begin());
            const auto [least, most] = std::minmax_element(classes.begin(), classes.end());
            const bool from_1 = *least == 1 && *most == options.classes;
            label_reader.fail(
                {"the label ", *wrong, " at byte ", position, " ", detail::too_large_label(options.classes, from_1)});
        }
    }
    return {Features<FeatureCount>(image_reader.read_values(), options.scale),
            Labels(std::vector<std::int32_t>(classes.begin(), classes.end()))};
}

}  // namespace TYPENET
