#include "engine/pipeline/hls_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/file.h"
#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/file_bytes.h"
#include "engine/pipeline/http_bytes.h"
#include "engine/pipeline/http_transfer.h"
#include "engine/pipeline/inspect.h"

namespace millrace::engine {
namespace {

struct Part {
  HlsPlace place;
  std::int64_t first = 0;
  std::int64_t bytes = 0;  // 0: to its end
};

Result<std::unique_ptr<SourceBytes>> open_at(const HlsPlace& place, std::int64_t first, std::stop_token stop,
                                             const std::shared_ptr<HttpMulti>& connections) {
  if (place.network) {
    auto bytes = HttpBytes::open(*place.network, address_rules(), std::move(stop), first, {}, connections);
    if (!bytes.ok()) return bytes.status();
    return std::unique_ptr<SourceBytes>(std::move(*bytes));
  }
  auto bytes = FileBytes::open(place.file);
  if (!bytes.ok()) return bytes.status();
  if (Status status = (*bytes)->seek(first); !status.ok()) return status;
  return std::unique_ptr<SourceBytes>(std::move(*bytes));
}

bool lie_together(const HlsPlace& one, const HlsPlace& other) { return one.url() == other.url(); }

class HlsBytes final : public SourceBytes {
 public:
  HlsBytes(std::string name, std::vector<Part> parts, std::stop_token stop)
      : name_(std::move(name)), parts_(std::move(parts)), stop_(std::move(stop)) {}

  Result<std::size_t> read(std::span<char> into) override {
    while (part_ < parts_.size()) {
      if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
      const Part& part = parts_[part_];
      if (!open_)
        if (Status status = open(part); !status.ok()) return named(status);
      const std::size_t most =
          part.bytes == 0 ? into.size() : std::min(into.size(), static_cast<std::size_t>(part.bytes - done_));
      const auto count = most == 0 ? Result<std::size_t>(std::size_t{0}) : open_->read(into.first(most));
      if (!count.ok()) return named(count.status());
      done_ += static_cast<std::int64_t>(*count);
      if (*count > 0) return *count;
      if (done_ < part.bytes)
        return named({Code::corrupt_input,
                      fmt::format("{}: ends before the bytes that the playlist names", part.place.shown())});
      go_on();
    }
    return std::size_t{0};
  }

  Status seek(std::int64_t position) override {
    if (position != 0) return {Code::internal, name_ + ": a playlist cannot seek"};
    part_ = 0;
    open_.reset();
    done_ = 0;
    return {};
  }
  bool can_seek() const override { return false; }
  std::int64_t size() const override { return 0; }

 private:
  Status open(const Part& part) {
    if (part.place.network && !connections_) connections_ = std::make_shared<HttpMulti>();
    auto bytes = open_at(part.place, part.first, stop_, connections_);
    if (!bytes.ok()) return bytes.status();
    open_ = std::move(*bytes);
    done_ = 0;
    return {};
  }

  // Parts of one file are read without asking again.
  void go_on() {
    const Part& before = parts_[part_];
    const std::int64_t end = before.first + done_;
    ++part_;
    const bool joins = before.bytes > 0 && part_ < parts_.size() && parts_[part_].first == end &&
                       lie_together(parts_[part_].place, before.place);
    if (!joins) open_.reset();
    done_ = 0;
  }

  Status named(const Status& status) const {
    if (status.code() == Code::cancelled) return status;
    return status.under(fmt::format("{}: part {} of {}", name_, part_ + 1, parts_.size()));
  }

