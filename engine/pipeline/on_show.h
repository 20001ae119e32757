// OnShow finds the picture that is on show at each wanted time, as a player has it: the one that began last
// by then, the first one before all others. Only those go on. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "engine/pipeline/sink.h"
#include "engine/pipeline/still_list.h"

namespace millrace::engine {

// A picture that went on, and the stills it is the right one for.
struct ShownPicture {
  std::int64_t pts = 0;  // ticks on the job's clock
  std::vector<Still> stills;
};

class OnShow final : public Sink<FramePtr> {
 public:
  struct Settings {
    // The pictures before and after a wanted one go on too, in their order: a deinterlacer looks at them.
    bool neighbours = false;
    // Asked for the next still when none is wanted; may be empty.
    std::function<std::optional<Still>()> refill;
    // How far the media goes at least, in ticks: the last picture stays on show until then.
    std::function<std::int64_t()> least_end;
  };
  // Each picture is told in `shown` before it goes on; whoever takes it removes it there.
  OnShow(Settings settings, std::deque<ShownPicture>& shown, Sink<FramePtr>& out);

  // Stills come in the order of their times.
  void want(const Still& still) { wanted_.push_back(still); }
  // True while a still is wanted whose picture has not gone on.
  bool waits();
  bool waits_for(std::int64_t time) const { return !wanted_.empty() && wanted_.front().time <= time; }

  // Frames carry ticks and a duration, and rise until end_run().
  Status push(FramePtr frame) override;
  // All pictures that are on show at times before `time` have come; frames of another place follow.
  Status end_run(std::int64_t time);
  // The source is at its end: its last picture is on show until then, or until the least end. Stills that are
  // wanted later stay wanted.
  Status finish() override;

  // The first still that is wanted after the end; meaningful after finish().
  std::optional<Still> left_over();
  // Where the last picture ended that came.
  std::int64_t end() const { return end_; }

 private:
  const Still* next();
  Status show(std::vector<Still> stills, const AVFrame* after);
  Status pass_once(const AVFrame& frame);

  const Settings settings_;
  std::deque<ShownPicture>& shown_;
  Sink<FramePtr>& out_;
  std::deque<Still> wanted_;
  FramePtr before_;   // of the picture on show
  FramePtr picture_;  // on show
  std::int64_t passed_ = INT64_MIN;
  std::int64_t end_ = 0;
};

}  // namespace millrace::engine
