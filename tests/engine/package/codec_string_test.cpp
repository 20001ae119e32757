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

TEST(CodecString, AacIsItsObjectType) {
  EXPECT_EQ(*name_for(AV_CODEC_ID_AAC, "\x11\x90"), "mp4a.40.2");
  EXPECT_EQ(*name_for(AV_CODEC_ID_AAC, "\x2b\x92"), "mp4a.40.5");
  EXPECT_EQ(*name_for(AV_CODEC_ID_AAC, "\xf9\x46"), "mp4a.40.42");  // xHE-AAC, by the escape value
}

TEST(CodecString, WhatHasNoNameIsRefused) {
  EXPECT_EQ(name_for(AV_CODEC_ID_VP9, "").status().code(), Code::unsupported);
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
