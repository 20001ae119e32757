#include "engine/verify/segment_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/package/cmaf_files.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

class SegmentCheckTest : public testing::Test {
 protected:
  void SetUp() override { av_log_set_level(AV_LOG_QUIET); }

  static std::unique_ptr<SegmentCheck> open(const test::CmafFiles& files, int threads = 1) {
    Result<std::unique_ptr<SegmentCheck>> check = SegmentCheck::open(files.init, threads);
    EXPECT_TRUE(check.ok()) << to_string(check.status());
    return std::move(check).value();
  }
};

TEST_F(SegmentCheckTest, CountsEveryPictureOfEverySegmentInAnyOrder) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 75}));
  for (const int threads : {1, 3}) {
    const auto check = open(files, threads);
    for (const std::size_t index : {2U, 0U, 1U, 1U}) {
      const auto facts = check->check(files.segments[index]);
      ASSERT_TRUE(facts.ok()) << to_string(facts.status());
      const std::int64_t frames = index == 2 ? 15 : 30;
      const std::int64_t first = static_cast<std::int64_t>(index) * 30 * 3003;
      EXPECT_EQ(facts->frames, frames);
      EXPECT_EQ(facts->first_pts, first);
      EXPECT_EQ(facts->last_pts, first + (frames - 1) * 3003);
      EXPECT_TRUE(facts->opens_with_idr);
    }
  }
}

TEST_F(SegmentCheckTest, CountsSamplesOfSound) {
  const test::CmafFiles files = test::cmaf_files(test::coded_sound(100'000));
  const auto check = open(files);
  const auto first = check->check(files.segments[0]);
  ASSERT_TRUE(first.ok()) << to_string(first.status());
  EXPECT_EQ(first->frames, 40 * 1024);
  EXPECT_EQ(first->first_pts, -1024);
  EXPECT_EQ(first->last_pts, 38 * 1024);
  EXPECT_TRUE(first->opens_with_idr);
  const auto second = check->check(files.segments[1]);
  ASSERT_TRUE(second.ok()) << to_string(second.status());
  EXPECT_EQ(second->first_pts, 39 * 1024);
}

TEST_F(SegmentCheckTest, DamageInACodedPictureIsFound) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  std::string damaged = files.segments[0];
  for (std::size_t at = damaged.size() / 2; at < damaged.size() / 2 + 400; ++at) damaged[at] = '\x5a';
  for (const int threads : {1, 3}) {
    const auto check = open(files, threads);
    const auto facts = check->check(damaged);
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.status().code(), Code::internal);
    // The same decoder goes on with whole segments.
    EXPECT_TRUE(check->check(files.segments[0]).ok());
    EXPECT_TRUE(check->check(files.segments[1]).ok());
  }
}

TEST_F(SegmentCheckTest, OfKeyFramesAloneDamageElsewhereIsNotSeenAndAllElseIs) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  const auto check = open(files);
  const auto whole = check->check(files.segments[1]);
  const auto keys = check->check(files.segments[1], DecodeDepth::key_frames);
  ASSERT_TRUE(keys.ok()) << to_string(keys.status());
  EXPECT_EQ(keys->frames, whole->frames);
  EXPECT_EQ(keys->first_pts, whole->first_pts);
  EXPECT_EQ(keys->last_pts, whole->last_pts);
  EXPECT_TRUE(keys->opens_with_idr);

  const std::vector<CmafSample>& samples = files.samples[1];
  const auto damaged_at = [&](std::size_t sample) {
    std::string damaged = files.segments[1];
    const std::size_t at = damaged.find(samples[sample].data);
    EXPECT_NE(at, std::string::npos);
    return damaged.replace(at, samples[sample].data.size(), samples[sample].data.size(), '\x5a');
  };
  const auto is_refused = [&](std::size_t sample, DecodeDepth depth) {
    return !check->check(damaged_at(sample), depth).ok();
  };
  EXPECT_TRUE(is_refused(0, DecodeDepth::key_frames));
  EXPECT_TRUE(is_refused(1, DecodeDepth::every_frame));
  EXPECT_FALSE(is_refused(1, DecodeDepth::key_frames));

  const std::string_view segment = files.segments[1];
  EXPECT_FALSE(check->check(segment.substr(0, segment.size() - 1), DecodeDepth::key_frames).ok());
}

TEST_F(SegmentCheckTest, OfSoundEveryFrameDecodesWhateverIsAskedFor) {
  const test::CmafFiles files = test::cmaf_files(test::coded_sound(100'000));
  const auto keys = open(files)->check(files.segments[0], DecodeDepth::key_frames);
  ASSERT_TRUE(keys.ok()) << to_string(keys.status());
  EXPECT_EQ(keys->frames, 40 * 1024);
}

TEST_F(SegmentCheckTest, OneSegmentOfSoManyIsDecodedInFull) {
  std::vector<std::int64_t> in_full;
  for (std::int64_t index = 0; index < 20; ++index)
    if (depth_of_check(index, 8) == DecodeDepth::every_frame) in_full.push_back(index);
  EXPECT_EQ(in_full, (std::vector<std::int64_t>{1, 9, 17}));
  EXPECT_EQ(depth_of_check(0, 1), DecodeDepth::every_frame);
  EXPECT_EQ(depth_of_check(5, 1), DecodeDepth::every_frame);
}

TEST_F(SegmentCheckTest, DamageInSoundIsFound) {
  const test::CmafFiles files = test::cmaf_files(test::coded_sound(60'000));
  const auto check = open(files);
  std::string damaged = files.segments[0];
  for (std::size_t at = damaged.size() / 2; at < damaged.size() / 2 + 400; ++at) damaged[at] = '\x5a';
  EXPECT_EQ(check->check(damaged).status().code(), Code::internal);
  EXPECT_TRUE(check->check(files.segments[1]).ok());
}

TEST_F(SegmentCheckTest, ASegmentWithoutItsReferencePictureFails) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  std::vector<CmafSample> samples = files.samples[1];
  samples.erase(samples.begin());
  const auto facts = open(files)->check(cmaf_media_segment(files.track, 2, samples));
  EXPECT_TRUE(!facts.ok() || !facts->opens_with_idr);
}

TEST_F(SegmentCheckTest, AKeyFrameThatIsNoIdrIsTold) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames_per_segment = 100}));
  std::vector<CmafSample> samples = files.samples[0];
  samples.front().key = false;
  const auto facts = open(files)->check(cmaf_media_segment(files.track, 1, samples));
  ASSERT_TRUE(facts.ok()) << to_string(facts.status());
  EXPECT_FALSE(facts->opens_with_idr);
}

TEST_F(SegmentCheckTest, TwoPicturesAtOneTimeFail) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.b_frames = 0}));
  std::vector<CmafSample> samples = files.samples[0];
  samples[1].duration = 0;
  samples[1].pts = samples[1].dts;
  samples[2].dts = samples[2].pts = samples[1].pts;
  const auto facts = open(files)->check(cmaf_media_segment(files.track, 1, samples));
  ASSERT_FALSE(facts.ok());
  EXPECT_THAT(facts.status().message(), HasSubstr("same time"));
}

TEST_F(SegmentCheckTest, ACutSegmentAndACutInitFail) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  const std::string_view segment = files.segments[0];
  EXPECT_EQ(open(files)->check(segment.substr(0, segment.size() - 1)).status().code(), Code::internal);
  EXPECT_EQ(SegmentCheck::open(std::string_view(files.init).substr(0, 200)).status().code(), Code::internal);
}

}  // namespace
}  // namespace millrace::engine
