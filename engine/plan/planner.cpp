#include "engine/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/job/json_text.h"
#include "engine/plan/burn_planner.h"
#include "engine/plan/decisions.h"
#include "engine/plan/decode_check.h"
#include "engine/plan/dynamic_range.h"
#include "engine/plan/estimate.h"
#include "engine/plan/job_times.h"
#include "engine/plan/normalise.h"
#include "engine/plan/output_planner.h"
#include "engine/plan/overlay_planner.h"
#include "engine/plan/placement.h"
#include "engine/plan/slide_decisions.h"
#include "engine/plan/subtitle_planner.h"
#include "engine/plan/text.h"
#include "engine/plan/threads.h"
#include "engine/plan/trim.h"

namespace millrace::engine {
namespace {

// What comes of the source's picture, whoever uses it.
struct Picture {
  std::optional<NormalisedVideo> video;
  std::vector<Normalisation> steps;
  std::vector<Decision> decisions;
};

// Copies and sound alone leave the picture as it is, however odd.
bool decodes_pictures(const Output& output) {
  const auto* file = std::get_if<FileOutput>(&output);
  return !std::holds_alternative<AudioOutput>(output) && (file == nullptr || !file->copy_video);
}

Result<Picture> plan_picture(const JobSpec& spec, const Source& source) {
  Picture picture;
  const VideoTrack* track = source.main_video();
  if (track == nullptr || std::none_of(spec.outputs.begin(), spec.outputs.end(), decodes_pictures))
    return picture;
  Result<PlannedRange> range = plan_range(spec, *track);
  if (!range.ok()) return range.status();
  Result<NormalisedPicture> normalised = normalise(*track, range->keep_hdr);
  if (!normalised.ok()) return normalised.status();
  picture.video =
      NormalisedVideo{normalised->size, track->frame_rate, track->variable_frame_rate, range->keep_hdr};
  picture.steps = std::move(normalised->steps);
  picture.decisions = std::move(range->decisions);
  return picture;
}

SegmentClock clock_for(const JobSpec& spec, const Source& source) {
  const VideoTrack* video = source.main_video();
  if (video == nullptr) return SegmentClock::for_rate(segment_seconds_of(spec), {}, false);
  return SegmentClock::for_rate(segment_seconds_of(spec), video->frame_rate, !video->variable_frame_rate);
}

bool codes_pictures(const Plan& plan) {
  return !plan.renditions.empty() ||
         std::any_of(plan.outputs.begin(), plan.outputs.end(),
                     [](const PlannedOutput& each) { return each.in_one_go && each.in_one_go->picture; });
}

Status add_overlays(const JobSpec& spec, const std::optional<NormalisedVideo>& video, double seconds,
                    Plan& plan, std::vector<Decision>& decisions) {
  if (spec.overlays.empty()) return {};
  if (!video || !codes_pictures(plan))
    return refused(Code::invalid_argument, "overlays",
                   "no picture of this job is coded again that they could lie on; leave them out");
  Result<PlannedOverlays> planned = plan_overlays(spec.overlays, video->size, seconds);
  if (!planned.ok()) return planned.status();
  plan.overlays = std::move(planned->overlays);
  decisions = std::move(planned->decisions);
  return {};
}

// Once the devices are known, and how long it is.
void share_cores(Plan& plan, int cores, const hw::Inventory& machine) {
  plan.ranges_at_once = ranges_for(plan, cores, machine.memory.usable_bytes);
  plan.range_cores = std::max(cores / plan.ranges_at_once, 1);
  plan.decoder_threads = decoder_threads_for(plan.range_cores);
  const std::vector<int> threads = threads_for(plan.renditions, plan.range_cores);
  for (std::size_t i = 0; i < threads.size(); ++i) plan.renditions[i].encoder_threads = threads[i];
  for (PlannedOutput& output : plan.outputs) {
    output.stills.threads = cores;
    if (output.in_one_go && output.in_one_go->picture)
      output.in_one_go->picture->encoder_threads =
          threads_for({&*output.in_one_go->picture, 1}, cores).front();
  }
}

std::vector<Decision> damage_decision(const JobSpec& spec, const Source& source) {
  if (spec.on_damage != OnDamage::accept) return {};
  return {{"damage", "cpu", "what decodes is used, what is lost stands in the receipt",
           source.damage.empty() ? "asked for" : "asked for; so far: " + source.damage.front()}};
}

std::vector<Decision> pace_decision(const JobSpec& spec) {
  if (!spec.real_time) return {};
  return {{"pace", "cpu", "pictures are read no faster than they play", "asked for"}};
}

std::vector<Decision> ranges_decision(const Plan& plan, int cores) {
  if (plan.ranges_at_once <= 1) return {};
  return {{"ranges", "cpu", fmt::format("{} at once", plan.ranges_at_once),
           fmt::format("one keeps about {:.0f} of {} cores busy", cores_of_range(plan.renditions), cores)}};
}

// What has no ranges would not be paced.
Status check_pace(const Plan& plan) {
  if (!plan.real_time || !plan.renditions.empty()) return {};
  return refused(Code::invalid_argument, "real_time",
                 "nothing of this job is coded in segments, which alone are paced; leave it out");
}

}  // namespace

Result<Plan> make_plan(const Source& source, const JobSpec& spec, const hw::Inventory& machine, int cores,
                       const DeviceChoices& devices) {
  const Result<Candidates> usable = candidates(spec.device, machine, devices.backends);
  if (!usable.ok()) return usable.status();
  Result<Picture> picture = plan_picture(spec, source);
  if (!picture.ok()) return picture.status();
  Result<PlannedTrim> trim = plan_trim(spec.trim, source);
  if (!trim.ok()) return trim.status();

  Plan plan;
  plan.source = source;
  plan.clock = clock_for(spec, source);
  plan.trim_from = trim->from;
  plan.trim_to = trim->to;
  plan.accept_damage = spec.on_damage == OnDamage::accept;
  plan.real_time = spec.real_time;
  plan.full_decode = spec.full_decode;
  plan.normalisations = std::move(picture->steps);
  const double seconds = media_seconds(plan);
  Result<PlannedOutputs> planned = plan_outputs({spec, source, picture->video, plan.clock, seconds});
  if (!planned.ok()) return planned.status();
  plan.renditions = std::move(planned->renditions);
  plan.sounds = std::move(planned->sounds);
  plan.subtitles = std::move(planned->subtitles);
  plan.outputs = std::move(planned->outputs);
  if (Status s = check_pace(plan); !s.ok()) return s;
  std::vector<Decision> overlays;
  if (Status s = add_overlays(spec, picture->video, seconds, plan, overlays); !s.ok()) return s;
  const double expected = expected_seconds(plan);
  if (expected > 0) plan.estimated_segments = plan.clock.count_for(expected);
  plan.estimated_bytes = estimate_bytes(plan, expected);

  const auto tell = [&](std::vector<Decision> decisions) {
    std::move(decisions.begin(), decisions.end(), std::back_inserter(plan.decisions));
  };
  tell(slide_decisions(source));
  tell(damage_decision(spec, source));
  tell(pace_decision(spec));
  tell(std::move(trim->decisions));
  tell(std::move(picture->decisions));
  cores = std::max(1, cores);
  if (picture->video) {
    const Result<PlacementReasons> reasons = place_pictures(plan, spec.device, *usable, devices);
    if (!reasons.ok()) return reasons.status();
    share_cores(plan, cores, machine);
    tell(picture_decisions(plan, picture->video->size, *reasons));
    for (Decision& each : overlays)
      if (!reasons->overlays.empty()) each.reason += "; " + reasons->overlays;
    tell(ranges_decision(plan, cores));
    tell(decode_check_decision(plan));
  } else {
    share_cores(plan, cores, machine);
  }
  for (Decision& each : overlays) each.device = plan.overlay_device();
  tell(std::move(overlays));
  tell(sounds_decisions(plan));
  tell(subtitle_decisions(source, plan.subtitles, burnt_streams(plan)));
  tell(std::move(planned->packaging));
  return plan;
}

}  // namespace millrace::engine
