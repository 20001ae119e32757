#include "engine/plan/dynamic_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "engine/job/json_text.h"

namespace millrace::engine {
namespace {

// What a decoder without Dolby Vision sees; empty: nothing of use.
struct Base {
  std::string_view name;
  std::string_view transfer;
};

// Dolby Vision Profiles and Levels, §2: the number after the point is the base picture's compatibility.
// Profile 5 has none, whatever stands there; 10.0 has none. Records older than that number say 0 for it; the
// profiles with one kind of base need none: 7 is an Ultra HD Blu-ray's (HDR10), 4 and 9 are SDR's.
Base base_of(std::string_view dolby_vision) {
  const std::string_view profile = dolby_vision.substr(0, dolby_vision.find('.'));
  const auto point = dolby_vision.find('.');
  const std::string_view compatible =
      point == std::string_view::npos ? std::string_view() : dolby_vision.substr(point + 1);
  if (profile == "5") return {};
  if (compatible == "1" || compatible == "6" || profile == "7") return {"HDR10", "smpte2084"};
  if (compatible == "2" || profile == "4" || profile == "9") return {"SDR", "bt709"};
  if (compatible == "4") return {"HLG", "arib-std-b67"};
  return {};
}

// Of one output that codes pictures again.
struct Wish {
  const std::string* output = nullptr;
  std::string field;
  bool keep = false;
};

std::vector<Wish> wishes_of(const JobSpec& spec) {
  std::vector<Wish> wishes;
  for (std::size_t i = 0; i < spec.outputs.size(); ++i) {
    const std::string field = field_path("outputs", i);
    if (const auto* adaptive = std::get_if<AdaptiveOutput>(&spec.outputs[i]))
      wishes.push_back({&adaptive->name, field + ".hdr", adaptive->keep_hdr});
    if (const auto* file = std::get_if<FileOutput>(&spec.outputs[i]); file != nullptr && !file->copy_video)
      wishes.push_back({&file->name, field + ".video.hdr", file->keep_hdr});
  }
  return wishes;
}

// Which picture of a Dolby Vision track is used, and how its transfer is known.
Decision base_decision(const VideoTrack& track, const Base& base) {
  std::string reason = fmt::format(
      "profile {} holds one that decodes by itself; what Dolby Vision adds is left out", track.dolby_vision);
  if (transfer_by_dolby_vision(track))
    reason += fmt::format("; the source does not say its transfer, {} by the profile", base.transfer);
  const bool other = transfer_of(track) != base.transfer;
  if (other)
    reason += fmt::format("; the source says its transfer is {}, which counts", track.color_transfer);
  return {"dolby vision", "cpu", fmt::format("its {} picture is used", other ? "base" : base.name), reason};
}

}  // namespace

std::string transfer_of(const VideoTrack& track) {
  if (track.color_transfer != "unknown" || track.dolby_vision.empty()) return track.color_transfer;
  const Base base = base_of(track.dolby_vision);
  return base.transfer.empty() ? track.color_transfer : std::string(base.transfer);
}

bool transfer_by_dolby_vision(const VideoTrack& track) {
  return track.color_transfer == "unknown" && transfer_of(track) != "unknown";
}

bool is_hdr(const VideoTrack& track) {
  const std::string transfer = transfer_of(track);
  return transfer == "smpte2084" || transfer == "arib-std-b67";
}

bool keeps_hdr(const Plan& plan) {
  const VideoTrack* video = plan.source.main_video();
  return video != nullptr && is_hdr(*video) &&
         std::none_of(plan.normalisations.begin(), plan.normalisations.end(),
                      [](const Normalisation& step) { return step.name == "tone_map"; });
}

Result<PlannedRange> plan_range(const JobSpec& spec, const VideoTrack& track) {
  PlannedRange range;
  if (!track.dolby_vision.empty()) {
    const Base base = base_of(track.dolby_vision);
    if (base.name.empty())
      return refused(
          Code::unsupported, "input.url",
          fmt::format("its picture is Dolby Vision profile {}, which has no HDR10, HLG or SDR picture "
                      "inside, and would come out in wrong colours; give a source of profile 8, or one "
                      "without Dolby Vision",
                      track.dolby_vision));
    range.decisions.push_back(base_decision(track, base));
  }

  const Wish* first = nullptr;
  const std::vector<Wish> wishes = wishes_of(spec);
  for (const Wish& wish : wishes) {
    if (first == nullptr) first = &wish;
    range.keep_hdr = range.keep_hdr || wish.keep;
    if (is_hdr(track) && wish.keep != first->keep)
      return refused(
          Code::unsupported, wish.field,
          fmt::format("'{}' wants {} and '{}' wants {}; the pictures of one job have one dynamic range: "
                      "give both the same, or send two jobs",
                      *wish.output, wish.keep ? "HDR" : "SDR", *first->output, first->keep ? "HDR" : "SDR"));
  }
  if (!range.keep_hdr) return range;
  const std::string transfer = transfer_of(track);
  range.keep_hdr = is_hdr(track);
  if (range.keep_hdr) {
    range.decisions.push_back({"dynamic range", "cpu", fmt::format("HDR is kept: 10 bit, {}", transfer),
                               "asked for; every picture of one job has the same range"});
  } else {
    range.decisions.push_back(
        {"dynamic range", "cpu", "SDR",
         fmt::format("the source is not HDR (its transfer is {}): there is none to keep", transfer)});
  }
  return range;
}

}  // namespace millrace::engine
