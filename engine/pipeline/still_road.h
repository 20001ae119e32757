// StillRoad: the way from the source to the stills of one output: it seeks to the key frame before each time,
// or reads on, decodes what is needed for the picture on show then, and normalises and shapes that alone.
// Several roads may share one list and one writer, each on a thread of its own.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/backend/software/decoder.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/frame_clock.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/on_show.h"
#include "engine/pipeline/packets_ahead.h"
#include "engine/pipeline/still_writer.h"

namespace millrace::engine {

// What all roads of an output share; outlives them.
struct StillWork {
  const Plan& plan;
  const PlannedOutput& output;
  StillList& list;
  StillWriter& writer;
  DamageLog& damage;
  int decoder_threads = 1;
  std::int64_t run_length = 1000;  // stills that a road takes from the list at once
};

class StillRoad {
 public:
  StillRoad(const StillWork& work, std::stop_token stop);

  // Until the list is empty or the source ends. corrupt_input for damage in what had to be decoded.
  Status run();
  // A still that lies past the end of the source.
  std::optional<Still> past_end() { return on_show_->left_over(); }
  // Where the last picture ended that was decoded, in ticks.
  std::int64_t end() const { return on_show_->end(); }

 private:
  // Pictures on the job's clock. Each run of packets has a clock of its own: it may begin before the last
  // one's end.
  class RunClock final : public Sink<FramePtr> {
   public:
    RunClock(FrameTiming timing, Sink<FramePtr>& out) : timing_(std::move(timing)), out_(out) { restart(); }
    void restart() { clock_ = std::make_unique<FrameClock>(timing_, tally_, out_); }
    Status push(FramePtr frame) override { return clock_->push(std::move(frame)); }
    Status finish() override { return clock_->finish(); }

   private:
    const FrameTiming timing_;
    SegmentTally tally_;
    Sink<FramePtr>& out_;
    std::unique_ptr<FrameClock> clock_;
  };
  // Hands the pictures that are wanted to the writer, with the stills they are for.
  class Taker final : public Sink<FramePtr> {
   public:
    explicit Taker(StillWriter& writer) : writer_(writer) {}
    Status push(FramePtr frame) override;
    Status finish() override;
    std::deque<ShownPicture>& shown() { return shown_; }

   private:
    StillWriter& writer_;
    std::deque<ShownPicture> shown_;
  };

  Status wire();
  std::optional<Still> next_still();
  Status read_through();
  Status read_by_seeks();
  Status begin_for(const Still& still, std::int64_t pts);
  Status begin_anew(const Still& still, std::int64_t strict);
  Status seek(std::int64_t pts);
  bool opens(const AVPacket& packet) const;
  std::int64_t first_ahead() const;
  Status decode_for(const Still& still, std::int64_t pts);
  Status fill();
  std::optional<std::int64_t> key_before(std::int64_t pts) const;
  std::int64_t source_pts(std::int64_t ticks) const;
  std::int64_t to_source(std::int64_t ticks) const;

  const StillWork& work_;
  const VideoTrack& video_;
  const std::stop_token stop_;
  const bool neighbours_;    // the normalisation looks at them
  std::deque<Still> run_;    // taken from the list, not begun
  bool begins_run_ = false;  // the still in hand
  Taker taker_;
  std::unique_ptr<FilterStage> filter_;
  std::unique_ptr<OnShow> on_show_;
  std::unique_ptr<RunClock> clock_;
  std::unique_ptr<MediaInput> input_;
  std::unique_ptr<SoftwareDecoder> decoder_;
  std::unique_ptr<PacketsAhead> ahead_;
};

}  // namespace millrace::engine
