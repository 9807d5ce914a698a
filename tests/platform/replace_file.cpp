#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <typenet/platform/file_reader.hpp>
#include <typenet/platform/replace_file.hpp>

#include "../support/temporary_file.hpp"

#if __has_include(<sys/wait.h>)
#    include <fcntl.h>
#    include <sys/resource.h>
#    include <sys/socket.h>
#    include <sys/stat.h>
#    include <sys/un.h>
#    include <sys/wait.h>
#    include <unistd.h>
#endif

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

void replace_text(const std::filesystem::path& path, std::string_view text) {
    replace_file(path, std::as_bytes(std::span(text)));
}

std::ptrdiff_t entries(const std::filesystem::path& directory) {
    return std::distance(std::filesystem::directory_iterator(directory), {});
}

}  // namespace

TEST_SUITE("platform/replace_file") {
    TEST_CASE("a new file is written, and no other file stays") {
        const TemporaryDirectory directory;
        replace_text(directory / "file", "new");
        CHECK(bytes_of(directory / "file") == "new");
        CHECK(entries(directory.path()) == 1);
    }

    TEST_CASE("a file is replaced by a shorter and by a longer one") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "the old contents");
        replace_text(path, "short");
        CHECK(bytes_of(path) == "short");
        replace_text(path, "longer than the old contents");
        CHECK(bytes_of(path) == "longer than the old contents");
        CHECK(entries(directory.path()) == 1);
    }

    TEST_CASE("every byte value is written unchanged") {
        const TemporaryDirectory directory;
        std::string bytes;
        for (int i = 0; i < 100'000; ++i) bytes.push_back(static_cast<char>(i));
        replace_text(directory / "file", bytes);
        CHECK(bytes_of(directory / "file") == bytes);
    }

    TEST_CASE("an empty file is written") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        replace_file(path, {});
        CHECK(std::filesystem::exists(path));
        CHECK(std::filesystem::file_size(path) == 0);
    }

#if !defined(_WIN32)
    TEST_CASE("a reader that opened the old file still reads its contents") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        std::ifstream reader(path);
        replace_text(path, "new");
        std::string read;
        reader >> read;
        CHECK(read == "old");
    }
#else
    TEST_CASE("a file that somebody has open isn't replaced, and no other file stays") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        {
            const std::ifstream reader(path);
            CHECK_THROWS_AS(replace_text(path, "new"), FileError);
            CHECK(bytes_of(path) == "old");
            CHECK(entries(directory.path()) == 1);
        }
        replace_text(path, "new");
        CHECK(bytes_of(path) == "new");
    }

    TEST_CASE("an old temporary file is removed, a young one and one that is open are not") {
        const TemporaryDirectory directory;
        const auto hours_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(2);
        for (const char* name : {"old.typenet.tmp", "open.typenet.tmp"}) {
            std::filesystem::last_write_time(directory.write(name, ""), hours_ago);
        }
        (void)directory.write("young.typenet.tmp", "");
        const std::ifstream reader(directory / "open.typenet.tmp");
        replace_text(directory / "file", "new");
        CHECK_FALSE(std::filesystem::exists(directory / "old.typenet.tmp"));
        CHECK(std::filesystem::exists(directory / "open.typenet.tmp"));
        CHECK(std::filesystem::exists(directory / "young.typenet.tmp"));
    }
