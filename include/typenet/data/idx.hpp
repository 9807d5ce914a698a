#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/gzip.hpp>
#include <typenet/platform/large_pages.hpp>
#include <typenet/platform/mapped_file.hpp>

namespace typenet {

struct IdxOptions {
    float scale = 1;          ///< what a network sees of a feature is byte * scale
    std::size_t classes = 0;  ///< labels must be below it; 0 for any
};

namespace detail {

/// The product of the extents; the largest std::size_t when it is beyond that. No extent may be 0.
constexpr std::size_t product_of(std::span<const std::size_t> extents) noexcept {
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    std::size_t product = 1;
    for (const std::size_t extent : extents) product = product > largest / extent ? largest : product * extent;
    return product;
}

/// Reads an array of bytes from an IDX file, raw or gzip: two zero bytes, the type of the values (8), the number of
/// dimensions, the extents as big-endian 32-bit numbers, the values. Positions count from 0, in the inflated file.
class IdxReader {
public:
    /// Reads as far as the extents.
    explicit IdxReader(const std::filesystem::path& path) : name_(path.string()), file_(path), raw_(file_.bytes()) {
        if (is_gzip(raw_)) gzip_.emplace(raw_, name_);

        const std::array<std::uint8_t, 4> magic = read_word("the first 4 bytes");
        if (magic[0] != 0 || magic[1] != 0) fail("not an IDX file, which begins with two zero bytes");
        if (magic[2] != 8) {
            fail("byte 2 says that the values have the type " + std::to_string(magic[2]) +
                 "; expected 8, unsigned bytes");
        }
        for (std::size_t i = 0; i < magic[3]; ++i) {
            const std::array<std::uint8_t, 4> word = read_word("the extents");
            std::size_t extent = 0;
            for (const std::uint8_t byte : word) extent = extent << 8 | byte;
            if (extent == 0) fail("the array is empty: the extent at byte " + std::to_string(position_ - 4) + " is 0");
            extents_.push_back(extent);
        }
    }

    [[nodiscard]] std::span<const std::size_t> extents() const noexcept { return extents_; }
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    /// Reads as many bytes as the extents say, and makes sure that the file ends there. Never allocates much more than
    /// the file has to offer, whatever the extents say.
    [[nodiscard]] std::vector<std::uint8_t> read_values() {
        const std::size_t count = product_of(extents_);
        const std::size_t first = position_;
        if (!gzip_ && raw_.size() - first < count) fail_short(count, raw_.size() - first);

        std::vector<std::uint8_t> values;
        reserve_in_large_pages(values, gzip_ ? std::min(count, raw_.size() * usual_ratio) : count);
        while (values.size() < count) {
            const std::size_t done = values.size();
            const std::size_t piece = std::min(count - done, largest_piece);
            values.resize(done + piece);
            const std::size_t got = read(values.data() + done, piece);
            if (got != piece) fail_short(count, done + got);
            if (!gzip_) file_.release(position_);
        }
        std::uint8_t extra = 0;
        if (read(&extra, 1) != 0) {
            fail("there is more after byte " + std::to_string(position_ - 2) + ", where the array of " +
                 std::to_string(count) + " bytes ends");
        }
        return values;
    }

    [[noreturn]] void fail(const std::string& reason) const { throw FileError(name_, reason); }

private:
    static constexpr std::size_t usual_ratio = 8;                       // of inflated to packed bytes
    static constexpr std::size_t largest_piece = std::size_t{1} << 18;  // made and filled within the caches

    /// Reads up to `count` bytes and returns their number, less than `count` only at the end of the file.
    std::size_t read(std::uint8_t* out, std::size_t count) {
        std::size_t got = 0;
        if (gzip_) {
            got = gzip_->read(out, count);
        } else {
            got = std::min(count, raw_.size() - position_);
            std::copy_n(raw_.data() + position_, got, reinterpret_cast<char*>(out));
        }
        position_ += got;
        return got;
    }

    std::array<std::uint8_t, 4> read_word(const char* what) {
        std::array<std::uint8_t, 4> word{};
        if (read(word.data(), word.size()) != word.size()) {
            fail("the file ends after " + std::to_string(position_) + " bytes, within " + what);
        }
        return word;
    }

    [[noreturn]] void fail_short(std::size_t expected, std::size_t found) const {
        fail("the file ends too early: expected " + std::to_string(expected) + " values, found " +
             std::to_string(found));
    }

    std::string name_;
    MappedFile file_;
    std::string_view raw_;
    std::optional<GzipReader> gzip_;
    std::size_t position_ = 0;
    std::vector<std::size_t> extents_;
};

}  // namespace detail

/// Reads images and their labels from a pair of IDX files, the layout of the original MNIST files. Each file may be
/// packed with gzip where the library is built with zlib. Images have two or more dimensions, the first of which counts
/// them, and FeatureCount bytes each; labels have one.
///
/// Throws OptionError for a scale that makes no sense, and FileError for a file that is missing or unreadable, isn't
/// IDX, has values other than unsigned bytes, is cut off, damaged or too long, for images of another size, for another
/// number of labels than of images, and for a label that is not below `classes`.
template <std::size_t FeatureCount>
[[nodiscard]] Dataset<FeatureCount> load_idx(const std::filesystem::path& images, const std::filesystem::path& labels,
                                             const IdxOptions& options = {}) {
    static_assert(FeatureCount > 0, "load_idx<FeatureCount> needs at least one feature");
    detail::require_scale("load_idx", "scale", static_cast<double>(options.scale));

    detail::IdxReader image_reader(images);
    const std::span<const std::size_t> extents = image_reader.extents();
    if (extents.size() < 2) {
        image_reader.fail("byte 3 says that the array has " + std::to_string(extents.size()) +
                          " dimensions; images have 2 or more");
    }
    if (const std::size_t size = detail::product_of(extents.subspan(1)); size != FeatureCount) {
        image_reader.fail("the images have " + std::to_string(size) + " pixels, expected " +
                          std::to_string(FeatureCount));
    }

    detail::IdxReader label_reader(labels);
    if (label_reader.extents().size() != 1) {
        label_reader.fail("byte 3 says that the array has " + std::to_string(label_reader.extents().size()) +
                          " dimensions; labels have 1");
    }
    if (label_reader.extents()[0] != extents[0]) {
        label_reader.fail("there are " + std::to_string(label_reader.extents()[0]) + " labels, but " +
                          std::to_string(extents[0]) + " images in " + images.string());
    }

    const std::size_t first_label = label_reader.position();
    const std::vector<std::uint8_t> classes = label_reader.read_values();
    if (options.classes != 0) {
        const auto wrong =
            std::find_if(classes.begin(), classes.end(), [&](std::uint8_t label) { return label >= options.classes; });
        if (wrong != classes.end()) {
            const std::size_t position = first_label + static_cast<std::size_t>(wrong - classes.begin());
            label_reader.fail("the label " + std::to_string(*wrong) + " at byte " + std::to_string(position) +
                              " is too large for " + std::to_string(options.classes) + " classes, counted from 0");
        }
    }
    return {Features<FeatureCount>(image_reader.read_values(), options.scale),
            Labels(std::vector<std::int32_t>(classes.begin(), classes.end()))};
}

}  // namespace typenet
