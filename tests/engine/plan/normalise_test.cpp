#include "engine/plan/normalise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "tests/engine/plan/run_filter.h"
#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

struct Case {
  std::string name;
  std::function<void(VideoTrack&)> change;
  std::string chain;
  PictureSize size;
};
void PrintTo(const Case& each, std::ostream* out) { *out << each.name; }

std::string chain_of(const std::vector<Normalisation>& steps) {
  Plan plan;
  plan.normalisations = steps;
  return plan.normalise_filter();
}

void turned(VideoTrack& track, int degrees) { track.rotation_degrees = degrees; }
void sized(VideoTrack& track, int width, int height) {
  track.width = width;
  track.height = height;
}
void silent(VideoTrack& track) {
  track.color_range = track.color_matrix = track.color_primaries = track.color_transfer = "unknown";
}
void wide(VideoTrack& track, const std::string& transfer) {
  track.pixel_format = "yuv420p10le";
  track.color_matrix = "bt2020nc";
  track.color_primaries = "bt2020";
  track.color_transfer = transfer;
}

const std::string kToneMap =
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=limited:d=error_diffusion,format=yuv420p";
const std::string kBicubic = "filter=bicubic:param_a=0:param_b=0.6";
const std::string kTo420 = "zscale=r=limited:d=error_diffusion:" + kBicubic + ",format=yuv420p";
const std::string kFromRgb =
    "scale=out_color_matrix=bt709:out_range=limited:flags=bicubic+accurate_rnd+full_chroma_int,format="
    "yuv420p,"
    "setparams=range=limited:colorspace=bt709";

