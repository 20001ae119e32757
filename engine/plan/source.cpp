#include "engine/plan/source.h"

#include <fmt/format.h>

#include "engine/job/json_text.h"
#include "engine/job/slide_show.h"
#include "engine/plan/channels.h"
#include "engine/plan/source_fields.h"
#include "engine/plan/text.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

template <class Track>
const Track* chosen(const std::vector<Track>& tracks, int index) {
  return index < 0 || static_cast<std::size_t>(index) >= tracks.size()
             ? nullptr
             : &tracks[static_cast<std::size_t>(index)];
}

std::string marks(const std::string& language, bool is_chosen, const char* otherwise) {
  return (language.empty() ? "" : ", " + language) + (is_chosen ? "" : otherwise);
}

std::string describe(const VideoTrack& track) {
  std::string text =
      fmt::format("{}{}, {}x{} {}", track.codec, track.profile.empty() ? "" : " " + track.profile,
                  track.width, track.height, track.pixel_format);
  if (track.attached_picture) return text + ", attached picture";
  text +=
      track.frame_rate.known() ? fmt::format(", {} fps", rate_text(track.frame_rate)) : ", rate not known";
  if (track.variable_frame_rate) text += " on average (variable)";
  if (track.interlaced)
    text += track.top_field_first ? ", interlaced, top field first" : ", interlaced, bottom field first";
  if (!(track.sample_aspect == Rational{1, 1}))
    text += fmt::format(", pixels {}:{}", track.sample_aspect.numerator, track.sample_aspect.denominator);
  if (track.rotation_degrees != 0)
    text += fmt::format(", shown turned by {} degrees", track.rotation_degrees);
  if (track.mirrored) text += ", shown mirrored";
  text += fmt::format(", colours {}/{}/{} range {}", track.color_matrix, track.color_primaries,
                      track.color_transfer, track.color_range);
  if (!track.dolby_vision.empty()) text += ", Dolby Vision profile " + track.dolby_vision;
  if (track.closed_captions) text += ", closed captions";
  if (track.bits_per_second > 0) text += ", " + bit_rate_text(track.bits_per_second);
  return text;
}

std::string describe(const AudioTrack& track) {
  std::string text =
      fmt::format("{}, {} channel{}", track.codec, track.channels, track.channels == 1 ? "" : "s");
  if (!track.channel_layout.empty())
    text += fmt::format(" ({})", has_no_layout(track) ? "no layout" : track.channel_layout);
  text += fmt::format(", {} Hz", track.sample_rate);
  if (track.bits_per_second > 0) text += ", " + bit_rate_text(track.bits_per_second);
  if (!track.url.empty()) text += ", from " + track.url;
  if (track.start_seconds != 0) text += fmt::format(", starts at {:+.3f} s", track.start_seconds);
  return text;
}

std::string describe(const OtherTrack& track) {
  std::string text = track.codec;
  if (!track.language.empty()) text += ", " + track.language;
  if (!track.title.empty()) text += ", " + in_quotes(track.title);
  if (track.is_default) text += ", default";
  if (track.forced) text += ", forced";
  return text;
}

}  // namespace

const VideoTrack* Source::main_video() const {
  const VideoTrack* track = chosen(video, chosen_video);
  return track == nullptr || track->attached_picture ? nullptr : track;
}

const AudioTrack* Source::main_audio() const { return chosen(audio, chosen_audio); }

ordered_json to_json(const Source& source) { return JsonWriter::json_of(source); }

Result<Source> source_from_json(const ordered_json& json) {
  Source source;
  JsonReader reader(json, "source");
  if (reader.status().ok()) fields(reader, source);
  if (!reader.status().ok()) return reader.status();
  return source;
}

std::string describe(const Source& source) {
  std::string text = fmt::format("{}\n  container  {}", source_name(source.url), source.container);
  if (source.duration_seconds > 0) text += fmt::format(", {:.3f} s", source.duration_seconds);
  if (source.length_promised) text += " or more";
  if (source.size_bytes > 0) text += ", " + size_text(source.size_bytes);
  text += source.can_seek ? "\n" : ", cannot seek\n";
  for (const VideoTrack& track : source.video)
    text += fmt::format("  video {:<3}  {}{}\n", track.index, describe(track),
                        marks(track.language, &track == source.main_video(), "  (not used)"));
  for (const AudioTrack& track : source.audio)
    text += fmt::format("  audio {:<3}  {}{}\n", track.index, describe(track),
                        marks(track.language, &track == source.main_audio(), "  (not the main one)"));
  for (const OtherTrack& track : source.other)
    text += fmt::format("  {} {}  {}\n", track.kind, track.index, describe(track));
  for (const std::string& repair : source.repairs) text += fmt::format("  mended     {}\n", repair);
  for (const std::string& damage : source.damage) text += fmt::format("  damaged    {}\n", damage);
  return text;
}

}  // namespace millrace::engine
