// Real clips: what decodes cleanly is accepted whole, what is broken is refused in a sentence.
#include <gmock/gmock.h>

#include "tests/engine/pipeline/tasks.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

struct Clean {
  const char* clip;
  std::int64_t frames;
};

class CleanClipTest : public testing::TestWithParam<Clean> {};

TEST_P(CleanClipTest, ComesOutWhole) {
  const auto clip = test::real_clip(GetParam().clip);
  if (!clip) GTEST_SKIP() << "MILLRACE_MEDIA has no " << GetParam().clip;
  const auto source = inspect(*clip);
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  Plan plan = plan_for(*source);
  if (!plan.renditions.empty())
    plan.renditions = {rendition("small", 64, 48, source->main_video()->frame_rate)};
  const test::TempFolder folder;
  RememberingObserver observer;
  if (!plan.renditions.empty()) {
    const auto result = run_range({plan, 0, -1, folder / "out", {}}, observer, {});
    ASSERT_TRUE(result.ok()) << to_string(result.status());
    std::int64_t frames = 0;
    for (const FinishedSegment& segment : observer.tracks["small"]) frames += segment.frames;
    EXPECT_EQ(frames, GetParam().frames);
    // Its second half alone.
    const std::int64_t middle = result->end_segment / 2;
    std::int64_t rest = 0;
    for (const FinishedSegment& segment : observer.tracks["small"])
      rest += segment.index >= middle ? segment.frames : 0;
    observer.tracks.clear();
    const auto half = run_range({plan, middle, -1, folder / "half", {}}, observer, {});
    ASSERT_TRUE(half.ok()) << to_string(half.status());
    for (const FinishedSegment& segment : observer.tracks["small"]) rest -= segment.frames;
    EXPECT_EQ(rest, 0);
  }
  if (!plan.sounds.empty()) {
    const auto result = run_sound({plan, 0, folder / "out"}, observer, {});
    ASSERT_TRUE(result.ok()) << to_string(result.status());
    const double pictures = source->main_video() != nullptr ? source->main_video()->duration_seconds : 0;
    if (pictures > 0) {
      EXPECT_LE(result->media_seconds, pictures + 0.1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Media, CleanClipTest,
    testing::Values(
        Clean{"clips/crowd_480x360_11s.mp4", 330}, Clean{"clips/street_1080p_raw_annexb.264", 54},
        Clean{"clips/fiware_720p25_38s.mkv", 960}, Clean{"containers/bbb_mpeg2_1080p_mp2.ts", 58},
        Clean{"containers/car_mpeg4_mp3.avi", 495}, Clean{"containers/fragmented_h264.mp4", 30},
        Clean{"containers/h264_1080p50_pcm.mov", 100}, Clean{"containers/rgb_vp9_opus.webm", 376},
        Clean{"containers/sample_av1_aac.mp4", 30}, Clean{"containers/sample_h264.flv", 30},
        Clean{"containers/small_h263_amr.3gp", 83}, Clean{"containers/small_theora_vorbis.ogv", 151},
        Clean{"odd/audio_only_aac.m4a", 0}, Clean{"odd/audio_only_opus_5.1.mka", 0},
        Clean{"odd/captions_cea608.ts", 58}, Clean{"odd/hdr10_av1_10bit_portrait720x1280.mp4", 127},
        Clean{"odd/interlaced_1080i_avchd_sony_0.5s.mts", 13},
        Clean{"odd/interlaced_480i_mpeg2_derived.ts", 180},
        Clean{"odd/multivideo_multiaudio_movtext_nasa.mp4", 325}, Clean{"odd/odd_dimensions_vp9.webm", 30},
        Clean{"odd/portrait_rot90_hevc10_hlg_editlist.mp4", 77}, Clean{"odd/single_frame_hevc.mp4", 1},
        Clean{"odd/subs_ass.mkv", 30}, Clean{"odd/vfr_derived_bbb_720p_8s.mp4", 119},
        Clean{"odd/yuv444p_mp3mono_720p.mp4", 280}, Clean{"broken/h264_lost_p_frames.264", 99},
        Clean{"broken/webm_wrong_extension.mp4", 300}));

class BrokenClipTest : public testing::TestWithParam<const char*> {};

TEST_P(BrokenClipTest, IsRefused) {
  const auto clip = test::real_clip(GetParam());
  if (!clip) GTEST_SKIP() << "MILLRACE_MEDIA has no " << GetParam();
  const auto source = inspect(*clip);
  ASSERT_FALSE(source.ok());
  EXPECT_EQ(source.status().code(), Code::corrupt_input) << to_string(source.status());
  EXPECT_THAT(source.status().message(), testing::HasSubstr(clip->filename().native()));
}

INSTANTIATE_TEST_SUITE_P(Media, BrokenClipTest,
                         testing::Values("broken/bitflips_in_mdat_derived.mp4",
                                         "broken/malformed_free_box.mp4", "broken/text_renamed.mp4",
                                         "broken/truncated_faststart_bbb_derived.mp4",
                                         "broken/truncated_no_moov_derived.mp4",
                                         "broken/vp9_invalid_bitstream.webm", "broken/zero_bytes.mp4"));

}  // namespace
}  // namespace millrace::engine
