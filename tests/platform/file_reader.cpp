#include <doctest/doctest.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include <typenet/platform/file_reader.hpp>

#include "../support/temporary_file.hpp"

#if __has_include(<sys/wait.h>)
#    include <sys/stat.h>
#    include <sys/wait.h>
#    include <unistd.h>
#endif

using namespace typenet;
using support::TemporaryDirectory;

TEST_SUITE("platform/file_reader") {
    TEST_CASE("read_file returns exactly the bytes of the file") {
        const TemporaryDirectory directory;
        const std::string bytes("a\0b\r\n\xFF", 6);
        CHECK(read_file(directory.write("file", bytes)) == bytes);
        CHECK(read_file(directory.write("file", "")).empty());
        const std::string large(300'000, 'x');
        CHECK(read_file(directory.write("file", large)) == large);
    }

    TEST_CASE("a file is read in pieces of any size") {
        const TemporaryDirectory directory;
        FileReader reader(directory.write("file", "abcdefg"));
        CHECK(reader.size() == 7);
        std::string piece(3, '-');
        CHECK(reader.read(piece.data(), 3) == 3);
        CHECK(piece == "abc");
        CHECK(reader.read(piece.data(), 0) == 0);
        CHECK(reader.read(piece.data(), 3) == 3);
        CHECK(piece == "def");
        CHECK(reader.read(piece.data(), 3) == 1);
        CHECK(piece == "gef");
        CHECK(reader.read(piece.data(), 3) == 0);
    }

#if defined(_WIN32)
    TEST_CASE("a file that another program has for itself is waited for, for about a second") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "abc");
        const int descriptor = detail::system::create_descriptor(path, _O_RDONLY, _SH_DENYRW);
        REQUIRE(descriptor >= 0);
        const std::string sentence = path.string() + ": cannot be opened: " + std::generic_category().message(EACCES);
        CHECK_THROWS_WITH_AS((void)read_file(path), sentence.c_str(), FileError);
        std::thread owner([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            ::_close(descriptor);
        });
        CHECK(read_file(path) == "abc");
        owner.join();
    }
#endif

    TEST_CASE("a file that becomes shorter while it is read is an error") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", std::string(100'000, 'x'));
        FileReader reader(path);
        std::string piece(50'000, '-');
        REQUIRE(reader.read(piece.data(), piece.size()) == piece.size());
        std::filesystem::resize_file(path, 70'000);
        CHECK_THROWS_WITH_AS((void)reader.read(piece.data(), piece.size()),
                             (path.string() + ": became shorter while it was read").c_str(), FileError);
    }

    TEST_CASE("a file that becomes longer is read to its new end") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "abc");
        FileReader reader(path);
        std::ofstream(path, std::ios::app) << std::string(200'000, 'x');
        CHECK(read_all(reader, reader.size()).size() == 200'003);
    }

    TEST_CASE("a missing file is an error that names it and the system's reason") {
        const TemporaryDirectory directory;
        const std::string path = (directory / "missing").string();
        try {
            const FileReader file(path);
            FAIL("opened a file that isn't there");
        } catch (const FileError& error) {
            CHECK(error.file() == path);
            CHECK(error.what() == path + ": cannot be opened: " + std::generic_category().message(ENOENT));
        }
    }

    TEST_CASE("a directory is an error that says so") {
        const TemporaryDirectory directory;
        const std::string path = directory.path().string();
        CHECK_THROWS_WITH_AS(FileReader{path}, (path + ": is a directory, not a file").c_str(), FileError);
    }

#if __has_include(<sys/wait.h>)
    TEST_CASE("a pipe is read to its end") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        const std::string bytes(200'000, 'x');
        std::thread writer([&] { std::ofstream(path, std::ios::binary) << bytes; });
        CHECK(read_file(path) == bytes);
        writer.join();
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
                    const FileReader file(path);
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
