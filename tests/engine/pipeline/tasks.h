// Plans written by hand and an observer that remembers, for the tests of whole tasks.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/pipeline/inspect.h"
#include "engine/pipeline/run_task.h"

namespace millrace::engine {

class RememberingObserver final : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment& segment) override {
    tracks[segment.track].push_back(segment);
    return on_segment ? on_segment(segment) : Status();
  }
  void progress(const TaskProgress& now) override { last_progress = now; }

  void lost(const std::string& sentence) override { told_lost.push_back(sentence); }

  std::stop_token enough() const override { return end_at_edge.get_token(); }

  std::map<std::string, std::vector<FinishedSegment>> tracks;
  std::stop_source end_at_edge;
  std::vector<std::string> told_lost;
  TaskProgress last_progress;
  std::function<Status(const FinishedSegment&)> on_segment;
};

inline PlannedRendition rendition(const std::string& folder, int width, int height, const Rational& rate) {
  PlannedRendition planned;
  planned.name = planned.folder = folder;
  planned.width = width;
  planned.height = height;
  planned.bits_per_second = 200'000;
  planned.frame_rate = rate;
  planned.preset = "veryfast";
  return planned;
}

// Two renditions, one of them of the source's size, and the source's sound; one second a segment.
inline Plan plan_for(const Source& source) {
  Plan plan;
  plan.source = source;
  plan.clock = SegmentClock(kTicksPerSecond);
  if (const VideoTrack* video = source.main_video()) {
    plan.clock = SegmentClock::for_rate(1, video->frame_rate, !video->variable_frame_rate);
    plan.renditions.push_back(rendition("large", video->width, video->height, video->frame_rate));
    plan.renditions.push_back(rendition("small", 64, 48, video->frame_rate));
  }
  if (source.main_audio() != nullptr) {
    PlannedSound sound;
    sound.name = sound.folder = "audio";
    sound.source_track = source.chosen_audio;
    plan.sounds.push_back(sound);
  }
  return plan;
}

}  // namespace millrace::engine
