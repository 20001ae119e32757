#include "engine/pipeline/on_show.h"

#include <algorithm>

namespace millrace::engine {

OnShow::OnShow(Settings settings, std::deque<ShownPicture>& shown, Sink<FramePtr>& out)
    : settings_(std::move(settings)), shown_(shown), out_(out) {}

const Still* OnShow::next() {
  if (wanted_.empty() && settings_.refill) {
    if (const std::optional<Still> still = settings_.refill()) wanted_.push_back(*still);
  }
  return wanted_.empty() ? nullptr : &wanted_.front();
}

bool OnShow::waits() { return next() != nullptr; }

std::optional<Still> OnShow::left_over() {
  return wanted_.empty() ? std::nullopt : std::optional<Still>(wanted_.front());
}

Status OnShow::push(FramePtr frame) {
  std::vector<Still> stills;
  // The first picture is on show before its time too: nothing else is there.
  for (const Still* still = next(); picture_ && still != nullptr && still->time < frame->pts;
       still = next()) {
    stills.push_back(*still);
    wanted_.pop_front();
  }
  if (Status status = show(std::move(stills), frame.get()); !status.ok()) return status;
  end_ = std::max(end_, frame->pts + duration_of(*frame));
  if (settings_.neighbours) before_ = std::move(picture_);
  picture_ = std::move(frame);
  return {};
}

Status OnShow::show(std::vector<Still> stills, const AVFrame* after) {
  if (stills.empty()) return {};
  shown_.push_back({picture_->pts, std::move(stills)});
  if (!settings_.neighbours) return out_.push(share(*picture_));
  if (before_)
    if (Status status = pass_once(*before_); !status.ok()) return status;
  if (Status status = pass_once(*picture_); !status.ok()) return status;
  return after != nullptr ? pass_once(*after) : Status();
}

// What went on as the neighbour of another picture does not go on again.
Status OnShow::pass_once(const AVFrame& frame) {
  if (frame.pts <= passed_) return {};
  passed_ = frame.pts;
  return out_.push(share(frame));
}

Status OnShow::end_run(std::int64_t time) {
  std::vector<Still> stills;
  while (picture_ && !wanted_.empty() && wanted_.front().time < time) {
    stills.push_back(wanted_.front());
    wanted_.pop_front();
  }
  Status status = show(std::move(stills), nullptr);
  before_.reset();
  picture_.reset();
  return status;
}

Status OnShow::finish() {
  const std::int64_t end = std::max(end_, settings_.least_end ? settings_.least_end() : 0);
  std::vector<Still> stills;
  for (const Still* still = next(); picture_ && still != nullptr && still->time < end; still = next()) {
    stills.push_back(*still);
    wanted_.pop_front();
  }
  if (Status status = show(std::move(stills), nullptr); !status.ok()) return status;
  before_.reset();
  picture_.reset();
  return out_.finish();
}

}  // namespace millrace::engine
