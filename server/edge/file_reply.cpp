#include "server/edge/file_reply.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "server/http/conditional.h"
#include "server/http/media_type.h"
#include "server/http/range.h"

namespace millrace::server {

using engine::Code;
using engine::Result;
using engine::Status;
using engine::UniqueFd;

namespace {

Status no_file() { return Status(Code::not_found, "the job has no such file (yet)"); }

}  // namespace

Result<UniqueFd> open_below(const std::filesystem::path& folder, const std::vector<std::string>& segments) {
  UniqueFd at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!at.valid()) return no_file();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& segment = segments[i];
    if (segment.empty() || segment.front() == '.' || segment.find('/') != std::string::npos) return no_file();
    // O_NONBLOCK: a pipe in the folder must not hold the thread.
    const int flags = i + 1 < segments.size() ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK | O_NOCTTY;
    UniqueFd next(::openat(at.get(), segment.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
    if (!next.valid()) {
      if (errno == EMFILE || errno == ENFILE)
        return Status(Code::resource_exhausted, "no file descriptor is free to open a file of a job");
      return no_file();
    }
    at = std::move(next);
  }
  struct stat facts {};
  if (::fstat(at.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return no_file();
  return at;
}

Result<FileReply> file_reply(int file, std::string_view name, const FileConditions& conditions) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return engine::errno_status(errno, "fstat", name);
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  // Files appear by rename and are not changed afterwards, so the inode and its time stand for the content.
  Validators now;
  now.etag = fmt::format("\"{:x}-{:x}-{:x}\"", facts.st_ino,
                         facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec, size);
  now.modified = facts.st_mtim.tv_sec;

  FileReply reply;
  reply.headers = {
      {"ETag", now.etag}, {"Last-Modified", http_date(now.modified)}, {"Cache-Control", "private, no-cache"}};
  if (is_not_modified(conditions.if_none_match, conditions.if_modified_since, now)) {
    reply.status = 304;
    return reply;
  }
  reply.headers.emplace_back("Accept-Ranges", "bytes");
  RangeAnswer range{RangeAnswer::Kind::whole, 0, size};
  if (conditions.ranges && range_applies(conditions.if_range, now))
    range = answer_range(conditions.range, size);
  if (range.kind == RangeAnswer::Kind::unsatisfiable) {
    reply.status = 416;
    reply.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return reply;
  }
  reply.headers.emplace_back("Content-Type", media_type_of(name));
  reply.offset = range.first;
  reply.length = range.length;
  if (range.kind == RangeAnswer::Kind::part) {
    reply.status = 206;
    reply.headers.emplace_back(
        "Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, size));
  }
  return reply;
}

}  // namespace millrace::server
