// Where HDR is encoded that is kept, in 10 bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/placement.h"
#include "tests/engine/plan/placements.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

using test::both;
using test::Change;
using test::decision;
using test::every_backend;
using test::gpu_has;
using test::hdr;
using test::outputs_are;
using test::places_of;
using test::plan_on;
using test::Row;

Change kept_hdr(VideoCodec codec) {
  return both(hdr(), [=](Source&, JobSpec& spec, hw::Inventory&, DeviceChoices&) {
    auto& output = std::get<AdaptiveOutput>(spec.outputs[0]);
    output.codec = codec;
    output.keep_hdr = true;
  });
}
// An encoder that gave wrong pictures of a film that is known.
Change in_quarantine(const char* encoder) {
  return [=](Source&, JobSpec&, hw::Inventory& machine, DeviceChoices& choices) {
    const hw::GpuFacts& gpu = machine.gpus[0];
    choices.failures = {
        {Stage::encode, device_id(gpu), gpu.driver, "", "its pictures are wrong", 0, encoder}};
  };
}

TEST(TenBitPlacement, HdrIsKeptOnDevicesThatEncodeTenBits) {
  constexpr auto kHevc = VideoCodec::hevc;
  const char* const kEncode = "encode 720p";
  const Change without_forms = gpu_has([](hw::GpuFacts& gpu) {
    std::erase_if(gpu.encodes, [](const hw::EncodeForm& each) { return each.form.bits == 10; });
  });
  const Change not_driven = [](Source&, JobSpec&, hw::Inventory&, DeviceChoices& choices) {
    choices.backends.ten_bit_encodes = {VideoCodec::av1};
  };
  const Row rows[] = {
      {"HEVC on Ada", "l4", kept_hdr(kHevc), "gg gggg", kEncode, "NVIDIA L4 encodes hevc of 10 bits"},
      {"AV1 on Ada", "l4", kept_hdr(VideoCodec::av1), "gg gggg", kEncode, "encodes av1 of 10 bits"},
      {"HEVC on Turing", "t4", kept_hdr(kHevc), "gg gggg", kEncode, "encodes hevc of 10 bits"},
      {"AV1 on Turing", "t4", kept_hdr(VideoCodec::av1), "gg cccc", kEncode, "does not encode av1"},
      {"VP9", "arc", kept_hdr(VideoCodec::vp9), "gg cccc", kEncode,
       "encodes vp9 of 10 bits, but this build drives no encoder for it"},
      {"HEVC on VAAPI", "arc", kept_hdr(kHevc), "gg gggg", kEncode, "encodes hevc of 10 bits"},
      {"AV1 on VAAPI", "arc", kept_hdr(VideoCodec::av1), "gg gggg", kEncode, "encodes av1 of 10 bits"},
      {"no encoder", "h200", kept_hdr(kHevc), "gg cccc", kEncode, "has no NVENC"},
      {"an encoder of 8 bits", "l4", both(kept_hdr(kHevc), without_forms), "gg cccc", kEncode,
       "NVIDIA L4 does not encode hevc 4:2:0 of 10 bits"},
      {"a build that does not drive it", "l4", both(kept_hdr(kHevc), not_driven), "gg cccc", kEncode,
       "NVIDIA L4 encodes hevc of 10 bits, but this build drives no encoder for it"},
      {"in quarantine", "l4", both(kept_hdr(kHevc), in_quarantine("hevc of 10 bits")), "gg cccc", kEncode,
       "is in quarantine: its pictures are wrong"},
      {"8 bits in quarantine", "l4", both(kept_hdr(kHevc), in_quarantine("hevc")), "gg gggg", kEncode,
       "encodes hevc of 10 bits"},
      {"8 bits, and 10 in quarantine", "l4", both(outputs_are(kHevc), in_quarantine("hevc of 10 bits")),
       "gg gggg", kEncode, "encodes hevc"},
  };
  for (const Row& row : rows) {
    const Result<Plan> plan = plan_on(row.machine, row.change);
    ASSERT_TRUE(plan.ok()) << row.name << ": " << to_string(plan.status());
    EXPECT_EQ(places_of(*plan), row.places) << row.name << ": " << decision(*plan, "decode").reason;
    EXPECT_THAT(decision(*plan, row.stage).reason, HasSubstr(row.why)) << row.name;
  }
}

TEST(TenBitPlacement, NoDeviceEncodesH264OfTenBits) {
  Plan plan = *plan_on("no_gpu");
  for (PlannedRendition& each : plan.renditions) each.ten_bit = true;
  const hw::Inventory machine = millrace::test::recorded_machine("l4");
  const DeviceChoices choices = every_backend();
  const auto found = candidates({}, machine, choices.backends);
  ASSERT_TRUE(found.ok());
  const auto reasons = place_pictures(plan, {}, *found, choices);
  ASSERT_TRUE(reasons.ok());
  EXPECT_EQ(device_of(plan, Stage::encode), kCpu);
  EXPECT_EQ(reasons->encodes[0], "NVIDIA L4 does not encode h264 4:2:0 of 10 bits");
}

}  // namespace
}  // namespace millrace::engine
