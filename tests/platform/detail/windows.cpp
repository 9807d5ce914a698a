#if defined(_WIN32)

#    include <doctest/doctest.h>

#    include <chrono>
#    include <cstdio>
#    include <filesystem>
#    include <fstream>
#    include <memory>
#    include <system_error>

#    include <typenet/platform/detail/windows.hpp>

#    include "../../support/temporary_file.hpp"

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;
namespace fs = std::filesystem;
namespace sys = detail::system;

TEST_SUITE("platform/detail/windows") {
    TEST_CASE("a process keeps its number") { CHECK(sys::process_id() == sys::process_id()); }

    TEST_CASE("files with the ending that are closed and an hour old are removed, and nothing else is") {
        const TemporaryDirectory directory;
        const fs::path abandoned = directory.path() / fs::path(u8"日本語.tmp");
        (void)std::ofstream(abandoned);
        for (const char* name : {"file.tmp.txt", "open.tmp", "young.tmp"}) (void)directory.write(name, "");
        const auto hours_ago = fs::file_time_type::clock::now() - std::chrono::hours(2);
        for (const fs::path& path : {abandoned, directory / "file.tmp.txt", directory / "open.tmp"}) {
            fs::last_write_time(path, hours_ago);
        }
        const std::ifstream reader(directory / "open.tmp");
        sys::remove_abandoned_files(directory.path(), ".tmp");
        CHECK_FALSE(fs::exists(abandoned));
        for (const char* name : {"file.tmp.txt", "open.tmp", "young.tmp"}) {
            CAPTURE(name);
            CHECK(fs::exists(directory / name));
        }
    }

    TEST_CASE("a file that somebody has open isn't replaced") {
        static_assert(!sys::renames_open_files);
        const TemporaryDirectory directory;
        const fs::path from = directory.write("from", "new");
        const fs::path to = directory.write("to", "old");
        const std::ifstream reader(to);
        CHECK(sys::replace(from, to) == std::errc::permission_denied);
        CHECK(bytes_of(to) == "old");
    }

    TEST_CASE("a locked folder has a file that is gone as soon as the folder is unlocked") {
        const TemporaryDirectory directory;
        const auto lock = sys::lock_folder(directory.path());
        REQUIRE(lock);
        CHECK(fs::exists(directory / "typenet.lock"));
        sys::unlock_folder(*lock);
        CHECK(fs::is_empty(directory.path()));
    }
}

#endif
