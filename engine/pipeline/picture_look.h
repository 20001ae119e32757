// PictureLook: what the first pictures of a track show that its headers leave open or get wrong. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/sink.h"
#include "engine/plan/hdr_metadata.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// Counts what libavfilter's idet says of pictures: how many hold two fields, and which came first.
class FieldCount final : public Sink<FramePtr> {
 public:
  Status push(FramePtr frame) override;
  Status finish() override { return {}; }

  // Pictures that moved enough to tell.
  int determined() const { return top_first_ + bottom_first_ + progressive_; }
  int combed() const { return top_first_ + bottom_first_; }
  // Nearly all are combed, and agree on the order.
  bool interlaced() const;
  // Combed, and a field in two of five comes again, as film at 24 frames in 60 fields is.
  bool telecine() const;
  bool top_first() const { return top_first_ >= bottom_first_; }

 private:
  int top_first_ = 0;
  int bottom_first_ = 0;
  int progressive_ = 0;
  int repeated_ = 0;  // a field of the picture before
};

class PictureLook final : public Sink<FramePtr> {
 public:
  // `track` as its container describes it.
  explicit PictureLook(const VideoTrack& track);

  // Frames as they come from the decoder; those after enough() are let go.
  Status push(FramePtr frame) override;
  Status finish() override { return {}; }
  bool enough() const;

  // Takes every second of `packet_times` away (sorted) when a packet holds one field of a picture, not the
  // whole.
  void keep_whole_pictures(std::vector<std::int64_t>& packet_times) const;
  // Fills in first_pts, interlaced, top_field_first, scan_note, closed_captions and what hdr lacks. A track
  // that its container calls interlaced stays so: a beginning of whole pictures says nothing of the rest.
  void tell(VideoTrack& track) const;

 private:
  const bool may_hide_fields_;
  const bool may_be_interlaced_;
  int count_ = 0;
  int marked_ = 0;      // as interlaced
  int since_mark_ = 0;  // from the first of them on
  bool top_first_ = true;
  bool captions_ = false;
  HdrMetadata hdr_;
  std::vector<std::int64_t> times_;
  FieldCount fields_;
  FilterStage idet_;
};

}  // namespace millrace::engine
