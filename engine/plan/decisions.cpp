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
  PictureDecisions(PictureSize picture, const PlacementReasons& reasons)
      : picture_(picture), reasons_(reasons) {}

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
    const bool on_cpu = plan.decode_device == kCpu;
    add("decode",
        fmt::format("{}, {}x{} {}{}", video.codec, video.width, video.height, video.pixel_format,
                    on_cpu ? ", " + count_text(plan.decoder_threads, "thread") : ""),
        reasons_.decode, plan.decode_device);
    const BusTraffic traffic = bus_traffic(plan);
    if (traffic.up > 0) copy("upload", "to", traffic.up, plan);
    if (!video.interlaced && !video.scan_note.empty()) add("deinterlace", "none", video.scan_note);
    const bool filtered_on_cpu = plan.filter_device == kCpu;
    for (const Normalisation& step : plan.normalisations)
      add(step.name, filtered_on_cpu ? step.filter : "as the pictures pass", step.reason, plan.filter_device);
    if (video.variable_frame_rate)
      add("frame rate", "every frame keeps its timestamp", "the source's frame rate varies");
  }

  // Of pictures as they are scaled.
  void download(const Plan& plan) {
    const BusTraffic traffic = bus_traffic(plan);
    if (traffic.down > 0) copy("download", "from", traffic.down, plan);
  }

  void rendition(const std::string& name, const PlannedRendition& each, const std::string& filter_device,
                 const std::string& scale_reason, const std::string& encode_reason) {
    if (each.max_frame_rate.known())
      add("frame rate " + name, fmt::format("at most {} fps", rate_text(each.max_frame_rate)),
          "frames above it are dropped evenly");
    const bool as_it_is = picture_ == PictureSize{each.width, each.height};
    add("scale " + name, fmt::format("{}x{}, {}", each.width, each.height, as_it_is ? "as it is" : "bicubic"),
        as_it_is ? "the picture has this size" : scale_reason, filter_device);
    add("encode " + name, encode_text(each), encode_reason, each.encode_device);
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
  void add(std::string stage, std::string choice, std::string reason,
           std::string device = std::string(kCpu)) {
    decisions_.push_back({std::move(stage), std::move(device), std::move(choice), std::move(reason)});
  }
  void copy(std::string stage, std::string_view direction, double bytes_per_second, const Plan& plan) {
    std::string device = plan.filter_device;
    for (const PlannedRendition& each : plan.renditions)
      if (device == kCpu) device = each.encode_device;
    add(std::move(stage), fmt::format("{:.0f} MB a second of pictures", bytes_per_second / 1e6),
        fmt::format("the stages before and after are not both on it; they go {} its memory", direction),
        std::move(device));
  }

  const PictureSize picture_;
  const PlacementReasons& reasons_;
  std::vector<Decision> decisions_;
};

}  // namespace

std::vector<Decision> picture_decisions(const Plan& plan, PictureSize picture,
                                        const PlacementReasons& reasons) {
  PictureDecisions decisions(picture, reasons);
  decisions.choice(plan.source);
  decisions.decoding(plan);
  std::vector<std::pair<std::string, VideoCodec>> names;
  for (std::size_t i = 0; i < plan.renditions.size(); ++i) {
    const PlannedRendition& each = plan.renditions[i];
    names.emplace_back(label(plan, each), each.codec);
    decisions.rendition(names.back().first, each, plan.filter_device, reasons.filters, reasons.encodes[i]);
  }
  decisions.download(plan);
  for (const PlannedOutput& output : plan.outputs) {
    if (!output.in_one_go || !output.in_one_go->picture) continue;
    names.emplace_back(output.path, output.in_one_go->picture->codec);
    decisions.rendition(output.path, *output.in_one_go->picture, std::string(kCpu), reasons.alone,
                        reasons.alone);
  }
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
