#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/platform/detail/system.hpp>
#include <typenet/platform/path_text.hpp>

namespace TYPENET {

/// Locks a folder for its owner until the FolderLock is destroyed or the process ends in whatever way. Leaves no file
/// behind. Where the system or the file system has no locks, it holds nothing and refuses nobody.
class FolderLock {
public:
    /// Throws FileError, with `reason`, where another FolderLock holds the folder, in this process or another.
    FolderLock(const std::filesystem::path& folder, std::string_view reason) {
        const std::optional<int> lock = detail::system::lock_folder(folder);
        if (!lock) throw FileError(detail::path_text(folder), std::string(reason));
        lock_ = *lock;
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock() { detail::system::unlock_folder(lock_); }

private:
    int lock_;  ///< what unlock_folder takes
};

}  // namespace TYPENET
