#pragma once

#include <typenet/core/namespace.hpp>

#if !defined(_WIN32)
#    include <cerrno>
#    include <cstdio>
#    include <filesystem>
#    include <memory>
#    include <optional>
#    include <string_view>
#    include <system_error>

#    include <dirent.h>
#    include <fcntl.h>
#    include <sys/file.h>
#    include <sys/stat.h>
#    include <unistd.h>

/// Files on POSIX systems. platform/detail/system.hpp says what each function promises.
namespace TYPENET::detail::system {

inline std::FILE* open_file(const std::filesystem::path& path, const char* mode) noexcept {
    return std::fopen(path.c_str(), mode);
}

inline long process_id() noexcept { return ::getpid(); }

// The lock (flock) says that a file or a folder is in use. The system takes it back when the process ends.

inline std::FILE* create_file(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) return nullptr;
    std::FILE* const file = ::fdopen(descriptor, "wb");
    if (file == nullptr) {
        const int reason = errno;
        ::close(descriptor);
        ::unlink(path.c_str());
        errno = reason;
        return nullptr;
    }
    // Another process may take the file for one without an owner, before it is locked, and remove it.
    struct ::stat status {};
    const bool busy = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!busy && ::fstat(descriptor, &status) == 0 && status.st_nlink > 0) return file;
    std::fclose(file);
    errno = EEXIST;
    return nullptr;
}

inline void remove_abandoned_files(const std::filesystem::path& folder, std::string_view ending) {
    // std::filesystem::directory_iterator of libstdc++ ends the program when it runs out of memory.
    const std::unique_ptr<::DIR, int (*)(::DIR*)> directory(::opendir(folder.c_str()), &::closedir);
    if (!directory) return;
    const int at = ::dirfd(directory.get());
    while (const ::dirent* const entry = ::readdir(directory.get())) {
        if (!std::string_view(entry->d_name).ends_with(ending)) continue;
        const int descriptor = ::openat(at, entry->d_name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (descriptor < 0) continue;
        struct ::stat status {};
        if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
            ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            ::unlinkat(at, entry->d_name, 0);
        }
        ::close(descriptor);
    }
}

inline bool take_over_permissions(std::FILE* file, const std::filesystem::path& from) noexcept {
    const int descriptor = ::fileno(file);
    struct ::stat old {};
    if (::stat(from.c_str(), &old) != 0) return true;
    if (::fchmod(descriptor, 0600) != 0) return false;
    if (::fchown(descriptor, old.st_uid, old.st_gid) != 0 && ::fchown(descriptor, ::geteuid(), old.st_gid) != 0) {
        errno = 0;  // the new file keeps this process's owner and group
    }
    return ::fchmod(descriptor, old.st_mode & 07777) == 0;
}

inline bool sync_to_disk(std::FILE* file) noexcept { return ::fsync(::fileno(file)) == 0; }

inline constexpr bool renames_open_files = true;

inline std::error_code replace(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code error;
    std::filesystem::rename(from, to, error);
    return error;
}

inline std::optional<int> lock_folder(const std::filesystem::path& folder) noexcept {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return descriptor;
    ::close(descriptor);
    return std::nullopt;
}

inline void unlock_folder(int lock) noexcept {
    if (lock >= 0) ::close(lock);
}

}  // namespace TYPENET::detail::system

#endif
