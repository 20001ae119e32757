// Segmenter gathers an encoder's packets into whole segments of the grid. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/package/cmaf.h"
#include "engine/pipeline/segment_tally.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

// One segment as it is written. Times in ticks of the track, without the shift.
struct CodedSegment {
  std::int64_t index = 0;
  std::int64_t start = 0;  // pts of its first frame; priming of sound is negative
  std::int64_t end = 0;    // pts of the next segment's first frame, or where the last frame ends
  std::vector<CmafSample> samples;
};

struct SegmenterSettings {
  SegmentClock clock;
  std::int64_t timescale = kTicksPerSecond;
  Rational frame_rate;  // of pictures, for the shift
  const SegmentTally* tally =
      nullptr;  // pictures: tells where the range ends. Null: the last packet's own duration
};

// Pictures: a segment begins with the key packet of a later segment than the one before. Sound: with the
// first packet that starts at or after the grid point.
class Segmenter final : public TrackSink<PacketPtr> {
 public:
  Segmenter(const SegmenterSettings& settings, TrackSink<CodedSegment>& out)
      : settings_(settings), out_(out) {}

  Status begin(const EncodedTrack& track) override;
  // internal when a packet belongs to another segment than the one that is open, or a segment opens without a
  // key packet.
  Status push(PacketPtr packet) override;
  Status finish() override;

  // The shift of a track (CmafTrack::shift).
  static std::int64_t shift_of(const EncodedTrack& track, const Rational& frame_rate);

 private:
  std::int64_t segment_of(std::int64_t pts) const;
  Status complete(std::int64_t end);

  const SegmenterSettings settings_;
  TrackSink<CodedSegment>& out_;
  std::int64_t shift_ = 0;
  std::int64_t last_end_ = 0;  // of the packets so far, by their own durations
  std::optional<CodedSegment> open_;
};

}  // namespace millrace::engine
