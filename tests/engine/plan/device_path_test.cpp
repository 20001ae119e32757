// Which paths plans take, and what placement leaves to the CPU of those that are in quarantine.
#include "engine/plan/device_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/plan/placement.h"
#include "tests/engine/plan/plans.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using test::abr;
using test::full_hd;
using test::spec_of;
using ::testing::HasSubstr;

using Change = std::function<void(VideoTrack& track, JobSpec& spec)>;

// A 1080p source on an asked-for device that does all, but for what is in quarantine.
Result<Plan> plan_on(const std::string& machine_name, const Change& change,
                     const std::vector<StageFailure>& quarantine = {}) {
  Source source = full_hd();
  JobSpec spec = spec_of({abr()});
  hw::Inventory machine = millrace::test::recorded_machine(machine_name);
  DeviceChoices choices;
  choices.backends.nvidia = choices.backends.vaapi = true;
  choices.backends.nvidia_steps = {"deinterlace", "even_size", "square_pixels", "tone_map", "pixel_format"};
  for (StageFailure each : quarantine) {
    each.device = device_id(machine.gpus[0]);
    each.driver = machine.gpus[0].driver;
    choices.failures.push_back(each);
  }
  change(source.video[0], spec);
  return make_plan(source, spec, machine, 4, choices);
}

std::vector<StageFailure> in_quarantine(Stage stage, const std::string& path) {
  return {{stage, "", "", "", "its pictures are wrong", 1, path}};
}

bool filters_there(const Result<Plan>& plan) { return plan.ok() && plan->filter_device != kCpu; }

void plain(VideoTrack&, JobSpec&) {}
void interlaced(VideoTrack& track, JobSpec&) { track.interlaced = true; }
void full_range(VideoTrack& track, JobSpec&) { track.color_range = "pc"; }
void wide(VideoTrack& track, JobSpec&) {
  track.color_primaries = "bt2020";
  track.color_matrix = "bt2020nc";
  track.color_transfer = "bt2020-10";
}
void deep(VideoTrack& track, JobSpec&) {
  track.codec = "hevc";
  track.pixel_format = "yuv420p10le";
  track.bits_per_component = 10;
}
void hdr10(VideoTrack& track, JobSpec& spec) {
  deep(track, spec);
  wide(track, spec);
  track.color_transfer = "smpte2084";
}
void hlg(VideoTrack& track, JobSpec& spec) {
  hdr10(track, spec);
  track.color_transfer = "arib-std-b67";
}
void kept(VideoTrack& track, JobSpec& spec) {
  hdr10(track, spec);
  auto& output = std::get<AdaptiveOutput>(spec.outputs[0]);
  output.codec = VideoCodec::hevc;
  output.keep_hdr = true;
}
void overlaid(VideoTrack&, JobSpec& spec) {
  Overlay logo;
  logo.url = "file:///media/logo.png";
  spec.overlays = {logo};
}

// Of the filters: the source that takes it, and one that takes nearly all else.
struct Row {
  FilterPath path;
  Change needs_it;
  Change does_not;
};
const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {{FilterPath::deinterlace, interlaced, full_range},
                                         {FilterPath::depth, deep, hdr10},
                                         {FilterPath::range, full_range, wide},
                                         {FilterPath::wide, wide, full_range},
                                         {FilterPath::tone_map, hdr10, hlg},
                                         {FilterPath::tone_map_hlg, hlg, hdr10},
                                         {FilterPath::ten_bit, kept, hdr10},
                                         {FilterPath::overlays, overlaid, deep}};
  return kRows;
}

TEST(DevicePath, OneInQuarantineKeepsThePicturesThatNeedItFromTheDevice) {
  for (const Row& row : rows()) {
    const std::string name(name_of(row.path));
    SCOPED_TRACE(name);
    const auto quarantine = in_quarantine(Stage::filters, name);
    EXPECT_THAT(filter_paths(*plan_on("l4", row.needs_it)), testing::ElementsAre(row.path));
    EXPECT_TRUE(filters_there(plan_on("l4", row.needs_it)));
    EXPECT_FALSE(filters_there(plan_on("l4", row.needs_it, quarantine)));
    EXPECT_TRUE(filters_there(plan_on("l4", row.does_not, quarantine)));
    EXPECT_TRUE(filters_there(plan_on("l4", plain, quarantine)));
  }
}

TEST(DevicePath, ASourceMayTakeSeveral) {
  const auto all = [](VideoTrack& track, JobSpec& spec) {
    deep(track, spec);
    wide(track, spec);
    full_range(track, spec);
    interlaced(track, spec);
    track.rotation_degrees = 90;
  };
  EXPECT_THAT(filter_paths(*plan_on("no_gpu", all)),
              testing::ElementsAre(FilterPath::deinterlace, FilterPath::rotate, FilterPath::range,
                                   FilterPath::wide, FilterPath::depth));
  EXPECT_THAT(filter_paths(*plan_on("no_gpu", overlaid)), testing::IsEmpty());
}

TEST(DevicePath, TenBitsOfACodecAreDecodedOnADeviceOrNotByThemselves) {
  const auto eight = [](VideoTrack& track, JobSpec&) { track.codec = "hevc"; };
  const auto decodes_there = [](const Change& source, const char* path) {
    return plan_on("l4", source, in_quarantine(Stage::decode, path))->decode_device != kCpu;
  };
  EXPECT_TRUE(decodes_there(eight, "hevc of 10 bits"));
  EXPECT_FALSE(decodes_there(deep, "hevc of 10 bits"));
  EXPECT_FALSE(decodes_there(eight, "hevc"));
  EXPECT_TRUE(decodes_there(deep, "hevc"));
}

// What a driver makes of rarer colours is tried by no film.
TEST(DevicePath, VaapiConvertsBt2020Alone) {
  EXPECT_TRUE(filters_there(plan_on("arc", wide)));
  const Result<Plan> rare = plan_on("arc", [](VideoTrack& track, JobSpec& spec) {
    wide(track, spec);
    track.color_matrix = "bt2020c";
  });
  EXPECT_FALSE(filters_there(rare));
  EXPECT_THAT(test::decision(*rare, "scale 720p").reason,
              HasSubstr("colours of bt2020c/bt2020 are converted on the CPU"));
}

}  // namespace
}  // namespace millrace::engine
