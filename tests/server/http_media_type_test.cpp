#include "server/http/media_type.h"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

TEST(MediaType, OfStreamsIsWhatPlayersExpect) {
  EXPECT_EQ(media_type_of("master.m3u8"), "application/vnd.apple.mpegurl");
  EXPECT_EQ(media_type_of("manifest.mpd"), "application/dash+xml");
  EXPECT_EQ(media_type_of("00001.m4s"), "video/iso.segment");
  EXPECT_EQ(media_type_of("init.MP4"), "video/mp4");
  EXPECT_EQ(media_type_of("receipt.json"), "application/json");
  EXPECT_EQ(media_type_of("README"), "application/octet-stream");
  EXPECT_EQ(media_type_of("a.exe"), "application/octet-stream");
}

TEST(MediaType, JsonHasSeveralSpellings) {
  EXPECT_TRUE(is_json("application/json"));
  EXPECT_TRUE(is_json("Application/JSON ; charset=utf-8"));
  EXPECT_TRUE(is_json("application/problem+json"));
  EXPECT_FALSE(is_json("text/plain"));
  EXPECT_FALSE(is_json("application/jsonp"));
  EXPECT_FALSE(is_json(""));
}

}  // namespace
}  // namespace millrace::server
