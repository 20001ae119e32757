// What the steps before the ladder allocate on an NVIDIA card against what plans count on, over a driver of
// fakes.
#include <gmock/gmock.h>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/pipeline/range_gate.h"
#include "engine/plan/device_fit.h"
#include "engine/plan/normalise.h"
#include "tests/engine/backend/nvidia_case.h"

namespace millrace::engine {
namespace {

constexpr int kWidth = 96, kHeight = 64;

VideoTrack track() {
  VideoTrack track;
  track.width = kWidth;
  track.height = kHeight;
  track.pixel_format = "yuv420p";
  track.color_range = "tv";
  track.color_matrix = track.color_primaries = track.color_transfer = "bt709";
  return track;
}
VideoTrack hdr_track() {
  VideoTrack hdr = track();
  hdr.pixel_format = "yuv420p10le";
  hdr.bits_per_component = 10;
  hdr.color_matrix = "bt2020nc";
  hdr.color_primaries = "bt2020";
  hdr.color_transfer = "smpte2084";
  return hdr;
}
VideoTrack made(VideoTrack track, bool interlaced, bool full_range) {
  track.interlaced = interlaced;
  if (full_range) track.color_range = "pc";
  return track;
}
VideoTrack turned(VideoTrack track) {
  track.rotation_degrees = 90;
  return track;
}

FramePtr picture_like(const VideoTrack& track, int number) {
  const bool deep = track.bits_per_component > 8;
  FramePtr frame = decoded(number * 3'600, kWidth, kHeight, deep ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12);
  frame->color_range = track.color_range == "pc" ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  frame->colorspace = deep ? AVCOL_SPC_BT2020_NCL : AVCOL_SPC_BT709;
  frame->color_primaries = deep ? AVCOL_PRI_BT2020 : AVCOL_PRI_BT709;
  frame->color_trc = deep ? AVCOL_TRC_SMPTE2084 : AVCOL_TRC_BT709;
  if (track.interlaced) mark_interlaced(*frame, true);
  return frame;
}

class MemoryOnCard : public OnTheFake {
 protected:
  // Allocations of the steps for eight pictures, as a range has them up to its gate.
  int allocated(const Plan& plan) {
    EXPECT_TRUE(open().ok());
    const int before = fake_.memory;
    const auto card = make_nvidia_backend(std::move(device_));
    CollectingSink out;
    SegmentTally tally;
    RangeGate gate(SegmentClock(8 * 3'600), 0, -1, 0, tally, out);
    const auto normaliser = card->make_normaliser(plan, gate);
    EXPECT_TRUE(normaliser.ok());
    Sink<FramePtr>& first = *normaliser ? **normaliser : gate;
    for (int number = 0; number < 8; ++number) {
      EXPECT_TRUE(first.push(picture_like(plan.source.video[0], number)).ok());
      out.frames.clear();  // as the ladder lets go of them
    }
    const int most = fake_.memory - before;
    EXPECT_TRUE(first.finish().ok());
    out.frames.clear();
    return most;
  }
};

TEST_F(MemoryOnCard, StepsTakeAsManyPicturesAsThePlanCountsOn) {
  const struct {
    const char* name;
    VideoTrack track;
    int pictures;
  } rows[] = {{"as it is", track(), 0},
              {"interlaced", made(track(), true, false), 2},
              {"full range", made(track(), false, true), 2},
              {"interlaced, of full range", made(track(), true, true), 3},
              {"HDR to SDR", hdr_track(), 2},
              {"interlaced HDR to SDR", made(hdr_track(), true, false), 3},
              {"on its side", turned(track()), 2},
              {"interlaced HDR to SDR on its side", turned(made(hdr_track(), true, false)), 4}};
  for (const auto& row : rows) {
    Plan plan = plan_of({{kWidth, kHeight}});
    plan.source.video[0] = row.track;
    plan.normalisations = normalise(row.track)->steps;
    EXPECT_EQ(step_pictures_of(plan), row.pictures) << row.name;
    EXPECT_EQ(allocated(plan), row.pictures) << row.name;
    expect_all_closed();
  }
}

}  // namespace
}  // namespace millrace::engine