#endif

    TEST_CASE("a name may have characters of any script") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.path() / std::filesystem::path(u8"Größe 日本語");
        replace_text(path, "new");
        CHECK(read_file(path) == "new");
        CHECK(entries(directory.path()) == 1);
    }

    TEST_CASE("a missing folder is an error, and is not created") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "missing" / "file";
        const std::string message = path.string() + ": cannot be written: " + std::generic_category().message(ENOENT);
        CHECK_THROWS_WITH_AS(replace_text(path, "new"), message.c_str(), FileError);
        CHECK(entries(directory.path()) == 0);
    }

    TEST_CASE("a directory is an error that says so, and stays") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "folder";
        std::filesystem::create_directory(path);
        CHECK_THROWS_WITH_AS(replace_text(path, "new"), (path.string() + ": is a directory, not a file").c_str(),
                             FileError);
        CHECK(std::filesystem::is_directory(path));
        CHECK(entries(path) == 0);
        CHECK(entries(directory.path()) == 1);
    }

    TEST_CASE("of several threads that replace one file, each writes all its contents") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "file";
        std::atomic<int> failures = 0;
        const auto write_often = [&](char letter) {
            for (int i = 0; i < 50; ++i) {
                try {
                    replace_text(path, std::string(50'000, letter));
                    const std::string now = read_file(path);  // on Windows it waits while the file is renamed
                    if (now.size() != 50'000 || now.find_first_not_of(now[0]) != now.npos) ++failures;
                } catch (const FileError&) {
                    ++failures;
                }
            }
        };
        std::thread other(write_often, 'a');
        write_often('b');
        other.join();
        CHECK(failures.load() == 0);
        CHECK(entries(directory.path()) == 1);
    }

#if __has_include(<sys/wait.h>)
    TEST_CASE("if the disk is full, the old file stays, and no other file") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        const ::pid_t child = ::fork();
        if (child == 0) {
            const ::rlimit limit{1000, 1000};  // the largest size of a file, in bytes, for this process
            if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(2);
            try {
                replace_text(path, std::string(100'000, 'x'));
            } catch (const FileError& error) {
                ::_exit(error.what() == path.string() + ": cannot be written: " + std::generic_category().message(EFBIG)
                            ? 0
                            : 3);
            }
            ::_exit(4);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        CHECK(bytes_of(path) == "old");
        CHECK(entries(directory.path()) == 1);
    }

    TEST_CASE("a file keeps its permissions, and a new one has those of any new file") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        using std::filesystem::perms;
        for (const perms wanted : {perms::owner_read | perms::owner_write, perms(0640), perms(0755)}) {
            std::filesystem::permissions(path, wanted);
            replace_text(path, "new");
            CHECK((std::filesystem::status(path).permissions() == wanted));
        }
        replace_text(directory / "other", "new");
        (void)directory.write("plain", "made by a stream");
        CHECK((std::filesystem::status(directory / "other").permissions() ==
               std::filesystem::status(directory / "plain").permissions()));
    }

    TEST_CASE("root gives a file back to its owner") {
        if (::geteuid() != 0) {
            MESSAGE("skipped: only root can give files away");
            return;
        }
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        REQUIRE(::chown(path.c_str(), 1234, 567) == 0);
        replace_text(path, "new");
        struct ::stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK(status.st_uid == 1234);
        CHECK(status.st_gid == 567);
    }

    TEST_CASE("of a symbolic link, the file that it leads to is replaced, also where that doesn't exist yet") {
        const TemporaryDirectory directory;
        std::filesystem::create_directory(directory / "inner");
        const std::filesystem::path target = directory / "inner/file";
        std::filesystem::create_symlink("inner/file", directory / "link");
        std::filesystem::create_symlink(directory / "link", directory / "link to link");
        replace_text(directory / "link to link", "new");
        CHECK(std::filesystem::is_symlink(directory / "link"));
        CHECK(std::filesystem::is_symlink(directory / "link to link"));
        CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(target)));
        CHECK(bytes_of(target) == "new");
        replace_text(directory / "link", "newer");
        CHECK(bytes_of(target) == "newer");
        CHECK(entries(directory / "inner") == 1);
        std::filesystem::create_symlink("round", directory / "round");
        CHECK_THROWS_AS(replace_text(directory / "round", "new"), FileError);
    }

    TEST_CASE("a pipe gets the contents and stays a pipe; a device and an open file are written to") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        std::string read;
        std::thread reader([&] { read = bytes_of(path); });
        replace_text(path, "through the pipe");
        reader.join();
        CHECK(read == "through the pipe");
        CHECK(std::filesystem::is_fifo(path));

        replace_text("/dev/null", "nothing");
        CHECK(std::filesystem::is_character_file("/dev/null"));

        const int descriptor = ::open(directory.write("out", "before, ").c_str(), O_WRONLY | O_APPEND);
        REQUIRE(descriptor >= 0);
        std::filesystem::path open_file = "/dev/fd/";
        open_file += std::to_string(descriptor);
        if (std::filesystem::exists(open_file)) {
            replace_text(open_file, "new");
            CHECK(bytes_of(directory / "out") == "before, new");
        }
        ::close(descriptor);
        CHECK(entries(directory.path()) == 2);
    }

    TEST_CASE("a file on the memory disk below /dev is replaced like any other") {
        if (!std::filesystem::is_directory("/dev/shm")) return;
        const std::filesystem::path path = "/dev/shm/typenet-test-" + std::to_string(::getpid());
        replace_text(path, "old");
        replace_text(path, "new");
        CHECK(bytes_of(path) == "new");
        std::filesystem::remove(path);
    }

    TEST_CASE("a socket is refused") {
        const TemporaryDirectory directory;
        const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = (directory / "socket").string();
        REQUIRE(path.size() < sizeof address.sun_path);
        path.copy(address.sun_path, path.size());
        REQUIRE(::bind(descriptor, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) == 0);
        const std::string sentence = directory.path().string() + "/socket: is neither a file nor a pipe";
        CHECK_THROWS_WITH_AS(replace_text(path, "new"), sentence.c_str(), FileError);
        CHECK(std::filesystem::is_socket(path));
        ::close(descriptor);
    }

    TEST_CASE("what a killed process left behind is removed by the next call in its folder, and nothing else is") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        const ::pid_t child = ::fork();
        if (child == 0) {
            detail::TemporaryFile abandoned(path);
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(entries(directory.path()) == 2);
        (void)directory.write("file.typenet.tmp.txt", "the user's own");
        {
            const detail::TemporaryFile in_use(path);
            replace_text(directory / "another", "new");
            CHECK(entries(directory.path()) == 4);  // file, another, the user's own, and the one in use
            CHECK(bytes_of(path) == "old");
        }
        CHECK(entries(directory.path()) == 3);
    }

    TEST_CASE("a folder without write permission is an error; the old file stays, and no other file") {
        // Root may write anywhere, so a child process without privileges does the writing.
        enum Outcome { written, refused, still_privileged, failed_otherwise };
        const auto outcome_of_writing = [](const std::filesystem::path& path) {
            const ::pid_t child = ::fork();
            if (child == 0) {
                constexpr ::uid_t nobody = 65534;
                if (::geteuid() == 0 && ::setuid(nobody) != 0) ::_exit(still_privileged);
                try {
                    replace_text(path, "new");
                    ::_exit(written);
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
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("file", "old");
        using std::filesystem::perms;
        constexpr perms read_only = perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec;
        std::filesystem::permissions(directory.path(), read_only);
        const int outcome = outcome_of_writing(path);
        std::filesystem::permissions(directory.path(), perms::all);
        if (outcome == still_privileged) {
            MESSAGE("skipped: the test runs as root and cannot drop its privileges");
            return;
        }
        CHECK(outcome == refused);
        CHECK(bytes_of(path) == "old");
        CHECK(entries(directory.path()) == 1);
        CHECK(outcome_of_writing(path) == written);
        CHECK(bytes_of(path) == "new");
    }
#endif
}
