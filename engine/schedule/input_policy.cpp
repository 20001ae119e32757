#include "engine/schedule/input_policy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "engine/base/file.h"
#include "engine/base/unique_fd.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/network_url.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

Status refuse(const std::string& url, const std::string& sentence) {
  return {Code::invalid_argument, fmt::format("{}: {}", url, sentence)};
}

Status look_inside(const fs::path& path, const std::string& url) {
  // Without waiting for the other end of a pipe.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR)) return refuse(url, "there is no such file");
  if (!fd.valid()) {
    // A disk that does not answer, or no descriptor left, says nothing against the source.
    Status status = errno_status(errno, "cannot be read", url);
    if (status.code() != Code::invalid_argument) return status;
    return refuse(url, "cannot be read: " + errno_text(errno));
  }
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return refuse(url, "not a file");
  return {};
}

Status look_at_address(const std::string& url, const AddressRules& rules) {
  const Result<NetworkUrl> address = NetworkUrl::parse(url);
  if (!address.ok()) return address.status();
  if (rules.may_allow(address->host())) return {};
  return refuse(address->shown(),
                "not a public address, so this server does not read it; its operator can allow it with "
                "--allow-source");
}

Status look_at(const std::string& url, const std::vector<fs::path>& media_roots) {
  if (!url.starts_with("file:"))
    return refuse(url,
                  "not an input that this server reads; give an http(s) address, or a file: URL such as "
                  "file:///media/in.mov");
  const Result<std::string> named = path_of_url(url);
  if (!named.ok()) return named.status();
  if (media_roots.empty())
    return refuse(url, "this server has no media root, so it reads no files; start it with --media-root DIR");
  const fs::path path(*named);
  const bool inside =
      path.is_absolute() && std::any_of(media_roots.begin(), media_roots.end(),
                                        [&](const fs::path& root) { return lies_within(path, root); });
  if (!inside)
    return refuse(url,
                  "not inside a media root of this server; put the file into one, or start the server with "
                  "--media-root for its folder");
  return look_inside(path, url);
}

}  // namespace

Status InputPolicy::check(const std::string& url, const std::string& field) const {
  Status status = is_network_url(url) ? look_at_address(url, rules_) : look_at(url, media_roots_);
  return status.ok() ? status : status.at_field(field);
}

Status InputPolicy::check(const JobSpec& spec) const {
  for (const SpecUrl& each : urls_of(spec))
    if (Status s = check(each.url, each.field); !s.ok()) return s;
  return {};
}

}  // namespace millrace::engine
