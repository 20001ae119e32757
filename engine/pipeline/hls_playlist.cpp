#include "engine/pipeline/hls_playlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace millrace::engine {
namespace {

constexpr std::string_view kFirstLine = "#EXTM3U";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

// So far apart from what numbers hold that sums of them do too.
constexpr std::int64_t kFarthestByte = std::int64_t{1} << 60;
constexpr double kLongestSegmentSeconds = 1e9;

template <class T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop == text.data() || value < 0) return std::nullopt;
  return value;
}

// NAME=VALUE,NAME="VALUE, with commas" (RFC 8216 §4.2).
std::map<std::string, std::string, std::less<>> attributes_of(std::string_view list) {
  std::map<std::string, std::string, std::less<>> attributes;
  while (!list.empty()) {
    const auto equals = list.find('=');
    if (equals == std::string_view::npos) break;
    const std::string name(trimmed(list.substr(0, equals)));
    list.remove_prefix(equals + 1);
    const bool quoted = list.starts_with('"');
    if (quoted) list.remove_prefix(1);
    const auto end = std::min(list.find(quoted ? '"' : ','), list.size());
    attributes[name] = list.substr(0, end);
    list.remove_prefix(std::min(end + (quoted ? 1 : 0), list.size()));
    list.remove_prefix(
        std::min(list.find(',') == std::string_view::npos ? list.size() : list.find(',') + 1, list.size()));
  }
  return attributes;
}

