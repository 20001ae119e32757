#include "engine/verify/sound_end_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/verify/output_checks.h"
#include "engine/verify/track_checks.h"

namespace millrace::engine {
namespace {

constexpr double kLeastSlack = 0.5;  // seconds

double slack_of(const Plan& plan) {
  const VideoTrack* video = plan.source.main_video();
  if (video == nullptr || !video->frame_rate.known()) return kLeastSlack;
  return std::max(kLeastSlack, 2 / video->frame_rate.as_double());
}

const FinishedSegment* last_of(const std::string& track, const Segments& segments) {
  const FinishedSegment* last = nullptr;
  for (const FinishedSegment& each : segments)
    if (each.track == track && (last == nullptr || each.index > last->index)) last = &each;
  return last;
}

double seconds_of(std::int64_t ticks, const FinishedSegment& of) {
  return static_cast<double>(ticks) / static_cast<double>(of.timescale);
}

double end_of(const FinishedSegment& segment) {
  return seconds_of(segment.start + segment.duration, segment);
}

// Sound that was cut must come to here, on the job's clock.
struct Goal {
  double seconds = 0;
  const char* what = "";
};

// The furthest end of the job's pictures; else the trim's.
std::optional<Goal> goal_of(const Plan& plan, const Segments& segments) {
  Goal goal{0, "the pictures end"};
  const auto consider = [&](const std::string& track) {
    if (const FinishedSegment* last = last_of(track, segments))
      goal.seconds = std::max(goal.seconds, end_of(*last));
  };
  for (const PlannedRendition& each : plan.renditions) consider(each.folder);
  for (const PlannedOutput& each : plan.outputs)
    if (each.in_one_go && frames_of(each) == OutputFrames::pictures) consider(each.path);
  if (goal.seconds > 0) return goal;
  if (plan.trim_to > 0)
    return Goal{static_cast<double>(plan.trim_to - plan.trim_from) / kTicksPerSecond, "the trim ends"};
  return std::nullopt;
}

Check end_of_sound(const std::string& where, const FinishedSegment& last, const std::optional<Goal>& goal,
                   double slack) {
  Check check{"end of sound", where, true, "ends with the source's sound"};
  if (last.sound_cut_at < 0) return check;
  const double at = seconds_of(last.sound_cut_at, last);
  check.detail = fmt::format("cut at {:.3f} s", at);
  if (!goal) return check;
  check.holds = at + slack >= goal->seconds;
  check.detail += check.holds ? fmt::format(", {} at {:.3f} s", goal->what, goal->seconds)
                              : fmt::format(" although the source's sound goes on and {} at {:.3f} s",
                                            goal->what, goal->seconds);
  return check;
}

}  // namespace

std::vector<Check> sound_end_checks(const Plan& plan, const Segments& segments) {
  std::vector<Check> checks;
  const std::optional<Goal> goal = goal_of(plan, segments);
  const auto add = [&](const std::string& track) {
    if (const FinishedSegment* last = last_of(track, segments))
      checks.push_back(end_of_sound(track, *last, goal, slack_of(plan)));
  };
  for (const PlannedSound& sound : plan.sounds) add(sound.folder);
  for (const PlannedOutput& output : plan.outputs)
    if (output.in_one_go && output.in_one_go->sound) add(output.path);
  return checks;
}

}  // namespace millrace::engine
