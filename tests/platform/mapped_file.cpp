#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <typenet/platform/mapped_file.hpp>

#include "../support/temporary_file.hpp"

#if __has_include(<sys/wait.h>)
#    include <sys/stat.h>
#    include <sys/wait.h>
#    include <unistd.h>

#    include <thread>
#endif

using namespace typenet;
using support::TemporaryDirectory;

TEST_SUITE("platform/mapped_file") {
    TEST_CASE("bytes() returns exactly the bytes of the file") {
        const TemporaryDirectory directory;
        const std::string bytes("a\0b\r\n\xFF", 6);
        const MappedFile file(directory.write("file", bytes));
        CHECK(file.bytes() == bytes);
    }

    TEST_CASE("an empty file has no bytes") {
        const TemporaryDirectory directory;
        CHECK(MappedFile(directory.write("file", "")).bytes().empty());
    }

    TEST_CASE("moving transfers the bytes") {
        const TemporaryDirectory directory;
        MappedFile first(directory.write("first", "one"));
        MappedFile second(std::move(first));
        CHECK(second.bytes() == "one");
        MappedFile third(directory.write("third", "three"));
        third = std::move(second);
        CHECK(third.bytes() == "one");
    }

    TEST_CASE("released bytes can still be read") {
        const TemporaryDirectory directory;
        std::string bytes(5'000'000, 'x');
        for (std::size_t i = 0; i < bytes.size(); i += 4096) bytes[i] = static_cast<char>('a' + i / 4096 % 26);
        MappedFile file(directory.write("file", bytes));
        for (const std::size_t count : {std::size_t{1}, std::size_t{3'000'000}, std::size_t{100}, bytes.size() + 1}) {
            file.release(count);
            CHECK(file.bytes() == bytes);
        }
        MappedFile other(std::move(file));
        other.release(bytes.size());
        CHECK(other.bytes() == bytes);
        MappedFile(directory.write("empty", "")).release(10);
    }

#if defined(__linux__)
    TEST_CASE("released bytes occupy no memory") {
        const auto shared_bytes = [] {
            std::ifstream statistics("/proc/self/statm");
            std::size_t whole = 0, resident = 0, shared = 0;
            statistics >> whole >> resident >> shared;
            return shared * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        };
        constexpr std::size_t size = std::size_t{32} << 20;
        const TemporaryDirectory directory;
        MappedFile file(directory.write("file", std::string(size, 'x')));
        const std::size_t before = shared_bytes();
        REQUIRE(std::count(file.bytes().begin(), file.bytes().end(), 'x') == std::ptrdiff_t{size});
        CHECK(shared_bytes() > before + size * 3 / 4);
        file.release(size / 2);
        CHECK(shared_bytes() < before + size * 3 / 4);
        file.release(size);
        CHECK(shared_bytes() < before + size / 4);
    }
#endif

    TEST_CASE("a missing file is an error that names it and the system's reason") {
        const TemporaryDirectory directory;
        const std::string path = (directory / "missing").string();
        try {
            const MappedFile file(path);
            FAIL("opened a file that isn't there");
        } catch (const FileError& error) {
            CHECK(error.file() == path);
            CHECK(error.what() == path + ": cannot be opened: " + std::generic_category().message(ENOENT));
        }
    }

    TEST_CASE("a directory is an error that says so") {
        const TemporaryDirectory directory;
        const std::string path = directory.path().string();
        CHECK_THROWS_WITH_AS(MappedFile{path}, (path + ": is a directory, not a file").c_str(), FileError);
    }

#if __has_include(<sys/wait.h>)
    TEST_CASE("a pipe is read to its end") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        const std::string bytes(200'000, 'x');
        std::thread writer([&] { std::ofstream(path, std::ios::binary) << bytes; });
        const MappedFile file(path);
        writer.join();
        CHECK(file.bytes() == bytes);
    }

    TEST_CASE("a file without read permission is an error") {
        // Root may read anything, so a child process without privileges does the reading.
        enum Outcome { opened, refused, still_privileged, failed_otherwise };
        const TemporaryDirectory directory;
        const auto outcome_of_reading = [](const std::filesystem::path& path) {
            const ::pid_t child = ::fork();
            if (child == 0) {
                constexpr ::uid_t nobody = 65534;
                if (::geteuid() == 0 && ::setuid(nobody) != 0) ::_exit(still_privileged);
                try {
                    const MappedFile file(path);
                    ::_exit(opened);
                } catch (const FileError&) {
                    ::_exit(refused);
                } catch (...) {
                    ::_exit(failed_otherwise);
                }
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            return WIFEXITED(status) ? WEXITSTATUS(status) : int{failed_otherwise};
        };
        const std::filesystem::path path = directory.write("file", "1,2\n");
        using std::filesystem::perms;
        std::filesystem::permissions(path, perms::owner_read | perms::group_read | perms::others_read);
        const int readable = outcome_of_reading(path);
        if (readable == still_privileged) {
            MESSAGE("skipped: the test runs as root and cannot drop its privileges");
            return;
        }
        CHECK(readable == opened);
        std::filesystem::permissions(path, perms::none);
        CHECK(outcome_of_reading(path) == refused);
    }
#endif
}
