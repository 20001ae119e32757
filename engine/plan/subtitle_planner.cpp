#include "engine/plan/subtitle_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/job/json_text.h"
#include "engine/plan/language.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kLongestName = 64;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What a quoted string of a playlist can carry (RFC 8216 §4.2: no quotes, no line breaks), and no longer than
// a menu shows.
std::string plain_name(const std::string& text) {
  std::string plain;
  for (const char c : as_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    plain += byte < 0x20 || byte == 0x7F ? ' ' : c == '"' ? '\'' : c;
  }
  if (plain.size() > kLongestName) {
    std::size_t end = kLongestName;
    while (end > 0 && (static_cast<unsigned char>(plain[end]) & 0xC0U) == 0x80U) --end;
    plain.resize(end);
  }
  const auto first = plain.find_first_not_of(' ');
  return first == std::string::npos ? std::string()
                                    : plain.substr(first, plain.find_last_not_of(' ') - first + 1);
}

class Subtitles {
 public:
  explicit Subtitles(std::string output) : output_(std::move(output)) {}

  void add(PlannedSubtitle subtitle, const std::string& label) {
    std::string name = plain_name(label);
    if (name.empty()) name = language_name(subtitle.language);
    if (name.empty()) name = subtitle.language.empty() ? "Subtitles" : subtitle.language;
    const std::string folder =
        output_ + "/subtitles" + (subtitle.language.empty() ? "" : "-" + subtitle.language);
    subtitle.name = unused(name, " ", [](const PlannedSubtitle& each) { return each.name; });
    subtitle.folder = unused(folder, "-", [](const PlannedSubtitle& each) { return each.folder; });
    subtitle.is_default = subtitle.is_default && !has_default_;
    has_default_ = has_default_ || subtitle.is_default;
    all_.push_back(std::move(subtitle));
  }

  std::vector<PlannedSubtitle> take() { return std::move(all_); }

 private:
  template <class Of>
  std::string unused(const std::string& wanted, const char* before_number, Of of) const {
    std::string candidate = wanted;
    for (int i = 2;
         std::any_of(all_.begin(), all_.end(), [&](const auto& each) { return of(each) == candidate; }); ++i)
      candidate = fmt::format("{}{}{}", wanted, before_number, i);
    return candidate;
  }

  const std::string output_;
  std::vector<PlannedSubtitle> all_;
  bool has_default_ = false;
};

Decision dropped(const OtherTrack& track) {
  std::string reason = "no output takes it: adaptive ones do, unless they say \"subtitles\": false";
  if (is_bitmap_subtitle(track))
    reason = "it is made of pictures, which cannot become text; \"burn\" lays them over an output's pictures";
  if (!is_bitmap_subtitle(track) && !is_text_subtitle(track))
    reason = "this kind of subtitle cannot be read here";
  const std::string language = plain_language(track.language);
  return {"subtitles", "cpu",
          fmt::format("stream {} ({}{}) is dropped", track.index, track.codec,
                      language.empty() ? "" : ", " + language),
          reason};
}

}  // namespace

// FFmpeg's names of what its decoders give as text.
bool is_text_subtitle(const OtherTrack& track) {
  constexpr std::array<std::string_view, 7> kText = {"subrip",   "srt",    "ass", "ssa",
                                                     "mov_text", "webvtt", "text"};
  return is_one_of(kText, track.codec);
}

bool is_bitmap_subtitle(const OtherTrack& track) {
  constexpr std::array<std::string_view, 4> kBitmap = {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle",
                                                       "xsub"};
  return is_one_of(kBitmap, track.codec);
}

std::vector<PlannedSubtitle> plan_subtitles(const Source& source, std::span<const SubtitleFile> files,
                                            const std::string& output) {
  Subtitles all(output);
  for (const OtherTrack& track : source.other) {
    if (track.kind != "subtitle" || !is_text_subtitle(track)) continue;
    PlannedSubtitle subtitle;
    subtitle.source_stream = track.index;
    subtitle.language = plain_language(track.language);
    subtitle.is_default = track.is_default;
    subtitle.forced = track.forced;
    all.add(std::move(subtitle), track.title);
  }
  for (const SubtitleFile& file : files) {
    PlannedSubtitle subtitle;
    subtitle.url = file.url;
    subtitle.language = plain_language(file.language);
    all.add(std::move(subtitle), file.label);
  }
  return all.take();
}

std::vector<Decision> subtitle_decisions(const Source& source, std::span<const PlannedSubtitle> subtitles,
                                         std::span<const int> burnt) {
  std::vector<Decision> decisions;
  for (const PlannedSubtitle& subtitle : subtitles) {
    const std::string from =
        subtitle.source_stream < 0 ? subtitle.url : fmt::format("stream {}", subtitle.source_stream);
    decisions.push_back(
        {"subtitles " + subtitle.folder, "cpu",
         fmt::format("WebVTT \"{}\"{}{}", subtitle.name, subtitle.is_default ? ", default" : "",
                     subtitle.forced ? ", forced" : ""),
         "from " + from});
  }
  for (const OtherTrack& track : source.other) {
    const bool is_text_track =
        std::any_of(subtitles.begin(), subtitles.end(),
                    [&](const PlannedSubtitle& each) { return each.source_stream == track.index; });
    const bool is_used = is_text_track || std::find(burnt.begin(), burnt.end(), track.index) != burnt.end();
    if (track.kind == "subtitle" && !is_used) decisions.push_back(dropped(track));
  }
  return decisions;
}

}  // namespace millrace::engine
