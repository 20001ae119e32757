#include "engine/schedule/input_policy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "engine/base/file.h"
#include "engine/base/unique_fd.h"
#include "engine/pipeline/inspect.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

Status refuse(Code code, const std::string& url, const std::string& sentence) {
  return Status(code, fmt::format("{}: {}", url, sentence)).at_field("input.url");
}

}  // namespace

Status InputPolicy::check(const std::string& url) const {
  if (!url.starts_with("file:"))
    return refuse(Code::invalid_argument, url,
                  "not an input that this server reads; give a file: URL such as file:///media/in.mov");
  const Result<std::string> named = path_of_url(url);
  if (!named.ok()) {
    Status status = named.status();
    return status.at_field("input.url");
  }
  if (media_roots_.empty())
    return refuse(Code::invalid_argument, url,
                  "this server has no media root, so it reads no files; start it with --media-root DIR");
  const fs::path path(*named);
  const bool inside =
      path.is_absolute() && std::any_of(media_roots_.begin(), media_roots_.end(),
                                        [&](const fs::path& root) { return lies_within(path, root); });
  if (!inside)
    return refuse(Code::invalid_argument, url,
                  "not inside a media root of this server; put the file into one, or start the server with "
                  "--media-root for its folder");
  // Without waiting for the other end of a pipe.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR))
    return refuse(Code::invalid_argument, url, "there is no such file");
  if (!fd.valid()) return refuse(Code::invalid_argument, url, "cannot be read: " + errno_text(errno));
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return refuse(Code::invalid_argument, url, "not a file");
  return {};
}

}  // namespace millrace::engine
