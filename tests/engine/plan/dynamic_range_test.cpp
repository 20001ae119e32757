#include "engine/plan/dynamic_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

AdaptiveOutput adaptive(const std::string& name, bool keep_hdr) {
  AdaptiveOutput output;
  output.name = name;
  output.codec = VideoCodec::hevc;
  output.keep_hdr = keep_hdr;
  return output;
}
FileOutput file(const std::string& name, bool keep_hdr) {
  FileOutput output;
  output.name = name;
  output.codec = VideoCodec::hevc;
  output.keep_hdr = keep_hdr;
  return output;
}
JobSpec spec_of(std::vector<Output> outputs) {
  JobSpec spec;
  spec.outputs = std::move(outputs);
  return spec;
}
VideoTrack track_with(const std::string& transfer, const std::string& dolby_vision = "") {
  VideoTrack track = test::full_hd_track();
  track.color_transfer = transfer;
  track.dolby_vision = dolby_vision;
  return track;
}

TEST(DynamicRange, PqAndHlgAreHdr) {
  EXPECT_TRUE(is_hdr(track_with("smpte2084")));
  EXPECT_TRUE(is_hdr(track_with("arib-std-b67")));
  EXPECT_FALSE(is_hdr(track_with("bt709")));
  EXPECT_FALSE(is_hdr(track_with("bt2020-10")));
  EXPECT_FALSE(is_hdr(track_with("unknown")));
}

TEST(DynamicRange, DolbyVisionSaysWhatASilentTrackIs) {
  EXPECT_EQ(transfer_of(track_with("unknown", "8.1")), "smpte2084");
  EXPECT_EQ(transfer_of(track_with("unknown", "7.6")), "smpte2084");
  EXPECT_EQ(transfer_of(track_with("unknown", "7.0")), "smpte2084") << "older than the second number";
  EXPECT_EQ(transfer_of(track_with("unknown", "8.4")), "arib-std-b67");
  EXPECT_EQ(transfer_of(track_with("unknown", "8.2")), "bt709");
  for (const char* sdr : {"4.2", "4.0", "9.2", "9.0"})
    EXPECT_EQ(transfer_of(track_with("unknown", sdr)), "bt709") << sdr;
  EXPECT_EQ(transfer_of(track_with("unknown", "5.0")), "unknown");
  EXPECT_EQ(transfer_of(track_with("unknown", "8.0")), "unknown") << "profile 8 has bases of three kinds";
  EXPECT_EQ(transfer_of(track_with("arib-std-b67", "8.1")), "arib-std-b67") << "the track's own word counts";
  EXPECT_EQ(transfer_of(track_with("bt709", "8.4")), "bt709");
}

TEST(DynamicRange, KnowsWhereOnlyDolbyVisionSaysTheTransfer) {
  EXPECT_TRUE(transfer_by_dolby_vision(track_with("unknown", "8.1")));
  EXPECT_TRUE(transfer_by_dolby_vision(track_with("unknown", "9.2")));
  EXPECT_FALSE(transfer_by_dolby_vision(track_with("smpte2084", "8.1")));
  EXPECT_FALSE(transfer_by_dolby_vision(track_with("unknown", "5.0")));
  EXPECT_FALSE(transfer_by_dolby_vision(track_with("unknown")));
}

TEST(DynamicRange, DolbyVisionWithoutABasePictureIsRefused) {
  for (const char* profile : {"5.0", "5", "5.1", "8.0", "10.0"}) {
    const auto range = plan_range(spec_of({adaptive("abr", false)}), track_with("unknown", profile));
    EXPECT_EQ(range.status().code(), Code::unsupported) << profile;
    EXPECT_EQ(range.status().field(), "input.url");
    EXPECT_THAT(range.status().message(), HasSubstr(std::string("Dolby Vision profile ") + profile));
    EXPECT_THAT(range.status().message(), HasSubstr("give a source of profile 8"));
  }
}

TEST(DynamicRange, TheBasePictureOfDolbyVisionIsUsedAndNamed) {
  for (const auto& [profile, base] : {std::pair{"7.6", "HDR10"},
                                      {"8.1", "HDR10"},
                                      {"8.2", "SDR"},
                                      {"8.4", "HLG"},
                                      {"4.0", "SDR"},
                                      {"9.2", "SDR"},
                                      {"10.4", "HLG"}}) {
    const auto range = plan_range(spec_of({adaptive("abr", false)}), track_with("unknown", profile));
    ASSERT_TRUE(range.ok()) << profile;
    ASSERT_EQ(range->decisions.size(), 1U);
    EXPECT_EQ(range->decisions[0].stage, "dolby vision");
    EXPECT_THAT(range->decisions[0].choice, HasSubstr(base)) << profile;
    EXPECT_THAT(range->decisions[0].reason, HasSubstr(profile));
  }
}

TEST(DynamicRange, WhoSaysTheTransferIsTold) {
  const auto reason = [](const std::string& transfer) {
    return plan_range(spec_of({adaptive("abr", false)}), track_with(transfer, "8.1"))->decisions.at(0).reason;
  };
  EXPECT_THAT(reason("unknown"), HasSubstr("does not say its transfer, smpte2084 by the profile"));
  EXPECT_THAT(reason("smpte2084"), Not(HasSubstr("transfer")));
  EXPECT_THAT(reason("bt709"), HasSubstr("says its transfer is bt709, which counts"));
  EXPECT_THAT(plan_range(spec_of({adaptive("abr", false)}), track_with("bt709", "8.1"))->decisions[0].choice,
              Not(HasSubstr("HDR10")));
}

TEST(DynamicRange, HdrIsKeptWhenAllPicturesWantIt) {
  AudioOutput sound;
  const auto range =
      plan_range(spec_of({adaptive("abr", true), file("web", true), sound}), track_with("smpte2084"));
  ASSERT_TRUE(range.ok()) << to_string(range.status());
  EXPECT_TRUE(range->keep_hdr);
  EXPECT_THAT(range->decisions.front().choice, HasSubstr("smpte2084"));
}

TEST(DynamicRange, TwoRangesInOneJobAreRefused) {
  auto range = plan_range(spec_of({adaptive("abr", true), file("web", false)}), track_with("arib-std-b67"));
  EXPECT_EQ(range.status().code(), Code::unsupported);
  EXPECT_EQ(range.status().field(), "outputs[1].video.hdr");
  EXPECT_THAT(range.status().message(), HasSubstr("'web' wants SDR and 'abr' wants HDR"));
  range = plan_range(spec_of({file("web", false), adaptive("abr", true)}), track_with("arib-std-b67"));
  EXPECT_EQ(range.status().field(), "outputs[1].hdr");
}

TEST(DynamicRange, ACopiedPictureHasNoSay) {
  FileOutput copy = file("web", false);
  copy.copy_video = true;
  const auto range = plan_range(spec_of({adaptive("abr", true), copy}), track_with("smpte2084"));
  ASSERT_TRUE(range.ok());
  EXPECT_TRUE(range->keep_hdr);
}

TEST(DynamicRange, AnSdrSourceHasNothingToKeepWhichIsSaid) {
  const auto range = plan_range(spec_of({adaptive("abr", true), file("web", false)}), track_with("bt709"));
  ASSERT_TRUE(range.ok());
  EXPECT_FALSE(range->keep_hdr);
  EXPECT_THAT(range->decisions.front().reason, HasSubstr("there is none to keep"));
  EXPECT_THAT(plan_range(spec_of({adaptive("abr", false)}), track_with("bt709"))->decisions, IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
