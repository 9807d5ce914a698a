#pragma once

// Each is empty on the other's systems.
#include <typenet/platform/detail/posix.hpp>
#include <typenet/platform/detail/windows.hpp>

/// Functions for files that each operating system has in its own way. Failures leave their reason in errno.
///   open_file               std::fopen for any path
///   process_id              a number that no other running process has
///   create_file             opens a new file for writing, which is in use until it is closed; null with EEXIST where
///                           there is one, or where another process took the new one for abandoned
///   remove_abandoned_files  removes the files of a folder that have this ending and are not in use
///   take_over_permissions   gives a new file the permissions and the owner of the file that it replaces, if any
///   sync_to_disk            returns when the file is on the disk
///   renames_open_files      whether a file can be renamed before it is closed, so that it stays in use meanwhile
///   replace                 renames a file, and replaces one that has the new name
///   lock_folder             returns what unlock_folder takes; nothing where another lock holds the folder. Where there
///                           are no locks, it holds nothing.
