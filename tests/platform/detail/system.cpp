#include <doctest/doctest.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include <typenet/platform/detail/system.hpp>

#include "../../support/temporary_file.hpp"

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;
namespace fs = std::filesystem;
namespace sys = detail::system;

namespace {

/// A C stream that is closed at the end of its scope.
using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Stream stream(std::FILE* file) { return {file, &std::fclose}; }

}  // namespace

// What all systems' functions do. What only one of them does is tested in posix.cpp and windows.cpp.
TEST_SUITE("platform/detail/system") {
    TEST_CASE("a file is opened by a name in any script, in the mode asked for") {
        const TemporaryDirectory directory;
        const fs::path path = directory.path() / fs::path(u8"Größe 日本語");
        CHECK(std::fputs("new", stream(sys::open_file(path, "wb")).get()) >= 0);
        CHECK(std::fputs("er", stream(sys::open_file(path, "ab")).get()) >= 0);
        CHECK(bytes_of(path) == "newer");
        CHECK(std::fgetc(stream(sys::open_file(path, "rb")).get()) == 'n');
    }

    TEST_CASE("a file that isn't there is null, with the reason in errno") {
        const TemporaryDirectory directory;
        errno = 0;
        CHECK(sys::open_file(directory / "missing", "rb") == nullptr);
        CHECK(errno == ENOENT);
    }

    TEST_CASE("a created file is empty and can be written") {
        const TemporaryDirectory directory;
        const fs::path path = directory.path() / fs::path(u8"Größe 日本語");
        {
            const Stream file = stream(sys::create_file(path));
            REQUIRE(file);
            CHECK(bytes_of(path).empty());
            CHECK(std::fputs("new", file.get()) >= 0);
            CHECK(std::fflush(file.get()) == 0);
            CHECK(sys::sync_to_disk(file.get()));
        }
        CHECK(bytes_of(path) == "new");
    }

    TEST_CASE("a file that is there isn't created again, and keeps its contents") {
        const TemporaryDirectory directory;
        const fs::path path = directory.write("file", "old");
        errno = 0;
        CHECK(sys::create_file(path) == nullptr);
        CHECK(errno == EEXIST);
        CHECK(bytes_of(path) == "old");
    }

    TEST_CASE("a file in a folder that isn't there isn't created, with the reason in errno") {
        const TemporaryDirectory directory;
        errno = 0;
        CHECK(sys::create_file(directory / "missing/file") == nullptr);
        CHECK(errno == ENOENT);
    }

    TEST_CASE("a file takes the place of another") {
        const TemporaryDirectory directory;
        const fs::path from = directory.write("from", "new");
        const fs::path to = directory.write("to", "old");
        CHECK_FALSE(sys::replace(from, to));
        CHECK(bytes_of(to) == "new");
        CHECK_FALSE(fs::exists(from));
    }

    TEST_CASE("a file that isn't there replaces none, and the system's reason is returned") {
        const TemporaryDirectory directory;
        const fs::path to = directory.write("to", "old");
        CHECK(sys::replace(directory / "missing", to) == std::errc::no_such_file_or_directory);
        CHECK(bytes_of(to) == "old");
    }

    TEST_CASE("a new file that replaces none has no permissions to take over") {
        const TemporaryDirectory directory;
        const Stream file = stream(sys::create_file(directory / "file"));
        REQUIRE(file);
        CHECK(sys::take_over_permissions(file.get(), directory / "missing"));
    }

    TEST_CASE("abandoned files are looked for in a folder that isn't there, and none is found") {
        const TemporaryDirectory directory;
        CHECK_NOTHROW(sys::remove_abandoned_files(directory / "missing", ".tmp"));
    }

    TEST_CASE("a folder is locked once, until it is unlocked") {
        const TemporaryDirectory directory;
        const auto first = sys::lock_folder(directory.path());
        REQUIRE(first);
        CHECK(*first >= 0);
        CHECK_FALSE(sys::lock_folder(directory.path()));
        sys::unlock_folder(*first);
        const auto second = sys::lock_folder(directory.path());
        REQUIRE(second);
        sys::unlock_folder(*second);
        CHECK(fs::is_empty(directory.path()));
    }

    TEST_CASE("the lock of a folder that isn't there holds nothing") {
        const TemporaryDirectory directory;
        const auto lock = sys::lock_folder(directory / "missing");
        REQUIRE(lock);
        CHECK(*lock < 0);
        sys::unlock_folder(*lock);
        CHECK_FALSE(fs::exists(directory / "missing"));
    }
}
