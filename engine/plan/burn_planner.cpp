#include "engine/plan/burn_planner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/job/json_text.h"
#include "engine/plan/language.h"
#include "engine/plan/subtitle_planner.h"

namespace millrace::engine {
namespace {

std::string text_of(const OtherTrack& track) {
  const std::string language = plain_language(track.language);
  return fmt::format("{} ({}{})", track.index, track.codec, language.empty() ? "" : ", " + language);
}

bool is_readable(const OtherTrack& track) { return is_bitmap_subtitle(track) || is_text_subtitle(track); }

// What could be burnt in instead.
std::string choices(const Source& source) {
  std::vector<std::string> tracks;
  for (const OtherTrack& track : source.other)
    if (track.kind == "subtitle" && is_readable(track)) tracks.push_back(text_of(track));
  if (tracks.empty()) return "the source has no subtitles that can be burnt in; leave it out";
  return fmt::format("the source's subtitle tracks are {}; name one of them or leave it out",
                     fmt::join(tracks, ", "));
}

}  // namespace

Result<int> plan_burn(const Source& source, const std::optional<Burn>& asked, const std::string& field) {
  if (!asked) return -1;
  const OtherTrack* best = nullptr;
  // One that can be read counts most, then the default, then one that shows all there is, then pictures: what
  // text shows can be had without burning it in.
  const auto worth = [](const OtherTrack& track) {
    return (is_readable(track) ? 8 : 0) + (track.is_default ? 4 : 0) + (track.forced ? 0 : 2) +
           (is_bitmap_subtitle(track) ? 1 : 0);
  };
  for (const OtherTrack& track : source.other) {
    if (track.kind != "subtitle") continue;
    const bool wanted = asked->stream >= 0 ? track.index == asked->stream
                                           : same_language(plain_language(track.language), asked->language);
    if (wanted && (best == nullptr || worth(track) > worth(*best))) best = &track;
  }
  if (best != nullptr && is_readable(*best)) return best->index;
  if (best != nullptr)
    return refused(Code::unsupported, field,
                   fmt::format("track {} cannot be read here; {}", text_of(*best), choices(source)));
  const std::string what = asked->stream >= 0 ? fmt::format("{} is no subtitle track", asked->stream)
                                              : "no subtitle track is " + in_quotes(asked->language);
  return refused(Code::invalid_argument, field, fmt::format("{}; {}", what, choices(source)));
}

Decision burn_decision(const Source& source, int stream, const std::string& name) {
  const auto track = std::find_if(source.other.begin(), source.other.end(),
                                  [&](const OtherTrack& each) { return each.index == stream; });
  const std::string what = track == source.other.end() ? std::to_string(stream) : text_of(*track);
  return {"burn " + name, "cpu", fmt::format("subtitles of stream {}", what),
          "asked for; laid over each rendition at its own resolution"};
}

std::vector<int> burnt_streams(const Plan& plan) {
  std::vector<int> streams;
  const auto add = [&](const PlannedRendition& rendition) {
    if (rendition.burn >= 0 && std::find(streams.begin(), streams.end(), rendition.burn) == streams.end())
      streams.push_back(rendition.burn);
  };
  for (const PlannedRendition& each : plan.renditions) add(each);
  for (const PlannedOutput& each : plan.outputs)
    if (each.in_one_go && each.in_one_go->picture) add(*each.in_one_go->picture);
  return streams;
}

}  // namespace millrace::engine
