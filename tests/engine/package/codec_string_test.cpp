#include "engine/package/codec_string.h"

#include <gtest/gtest.h>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

Result<std::string> name_for(AVCodecID codec, std::string extradata) {
  AVCodecParameters parameters{};
  parameters.codec_id = codec;
  parameters.extradata = reinterpret_cast<std::uint8_t*>(extradata.data());
  parameters.extradata_size = static_cast<int>(extradata.size());
  return codec_string(parameters);
}

TEST(CodecString, H264IsProfileCompatibilityAndLevel) {
  EXPECT_EQ(*name_for(AV_CODEC_ID_H264, std::string("\x01\x64\x00\x1f\xff", 5)), "avc1.64001f");
  EXPECT_EQ(*name_for(AV_CODEC_ID_H264, "\x01\x42\xc0\x1e\xff"), "avc1.42c01e");
}

TEST(CodecString, OneNameCoversTwoEncoders) {
  const struct {
    const char *one, *other, *both;
  } rows[] = {
      {"avc1.64001f", "avc1.64001f", "avc1.64001f"},
      {"avc1.64001f", "avc1.640028", "avc1.640028"},
      {"avc1.640028", "avc1.64001f", "avc1.640028"},
      {"avc1.4d401f", "avc1.64001e", "avc1.64001f"},
      {"avc1.64081f", "avc1.640c1f", "avc1.64081f"},  // flags that both have
      {"hvc1.1.6.L93.90", "hvc1.1.6.L120.B0", "hvc1.1.6.L120.90"},
      {"hvc1.1.6.L93.90", "hvc1.1.6.L93", "hvc1.1.6.L93"},
      {"hvc1.1.6.L93.90", "hvc1.2.4.H90.B0", "hvc1.2.4.H93.B0"},
      {"av01.0.04M.08", "av01.0.05M.08", "av01.0.05M.08"},
      {"av01.0.08M.10.0.110.09.16.09.0", "av01.0.08H.10.0.110.09.16.09.0", "av01.0.08H.10.0.110.09.16.09.0"},
      {"vp09.00.31.08", "vp09.00.40.08", "vp09.00.40.08"},
      {"avc1.64001f", "hvc1.1.6.L93.90", "avc1.64001f"},
      {"mp4a.40.2", "mp4a.40.2", "mp4a.40.2"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(covering_codecs(row.one, row.other), row.both) << row.one << " and " << row.other;
}

TEST(CodecString, AacIsItsObjectType) {
  EXPECT_EQ(*name_for(AV_CODEC_ID_AAC, "\x11\x90"), "mp4a.40.2");
  EXPECT_EQ(*name_for(AV_CODEC_ID_AAC, "\x2b\x92"), "mp4a.40.5");
  EXPECT_EQ(*name_for(AV_CODEC_ID_AAC, "\xf9\x46"), "mp4a.40.42");  // xHE-AAC, by the escape value
}

TEST(CodecString, HevcIsProfileCompatibilityTierLevelAndConstraints) {
  const std::string main("\x01\x01\x60\x00\x00\x00\x90\x00\x00\x00\x00\x00\x5d", 13);
  EXPECT_EQ(*name_for(AV_CODEC_ID_HEVC, main), "hvc1.1.6.L93.90");
  const std::string main10("\x01\x22\x20\x00\x00\x00\xb0\x00\x00\x00\x00\x00\x99", 13);
  EXPECT_EQ(*name_for(AV_CODEC_ID_HEVC, main10), "hvc1.2.4.H153.B0");
  const std::string none("\x01\x41\x60\x00\x00\x00\x00\x00\x00\x00\x00\x00\x5d", 13);
  EXPECT_EQ(*name_for(AV_CODEC_ID_HEVC, none), "hvc1.A1.6.L93");
  EXPECT_EQ(name_for(AV_CODEC_ID_HEVC, main.substr(0, 12)).status().code(), Code::internal);
}

TEST(CodecString, Av1IsProfileLevelTierAndDepth) {
  EXPECT_EQ(*name_for(AV_CODEC_ID_AV1, std::string("\x81\x05\x0c\x00", 4)), "av01.0.05M.08");
  EXPECT_EQ(*name_for(AV_CODEC_ID_AV1, std::string("\x81\x0d\x8c\x00", 4)), "av01.0.13H.08");
  EXPECT_EQ(name_for(AV_CODEC_ID_AV1, std::string("\x0a\x0b\x00\x00", 4)).status().code(), Code::internal);
}

TEST(CodecString, TenBitsComeWithTheirColours) {
  AVCodecParameters parameters{};
  parameters.color_primaries = AVCOL_PRI_BT2020;
  parameters.color_trc = AVCOL_TRC_SMPTE2084;
  parameters.color_space = AVCOL_SPC_BT2020_NCL;
  parameters.color_range = AVCOL_RANGE_MPEG;
  std::string av1c("\x81\x08\x4c\x00", 4);
  parameters.codec_id = AV_CODEC_ID_AV1;
  parameters.extradata = reinterpret_cast<std::uint8_t*>(av1c.data());
  parameters.extradata_size = 4;
  EXPECT_EQ(*codec_string(parameters), "av01.0.08M.10.0.110.09.16.09.0");
  parameters.codec_id = AV_CODEC_ID_VP9;
  parameters.profile = 2;
  parameters.level = 41;
  EXPECT_EQ(*codec_string(parameters), "vp09.02.41.10.01.09.16.09.00");
  parameters.profile = 0;
  parameters.level = 31;
  EXPECT_EQ(*codec_string(parameters), "vp09.00.31.08");
}

TEST(CodecString, OpusIsItsSampleEntry) { EXPECT_EQ(*name_for(AV_CODEC_ID_OPUS, ""), "Opus"); }

TEST(CodecString, WhatHasNoNameIsRefused) {
  EXPECT_EQ(name_for(AV_CODEC_ID_THEORA, "").status().code(), Code::unsupported);
  EXPECT_EQ(name_for(AV_CODEC_ID_H264, "").status().code(), Code::internal);
  EXPECT_EQ(name_for(AV_CODEC_ID_AAC, "").status().code(), Code::internal);
}

TEST(LanguageTag, IsTheShortestOne) {
  EXPECT_EQ(language_tag("ger"), "de");
  EXPECT_EQ(language_tag("deu"), "de");
  EXPECT_EQ(language_tag("zho"), "zh");
  EXPECT_EQ(language_tag("haw"), "haw");
  EXPECT_EQ(language_tag("pt-BR"), "pt-BR");
}

TEST(LanguageTag, WhatIsNoLanguageIsEmpty) {
  EXPECT_EQ(language_tag("und"), "");
  EXPECT_EQ(language_tag(""), "");
  EXPECT_EQ(language_tag("e\"n"), "");
  EXPECT_EQ(language_tag("\n#EXT"), "");
}

}  // namespace
}  // namespace millrace::engine
