// Turning on an NVIDIA card, over a driver of fakes whose kernels are the reference: the samples are the
// CPU's.
#include <gmock/gmock.h>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/nvidia/turn_stage.h"
#include "engine/backend/software/software_backend.h"
#include "engine/plan/normalise.h"
#include "tests/engine/backend/nvidia_case.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Codes that differ from place to place, up to the largest.
Drawing in_bits(bool ten_bit) {
  return [=](int number, int plane, int x, int y) {
    return (x * 7 + y * 31 + plane * 90 + number * 11) % (ten_bit ? 1024 : 256);
  };
}

VideoTrack track_of(int width, int height, bool ten_bit, int degrees, bool mirrored) {
  VideoTrack track;
  track.width = width;
  track.height = height;
  track.pixel_format = ten_bit ? "yuv420p10le" : "yuv420p";
  track.bits_per_component = ten_bit ? 10 : 8;
  track.color_range = "tv";
  track.color_matrix = ten_bit ? "bt2020nc" : "bt709";
  track.color_primaries = ten_bit ? "bt2020" : "bt709";
  track.color_transfer = ten_bit ? "smpte2084" : "bt709";
  track.rotation_degrees = degrees;
  track.mirrored = mirrored;
  return track;
}

// Pictures of 10 bits keep their HDR, so that nothing but their sides is changed.
Plan plan_for(const VideoTrack& track) {
  const bool ten_bit = track.bits_per_component > 8;
  const auto picture = normalise(track, ten_bit);
  EXPECT_TRUE(picture.ok());
  Plan plan = plan_of({{picture->size.width, picture->size.height, ten_bit}});
  plan.source.video[0] = track;
  plan.normalisations = picture->steps;
  return plan;
}

// The code of a sample of NV12 or P010, as code_of() has those of planar pictures.
int code_there(const AVFrame& frame, int plane, int x, int y) {
  const int at = plane == 0 ? x : 2 * x + plane - 1;
  const std::uint8_t* row = frame.data[plane == 0 ? 0 : 1] + y * frame.linesize[plane == 0 ? 0 : 1];
  return format_on_device(frame) == AV_PIX_FMT_P010LE ? reinterpret_cast<const std::uint16_t*>(row)[at] >> 6
                                                      : row[at];
}

void expect_same_samples(const AVFrame& there, const AVFrame& here) {
  ASSERT_EQ(there.width, here.width);
  ASSERT_EQ(there.height, here.height);
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? here.height : here.height / 2); ++y)
      for (int x = 0; x < (plane == 0 ? here.width : here.width / 2); ++x)
        ASSERT_EQ(code_there(there, plane, x, y), code_of(here, plane, x, y))
            << "plane " << plane << " " << x << "," << y;
}

class TurnOnCard : public OnTheFake {
 protected:
  // What a backend's normaliser makes of pictures.
  static std::vector<FramePtr> made_by(Backend& backend, const Plan& plan, std::vector<FramePtr> pictures) {
    CollectingSink out;
    const auto normaliser = backend.make_normaliser(plan, out);
    EXPECT_TRUE(normaliser.ok()) << to_string(normaliser.status());
    for (FramePtr& each : pictures) {
      const Status status = (*normaliser)->push(std::move(each));
      EXPECT_TRUE(status.ok()) << to_string(status);
    }
    EXPECT_TRUE((*normaliser)->finish().ok());
    EXPECT_TRUE(out.finished);
    return std::move(out.frames);
  }
  static FramePtr made_by(Backend& backend, const Plan& plan, FramePtr picture) {
    std::vector<FramePtr> one;
    one.push_back(std::move(picture));
    return std::move(made_by(backend, plan, std::move(one)).at(0));
  }
};

