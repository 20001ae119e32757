#include <gmock/gmock.h>
#include <va/va.h>

#include "engine/backend/vaapi/vaapi_codecs.h"
#include "engine/backend/vaapi/vaapi_filters.h"

namespace millrace::engine {
namespace {

using testing::HasSubstr;

Plan plan_of(VideoTrack track, std::vector<Normalisation> steps) {
  Plan plan;
  plan.source.video.push_back(std::move(track));
  plan.source.chosen_video = 0;
  plan.normalisations = std::move(steps);
  return plan;
}

std::string chain_of(const VideoTrack& track, std::vector<Normalisation> steps) {
  const Result<std::string> chain = vaapi_normalising_chain(plan_of(track, std::move(steps)));
  return chain.ok() ? *chain : to_string(chain.status());
}

VideoTrack hd() {
  VideoTrack track;
  track.width = 1920;
  track.height = 1080;
  track.pixel_format = "yuv420p";
  return track;
}

TEST(VaapiFilters, SayWhatThePlanSays) {
  EXPECT_EQ(chain_of(hd(), {}), "");
  EXPECT_EQ(chain_of(hd(), {{"colours", "setparams=range=limited", ""},
                            {"deinterlace", "bwdif=mode=send_frame:deint=interlaced", ""}}),
            "setparams=range=limited,deinterlace_vaapi=rate=frame:auto=1:extra_hw_frames=18");
  VideoTrack unmarked = hd();
  unmarked.scan_note = "its frames are marked progressive, but show two fields";
  unmarked.top_field_first = false;
  EXPECT_EQ(chain_of(unmarked, {{"deinterlace", "bwdif=mode=send_frame:parity=bff:deint=all", ""}}),
            "setfield=bff,deinterlace_vaapi=rate=frame:auto=0:extra_hw_frames=18");
  EXPECT_EQ(
      chain_of(hd(), {{"pixel_format", "zscale=m=bt709:p=bt709:t=bt709:r=limited,format=yuv420p", ""}}),
      "scale_vaapi=format=nv12:out_range=limited:mode=hq:out_color_matrix=bt709:out_color_primaries=bt709:"
      "out_color_transfer=bt709:extra_hw_frames=18");
  EXPECT_EQ(chain_of(hd(), {{"pixel_format", "zscale=r=limited,format=yuv420p10le", ""}}),
            "scale_vaapi=format=p010:out_range=limited:mode=hq:extra_hw_frames=18");
  VideoTrack wide = hd();
  wide.width = 1440;
  wide.sample_aspect = {4, 3};
  EXPECT_EQ(chain_of(wide, {{"square_pixels", "zscale=w=1920:h=1080,setsar=1", ""}}),
            "scale_vaapi=w=1920:h=1080:format=nv12:mode=hq:extra_hw_frames=18,setsar=1");
  EXPECT_EQ(vaapi_scaling_chain({1280, 720, true}), "scale_vaapi=w=1280:h=720:format=p010:mode=hq,setsar=1");
}

TEST(VaapiFilters, ToneMapHdr10AloneAndTurnNothing) {
  VideoTrack hdr = hd();
  hdr.bits_per_component = 10;
  hdr.color_transfer = "smpte2084";
  hdr.hdr.mastering_display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";
  const std::vector<Normalisation> steps = {{"tone_map", "zscale", ""}};
  EXPECT_EQ(chain_of(hdr, steps), "tonemap_vaapi=format=nv12:m=bt709:p=bt709:t=bt709:extra_hw_frames=18");
  hdr.hdr.mastering_display.clear();
  EXPECT_THAT(chain_of(hdr, steps), HasSubstr("wants its mastering display"));
  hdr.color_transfer = "arib-std-b67";
  EXPECT_THAT(chain_of(hdr, steps), HasSubstr("HDR10 alone"));
  EXPECT_THAT(chain_of(hd(), {{"rotate", "transpose=clock", ""}}), HasSubstr("no filter for rotate"));
}

VideoEncoderSettings with_quality(double quality, std::int64_t cap, VideoCodec codec = VideoCodec::h264) {
  VideoEncoderSettings settings;
  settings.codec = codec;
  settings.quality = quality;
  settings.max_bits_per_second = cap;
  return settings;
}

TEST(VaRateMode, IsTheBestThatTheDriverKnows) {
  const auto mode = [](const VideoEncoderSettings& settings, unsigned modes) {
    return va_rate_mode(settings, modes).value_or("none");
  };
  EXPECT_EQ(mode({}, VA_RC_CBR | VA_RC_VBR | VA_RC_CQP), "VBR");
  EXPECT_EQ(mode({}, VA_RC_CBR | VA_RC_CQP), "CBR");
  EXPECT_EQ(mode({}, VA_RC_CQP), "none");
  EXPECT_EQ(mode(with_quality(23, 0), VA_RC_CQP | VA_RC_ICQ | VA_RC_QVBR), "ICQ");
  EXPECT_EQ(mode(with_quality(23, 0), VA_RC_VBR | VA_RC_CQP), "CQP");
  EXPECT_EQ(mode(with_quality(23, 0, VideoCodec::av1), VA_RC_CQP | VA_RC_ICQ), "CQP");
  EXPECT_EQ(mode(with_quality(23, 1'000'000), VA_RC_CQP | VA_RC_ICQ | VA_RC_QVBR), "QVBR");
  EXPECT_EQ(mode(with_quality(23, 1'000'000), VA_RC_CQP | VA_RC_ICQ), "none");
}

TEST(VaQualityLevel, GoesFromTheBestToTheFastest) {
  EXPECT_EQ(va_quality_level("placebo", 7), 1);
  EXPECT_EQ(va_quality_level("medium", 7), 4);
  EXPECT_EQ(va_quality_level("veryfast", 7), 6);
  EXPECT_EQ(va_quality_level("ultrafast", 7), 7);
  EXPECT_EQ(va_quality_level("ultrafast", 2), 2);
  EXPECT_EQ(va_quality_level("ultrafast", 1), 0);
  EXPECT_EQ(va_quality_level("no such", 7), 0);
}

}  // namespace
}  // namespace millrace::engine
