#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <typenet/core/error.hpp>
#include <typenet/data/detail/data_file.hpp>
#include <typenet/platform/file_reader.hpp>

#include "../../support/gzip.hpp"
#include "../../support/temporary_file.hpp"

using namespace typenet;
using detail::DataFile;
using support::TemporaryDirectory;

namespace {

/// Returns all bytes of a file, read in pieces of `piece` bytes.
std::string read_in_pieces(const std::filesystem::path& path, std::size_t piece) {
    DataFile file(path);
    std::string bytes;
    std::string out(piece, '-');
    for (std::size_t got = piece; got == piece; bytes.append(out, 0, got)) got = file.read(out.data(), piece);
    return bytes;
}

/// Returns bytes that deflate can hardly compress.
std::string random_bytes(std::size_t count) {
    std::string bytes;
    for (std::uint32_t state = 1; bytes.size() < count; bytes += static_cast<char>(state >> 24)) {
        state = state * 1664525 + 1013904223;
    }
    return bytes;
}

}  // namespace

TEST_SUITE("data/detail/data_file") {
    TEST_CASE("a file is read in pieces of any size, however short it is") {
        const TemporaryDirectory directory;
        for (const std::string_view bytes : {"", "a", "ab", "abc", "\x1F", "\x1Fx", "abcdefgh"}) {
            const auto path = directory.write("file", bytes);
            for (std::size_t piece = 1; piece < 10; ++piece) CHECK(read_in_pieces(path, piece) == bytes);
            CHECK(DataFile(path).size() == bytes.size());
            CHECK(DataFile(path).largest_size() == bytes.size());
            CHECK(DataFile(path).name() == path.string());
        }
    }

    TEST_CASE("a file that becomes shorter while it is read is an error") {
        const TemporaryDirectory directory;
        const auto path = directory.write("file", "abcdefgh");
        DataFile file(path);
        std::filesystem::resize_file(path, 5);
        CHECK_THROWS_WITH_AS((void)read_all(file, file.size()), doctest::Contains("became shorter while it was read"),
                             FileError);
    }

#if TYPENET_USE_ZLIB
    TEST_CASE("a gzip file is inflated, also one of many blocks") {
        const TemporaryDirectory directory;
        for (const std::string& bytes : {std::string(), std::string("abc"), random_bytes(200'000)}) {
            const std::string packed = support::gzip(bytes);
            const auto path = directory.write("file", packed);
            for (const std::size_t piece : {1U, 1000U, 65536U, 1'000'000U}) {
                CHECK(read_in_pieces(path, piece) == bytes);
            }
            CHECK(DataFile(path).size() == 0);
            CHECK(DataFile(path).largest_size() == packed.size() * 1032);
            CHECK(read_in_pieces(directory.write("twice", packed + packed), 777) == bytes + bytes);
        }
    }

    TEST_CASE("a gzip file that is cut off is refused, also between two blocks") {
        const TemporaryDirectory directory;
        const std::string packed = support::gzip(random_bytes(200'000));
        for (const std::size_t size : {2U, 3U, 100U, 65537U, 65538U, 65539U, 131074U, 200'000U}) {
            CAPTURE(size);
            const auto path = directory.write("file", std::string_view(packed).substr(0, size));
            CHECK_THROWS_WITH_AS((void)read_in_pieces(path, 5000), doctest::Contains("the gzip file is cut off"),
                                 FileError);
        }
    }

    TEST_CASE("the place of damage counts all bytes of the file") {
        const TemporaryDirectory directory;
        std::string packed = support::gzip(random_bytes(200'000));
        packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // in the checksum
        const std::string reason = "damaged after " + std::to_string(packed.size() - 4) + " bytes";
        CHECK_THROWS_WITH_AS((void)read_in_pieces(directory.write("file", packed), 5000),
                             doctest::Contains(reason.c_str()), FileError);
    }
#endif
}
