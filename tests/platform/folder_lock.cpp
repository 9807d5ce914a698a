#include <csignal>
#include <filesystem>
#include <optional>
#include <support/temporary_file.hpp>
#include <typenet/platform/folder_lock.hpp>

#include <doctest/doctest.h>

#if __has_include(<sys/wait.h>)
#    include <sys/wait.h>
#    include <unistd.h>
#endif

using namespace typenet;
using support::TemporaryDirectory;

TEST_SUITE("platform/folder_lock") {
    TEST_CASE("a folder has one owner at a time, and no file is left in it") {
        const TemporaryDirectory directory;
        std::optional<FolderLock> first;
        first.emplace(directory.path(), "is in use");
        const std::string sentence = directory.path().string().append(": is in use");
        CHECK_THROWS_WITH_AS(FolderLock(directory.path(), "is in use"), sentence.c_str(), FileError);
        const TemporaryDirectory other;
        CHECK_NOTHROW(FolderLock(other.path(), "is in use"));
        first.reset();
        CHECK_NOTHROW(FolderLock(directory.path(), "is in use"));
        CHECK(std::filesystem::is_empty(directory.path()));
    }

#if __has_include(<sys/wait.h>)
    TEST_CASE("a killed process holds nothing any more") {
        const TemporaryDirectory directory;
        const ::pid_t child = ::fork();
        if (child == 0) {
            const FolderLock lock(directory.path(), "");
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status));
        CHECK_NOTHROW(FolderLock(directory.path(), ""));
    }
#endif

    TEST_CASE("a folder that isn't there is nobody's") {
        const TemporaryDirectory directory;
        CHECK_NOTHROW(FolderLock(directory / "missing", ""));
    }
}
