#if !defined(_WIN32)

#    include <doctest/doctest.h>

#    include <cerrno>
#    include <cstdio>
#    include <filesystem>
#    include <memory>

#    include <fcntl.h>
#    include <sys/file.h>
#    include <sys/stat.h>
#    include <sys/wait.h>
#    include <unistd.h>

#    include <typenet/platform/detail/posix.hpp>

#    include "../../support/temporary_file.hpp"

using namespace typenet;
using support::TemporaryDirectory;
namespace fs = std::filesystem;
namespace sys = detail::system;

namespace {

/// A C stream that is closed at the end of its scope.
using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Stream stream(std::FILE* file) { return {file, &std::fclose}; }

/// Returns whether somebody has locked the file.
bool is_locked(const fs::path& path) {
    const Stream file = stream(std::fopen(path.c_str(), "rb"));
    return ::flock(::fileno(file.get()), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

::mode_t mode_of(const fs::path& path) {
    struct ::stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_SUITE("platform/detail/posix") {
    TEST_CASE("another process has another number") {
        const long number = sys::process_id();
        CHECK(number == sys::process_id());
        const ::pid_t child = ::fork();
        if (child == 0) ::_exit(sys::process_id() == number ? 1 : 0);
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(status == 0);
    }

    TEST_CASE("a created file is in use until it is closed, and no program that is started holds it") {
        const TemporaryDirectory directory;
        {
            const Stream file = stream(sys::create_file(directory / "file"));
            REQUIRE(file);
            CHECK(is_locked(directory / "file"));
            CHECK((::fcntl(::fileno(file.get()), F_GETFD) & FD_CLOEXEC) != 0);
        }
        CHECK_FALSE(is_locked(directory / "file"));
    }

    TEST_CASE("of the files with the ending, those that nobody has in use are removed, and nothing else is") {
        const TemporaryDirectory directory;
        const fs::path abandoned = directory.write("abandoned.tmp", "");
        const fs::path other = directory.write("file.tmp.txt", "");
        const fs::path target = directory.write("target", "");
        fs::create_directory(directory / "folder.tmp");
        fs::create_symlink(target, directory / "link.tmp");
        REQUIRE(::mkfifo((directory / "pipe.tmp").c_str(), 0600) == 0);
        const Stream in_use = stream(sys::create_file(directory / "in_use.tmp"));
        REQUIRE(in_use);
        sys::remove_abandoned_files(directory.path(), ".tmp");
        CHECK_FALSE(fs::exists(abandoned));
        for (const char* name : {"file.tmp.txt", "target", "folder.tmp", "link.tmp", "pipe.tmp", "in_use.tmp"}) {
            CAPTURE(name);
            CHECK(fs::exists(directory / name));
        }
    }

    TEST_CASE("a new file gets the mode of the file that it replaces, whatever the process's mask") {
        const TemporaryDirectory directory;
        const fs::path old = directory.write("old", "");
        const Stream file = stream(sys::create_file(directory / "new"));
        REQUIRE(file);
        for (const ::mode_t mode : {0400U, 0640U, 0777U}) {
            REQUIRE(::chmod(old.c_str(), mode) == 0);
            CHECK(sys::take_over_permissions(file.get(), old));
            CHECK(mode_of(directory / "new") == mode);
        }
    }

    TEST_CASE("what can't be synced to a disk is refused, with the reason in errno") {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const Stream reader = stream(::fdopen(ends[0], "rb"));
        const Stream writer = stream(::fdopen(ends[1], "wb"));
        errno = 0;
        CHECK_FALSE(sys::sync_to_disk(writer.get()));
        CHECK(errno == EINVAL);
    }

    TEST_CASE("a file is renamed while it is in use, and stays in use") {
        static_assert(sys::renames_open_files);
        const TemporaryDirectory directory;
        const Stream file = stream(sys::create_file(directory / "new"));
        REQUIRE(file);
        CHECK_FALSE(sys::replace(directory / "new", directory.write("old", "")));
        CHECK(is_locked(directory / "old"));
    }

    TEST_CASE("a file can't be locked as a folder, and no program that is started holds a folder") {
        const TemporaryDirectory directory;
        const auto none = sys::lock_folder(directory.write("file", ""));
        REQUIRE(none);
        CHECK(*none < 0);
        const auto lock = sys::lock_folder(directory.path());
        REQUIRE(lock);
        CHECK((::fcntl(*lock, F_GETFD) & FD_CLOEXEC) != 0);
        sys::unlock_folder(*lock);
    }
}

#endif