TEST_F(TurnOnCard, MovesEverySampleWhereTheCpuMovesIt) {
  const auto cpu = make_software_backend();
  for (const auto& [width, height] : {std::pair{96, 64}, {97, 64}, {96, 65}, {33, 17}})
    for (const bool ten_bit : {false, true})
      for (const int degrees : {0, 90, 180, 270})
        for (const bool mirrored : {false, true}) {
          if (degrees == 0 && !mirrored) continue;
          SCOPED_TRACE(testing::Message() << width << "x" << height << (ten_bit ? " 10 bits " : " ")
                                          << degrees << " degrees, mirrored: " << mirrored);
          const Plan plan = plan_for(track_of(width, height, ten_bit, degrees, mirrored));
          const FramePtr picture = drawn(in_bits(ten_bit), 1, width, height, ten_bit);
          const FramePtr here = made_by(*cpu, plan, share(*picture));
          ASSERT_TRUE(open().ok());
          {
            const auto card = make_nvidia_backend(std::move(device_));
            const FramePtr there = made_by(*card, plan, on_card(*picture));
            EXPECT_EQ(there->pts, here->pts);
            expect_same_samples(*there, *here);
          }
          expect_all_closed();
        }
}

// Fields lie beside one another once a picture is turned.
TEST_F(TurnOnCard, ComesAfterDeinterlacing) {
  VideoTrack track = track_of(96, 64, false, 90, false);
  track.interlaced = track.top_field_first = true;
  const Plan turned = plan_for(track);
  track.rotation_degrees = 0;
  const Plan as_it_lies = plan_for(track);
  const auto fields = [] {
    std::vector<FramePtr> pictures;
    for (int number = 0; number < 3; ++number) {
      pictures.push_back(on_card(*drawn(in_bits(false), number, 96, 64, false)));
      mark_interlaced(*pictures.back(), true);
    }
    return pictures;
  };
  ASSERT_TRUE(open().ok());
  const auto card = make_nvidia_backend(std::move(device_));
  const auto upright = made_by(*card, turned, fields());
  const auto whole = made_by(*card, as_it_lies, fields());
  ASSERT_EQ(upright.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(is_interlaced(*upright[i]));
    for (int y = 0; y < 96; ++y)
      for (int x = 0; x < 64; ++x)
        ASSERT_EQ(code_there(*upright[i], 0, x, y), code_there(*whole[i], 0, y, 63 - x)) << i;
  }
}

TEST_F(TurnOnCard, WidePixelsBecomeTallOnesAndMemoryIsUsedAgain) {
  ASSERT_TRUE(open().ok());
  for (const int degrees : {90, 180}) {
    CollectingSink out;
    TurnStage stage(*device_, track_of(64, 36, false, degrees, false), out);
    for (std::int64_t pts = 0; pts < 3; ++pts) {
      ASSERT_TRUE(stage.push(decoded(pts, 64, 36)).ok());
      const AVRational aspect = out.frames.at(0)->sample_aspect_ratio;
      EXPECT_THAT((std::pair{aspect.num, aspect.den}), degrees == 90 ? std::pair(3, 4) : std::pair(4, 3));
      EXPECT_EQ(out.frames.at(0)->colorspace, AVCOL_SPC_BT709);
      out.frames.clear();
      EXPECT_EQ(fake_.memory, 1);
    }
    ASSERT_TRUE(stage.finish().ok());
    EXPECT_TRUE(out.finished);
    EXPECT_THAT(out.pts, ElementsAre(0, 1, 2));
  }
  FramePtr unsaid = decoded(0, 64, 36);
  unsaid->sample_aspect_ratio = {0, 1};
  CollectingSink out;
  TurnStage stage(*device_, track_of(64, 36, false, 270, false), out);
  ASSERT_TRUE(stage.push(std::move(unsaid)).ok());
  EXPECT_EQ(out.frames.at(0)->sample_aspect_ratio.num, 0);
  out.frames.clear();
}

TEST_F(TurnOnCard, WhatFailsIsTheFiltersFailure) {
  expect_failures_of_filters("millrace_turn_8", [this] {
    CollectingSink out;
    TurnStage stage(*device_, track_of(64, 36, false, 90, false), out);
    const Status status = stage.push(decoded(0, 64, 36));
    EXPECT_TRUE(out.frames.empty());
    return status;
  });
}

}  // namespace
}  // namespace millrace::engine
