#include "engine/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/job/json_text.h"
#include "engine/plan/normalise.h"
#include "engine/plan/output_planner.h"
#include "engine/plan/text.h"
#include "engine/plan/threads.h"

namespace millrace::engine {
namespace {

using Kind = DevicePreference::Kind;

// Why a stage runs on the CPU.
std::string cpu_reason(const DevicePreference& device, const hw::Inventory& machine) {
  if (device.kind == Kind::cpu) return "device cpu was asked for";
  if (!machine.gpus.empty())
    return fmt::format("this build transcodes on the CPU; {} is left alone", machine.gpus[0].name);
  std::string notes;
  for (const hw::Absence& absence : machine.absences) {
    if (absence.what == "nvidia" || absence.what == "vaapi")
      notes += fmt::format("{}{}: {}", notes.empty() ? "" : "; ", absence.what, absence.note);
  }
  return notes.empty() ? "no GPU was found" : "no GPU: " + notes;
}

Status check_device(const DevicePreference& device, const hw::Inventory& machine) {
  if (device.kind == Kind::automatic || device.kind == Kind::cpu) return {};
  const bool cuda = device.kind == Kind::cuda;
  for (const hw::GpuFacts& gpu : machine.gpus) {
    if ((gpu.vendor == "nvidia") == cuda)
      return refused(Code::unsupported, "device",
                     fmt::format("{}: {} is here, but transcoding on it is not built yet; use auto or cpu",
                                 to_string(device), gpu.name));
  }
  const std::string* note = hw::absence_note(machine, cuda ? "nvidia" : "vaapi");
  return refused(Code::unsupported, "device",
                 fmt::format("{}: {}; or use auto or cpu", to_string(device),
                             note == nullptr ? "this machine has no such GPU" : *note));
}

double seconds_of(const Source& source, const VideoTrack& video) {
  return video.duration_seconds > 0 ? video.duration_seconds : source.duration_seconds;
}

double segment_seconds_of(const JobSpec& spec) {
  for (const Output& output : spec.outputs)
    if (const auto* adaptive = std::get_if<AdaptiveOutput>(&output)) return adaptive->segment_seconds;
  return AdaptiveOutput().segment_seconds;
}

// Every segment once, and every file that is joined from them.
std::int64_t bytes_of(const Plan& plan, double seconds) {
  double bits = 0;
  const auto times_written = [&](const std::string& folder) {
    double times = 1;
    for (const PlannedOutput& output : plan.outputs) {
      if (output.type != PlannedOutput::Type::file) continue;
      for (const auto* tracks : {&output.renditions, &output.sounds})
        times += static_cast<double>(std::count(tracks->begin(), tracks->end(), folder));
    }
    return times;
  };
  for (const PlannedRendition& each : plan.renditions)
    bits += static_cast<double>(each.bits_per_second) * times_written(each.folder);
  for (const PlannedSound& each : plan.sounds)
    bits += static_cast<double>(each.bits_per_second) * times_written(each.folder);
  return std::llround(std::min(bits * seconds / 8, 9e18));
}

// "720p", or "abr/720p" when another rendition has that name too.
std::string label(const Plan& plan, const PlannedRendition& rendition) {
  const auto same = std::count_if(plan.renditions.begin(), plan.renditions.end(),
                                  [&](const PlannedRendition& each) { return each.name == rendition.name; });
  return same > 1 ? rendition.folder : rendition.name;
}

std::string plural(int count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

class Decisions {
 public:
  Decisions(Plan& plan, std::string cpu) : plan_(plan), cpu_(std::move(cpu)) {}

  void picture(const VideoTrack& video, PictureSize picture) {
    add("decode",
        fmt::format("{}, {}x{} {}, {}", video.codec, video.width, video.height, video.pixel_format,
                    plural(plan_.decoder_threads, "thread")),
        cpu_);
    for (const Normalisation& step : plan_.normalisations) add(step.name, step.filter, step.reason);
    if (video.variable_frame_rate)
      add("frame rate", "every frame keeps its timestamp", "the source's frame rate varies");
    for (const PlannedRendition& each : plan_.renditions) rendition(each, picture);
  }

  void sound() {
    const AudioTrack* track = plan_.source.main_audio();
    if (track == nullptr) return add("sound", "none", "the source has no sound");
    for (const PlannedSound& each : plan_.sounds) {
      std::string reason = "one AAC track plays everywhere";
      if (track->channels > 2) reason += fmt::format("; {} channels are mixed down to two", track->channels);
      if (track->sample_rate != each.sample_rate)
        reason += fmt::format("; {} Hz is resampled", track->sample_rate);
      add(plan_.sounds.size() == 1 ? "sound" : "sound " + each.folder,
          fmt::format("AAC {}, {} Hz, {}", each.channels == 1 ? "mono" : "stereo", each.sample_rate,
                      bit_rate_text(each.bits_per_second)),
          reason);
    }
  }

  void packaging(const std::vector<Decision>& decisions) {
    plan_.decisions.insert(plan_.decisions.end(), decisions.begin(), decisions.end());
  }

 private:
  void rendition(const PlannedRendition& each, PictureSize picture) {
    const std::string name = label(plan_, each);
    if (each.max_frame_rate.known())
      add("frame rate " + name, fmt::format("at most {} fps", rate_text(each.max_frame_rate)),
          "frames above it are dropped evenly");
    const bool as_it_is = picture == PictureSize{each.width, each.height};
    add("scale " + name, fmt::format("{}x{}, {}", each.width, each.height, as_it_is ? "as it is" : "bicubic"),
        as_it_is ? "the picture has this size" : cpu_);
    add("encode " + name,
        fmt::format("{} {}, {}, {}", name_of(each.codec), each.preset, bit_rate_text(each.bits_per_second),
                    plural(each.encoder_threads, "thread")),
        cpu_);
  }

  void add(std::string stage, std::string choice, std::string reason) {
    plan_.decisions.push_back({std::move(stage), "cpu", std::move(choice), std::move(reason)});
  }

  Plan& plan_;
  const std::string cpu_;
};

}  // namespace

Result<Plan> make_plan(const Source& source, const JobSpec& spec, const hw::Inventory& machine, int cores) {
  if (Status s = check_device(spec.device, machine); !s.ok()) return s;
  const VideoTrack* video = source.main_video();
  if (video == nullptr)
    return refused(Code::unsupported, "input.url",
                   "the source has no picture; adaptive and file outputs need one, outputs of sound alone "
                   "are not built yet");
  const Result<NormalisedPicture> picture = normalise(*video);
  if (!picture.ok()) return picture.status();
  Result<PlannedOutputs> planned = plan_outputs(spec, source, picture->size);
  if (!planned.ok()) return planned.status();

  Plan plan;
  plan.source = source;
  plan.clock =
      SegmentClock::for_rate(segment_seconds_of(spec), video->frame_rate, !video->variable_frame_rate);
  plan.normalisations = picture->steps;
  plan.decoder_threads = decoder_threads_for(std::max(1, cores));
  plan.renditions = std::move(planned->renditions);
  plan.sounds = std::move(planned->sounds);
  plan.outputs = std::move(planned->outputs);
  const std::vector<int> threads = threads_for(plan.renditions, std::max(1, cores));
  for (std::size_t i = 0; i < threads.size(); ++i) plan.renditions[i].encoder_threads = threads[i];
  if (const double seconds = seconds_of(source, *video); seconds > 0) {
    plan.estimated_segments = plan.clock.count_for(seconds);
    plan.estimated_bytes = bytes_of(plan, seconds);
  }

  Decisions decisions(plan, cpu_reason(spec.device, machine));
  decisions.picture(*video, picture->size);
  decisions.sound();
  decisions.packaging(planned->packaging);
  return plan;
}

}  // namespace millrace::engine
