#include "server/cli/output_folder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/base/file.h"

namespace millrace::server {

namespace fs = std::filesystem;
using engine::Code;
using engine::Status;

namespace {

// The topmost part of the path that does not exist; empty when all of it does.
fs::path topmost_missing(const fs::path& path) {
  fs::path missing;
  std::error_code error;
  for (fs::path at = path; !fs::exists(fs::symlink_status(at, error)); at = at.parent_path()) {
    missing = at;
    if (at == at.parent_path()) break;
  }
  return missing;
}

Status remove_children(const fs::path& folder) {
  std::error_code error;
  Status first;
  for (auto each = fs::directory_iterator(folder, error); !error && each != fs::directory_iterator();
       each.increment(error))
    if (Status s = engine::remove_tree(each->path()); !s.ok() && first.ok()) first = s;
  if (error && first.ok()) first = engine::errno_status(error.value(), "cannot list", folder.string());
  return first;
}

}  // namespace

engine::Result<OutputFolder> OutputFolder::claim(const fs::path& given) {
  if (given.empty())
    return Status(Code::invalid_argument, "-o: give the folder to write to").at_field("output");
  std::error_code error;
  fs::path path = fs::absolute(given, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "out/"
  const auto refused = [&](Code code, std::string_view why) {
    return Status(code, fmt::format("{}: {}", given.string(), why)).at_field("output");
  };
  const fs::file_status there = fs::status(path, error);
  if (fs::exists(there) && !fs::is_directory(there))
    return refused(Code::already_exists, "is not a folder; choose another name for the output");
  if (fs::is_directory(there)) {
    const bool empty = fs::is_empty(path, error);
    if (error)
      return refused(Code::io_error, fmt::format("cannot be read: {}", engine::errno_text(error.value())));
    if (!empty) return refused(Code::already_exists, "is not empty; choose another folder or empty it");
  }
  fs::path missing = topmost_missing(path);
  OutputFolder folder(path, missing);
  if (Status s = engine::make_directories(path); !s.ok()) return refused(s.code(), s.message());
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return refused(Code::io_error,
                   fmt::format("cannot be written: {}; choose another folder", engine::errno_text(errno)));
  return folder;
}

OutputFolder::OutputFolder(fs::path path, fs::path made) : path_(std::move(path)), made_(std::move(made)) {}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : path_(std::move(other.path_)), made_(std::move(other.made_)), kept_(std::exchange(other.kept_, true)) {}

OutputFolder::~OutputFolder() {
  if (kept_) return;
  std::error_code error;
  if (!made_.empty() && !fs::exists(fs::symlink_status(made_, error))) return;  // it could not be made
  const Status removed = made_.empty() ? remove_children(path_) : engine::remove_tree(made_);
  if (!removed.ok()) spdlog::critical("{}; remove it by hand", removed.message());
}

}  // namespace millrace::server
