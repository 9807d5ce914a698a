#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <typenet/core/error.hpp>
#include <typenet/io/detail/zip.hpp>
#include <vector>

#include <doctest/doctest.h>

// ZIP archives: written and read, the bytes of another writer, and damaged ones.

using namespace typenet;
using namespace typenet::detail;
using namespace std::string_view_literals;

namespace {

/// Made by Python's zipfile: an entry "a" with the bytes "hello" and an extra field as numpy.savez has it, an entry
/// "dir/b" without bytes, a comment "note".
const std::string from_python = std::string(
    "\x50\x4b\x03\x04\x2d\x00\x00\x00\x00\x00\x00\x00\x21\x00\x86\xa6\x10\x36\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"
    "\x14\x00\x61\x01\x00\x10\x00\x05\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x68\x65\x6c\x6c\x6f"
    "\x50\x4b\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00"
    "\x00\x00\x64\x69\x72\x2f\x62\x50\x4b\x01\x02\x2d\x03\x2d\x00\x00\x00\x00\x00\x00\x00\x21\x00\x86\xa6\x10\x36\x05"
    "\x00\x00\x00\x05\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x61\x50\x4b"
    "\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x38\x00\x00\x00\x64\x69\x72\x2f\x62\x50\x4b\x05\x06\x00\x00\x00"
    "\x00\x02\x00\x02\x00\x62\x00\x00\x00\x5b\x00\x00\x00\x04\x00\x6e\x6f\x74\x65"sv);

std::string archive_of(const std::vector<ZipEntry>& entries) { return write_zip(entries); }

/// Why an archive is refused, without the file's name; nothing where it is taken.
std::string complaint(std::string_view archive) {
    try {
        (void)read_zip("file", archive);
        return "";
    } catch (const FileError& error) {
        return std::string(error.what()).substr(6);
    }
}

std::string with_byte(std::string archive, std::size_t at, int value) {
    archive.at(at) = static_cast<char>(value);
    return archive;
}

}  // namespace

