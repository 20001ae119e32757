// The memory of a device that a plan is taken to need. What devices can is placement_test.cpp's.
#include "engine/plan/device_fit.h"

#include <gtest/gtest.h>

#include <functional>

#include "engine/plan/normalise.h"
#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using Change = std::function<void(VideoTrack&)>;

Plan on_a_card(const Change& change, bool keep_hdr) {
  Plan plan;
  plan.source = test::full_hd();
  change(plan.source.video[0]);
  plan.normalisations = normalise(plan.source.video[0], keep_hdr)->steps;
  plan.decode_device = plan.filter_device = "cuda:0";
  return plan;
}

void interlaced(VideoTrack& track) { track.interlaced = true; }
void full_range(VideoTrack& track) { track.color_range = "pc"; }
void ten_bit(VideoTrack& track) {
  track.pixel_format = "yuv420p10le";
  track.bits_per_component = 10;
}
void hdr(VideoTrack& track) {
  ten_bit(track);
  track.color_matrix = "bt2020nc";
  track.color_primaries = "bt2020";
  track.color_transfer = "smpte2084";
}
Change both(const Change& one, const Change& other) {
  return [=](VideoTrack& track) {
    one(track);
    other(track);
  };
}

constexpr std::uint64_t kNv12 = 1920 * 1080 * 3 / 2;
constexpr std::uint64_t kP010 = 2 * kNv12;

TEST(DeviceMemory, CountsThePicturesOfEachStepBeforeTheLadder) {
  const struct {
    const char* name;
    Change change;
    bool keep_hdr;
    std::uint64_t bytes;
  } rows[] = {{"as it is", [](VideoTrack&) {}, false, 0},
              {"interlaced", interlaced, false, 2 * kNv12},
              {"full range", full_range, false, 2 * kNv12},
              {"full range by its format", [](VideoTrack& track) { track.pixel_format = "yuvj420p"; }, false,
               2 * kNv12},
              {"interlaced, of full range", both(interlaced, full_range), false, 3 * kNv12},
              {"HDR to SDR", hdr, false, 2 * kP010},
              {"interlaced HDR to SDR", both(interlaced, hdr), false, 3 * kP010},
              {"HDR that is kept", hdr, true, 0},
              {"HDR of full range that is kept", both(hdr, full_range), true, 2 * kP010},
              {"10 bits, for the ladder to change", ten_bit, false, 0},
              {"odd pixels, for the ladder to change",
               [](VideoTrack& track) {
                 track.sample_aspect = {4, 3};
               },
               false, 0}};
  for (const auto& row : rows) {
    Plan plan = on_a_card(row.change, row.keep_hdr);
    const std::uint64_t with = device_memory_of(plan);
    plan.normalisations.clear();
    EXPECT_EQ(with - device_memory_of(plan), row.bytes) << row.name;
  }
}

TEST(DeviceMemory, OfStepsOnTheCpuIsNone) {
  Plan plan = on_a_card(both(interlaced, full_range), false);
  plan.filter_device = "cpu";
  const std::uint64_t of_decoding = device_memory_of(plan);
  plan.normalisations.clear();
  EXPECT_EQ(device_memory_of(plan), of_decoding);
  plan.decode_device = "cpu";
  EXPECT_EQ(device_memory_of(plan), 0U);
}

}  // namespace
}  // namespace millrace::engine