std::string value_of(const std::map<std::string, std::string, std::less<>>& attributes,
                     std::string_view name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

class Reader {
 public:
  Result<HlsPlaylist> read(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const std::string_view line = trimmed(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line_;
      if (Status status = line.starts_with('#') ? take_tag(line) : take_url(line); !status.ok())
        return status;
    }
    return finish();
  }

 private:
  Status wrong(std::string_view what) const {
    return {Code::corrupt_input, fmt::format("line {} of the playlist: {}", line_, what)};
  }
  static Status not_read(std::string_view what) { return {Code::unsupported, std::string(what)}; }

  Status take_tag(std::string_view line) {
    const auto is = [&](std::string_view tag) {
      return line.starts_with(tag) && (line.size() == tag.size() || line[tag.size()] == ':');
    };
    const auto colon = line.find(':');
    const std::string_view rest =
        colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (is("#EXTINF")) return take_length(rest);
    if (is("#EXT-X-BYTERANGE")) return take_range(rest);
    if (is("#EXT-X-MAP")) return take_header(rest);
    if (is("#EXT-X-STREAM-INF")) return take_variant(rest);
    if (is("#EXT-X-MEDIA")) take_sound(rest);
    if (is("#EXT-X-ENDLIST")) ended_ = true;
    if (is("#EXT-X-DISCONTINUITY")) playlist_.exact = false;
    if (is("#EXT-X-GAP")) return not_read("a playlist with gaps (EXT-X-GAP): parts of it are missing");
    if (is("#EXT-X-I-FRAMES-ONLY")) return not_read("a playlist of key frames alone; give the whole one");
    if (is("#EXT-X-KEY") && value_of(attributes_of(rest), "METHOD") != "NONE")
      return not_read("an encrypted playlist (EXT-X-KEY) is not read; give the file as it was before");
    return {};
  }

  Status take_length(std::string_view rest) {
    const auto seconds = number_of<double>(rest.substr(0, rest.find(',')));
    if (!seconds || !std::isfinite(*seconds)) return wrong("EXTINF without a length");
    if (*seconds > kLongestSegmentSeconds) return wrong("EXTINF with a length that cannot be");
    length_ = *seconds;
    playlist_.exact = playlist_.exact && rest.substr(0, rest.find(',')).find('.') != std::string_view::npos;
    return {};
  }

  // LENGTH or LENGTH@FIRST; without a place it goes on behind the segment before (§4.3.2.2).
  Status take_range(std::string_view rest) {
    range_ = range_of(rest);
    return range_ ? Status() : wrong("a byte range that is no range");
  }

  struct Range {
    std::int64_t bytes = 0;
    std::optional<std::int64_t> first;
  };
  static std::optional<Range> range_of(std::string_view text) {
    const auto at = text.find('@');
    const auto bytes = number_of<std::int64_t>(text.substr(0, at));
    if (!bytes || *bytes == 0 || *bytes > kFarthestByte) return std::nullopt;
    Range range{*bytes, std::nullopt};
    if (at == std::string_view::npos) return range;
    range.first = number_of<std::int64_t>(text.substr(at + 1));
    return range.first && *range.first <= kFarthestByte ? std::optional(range) : std::nullopt;
  }

  Status take_header(std::string_view rest) {
    const auto attributes = attributes_of(rest);
    HlsPart header{value_of(attributes, "URI"), 0, 0};
    if (header.url.empty()) return wrong("EXT-X-MAP without a URI");
    if (const std::string text = value_of(attributes, "BYTERANGE"); !text.empty()) {
      const auto range = range_of(text);
      if (!range) return wrong("EXT-X-MAP with a byte range that is no range");
      header.first = range->first.value_or(0);
      header.bytes = range->bytes;
    }
    if (header_ && *header_ == header) return {};
    if (header_ || !playlist_.parts.empty())
      return not_read(
          "a playlist whose header (EXT-X-MAP) changes on the way is not read; give one piece of it");
    header_ = header;
    playlist_.has_header = true;
    playlist_.parts.push_back(std::move(header));
    return {};
  }

  Status take_variant(std::string_view rest) {
    const auto attributes = attributes_of(rest);
    HlsVariant variant;
    variant.bits_per_second = number_of<std::int64_t>(value_of(attributes, "BANDWIDTH")).value_or(0);
    variant.audio_group = value_of(attributes, "AUDIO");
    const std::string size = value_of(attributes, "RESOLUTION");
    if (const auto x = size.find('x'); x != std::string::npos) {
      variant.width = number_of<int>(size.substr(0, x)).value_or(0);
      variant.height = number_of<int>(size.substr(x + 1)).value_or(0);
    }
    variant_ = std::move(variant);
    return {};
  }

  void take_sound(std::string_view rest) {
    const auto attributes = attributes_of(rest);
    if (value_of(attributes, "TYPE") != "AUDIO") return;
    playlist_.sounds.push_back({value_of(attributes, "GROUP-ID"), value_of(attributes, "URI"),
                                value_of(attributes, "LANGUAGE"), value_of(attributes, "NAME"),
                                value_of(attributes, "DEFAULT") == "YES"});
  }

  Status take_url(std::string_view line) {
    if (line.empty()) return {};
    if (variant_) {
      variant_->url = line;
      playlist_.variants.push_back(*std::move(variant_));
      variant_.reset();
      return {};
    }
    if (!length_) return wrong("an address without EXTINF before it");
    HlsPart part{std::string(line), 0, 0};
    if (range_) {
      const bool goes_on = !playlist_.parts.empty() && playlist_.parts.back().url == part.url;
      if (!range_->first && !goes_on) return wrong("a byte range that says no place");
      part.first =
          range_->first ? *range_->first : playlist_.parts.back().first + playlist_.parts.back().bytes;
      part.bytes = range_->bytes;
      if (part.first > kFarthestByte) return wrong("a byte range that is no range");
    }
    playlist_.parts.push_back(std::move(part));
    playlist_.seconds += *length_;
    ++segments_;
    length_.reset();
    range_.reset();
    return {};
  }

  Result<HlsPlaylist> finish() {
    if (playlist_.is_master()) {
      if (segments_ > 0) return wrong("it names both variants and segments");
      return std::move(playlist_);
    }
    if (segments_ == 0) return wrong("it names no segment; it is empty or cut short");
    if (!ended_)
      return not_read(
          "a live playlist, or one that is cut short (it has no EXT-X-ENDLIST); give it once the stream has "
          "ended");
    return std::move(playlist_);
  }

  HlsPlaylist playlist_;
  std::size_t line_ = 0;
  std::size_t segments_ = 0;
  bool ended_ = false;
  std::optional<double> length_;
  std::optional<Range> range_;
  std::optional<HlsPart> header_;
  std::optional<HlsVariant> variant_;
};

}  // namespace

bool is_hls(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text.starts_with(kFirstLine);
}

Result<HlsPlaylist> parse_hls(std::string_view text) {
  if (!is_hls(text))
    return Status(Code::corrupt_input, "not an HLS playlist (it does not begin with #EXTM3U)");
  return Reader().read(text);
}

const HlsVariant& largest_of(const HlsPlaylist& playlist) {
  return *std::max_element(
      playlist.variants.begin(), playlist.variants.end(), [](const HlsVariant& one, const HlsVariant& other) {
        const auto pixels = [](const HlsVariant& each) { return std::int64_t{each.width} * each.height; };
        if (pixels(one) != pixels(other)) return pixels(one) < pixels(other);
        return one.bits_per_second < other.bits_per_second;
      });
}

std::vector<HlsSound> sounds_of(const HlsPlaylist& playlist, const HlsVariant& variant) {
  std::vector<HlsSound> sounds;
  for (const HlsSound& each : playlist.sounds)
    if (!variant.audio_group.empty() && each.group == variant.audio_group && !each.url.empty() &&
        each.url != variant.url)
      sounds.push_back(each);
  std::stable_sort(sounds.begin(), sounds.end(), [](const HlsSound& one, const HlsSound& other) {
    return one.is_default && !other.is_default;
  });
  return sounds;
}

}  // namespace millrace::engine