const std::vector<Case> kCases = {
    {"PlainPictures", [](VideoTrack&) {}, "", {1920, 1080}},
    {"Interlaced",
     [](VideoTrack& t) { t.interlaced = true; },
     "bwdif=mode=send_frame:deint=interlaced",
     {1920, 1080}},
    {"InterlacedThoughMarkedProgressive",
     [](VideoTrack& t) {
       t.interlaced = true;
       t.top_field_first = false;
       t.scan_note = "its frames show two fields";
     },
     "bwdif=mode=send_frame:parity=bff:deint=all",
     {1920, 1080}},
    {"Telecine",
     [](VideoTrack& t) { t.scan_note = "16 of 40 frames that move show two fields, as telecine does"; },
     "",
     {1920, 1080}},
    {"Turned90", [](VideoTrack& t) { turned(t, 90); }, "transpose=clock", {1080, 1920}},
    {"Turned180", [](VideoTrack& t) { turned(t, 180); }, "hflip,vflip", {1920, 1080}},
    {"Turned270", [](VideoTrack& t) { turned(t, 270); }, "transpose=cclock", {1080, 1920}},
    {"Mirrored", [](VideoTrack& t) { t.mirrored = true; }, "hflip", {1920, 1080}},
    {"TurnedAndMirrored",
     [](VideoTrack& t) {
       turned(t, 90);
       t.mirrored = true;
     },
     "transpose=clock,hflip",
     {1080, 1920}},
    {"WidePixels",
     [](VideoTrack& t) {
       sized(t, 800, 640);
       t.sample_aspect = {64, 45};
     },
     "zscale=w=1138:h=640:" + kBicubic + ",setsar=1",
     {1138, 640}},
    {"NarrowPixels",
     [](VideoTrack& t) {
       sized(t, 720, 480);
       t.sample_aspect = {8, 9};
     },
     "zscale=w=640:h=480:" + kBicubic + ",setsar=1",
     {640, 480}},
    {"WidePixelsTurned",
     [](VideoTrack& t) {
       sized(t, 1440, 1080);
       t.sample_aspect = {4, 3};
       turned(t, 270);
     },
     "transpose=cclock,zscale=w=1080:h=1920:" + kBicubic + ",setsar=1",
     {1080, 1920}},
    {"AlmostSquarePixels",
     [](VideoTrack& t) {
       sized(t, 854, 480);
       t.sample_aspect = {1280, 1281};
     },
     "setsar=1",
     {854, 480}},
    {"AbsurdPixels",
     [](VideoTrack& t) {
       t.sample_aspect = {1000, 1};
     },
     "setsar=1",
     {1920, 1080}},
    {"OddSides", [](VideoTrack& t) { sized(t, 161, 121); }, "crop=w=160:h=120:x=0:y=0", {160, 120}},
    {"OddSidesWidePixels",
     [](VideoTrack& t) {
       sized(t, 161, 121);
       t.sample_aspect = {2, 1};
     },
     "scale=w=322:h=120:flags=bicubic+accurate_rnd+full_chroma_int,setsar=1",
     {322, 120}},
    {"SilentHd",
     silent,
     "setparams=range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
     {1920, 1080}},
    {"SilentSd",
     [](VideoTrack& t) {
       silent(t);
       sized(t, 640, 480);
     },
     "setparams=range=limited:colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m",
     {640, 480}},
    {"SilentPortraitHd",
     [](VideoTrack& t) {
       silent(t);
       sized(t, 720, 1280);
     },
     "setparams=range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
     {720, 1280}},
    {"HalfSilent",
     [](VideoTrack& t) {
       sized(t, 640, 480);
       t.color_primaries = "unknown";
     },
     "setparams=color_primaries=bt709",
     {640, 480}},
    {"FullRange",
     [](VideoTrack& t) {
       t.pixel_format = "yuvj420p";
       t.color_range = "pc";
     },
     kTo420,
     {1920, 1080}},
    {"FullRangeByTag", [](VideoTrack& t) { t.color_range = "pc"; }, kTo420, {1920, 1080}},
    {"FullChroma", [](VideoTrack& t) { t.pixel_format = "yuv444p"; }, kTo420, {1920, 1080}},
    {"TenBits", [](VideoTrack& t) { t.pixel_format = "yuv422p10le"; }, kTo420, {1920, 1080}},
    {"WideGamutSdr",
     [](VideoTrack& t) { wide(t, "bt2020-10"); },
     "zscale=m=bt709:p=bt709:t=bt709:r=limited:d=error_diffusion:" + kBicubic + ",format=yuv420p",
     {1920, 1080}},
    {"YCgCo",
     [](VideoTrack& t) {
       t.pixel_format = "yuv444p";
       t.color_matrix = "ycgco";
     },
     "zscale=m=bt709:p=bt709:t=bt709:r=limited:d=error_diffusion:" + kBicubic + ",format=yuv420p",
     {1920, 1080}},
    {"PlanarRgb",
     [](VideoTrack& t) {
       t.pixel_format = "gbrp";
       t.color_matrix = "gbr";
       t.color_range = "pc";
     },
     kFromRgb,
     {1920, 1080}},
    {"SilentRgb",
     [](VideoTrack& t) {
       silent(t);
       t.pixel_format = "rgb24";
     },
     "setparams=color_primaries=bt709:color_trc=bt709," + kFromRgb,
     {1920, 1080}},
    {"Grey", [](VideoTrack& t) { t.pixel_format = "gray"; }, kFromRgb, {1920, 1080}},
    {"Nv12", [](VideoTrack& t) { t.pixel_format = "nv12"; }, kFromRgb, {1920, 1080}},
    {"Transparent",
     [](VideoTrack& t) {
       t.pixel_format = "yuva444p10le";
       t.has_alpha = true;
     },
     "premultiply=inplace=1," + kTo420,
     {1920, 1080}},
    {"TransparentRgb",
     [](VideoTrack& t) {
       t.pixel_format = "argb";
       t.color_matrix = "gbr";
       t.color_range = "pc";
       t.has_alpha = true;
     },
     "premultiply=inplace=1," + kFromRgb,
     {1920, 1080}},
    {"Hdr10", [](VideoTrack& t) { wide(t, "smpte2084"); }, kToneMap, {1920, 1080}},
    {"Hlg", [](VideoTrack& t) { wide(t, "arib-std-b67"); }, kToneMap, {1920, 1080}},
    {"Hdr10HalfSilent",
     [](VideoTrack& t) {
       silent(t);
       t.pixel_format = "yuv420p10le";
       t.color_transfer = "smpte2084";
     },
     "setparams=range=limited:colorspace=bt2020nc:color_primaries=bt2020," + kToneMap,
     {1920, 1080}},
    {"DolbyVisionSaysHlg",
     [](VideoTrack& t) {
       silent(t);
       t.pixel_format = "yuv420p10le";
       t.dolby_vision = "8.4";
     },
     "setparams=range=limited:colorspace=bt2020nc:color_primaries=bt2020:color_trc=arib-std-b67," + kToneMap,
     {1920, 1080}},
    // BT.709 whatever the size.
    {"DolbyVisionSaysSdr",
     [](VideoTrack& t) {
       silent(t);
       sized(t, 640, 360);
       t.pixel_format = "yuv420p10le";
       t.dolby_vision = "8.2";
     },
     "setparams=range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709," + kTo420,
     {640, 360}},
    {"DolbyVisionAgainstTheTags", [](VideoTrack& t) { t.dolby_vision = "8.1"; }, "", {1920, 1080}},
    {"EverythingAtOnce",
     [](VideoTrack& t) {
       silent(t);
       sized(t, 721, 481);
       t.pixel_format = "yuvj422p";
       t.color_range = "pc";
       t.interlaced = true;
       t.sample_aspect = {8, 9};
       turned(t, 90);
     },
     "setparams=colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m,"
     "bwdif=mode=send_frame:deint=interlaced,transpose=clock,"
     "scale=w=480:h=640:flags=bicubic+accurate_rnd+full_chroma_int,setsar=1," +
         kTo420,
     {480, 640}},
};

