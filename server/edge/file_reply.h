// How a file of a job is answered: found without leaving the job's folder, whole or in part, or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/unique_fd.h"
#include "server/http/message.h"

namespace millrace::server {

// The file below `folder`, opened for reading. not_found for what does not exist, is no regular file, lies
// behind a symbolic link, or has a segment that begins with a dot: folders of unfinished files do.
engine::Result<engine::UniqueFd> open_below(const std::filesystem::path& folder,
                                            const std::vector<std::string>& segments);

// The request's headers that matter here; empty: absent.
struct FileConditions {
  bool ranges = true;  // GET only (RFC 9110 §14.2)
  std::string_view range;
  std::string_view if_range;
  std::string_view if_none_match;
  std::string_view if_modified_since;
};

struct FileReply {
  int status = 200;  // 200, 206, 304, 416
  Headers headers;   // without Content-Length
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of what to send; 0 for 304 and 416
};

// `name` gives the media type.
engine::Result<FileReply> file_reply(int file, std::string_view name, const FileConditions& conditions);

}  // namespace millrace::server
