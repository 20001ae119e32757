#include "engine/package/idr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

using namespace std::string_literals;

TEST(OpensWithIdr, LooksPastWhatStandsBeforeThePicture) {
  AVCodecParameters h264{};
  h264.codec_id = AV_CODEC_ID_H264;
  const std::string sei = "\0\0\0\2\x06\x80"s;
  EXPECT_TRUE(opens_with_idr(h264, sei + "\0\0\0\2\x65\x88"s, true));
  EXPECT_FALSE(opens_with_idr(h264, sei + "\0\0\0\2\x41\x88"s, true));
  EXPECT_FALSE(opens_with_idr(h264, sei, true));
  EXPECT_FALSE(opens_with_idr(h264, "\0\0\0\x09\x65"s, true));
  EXPECT_FALSE(opens_with_idr(h264, "", true));
}

TEST(OpensWithIdr, KnowsHevcAndShorterLengths) {
  AVCodecParameters hevc{};
  hevc.codec_id = AV_CODEC_ID_HEVC;
  EXPECT_TRUE(opens_with_idr(hevc, "\0\0\0\3\x26\x01\xaf"s, true));   // IDR_W_RADL
  EXPECT_FALSE(opens_with_idr(hevc, "\0\0\0\3\x2a\x01\xaf"s, true));  // CRA
  std::string avcc = "\1\x64\0\x1f\xfd"s;                             // lengths of two bytes
  AVCodecParameters h264{};
  h264.codec_id = AV_CODEC_ID_H264;
  h264.extradata = reinterpret_cast<std::uint8_t*>(avcc.data());
  h264.extradata_size = static_cast<int>(avcc.size());
  EXPECT_TRUE(opens_with_idr(h264, "\0\2\x65\x88"s, true));
  AVCodecParameters aac{};
  aac.codec_id = AV_CODEC_ID_AAC;
  EXPECT_TRUE(opens_with_idr(aac, "any", true));
}

TEST(OpensWithIdr, KnowsVp9ByItsFirstByte) {
  AVCodecParameters vp9{};
  vp9.codec_id = AV_CODEC_ID_VP9;
  EXPECT_TRUE(opens_with_idr(vp9, "\x82\x49"s, true));  // profile 0, shown key frame
  EXPECT_TRUE(opens_with_idr(vp9, "\x92\x49"s, true));  // profile 2
  EXPECT_TRUE(opens_with_idr(vp9, "\xb1\x49"s, true));  // profile 3 has a bit more
  EXPECT_FALSE(opens_with_idr(vp9, "\x82\x49"s, false));
  EXPECT_FALSE(opens_with_idr(vp9, "\x86"s, true));      // not a key frame
  EXPECT_FALSE(opens_with_idr(vp9, "\x80\x49"s, true));  // not shown
  EXPECT_FALSE(opens_with_idr(vp9, "\x88"s, true));      // shows a frame that exists
  EXPECT_FALSE(opens_with_idr(vp9, "\x42"s, true));
  EXPECT_FALSE(opens_with_idr(vp9, "", true));
}

TEST(OpensWithIdr, KnowsAv1) {
  AVCodecParameters av1{};
  av1.codec_id = AV_CODEC_ID_AV1;
  EXPECT_TRUE(opens_with_idr(av1, "\x0a\x01\x00\x32\x01\x10"s, true));
  EXPECT_FALSE(opens_with_idr(av1, "\x0a\x01\x00\x32\x01\x10"s, false));
  EXPECT_FALSE(opens_with_idr(av1, "\x32\x01\x30"s, true));
}

}  // namespace
}  // namespace millrace::engine
