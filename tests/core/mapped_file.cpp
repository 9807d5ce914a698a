#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <utility>

#include <typenet/core/mapped_file.hpp>

#include "../support/temporary_file.hpp"

#if __has_include(<sys/wait.h>)
#    include <sys/stat.h>
#    include <sys/wait.h>
#    include <unistd.h>

#    include <thread>
#endif

using namespace typenet;
using support::TemporaryDirectory;

TEST_SUITE("core/mapped_file") {
    TEST_CASE("shows exactly the bytes of the file") {
        const TemporaryDirectory directory;
        const std::string bytes("a\0b\r\n\xFF", 6);
        const MappedFile file(directory.write("file", bytes));
        CHECK(file.bytes() == bytes);
    }

    TEST_CASE("an empty file has no bytes") {
        const TemporaryDirectory directory;
        CHECK(MappedFile(directory.write("file", "")).bytes().empty());
    }

    TEST_CASE("moving hands the bytes over") {
        const TemporaryDirectory directory;
        MappedFile first(directory.write("first", "one"));
        MappedFile second(std::move(first));
        CHECK(second.bytes() == "one");
        MappedFile third(directory.write("third", "three"));
        third = std::move(second);
        CHECK(third.bytes() == "one");
    }

    TEST_CASE("a missing file is named, with the system's reason") {
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

    TEST_CASE("a directory is called a directory") {
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
