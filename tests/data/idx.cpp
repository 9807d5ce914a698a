#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <typenet/data/idx.hpp>

#include "../support/gzip.hpp"
#include "../support/peak_memory.hpp"
#include "../support/temporary_file.hpp"

#if defined(__linux__)
#    include <sys/resource.h>
#endif
#if defined(__unix__)
#    include <sys/stat.h>

#    include <fstream>
#    include <thread>
#endif

using namespace typenet;
using namespace std::string_literals;
using support::TemporaryDirectory;

namespace {

/// Returns an IDX file: the header for an array with the given extents, then `values`.
std::string idx(std::initializer_list<std::uint32_t> extents, std::string_view values, char type = 8) {
    std::string bytes = {0, 0, type, static_cast<char>(extents.size())};
    for (const std::uint32_t extent : extents) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift & 0xFF);
    }
    return bytes.append(values);
}

/// Three images of 2 x 2 pixels and their labels.
const std::string images = idx({3, 2, 2}, "\x00\x01\x02\x03\x80\x81\x82\x83\xFC\xFD\xFE\xFF"s);
const std::string labels = idx({3}, "\x00\x09\x04"s);

template <std::size_t F = 4>
Dataset<F> load(std::string_view image_bytes, std::string_view label_bytes, const IdxOptions& options = {}) {
    const TemporaryDirectory directory;
    return load_idx<F>(directory.write("images", image_bytes), directory.write("labels", label_bytes), options);
}

/// Checks that loading fails with an error about the file `file` whose text contains `reason`.
template <std::size_t F = 4>
void check_fails(std::string_view image_bytes, std::string_view label_bytes, std::string_view file,
                 const std::string& reason, const IdxOptions& options = {}) {
    try {
        const Dataset<F> data = load<F>(image_bytes, label_bytes, options);
        FAIL_CHECK("loaded " << data.size() << " rows; expected: " << reason);
    } catch (const FileError& error) {
        CAPTURE(error.what());
        CAPTURE(reason);
        CHECK(std::filesystem::path(error.file()).filename() == file);
        CHECK(std::string_view(error.what()).find(reason) != std::string_view::npos);
    }
}

void check_whole(const Dataset<4>& data) {
    CHECK(std::get<std::vector<std::uint8_t>>(data.features().storage()) ==
          std::vector<std::uint8_t>{0, 1, 2, 3, 128, 129, 130, 131, 252, 253, 254, 255});
    CHECK(data.targets().values() == std::vector<std::int32_t>{0, 9, 4});
}

}  // namespace

