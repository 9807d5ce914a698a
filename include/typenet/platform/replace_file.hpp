#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#if __has_include(<unistd.h>)
#    include <dirent.h>
#    include <fcntl.h>
#    include <sys/file.h>
#    include <sys/stat.h>
#    include <unistd.h>
#endif

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>

/// `replace_file` writes files that must never be half written. The library writes all files with it except CSV files,
/// which grow line by line.
///
/// The new contents first go into a temporary file in the same folder. Its owner keeps it locked (flock) until it has
/// its final name. So a temporary file that nobody has locked belonged to a process that was killed, and the next call
/// in that folder removes it.
namespace typenet {

namespace detail {

inline constexpr std::string_view temporary_ending = ".typenet.tmp";

[[noreturn]] inline void fail_to_write(const std::filesystem::path& path, std::string_view what) {
    throw FileError(path.string(), join({what, ": ", std::generic_category().message(errno)}));
}

/// Closes and removes a temporary file, unless `rename` has given it its final name.
class TemporaryFile {
public:
    /// Makes a new file beside `path`. Throws FileError.
    explicit TemporaryFile(const std::filesystem::path& path) {
        static std::atomic<unsigned> calls = 0;  // makes names unique where two threads replace the same file
#if __has_include(<unistd.h>)
        for (;;) {
            path_ = path;
            path_ += join({".", static_cast<long>(::getpid()), ".", calls++, temporary_ending});
            const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (descriptor < 0 && errno == EEXIST) continue;
            if (descriptor < 0) fail_to_write(path, "cannot be written");
            file_.reset(::fdopen(descriptor, "wb"));
            if (!file_) {
                ::close(descriptor);
                std::filesystem::remove(path_);
                fail_to_write(path, "cannot be written");
            }
            // Another process may take the file for one without an owner, before it is locked, and remove it.
            struct ::stat status {};
            const bool busy = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
            if (!busy && ::fstat(descriptor, &status) == 0 && status.st_nlink > 0) return;
        }
#else
        path_ = path;
        path_ += join({".0.", calls++, temporary_ending});
        file_.reset(std::fopen(path_.string().c_str(), "wb"));
        if (!file_) fail_to_write(path, "cannot be written");
#endif
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove(path_, ignored);
    }

    [[nodiscard]] std::FILE* get() const noexcept { return file_.get(); }

    /// Gives the file its final name. Throws FileError.
    void rename(const std::filesystem::path& path) {
#if !__has_include(<unistd.h>)
        if (std::fclose(file_.release()) != 0)
            fail_to_write(path, "cannot be written");  // Windows renames only closed files
#endif
        std::error_code error;
        std::filesystem::rename(path_, path, error);
        if (error) throw FileError(path.string(), join({"cannot be replaced: ", error.message()}));
        path_.clear();
    }

private:
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

/// Removes the temporary files in a folder whose owners were killed. (std::filesystem::directory_iterator of libstdc++
/// ends the program when it runs out of memory.)
inline void remove_abandoned_files([[maybe_unused]] const std::filesystem::path& folder) {
#if __has_include(<unistd.h>)
    const std::unique_ptr<::DIR, int (*)(::DIR*)> directory(::opendir(folder.c_str()), &::closedir);
    if (!directory) return;
    const int at = ::dirfd(directory.get());
    while (const ::dirent* const entry = ::readdir(directory.get())) {
        if (!std::string_view(entry->d_name).ends_with(temporary_ending)) continue;
        const int descriptor = ::openat(at, entry->d_name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (descriptor < 0) continue;
        struct ::stat status {};
        if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
            ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            ::unlinkat(at, entry->d_name, 0);
        }
        ::close(descriptor);
    }
#endif
}

/// Returns the file that a path leads to through symbolic links, even where that file doesn't exist yet.
inline std::filesystem::path follow_links(std::filesystem::path path) {
    std::error_code error;
    for (int links = 0; links < 40 && std::filesystem::is_symlink(path, error); ++links) {
        const std::filesystem::path target = std::filesystem::read_symlink(path, error);
        if (error) break;
        path = path.parent_path() / target;  // the target alone where it is absolute
    }
    return path;
}

/// Returns whether a path names a file that a process has open, such as /dev/stdout.
inline bool names_open_file(const std::filesystem::path& path) {
    const std::string name = path.string();
    return name == "/dev/stdout" || name == "/dev/stderr" || name.starts_with("/dev/fd/") ||
           (name.starts_with("/proc/") && name.find("/fd/") != std::string::npos);
}

/// Writes all bytes to an open file and on to the operating system. Throws FileError, with the name `path`.
inline void write_all(std::FILE* file, const std::filesystem::path& path, std::span<const std::byte> bytes) {
    if (!bytes.empty() && std::fwrite(bytes.data(), bytes.size(), 1, file) != 1) {
        fail_to_write(path, "cannot be written");
    }
    if (std::fflush(file) != 0) fail_to_write(path, "cannot be written");
}

}  // namespace detail

/// Writes a file so that readers find either its old contents or its new ones, also after a crash: writes a temporary
/// file beside it, syncs that to the disk and renames it to `path`. A file that exists keeps its permissions and, where
/// this process may set them, owner and group; of a symbolic link, the file that it leads to is replaced. To a pipe, a
/// terminal and the like, and to a file that is named as an open one, such as /dev/stdout, the contents are appended.
/// Throws FileError; the old file is then unchanged and the temporary file removed.
inline void replace_file(const std::filesystem::path& path, std::span<const std::byte> contents) {
    using std::filesystem::file_type;
    std::error_code error;
    const file_type type = std::filesystem::status(path, error).type();
    if (type == file_type::directory) throw FileError(path.string(), "is a directory, not a file");
    errno = 0;
    if (type == file_type::fifo || type == file_type::character ||
        (type == file_type::regular && detail::names_open_file(path))) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.string().c_str(), "ab"),
                                                                   &std::fclose);
        if (!file) detail::fail_to_write(path, "cannot be written");
        return detail::write_all(file.get(), path, contents);
    }
    if (type == file_type::none) {
        throw FileError(path.string(), detail::join({"cannot be written: ", error.message()}));
    }
    if (type != file_type::regular && type != file_type::not_found) {
        throw FileError(path.string(), "is neither a file nor a pipe");
    }
    const std::filesystem::path target = detail::follow_links(path);
    detail::remove_abandoned_files(target.has_parent_path() ? target.parent_path() : ".");
    detail::TemporaryFile temporary(target);
#if __has_include(<unistd.h>)
    const int descriptor = ::fileno(temporary.get());
    struct ::stat old {};
    if (::stat(target.c_str(), &old) == 0) {
        if (::fchmod(descriptor, 0600) != 0) detail::fail_to_write(path, "cannot be written");
        if (::fchown(descriptor, old.st_uid, old.st_gid) != 0 && ::fchown(descriptor, ::geteuid(), old.st_gid) != 0) {
            errno = 0;  // the new file keeps this process's owner and group
        }
        if (::fchmod(descriptor, old.st_mode & 07777) != 0) detail::fail_to_write(path, "cannot be written");
    }
#endif
    detail::write_all(temporary.get(), path, contents);
#if __has_include(<unistd.h>)
    if (::fsync(descriptor) != 0) detail::fail_to_write(path, "cannot be synced to the disk");
#endif
    temporary.rename(target);
}

}  // namespace typenet
