#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#if __has_include(<unistd.h>)
#    include <unistd.h>
#endif

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>

namespace typenet {

/// Writes a file so that readers find either its old contents or its new ones, also after a crash: writes a temporary
/// file beside it, syncs that to the disk and renames it to `path`. Throws FileError; the old file is then unchanged
/// and the temporary file removed.
inline void replace_file(const std::filesystem::path& path, std::span<const std::byte> contents) {
    const auto fail = [&](const char* what) {
        throw FileError(path.string(), detail::join({what, ": ", std::generic_category().message(errno)}));
    };
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw FileError(path.string(), "is a directory, not a file");
    static std::atomic<unsigned> calls = 0;  // makes names unique where two threads replace the same file
#if __has_include(<unistd.h>)
    const auto process = static_cast<long>(::getpid());
#else
    const long process = 0;
#endif
    std::filesystem::path temporary = path;
    temporary += detail::join({".", process, ".", calls++, ".tmp"});
    struct Remove {
        const std::filesystem::path& file;
        ~Remove() {
            std::error_code ignored;
            std::filesystem::remove(file, ignored);  // without effect once the file is renamed
        }
    };
    errno = 0;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(temporary.c_str(), "wb"), &std::fclose);
    if (!file) fail("cannot be written");
    const Remove remove{temporary};
    if (!contents.empty() && std::fwrite(contents.data(), contents.size(), 1, file.get()) != 1) {
        fail("cannot be written");
    }
    if (std::fflush(file.get()) != 0) fail("cannot be written");
#if __has_include(<unistd.h>)
    if (::fsync(::fileno(file.get())) != 0) fail("cannot be synced to the disk");
#endif
    if (std::fclose(file.release()) != 0) fail("cannot be written");
    std::filesystem::rename(temporary, path, error);
    if (error) throw FileError(path.string(), detail::join({"cannot be replaced: ", error.message()}));
}

}  // namespace typenet