TEST_SUITE("data/idx") {
    TEST_CASE("reads images as bytes, and labels") { check_whole(load(images, labels)); }

    TEST_CASE("keeps the scale") { CHECK(load(images, labels, {.scale = 0.5F}).row(1)[0] == 64); }

    TEST_CASE("images may have two or more dimensions") {
        const std::string pixels = images.substr(16);
        check_whole(load(idx({3, 4}, pixels), labels));
        check_whole(load(idx({3, 1, 2, 1, 2}, pixels), labels));
        check_fails(idx({12}, pixels), labels, "images", "byte 3 says that the array has 1 dimensions");
        check_fails(idx({}, ""), labels, "images", "byte 3 says that the array has 0 dimensions");
    }

    TEST_CASE("labels have one dimension") {
        check_fails(images, idx({3, 1}, "abc"), "labels", "byte 3 says that the array has 2 dimensions; labels have 1");
    }

    TEST_CASE("a file that isn't IDX is refused") {
        check_fails("label,a\n1,2\n", labels, "images", "not an IDX file");
        check_fails(images, "\0x\x08\x01"s, "labels", "not an IDX file");
    }

    TEST_CASE("values other than unsigned bytes are refused") {
        check_fails(idx({3, 2, 2}, images.substr(16), 0x0D), labels, "images",
                    "byte 2 says that the values have the type 13");
        check_fails(images, idx({3}, "abc", 0x09), "labels", "type 9; expected 8, unsigned bytes");
    }

    TEST_CASE("images of another size are refused") {
        check_fails<5>(images, labels, "images", "the images have 4 pixels, expected 5");
    }

#if defined(__linux__)
    // This case comes before the others about size: memory that they allocate would hide an allocation here.
    TEST_CASE("a header that announces gigabytes allocates no memory") {
        const auto peak_in_megabytes = [] {
            ::rusage usage{};
            REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
            return usage.ru_maxrss / 1024;
        };
        const long before = peak_in_megabytes();
        const std::string many_images = idx({1'000'000'000, 2, 2}, "abcd");
        const std::string many_labels = idx({1'000'000'000}, "abcd");
        check_fails(many_images, many_labels, "labels", "expected 1000000000 values, found 4");
#    if TYPENET_USE_ZLIB
        check_fails(support::gzip(many_images), support::gzip(many_labels), "labels",
                    "expected 1000000000 values, found 4");
#    endif
        CHECK(peak_in_megabytes() - before < 100);
    }
#endif

    TEST_CASE("extents beyond all memory are refused") {
        const std::uint32_t most = 0xFFFFFFFFU;
        check_fails(idx({3, most, most, most}, ""), labels, "images", "pixels, expected 4");
        // The product of the last four is 2^64 + 4.
        check_fails(idx({3, 111620, 8681, 49477, 384773}, images.substr(16)), labels, "images", "pixels, expected 4");
        check_fails(idx({most, 2, 2}, "abcd"), idx({most}, "abcd"), "labels", "expected 4294967295 values, found 4");
        check_fails(idx({most, 2, 2}, "abcd"), labels, "labels", "there are 3 labels, but 4294967295 images");
    }

    TEST_CASE("an extent of 0 is refused") {
        check_fails(idx({0, 2, 2}, ""), idx({0}, ""), "images", "the array is empty: the extent at byte 4 is 0");
        check_fails(idx({3, 2, 0}, ""), labels, "images", "the extent at byte 12 is 0");
    }

    TEST_CASE("more or fewer labels than images are refused") {
        check_fails(images, idx({2}, "ab"), "labels", "there are 2 labels, but 3 images in");
        check_fails(images, idx({4}, "abcd"), "labels", "there are 4 labels, but 3 images in");
    }

    TEST_CASE("labels must be below the number of classes") {
        check_whole(load(images, labels, {.classes = 10}));
        check_fails(images, labels, "labels",
                    "the label 9 at byte 9 is too large for 9 classes; labels count from 0 to 8", {.classes = 9});
        check_fails(images, idx({3}, "\x03\x01\x02"), "labels", "but these seem to count from 1", {.classes = 3});
    }

    TEST_CASE("a file cut off anywhere is refused") {
        for (std::size_t length = 0; length < images.size(); ++length) {
            CAPTURE(length);
            check_fails(images.substr(0, length), labels, "images", "the file ends");
        }
        for (std::size_t length = 0; length < labels.size(); ++length) {
            CAPTURE(length);
            check_fails(images, labels.substr(0, length), "labels", "the file ends");
        }
    }

    TEST_CASE("the message about a short file says how much is missing") {
        check_fails(images.substr(0, 20), labels, "images", "expected 12 values, found 4");
        check_fails(images.substr(0, 6), labels, "images", "the file ends after 6 bytes, within the extents");
    }

    TEST_CASE("bytes after the array are refused") {
        check_fails(images + 'x', labels, "images", "there are bytes after byte 27");
        check_fails(images, labels + 'x', "labels", "there are bytes after byte 10");
    }

    TEST_CASE("a missing file and a directory are errors") {
        const TemporaryDirectory directory;
        const std::filesystem::path good = directory.write("labels", labels);
        CHECK_THROWS_AS((void)load_idx<4>(directory / "missing", good), FileError);
        CHECK_THROWS_AS((void)load_idx<4>(directory.path(), good), FileError);
        CHECK_THROWS_AS((void)load_idx<4>(directory.write("images", images), directory / "missing"), FileError);
    }

    TEST_CASE("a scale of 0, or one that isn't finite, is refused") {
        for (const float scale :
             {0.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
            CHECK_THROWS_WITH_AS((void)load(images, labels, {.scale = scale}), doctest::Contains("load_idx: scale is "),
                                 OptionError);
        }
    }

#if defined(__unix__)
    TEST_CASE("a pipe is read like a file") {
        const std::string pixels(600'000, '\7');
        const std::string bytes = idx({150'000, 2, 2}, pixels);
        const TemporaryDirectory directory;
        const auto label_path = directory.write("labels", idx({150'000}, std::string(150'000, '\1')));
        const std::filesystem::path path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        std::thread writer([&] { std::ofstream(path, std::ios::binary) << bytes; });
        const Dataset<4> data = load_idx<4>(path, label_path);
        writer.join();
        CHECK(data.size() == 150'000);
        CHECK(std::get<std::vector<std::uint8_t>>(data.features().storage()) ==
              std::vector<std::uint8_t>(pixels.begin(), pixels.end()));
    }
#endif

    TEST_CASE("a file that becomes shorter while it is read is an error") {
        const TemporaryDirectory directory;
        const auto path = directory.write("images", images);
        detail::IdxReader reader(path);
        std::filesystem::resize_file(path, images.size() - 1);
        CHECK_THROWS_WITH_AS((void)reader.read_values(), doctest::Contains("images: became shorter while it was read"),
                             FileError);
    }

#if TYPENET_USE_ZLIB
    TEST_CASE("reads gzip, for either file") {
        check_whole(load(support::gzip(images), labels));
        check_whole(load(images, support::gzip(labels)));
        check_whole(load(support::gzip(images), support::gzip(labels)));
    }

    TEST_CASE("reads several concatenated gzip files, as gzip does") {
        check_whole(load(support::gzip(images.substr(0, 10)) + support::gzip(images.substr(10)), labels));
        check_whole(load(support::gzip(images) + support::gzip(""), labels));
    }

    TEST_CASE("reads gzip data with a very high compression ratio") {
        const std::uint32_t count = 3000;
        const auto data = load<784>(support::gzip(idx({count, 28, 28}, std::string(count * 784, '\0'))),
                                    support::gzip(idx({count}, std::string(count, '\1'))));
        CHECK(data.size() == count);
        CHECK(data.row(count - 1)[783] == 0);
    }

#    if defined(__linux__)
    TEST_CASE("reading gzip takes memory for the values alone, however small the file is") {
        const std::uint32_t count = 80'000;
        const std::string zeros = support::gzip(idx({count, 28, 28}, std::string(count * 784, '\0')));
        const std::string ones = support::gzip(idx({count}, std::string(count, '\1')));
        CHECK(support::runs_within(count * 1000, [&] { return load<784>(zeros, ones).size() == count; }));
    }
#    endif

    TEST_CASE("gzip cut off anywhere is refused") {
        const std::string compressed = support::gzip(images);
        for (std::size_t length = 2; length < compressed.size(); ++length) {
            CAPTURE(length);
            check_fails(compressed.substr(0, length), labels, "images", "the gzip file is cut off");
        }
    }

    TEST_CASE("gzip with any single bit changed is refused or gives the same data") {
        const std::string compressed = support::gzip(images);
        for (std::size_t bit = 16; bit < compressed.size() * 8; ++bit) {
            CAPTURE(bit);
            std::string damaged = compressed;
            damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
            try {
                check_whole(load(damaged, labels));
            } catch (const FileError& error) {
                CHECK(std::filesystem::path(error.file()).filename() == "images");
            }
        }
    }

    TEST_CASE("gzip with a wrong checksum is refused") {
        std::string compressed = support::gzip(images);
        compressed[compressed.size() - 8] = static_cast<char>(compressed[compressed.size() - 8] ^ 1);
        check_fails(compressed, labels, "images", "the gzip file is damaged");
    }

    TEST_CASE("bytes after the gzip data are refused") {
        check_fails(support::gzip(images) + "xyz", labels, "images", "the gzip file is damaged");
    }

    TEST_CASE("a gzip file whose data is longer or shorter than its IDX header says is refused") {
        check_fails(support::gzip(images.substr(0, 20)), labels, "images", "expected 12 values, found 4");
        check_fails(support::gzip(images + 'x'), labels, "images", "there are bytes after byte 27");
        const std::uint32_t most = 0xFFFFFFFFU;
        check_fails(support::gzip(idx({most, 2, 2}, "abcd")), support::gzip(idx({most}, "abcd")), "labels",
                    "expected 4294967295 values, found 4");
    }
#else
    TEST_CASE("without zlib, a gzip file is refused with a message that says so") {
        check_fails("\x1F\x8B\x08", labels, "images", "built without zlib");
    }
#endif
}
