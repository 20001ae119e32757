#include "engine/schedule/task_listener.h"

#include <algorithm>
#include <utility>

namespace millrace::engine {

TaskListener::TaskListener(JobBooks& books, std::vector<std::string> tracks, std::function<void()> booked,
                           std::function<void(double)> at, std::stop_token enough)
    : books_(books),
      tracks_(std::move(tracks)),
      booked_(std::move(booked)),
      at_(std::move(at)),
      enough_(std::move(enough)) {}

Status TaskListener::segment_finished(const FinishedSegment& segment) {
  if (!loss_.ok()) return loss_;
  if (std::find(tracks_.begin(), tracks_.end(), segment.track) == tracks_.end())
    return {Code::internal, segment.file + ": the worker was not asked for its track"};
  if (Status s = books_.commit(segment); !s.ok()) return s;
  booked_();
  return {};
}

void TaskListener::lost(const std::string& sentence) {
  if (Status s = books_.note_lost(tracks_, {sentence}); !s.ok()) loss_ = s;
}

}  // namespace millrace::engine
