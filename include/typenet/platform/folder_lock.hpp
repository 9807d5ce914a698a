#pragma once

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>

#if __has_include(<unistd.h>)
#    include <fcntl.h>
#    include <sys/file.h>
#    include <unistd.h>
#endif

#include <typenet/core/error.hpp>

namespace typenet {

/// Locks a folder for its owner until the FolderLock is destroyed or the process ends in whatever way. Leaves no file
/// behind. Where the system or the file system has no locks (flock), it holds nothing and refuses nobody.
class FolderLock {
public:
    /// Throws FileError, with `reason`, where another FolderLock holds the folder, in this process or another.
    FolderLock([[maybe_unused]] const std::filesystem::path& folder, [[maybe_unused]] std::string_view reason) {
#if __has_include(<unistd.h>)
        descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
        ::close(descriptor_);
        throw FileError(folder.string(), std::string(reason));
#endif
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock() {
#if __has_include(<unistd.h>)
        if (descriptor_ >= 0) ::close(descriptor_);
#endif
    }

private:
    [[maybe_unused]] int descriptor_ = -1;
};

}  // namespace typenet