  const std::string name_;
  const std::vector<Part> parts_;
  const std::stop_token stop_;
  std::shared_ptr<HttpMulti> connections_;  // for parts of the network
  std::size_t part_ = 0;
  std::unique_ptr<SourceBytes> open_;
  std::int64_t done_ = 0;  // bytes of the part
};

// The text of the playlist at `place`; redirects move the place.
Result<std::string> text_at(HlsPlace& place, const std::stop_token& stop) {
  if (place.network) {
    auto bytes = HttpBytes::open(*place.network, address_rules(), stop);
    if (!bytes.ok()) return bytes.status();
    place.network = (*bytes)->url();
    return read_resource(**bytes, kLongestPlaylist);
  }
  std::error_code error;
  if (const auto size = std::filesystem::file_size(place.file, error); !error && size > kLongestPlaylist)
    return Status(Code::unsupported, place.shown() + ": too large for a playlist");
  return read_file(place.file);
}

// Those of the last two segments, and of the header that they need.
void keep_end(std::vector<HlsPart>& parts, bool has_header) {
  constexpr std::ptrdiff_t kSegments = 2;
  const auto first = parts.begin() + (has_header ? 1 : 0);
  if (parts.end() - first > kSegments) parts.erase(first, parts.end() - kSegments);
}

bool has_scheme(std::string_view reference) {
  const auto colon = reference.find(':');
  return colon != std::string_view::npos && colon < reference.find('/');
}

}  // namespace

std::string HlsPlace::url() const { return network ? network->text() : file.native(); }

Result<HlsPlace> refer(const HlsPlace& playlist, const std::string& reference) {
  const auto refused = [&](std::string_view why) {
    return Status(Code::invalid_argument,
                  fmt::format("{}: names {}, which is refused: {}", playlist.shown(), reference, why));
  };
  if (playlist.network) {
    Result<NetworkUrl> url = playlist.network->refer(reference);
    if (!url.ok()) return url.status();
    if (!address_rules().may_allow(url->host())) return refused("it is no public address");
    return HlsPlace{std::move(*url), {}, {}};
  }
  if (has_scheme(reference)) return refused("a playlist on the disk may name only files of its own folder");
  const auto path = path_of_url("file:///" + reference);  // for its %XX
  if (!path.ok()) return refused("it is not well-formed");
  HlsPlace place{std::nullopt,
                 reference.starts_with('/') ? std::filesystem::path(path->substr(1))
                                            : playlist.file.parent_path() / path->substr(1),
                 playlist.root};
  if (!lies_within(place.file, place.root)) return refused("it lies outside the playlist's folder");
  return place;
}

Result<HlsSource> open_hls(const HlsPlace& place, const std::string& text, std::stop_token stop,
                           HlsExtent extent) {
  HlsPlace at = place;
  auto playlist = parse_hls(text);
  if (!playlist.ok()) return playlist.status().under(at.shown());
  HlsSource source;
  if (playlist->is_master()) {
    const HlsVariant variant = largest_of(*playlist);
    for (const HlsSound& each : sounds_of(*playlist, variant)) {
      auto sound = refer(at, each.url);
      if (!sound.ok()) return sound.status();
      source.sounds.push_back({sound->url(), each.language, each.name, each.is_default});
    }
    auto next = refer(at, variant.url);
    if (!next.ok()) return next.status();
    at = std::move(*next);
    const auto media = text_at(at, stop);
    if (!media.ok()) return media.status();
    playlist = parse_hls(*media);
    if (!playlist.ok()) return playlist.status().under(at.shown());
    if (playlist->is_master())
      return Status(Code::corrupt_input, at.shown() + ": a playlist of playlists inside another");
  }
  if (extent == HlsExtent::end) keep_end(playlist->parts, playlist->has_header);
  std::vector<Part> parts;
  parts.reserve(playlist->parts.size());
  for (const HlsPart& each : playlist->parts) {
    auto part = refer(at, each.url);
    if (!part.ok()) return part.status();
    parts.push_back({std::move(*part), each.first, each.bytes});
  }
  source.seconds = playlist->seconds;
  source.exact = playlist->exact;
  source.bytes = std::make_unique<HlsBytes>(at.shown(), std::move(parts), std::move(stop));
  return source;
}

}  // namespace millrace::engine
