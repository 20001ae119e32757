#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "engine/plan/normalise.h"
#include "engine/plan/plan.h"
#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

void wide(VideoTrack& track, const std::string& transfer) {
  track.color_matrix = "bt2020nc";
  track.color_primaries = "bt2020";
  track.color_transfer = transfer;
}

TEST(ColourChange, IsWhatThePlansStepsMakeOfColours) {
  const auto change_of = [](const std::function<void(VideoTrack&)>& change, bool keep_hdr = false) {
    VideoTrack track = test::full_hd_track();
    change(track);
    Plan plan;
    plan.normalisations = normalise(track, keep_hdr)->steps;
    return colour_change(plan);
  };
  EXPECT_EQ(change_of([](VideoTrack& track) { track.interlaced = true; }), ColourChange::none);
  EXPECT_EQ(change_of([](VideoTrack& track) { track.color_range = "pc"; }), ColourChange::range);
  EXPECT_EQ(change_of([](VideoTrack& track) { track.pixel_format = "yuv420p10le"; }), ColourChange::range);
  EXPECT_EQ(change_of([](VideoTrack& track) { wide(track, "bt2020-10"); }), ColourChange::bt709);
  EXPECT_EQ(change_of([](VideoTrack& track) { wide(track, "smpte2084"); }), ColourChange::bt709);
  const auto full_hdr = [](VideoTrack& track) {
    wide(track, "smpte2084");
    track.color_range = "pc";
  };
  EXPECT_EQ(change_of(full_hdr), ColourChange::bt709);
  EXPECT_EQ(change_of(full_hdr, true), ColourChange::range);
}

}  // namespace
}  // namespace millrace::engine
