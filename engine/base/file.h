// Files that survive a crash: written aside, synced, renamed. Every function is safe to call from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

// The whole content. Works on /proc too.
Result<std::string> read_file(const std::filesystem::path& path);

// Writes `content` under a temporary name in the same folder, fsyncs it, renames it to `path` and fsyncs the
// folder: after any crash `path` is the old file or the new one.
Status write_file(const std::filesystem::path& path, std::string_view content);

// The same, where nothing has the name yet: already_exists where something has, also if another process was
// faster.
Status write_new_file(const std::filesystem::path& path, std::string_view content);

// Gives a finished temporary file its name: fsync of the file, rename, fsync of the folder. Replaces `to`.
Status publish_file(const std::filesystem::path& from, const std::filesystem::path& to);

// The folder with its parents; an existing one is a success.
Status make_directories(const std::filesystem::path& path);

Status sync_directory(const std::filesystem::path& path);

// Removes a file or a whole tree; what does not exist is a success. Follows no link.
Status remove_tree(const std::filesystem::path& path);

// Bytes free to this user on the file system that holds `path` (its nearest existing parent).
Result<std::int64_t> free_space(const std::filesystem::path& path);

// True when `path` (links resolved, need not exist) lies in `folder` or is it.
bool lies_within(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace millrace::engine
