#include "engine/plan/decisions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "engine/plan/sound_planner.h"
#include "engine/plan/text.h"
#include "engine/plan/track_text.h"

namespace millrace::engine {
namespace {

// "720p", or "abr/720p" when another rendition has that name too.
std::string label(const Plan& plan, const PlannedRendition& rendition) {
  const auto same = std::count_if(plan.renditions.begin(), plan.renditions.end(),
                                  [&](const PlannedRendition& each) { return each.name == rendition.name; });
  return same > 1 ? rendition.folder : rendition.name;
}

// Who codes pictures here without the captions that frames carry (ATSC A/53); empty: x264, which writes them.
std::string_view drops_captions(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:
      return {};
    case VideoCodec::hevc:
      return "libx265";
    case VideoCodec::av1:
      return "libsvtav1";
    case VideoCodec::vp9:
      return "libvpx-vp9";
    case VideoCodec::theora:
      return "libtheora";
  }
  return {};
}

class PictureDecisions {
 public:
  PictureDecisions(PictureSize picture, std::string cpu) : picture_(picture), cpu_(std::move(cpu)) {}

  void choice(const Source& source) {
    const VideoTrack& used = *source.main_video();
    for (const VideoTrack& other : source.video) {
      if (&other == &used || other.attached_picture) continue;
      add("picture",
          fmt::format("stream {} ({}, {}x{}) is left out", other.index, other.codec, other.width,
                      other.height),
          fmt::format("stream {} is {}", used.index, used.is_default ? "the default" : "the first"));
    }
  }

  void decoding(const Plan& plan) {
    const VideoTrack& video = *plan.source.main_video();
    add("decode",
        fmt::format("{}, {}x{} {}, {}", video.codec, video.width, video.height, video.pixel_format,
                    count_text(plan.decoder_threads, "thread")),
        cpu_);
    if (!video.interlaced && !video.scan_note.empty()) add("deinterlace", "none", video.scan_note);
    for (const Normalisation& step : plan.normalisations) add(step.name, step.filter, step.reason);
    if (video.variable_frame_rate)
      add("frame rate", "every frame keeps its timestamp", "the source's frame rate varies");
  }

  void rendition(const std::string& name, const PlannedRendition& each) {
    if (each.max_frame_rate.known())
      add("frame rate " + name, fmt::format("at most {} fps", rate_text(each.max_frame_rate)),
          "frames above it are dropped evenly");
    const bool as_it_is = picture_ == PictureSize{each.width, each.height};
    add("scale " + name, fmt::format("{}x{}, {}", each.width, each.height, as_it_is ? "as it is" : "bicubic"),
        as_it_is ? "the picture has this size" : cpu_);
    add("encode " + name, encode_text(each), cpu_);
  }

  // Those that lie in the source's pictures.
  void captions(const std::vector<std::pair<std::string, VideoCodec>>& renditions) {
    std::vector<std::string> with;
    std::vector<std::string> without;
    std::set<std::string_view> encoders;
    for (const auto& [name, codec] : renditions) {
      const std::string_view encoder = drops_captions(codec);
      (encoder.empty() ? with : without).push_back(name);
      if (!encoder.empty()) encoders.insert(encoder);
    }
    if (!with.empty())
      add("captions", fmt::format("CEA-608 stays in the pictures of {}", fmt::join(with, ", ")),
          "h264 carries it");
    if (!without.empty())
      add("captions", fmt::format("CEA-608 is dropped in {}", fmt::join(without, ", ")),
          fmt::format("no captions are written by {} as FFmpeg has it; h264 carries them",
                      fmt::join(encoders, ", ")));
  }

  std::vector<Decision> take() { return std::move(decisions_); }

 private:
  void add(std::string stage, std::string choice, std::string reason) {
    decisions_.push_back({std::move(stage), "cpu", std::move(choice), std::move(reason)});
  }

  const PictureSize picture_;
  const std::string cpu_;
  std::vector<Decision> decisions_;
};

}  // namespace

std::vector<Decision> picture_decisions(const Plan& plan, PictureSize picture, const std::string& cpu) {
  PictureDecisions decisions(picture, cpu);
  decisions.choice(plan.source);
  decisions.decoding(plan);
  std::vector<std::pair<std::string, VideoCodec>> names;
  const auto tell = [&](const std::string& name, const PlannedRendition& rendition) {
    decisions.rendition(name, rendition);
    names.emplace_back(name, rendition.codec);
  };
  for (const PlannedRendition& each : plan.renditions) tell(label(plan, each), each);
  for (const PlannedOutput& output : plan.outputs)
    if (output.in_one_go && output.in_one_go->picture) tell(output.path, *output.in_one_go->picture);
  if (plan.source.main_video()->closed_captions) decisions.captions(names);
  return decisions.take();
}

std::vector<Decision> sounds_decisions(const Plan& plan) {
  if (plan.source.main_audio() == nullptr) return {{"sound", "cpu", "none", "the source has no sound"}};
  std::vector<Decision> decisions;
  std::set<int> used;
  for (const PlannedSound& sound : plan.sounds) {
    used.insert(sound.source_track);
    decisions.push_back(
        sound_decision(plan.source, sound, plan.sounds.size() == 1 ? "sound" : "sound " + sound.folder));
  }
  for (const PlannedOutput& output : plan.outputs) {
    if (!output.in_one_go || !output.in_one_go->sound) continue;
    used.insert(output.in_one_go->sound->source_track);
    if (!output.in_one_go->copy_audio)
      decisions.push_back(sound_decision(plan.source, *output.in_one_go->sound, "sound " + output.path));
  }
  for (Decision& each : unused_sounds(plan.source, used)) decisions.push_back(std::move(each));
  return decisions;
}

}  // namespace millrace::engine
