#include "engine/pipeline/open_source.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include "engine/base/file.h"
#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/http_bytes.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/slide_bytes.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kHead = 16;  // tells a playlist

Result<std::int64_t> size_of(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return errno_status(errno, "cannot open", path);
  if (S_ISDIR(facts.st_mode)) return Status(Code::invalid_argument, path + ": not a media file (a folder)");
  if (!S_ISREG(facts.st_mode))
    return Status(Code::invalid_argument, path + ": not a media file (not a regular file)");
  if (facts.st_size == 0) return Status(Code::corrupt_input, path + ": not a media file (empty)");
  return static_cast<std::int64_t>(facts.st_size);
}

std::string head_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(kHead, '\0');
  file.read(head.data(), kHead);
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

Result<OpenedSource> opened(std::string name, Result<HlsSource> hls) {
  if (!hls.ok()) return hls.status();
  OpenedSource source;
  source.name = std::move(name);
  source.bytes = std::move(hls->bytes);
  source.playlist = std::move(*hls);
  return source;
}

Result<OpenedSource> open_network(const std::string& url, std::stop_token stop, HlsExtent extent) {
  const auto parsed = NetworkUrl::parse(url);
  if (!parsed.ok()) return parsed.status();
  auto bytes = HttpBytes::open(*parsed, address_rules(), stop);
  if (!bytes.ok()) return bytes.status();
  const auto head = (*bytes)->peek(kHead);
  if (!head.ok()) return head.status();
  if (head->empty()) return Status(Code::corrupt_input, parsed->shown() + ": not a media file (empty)");
  if (is_hls(*head)) {
    const auto text = read_resource(**bytes, kLongestPlaylist);
    if (!text.ok()) return text.status();
    return opened(parsed->shown(), open_hls({(*bytes)->url(), {}, {}}, *text, std::move(stop), extent));
  }
  OpenedSource source;
  source.name = parsed->shown();
  source.size_bytes = (*bytes)->size();
  source.bytes = std::move(*bytes);
  return source;
}

Result<OpenedSource> open_slides(const std::string& url, std::stop_token stop) {
  Result<SlideShow> show = slides_of_url(url);
  if (!show.ok()) return show.status();
  OpenedSource source;
  source.name = source_name(url);
  auto bytes = std::make_unique<SlideBytes>(std::move(show).value(), std::move(stop));
  source.size_bytes = bytes->size();
  source.bytes = std::move(bytes);
  return source;
}

}  // namespace

bool is_playlist_name(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().native();
  return extension == ".m3u8" || extension == ".m3u" || extension == ".M3U8" || extension == ".M3U";
}

std::string shown_name(const std::string& url) {
  if (is_network_url(url)) return url.substr(0, url.find_first_of("?#"));
  const auto path = path_of_url(url);
  return path.ok() ? *path : url;
}

Result<OpenedSource> open_source(const std::string& url, std::stop_token stop, HlsExtent extent) {
  if (is_slides_url(url)) return open_slides(url, std::move(stop));
  if (is_network_url(url)) return open_network(url, std::move(stop), extent);
  const auto path = path_of_url(url);
  if (!path.ok()) return path.status();
  const auto size = size_of(*path);
  if (!size.ok()) return size.status();
  if (is_playlist_name(*path) && is_hls(head_of(*path))) {
    if (static_cast<std::size_t>(*size) > kLongestPlaylist)
      return Status(Code::unsupported, *path + ": too large for a playlist");
    const auto text = read_file(*path);
    if (!text.ok()) return text.status();
    const auto folder = std::filesystem::path(*path).parent_path();
    return opened(*path, open_hls({std::nullopt, *path, folder.empty() ? "." : folder}, *text,
                                  std::move(stop), extent));
  }
  OpenedSource source;
  source.name = *path;
  source.size_bytes = *size;
  return source;
}

Result<std::string> read_source_file(const std::string& url, std::size_t most_bytes, std::stop_token stop) {
  if (is_network_url(url)) {
    const auto parsed = NetworkUrl::parse(url);
    if (!parsed.ok()) return parsed.status();
    auto bytes = HttpBytes::open(*parsed, address_rules(), std::move(stop));
    if (!bytes.ok()) return bytes.status();
    return read_resource(**bytes, most_bytes);
  }
  const auto path = path_of_url(url);
  if (!path.ok()) return path.status();
  std::error_code error;
  const auto kind = std::filesystem::status(*path, error);
  if (std::filesystem::exists(kind) && !std::filesystem::is_regular_file(kind))
    return Status(Code::invalid_argument, *path + ": not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(*path, error);
  if (!error && size > most_bytes)
    return Status(Code::unsupported,
                  fmt::format("{}: a file of {} MiB is too large here, at most {} MiB are read", *path,
                              size >> 20, most_bytes >> 20));
  return read_file(*path);
}

}  // namespace millrace::engine