TEST_SUITE("io/detail/zip") {
    TEST_CASE("what was written is read, in its order") {
        const std::string zeros(1000, '\0');
        const std::string archive = archive_of({{"b.npy", "bytes"}, {"a", zeros}, {"empty", ""}});
        const std::vector<ZipEntry> read = read_zip("file", archive);
        REQUIRE(read.size() == 3);
        CHECK(read[0].name == "b.npy");
        CHECK(read[0].bytes == "bytes");
        CHECK(read[1].name == "a");
        CHECK(read[1].bytes == zeros);
        CHECK(read[2].bytes.empty());
        CHECK(read_zip("file", archive_of({})).empty());
    }

    TEST_CASE("an archive of another writer is read, comment and all") {
        const std::vector<ZipEntry> read = read_zip("file", from_python);
        REQUIRE(read.size() == 2);
        CHECK(read[0].name == "a");
        CHECK(read[0].bytes == "hello");
        CHECK(read[1].name == "dir/b");
        CHECK(read[1].bytes.empty());
    }

    TEST_CASE("an archive cut short anywhere is refused") {
        const std::string archive = archive_of({{"a", "bytes"}, {"b", "more"}});
        for (std::size_t size = 0; size < archive.size(); ++size) {
            CAPTURE(size);
            CHECK(complaint(archive.substr(0, size)) == "is not a ZIP archive, or is damaged: it has no end record");
        }
    }

    TEST_CASE("a changed byte is refused, or changes no name and no content") {
        for (const std::string& archive : {archive_of({{"a", "bytes"}, {"b", "more"}}), from_python}) {
            const std::vector<ZipEntry> entries = read_zip("file", archive);
            for (std::size_t at = 0; at < archive.size(); ++at) {
                for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
                    CAPTURE(at);
                    CAPTURE(flip);
                    const std::string damaged = with_byte(archive, at, archive[at] ^ flip);
                    if (!complaint(damaged).empty()) continue;
                    const std::vector<ZipEntry> read = read_zip("file", damaged);
                    REQUIRE(read.size() == entries.size());
                    for (std::size_t i = 0; i < entries.size(); ++i) {
                        CHECK(read[i].name == entries[i].name);
                        CHECK(read[i].bytes == entries[i].bytes);
                    }
                }
            }
        }
    }

    TEST_CASE("what is compressed or encrypted is refused by its name") {
        const std::string archive = archive_of({{"a", "bytes"}});
        const std::size_t directory = archive.find("PK\1\2");
        CHECK(complaint(with_byte(archive, directory + 10, 8)) ==
              "a is compressed; numpy.savez writes arrays as they are");
        CHECK(complaint(with_byte(archive, directory + 8, 1)) == "a is encrypted");
    }

    TEST_CASE("two entries of one name, and entries in the same place, are refused") {
        CHECK(complaint(archive_of({{"a", "1"}, {"b", "2"}, {"a", "3"}})) == "has two entries named a");
        // Two entries of the directory for one place.
        std::string archive = archive_of({{"a", "1"}, {"a", "1"}});
        const std::size_t second = archive.rfind("PK\1\2");
        for (std::size_t i = 0; i < 4; ++i) archive[second + 42 + i] = '\0';
        CHECK(complaint(archive) == "the entries a and a overlap");
    }

    TEST_CASE("the directory's end must agree with the directory") {
        const std::string archive = archive_of({{"a", "bytes"}, {"b", "more"}});
        const std::size_t end = archive.size() - 22;
        const std::string damaged = "is not a ZIP archive, or is damaged: ";
        CHECK(complaint(with_byte(with_byte(archive, end + 8, 1), end + 10, 1)) ==
              damaged + "its directory has more entries than its end record says");
        CHECK(complaint(with_byte(with_byte(archive, end + 8, 3), end + 10, 3)) ==
              damaged + "there are fewer bytes than announced");
        CHECK(complaint(with_byte(archive, end + 4, 1)) == damaged + "its end record doesn't fit the file");
    }

    TEST_CASE("changed bytes are noticed by their checksum") {
        const std::string archive = archive_of({{"a", "bytes"}, {"b", "more"}});
        CHECK(complaint(with_byte(archive, archive.find("more"), 'M')) ==
              "is damaged: the bytes of b have another checksum");
    }

    TEST_CASE("entries in the same place are refused before their bytes are read again and again") {
        // 60,000 entries for one megabyte: their checksums would take a minute.
        std::vector<ZipEntry> entries(60'000, {"a", ""});
        const std::string megabyte(1'000'000, 'x');
        entries[0].bytes = megabyte;
        std::string archive = archive_of(entries);
        const std::size_t directory = archive.find("PK\1\2");
        for (std::size_t i = 1; i < entries.size(); ++i) {
            std::copy_n(archive.begin() + static_cast<std::ptrdiff_t>(directory), 47,
                        archive.begin() + static_cast<std::ptrdiff_t>(directory + i * 47));
        }
        CHECK(complaint(archive) == "the entries a and a overlap");
    }

    TEST_CASE("sizes and places beyond the end are refused") {
        const std::string archive = archive_of({{"a", "bytes"}});
        const std::size_t directory = archive.find("PK\1\2");
        const std::string damaged = "is not a ZIP archive, or is damaged: ";
        CHECK(complaint(with_byte(archive, directory + 45, 0x7F)) == damaged + "there are fewer bytes than announced");
        CHECK(complaint(with_byte(archive, directory + 27, 0x7F)) == damaged + "there are fewer bytes than announced");
        CHECK(complaint(with_byte(archive, directory + 23, 0x7F)) == damaged + "a has two sizes");
        CHECK(complaint(with_byte(archive, archive.size() - 3, 0x7F)) ==
              damaged + "its end record doesn't fit the file");
        CHECK(complaint(with_byte(archive, archive.size() - 12, 2)) == damaged + "its end record doesn't fit the file");
    }
}
