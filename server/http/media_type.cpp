#include "server/http/media_type.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace millrace::server {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

// HLS: RFC 8216 §4; DASH: ISO/IEC 23009-1 annex C; segments: ISO/IEC 14496-12.
constexpr std::array<std::pair<std::string_view, std::string_view>, 25> kTypes{{
    {".m3u8", "application/vnd.apple.mpegurl"},
    {".mpd", "application/dash+xml"},
    {".m4s", "video/iso.segment"},
    {".mp4", "video/mp4"},
    {".m4a", "audio/mp4"},
    {".mkv", "video/x-matroska"},
    {".webm", "video/webm"},
    {".mov", "video/quicktime"},
    {".ts", "video/mp2t"},
    {".ogg", "application/ogg"},  // pictures or sound alone: RFC 5334
    {".ogv", "video/ogg"},
    {".opus", "audio/ogg"},
    {".oga", "audio/ogg"},
    {".mp3", "audio/mpeg"},
    {".flac", "audio/flac"},
    {".wav", "audio/wav"},
    {".vtt", "text/vtt; charset=utf-8"},
    {".json", "application/json"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".png", "image/png"},
    {".webp", "image/webp"},
    {".txt", "text/plain; charset=utf-8"},
    {".log", "text/plain; charset=utf-8"},
    {".srt", "application/x-subrip"},
}};

}  // namespace

std::string_view media_type_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  const std::string extension = dot == std::string_view::npos ? "" : lower_case(file_name.substr(dot));
  for (const auto& [each, type] : kTypes)
    if (each == extension) return type;
  return "application/octet-stream";
}

bool is_json(std::string_view content_type) {
  std::string type = lower_case(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace millrace::server