class NormaliseTable : public ::testing::TestWithParam<Case> {
 protected:
  VideoTrack track() const {
    VideoTrack track = test::full_hd_track();
    GetParam().change(track);
    return track;
  }
};

TEST_P(NormaliseTable, GivesTheChainAndTheSize) {
  const Result<NormalisedPicture> picture = normalise(track());
  ASSERT_TRUE(picture.ok()) << to_string(picture.status());
  EXPECT_EQ(chain_of(picture->steps), GetParam().chain);
  EXPECT_EQ(picture->size, GetParam().size);
  for (const Normalisation& step : picture->steps) EXPECT_FALSE(step.reason.empty()) << step.name;
}

// The chain, run by libavfilter on a frame as the track describes it, gives what the plan promises.
TEST_P(NormaliseTable, RunsAndGivesSdrYuv420pOfThatSize) {
  const VideoTrack before = track();
  const Result<NormalisedPicture> picture = normalise(before);
  ASSERT_TRUE(picture.ok());
  if (picture->steps.empty()) return;
  const test::FilteredFrame out = test::run_filter(chain_of(picture->steps), before);
  ASSERT_EQ(out.error, "");
  EXPECT_EQ(out.pixel_format, "yuv420p");
  EXPECT_EQ((PictureSize{out.width, out.height}), picture->size);
  EXPECT_EQ(out.sample_aspect, (Rational{1, 1}));
  EXPECT_EQ(out.color_range, "tv");
  EXPECT_THAT(out.color_matrix, ::testing::AnyOf("bt709", "smpte170m"));
  EXPECT_THAT(out.color_primaries, ::testing::AnyOf("bt709", "smpte170m"));
  EXPECT_THAT(out.color_transfer, ::testing::AnyOf("bt709", "smpte170m"));
  EXPECT_EQ(out.frames, 1);
}

INSTANTIATE_TEST_SUITE_P(All, NormaliseTable, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

// HDR that is kept: the steps but the last are the same.
const std::vector<Case> kKept = {
    {"Plain", [](VideoTrack& t) { wide(t, "smpte2084"); }, "", {1920, 1080}},
    {"FullRange",
     [](VideoTrack& t) {
       wide(t, "arib-std-b67");
       t.color_range = "pc";
     },
     "zscale=r=limited:d=error_diffusion:" + kBicubic + ",format=yuv420p10le",
     {1920, 1080}},
    {"TwelveBits",
     [](VideoTrack& t) {
       wide(t, "smpte2084");
       t.pixel_format = "yuv422p12le";
     },
     "zscale=r=limited:d=error_diffusion:" + kBicubic + ",format=yuv420p10le",
     {1920, 1080}},
    {"SemiPlanar",
     [](VideoTrack& t) {
       wide(t, "smpte2084");
       t.pixel_format = "p010le";
     },
     "scale=out_color_matrix=bt2020:out_range=limited:flags=bicubic+accurate_rnd+full_chroma_int,"
     "format=yuv420p10le,setparams=range=limited:colorspace=bt2020nc",
     {1920, 1080}},
    {"PhonePortrait",
     [](VideoTrack& t) {
       wide(t, "arib-std-b67");
       turned(t, 90);
     },
     "transpose=clock",
     {1080, 1920}},
};

class KeptHdr : public ::testing::TestWithParam<Case> {};

TEST_P(KeptHdr, GivesTenBitsInItsOwnColours) {
  VideoTrack track = test::full_hd_track();
  GetParam().change(track);
  const Result<NormalisedPicture> picture = normalise(track, true);
  ASSERT_TRUE(picture.ok()) << to_string(picture.status());
  EXPECT_EQ(chain_of(picture->steps), GetParam().chain);
  EXPECT_EQ(picture->size, GetParam().size);
  if (picture->steps.empty()) return;
  const test::FilteredFrame out = test::run_filter(chain_of(picture->steps), track);
  ASSERT_EQ(out.error, "");
  EXPECT_EQ(out.pixel_format, "yuv420p10le");
  EXPECT_EQ((PictureSize{out.width, out.height}), picture->size);
  EXPECT_EQ(out.color_range, "tv");
  EXPECT_EQ(out.color_matrix, "bt2020nc");
  EXPECT_EQ(out.color_primaries, "bt2020");
  EXPECT_EQ(out.color_transfer, track.color_transfer);
}

INSTANTIATE_TEST_SUITE_P(All, KeptHdr, ::testing::ValuesIn(kKept),
                         [](const auto& test) { return test.param.name; });

TEST(Normalise, AnSdrTrackHasNoHdrToKeep) {
  VideoTrack track = test::full_hd_track();
  track.pixel_format = "yuv422p10le";
  EXPECT_EQ(chain_of(normalise(track, true)->steps), kTo420);
}

TEST(Normalise, WhoSaysTheColoursIsTheReason) {
  VideoTrack track = test::full_hd_track();
  silent(track);
  EXPECT_EQ(normalise(track)->steps.at(0).reason,
            "the source leaves out a part of its colours; a picture of 1920x1080 is taken as bt709");
  track.dolby_vision = "8.4";
  EXPECT_EQ(normalise(track)->steps.at(0).reason,
            "the source leaves out a part of its colours; the base picture of Dolby Vision profile 8.4 is "
            "arib-std-b67, in bt2020nc");
}

TEST(Normalise, MarksThatHoldAreTheReason) {
  VideoTrack track = test::full_hd_track();
  track.interlaced = true;
  EXPECT_EQ(normalise(track)->steps.at(0).reason,
            "the source is interlaced, top field first; frames marked progressive stay as they are");
}

TEST(Normalise, TheNoteOfLyingMarksIsTheReason) {
  VideoTrack track = test::full_hd_track();
  track.interlaced = true;
  track.scan_note = "its frames show two fields";
  EXPECT_EQ(normalise(track)->steps.at(0).reason,
            "the source is interlaced, top field first: its frames show two fields");
}

TEST(Normalise, StillsAreSdrAlsoWhereHdrIsKept) {
  Plan plan;
  plan.source = test::full_hd();
  VideoTrack& track = plan.source.video[0];
  EXPECT_EQ(still_filter(plan), "");
  wide(track, "smpte2084");
  turned(track, 180);
  plan.normalisations = normalise(track, true)->steps;
  EXPECT_EQ(plan.normalise_filter(), "hflip,vflip");
  EXPECT_EQ(still_filter(plan), "hflip,vflip," + kToneMap);
  plan.source.chosen_video = -1;
  EXPECT_EQ(still_filter(plan), "");
}

TEST(Normalise, TheShownSizeIsUprightSquareAndEven) {
  VideoTrack track = test::full_hd_track();
  EXPECT_EQ(shown_size(track), (PictureSize{1920, 1080}));
  sized(track, 721, 481);
  track.sample_aspect = {8, 9};
  turned(track, 90);
  EXPECT_EQ(shown_size(track), (PictureSize{480, 640}));
  track.width = 0;
  EXPECT_EQ(shown_size(track), (PictureSize{0, 0}));
}

TEST(Normalise, RefusesATrackWithoutASize) {
  VideoTrack track = test::full_hd_track();
  track.height = 0;
  EXPECT_EQ(normalise(track).status().code(), Code::corrupt_input);
}

TEST(Normalise, TransparentPartsBecomeBlack) {
  VideoTrack track = test::full_hd_track();
  track.width = 64;
  track.height = 48;
  track.pixel_format = "yuva420p";
  track.has_alpha = true;
  const test::FilteredFrame out = test::run_filter(chain_of(normalise(track)->steps), track);
  ASSERT_EQ(out.error, "");
  EXPECT_EQ(out.first_luma, 16) << "the frame is grey, its alpha 0";
}

TEST(Normalise, FullRangeWhiteBecomesLimitedRangeWhite) {
  VideoTrack track = test::full_hd_track();
  track.width = 64;
  track.height = 48;
  track.pixel_format = "yuvj420p";
  track.color_range = "pc";
  const test::FilteredFrame out = test::run_filter(chain_of(normalise(track)->steps), track, 255);
  ASSERT_EQ(out.error, "");
  EXPECT_EQ(out.first_luma, 235);
}

}  // namespace
}  // namespace millrace::engine
