#include "engine/plan/segment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

FinishedSegment a_segment() {
  FinishedSegment segment;
  segment.track = "abr/720p";
  segment.index = 41;
  segment.file = "abr/720p/00042.m4s";
  segment.timescale = 48'000;
  segment.start = -1024;
  segment.duration = 360'360;
  segment.frames_in = 121;
  segment.frames = 120;
  segment.last_pts = 357'357;
  segment.bytes = std::int64_t{5} << 32;
  segment.sha256 = "ab12";
  segment.opens_with_idr = true;
  segment.sound_cut_at = 359'000;
  segment.headers = 1;
  segment.key_frames_only = true;
  return segment;
}

TEST(FinishedSegment, FilesCountFromOneWithFiveDigits) {
  EXPECT_EQ(segment_file_name(0), "00001.m4s");
  EXPECT_EQ(segment_file_name(99'998), "99999.m4s");
  EXPECT_EQ(segment_file_name(99'999), "100000.m4s");
}

TEST(FinishedSegment, JsonGivesTheSameSegmentBack) {
  const FinishedSegment before = a_segment();
  const auto json = nlohmann::ordered_json::parse(to_json(before).dump());
  const Result<FinishedSegment> after = segment_from_json(json);
  ASSERT_TRUE(after.ok()) << to_string(after.status());
  EXPECT_EQ(after->track, before.track);
  EXPECT_EQ(after->index, before.index);
  EXPECT_EQ(after->file, before.file);
  EXPECT_EQ(after->timescale, before.timescale);
  EXPECT_EQ(after->start, before.start);
  EXPECT_EQ(after->duration, before.duration);
  EXPECT_EQ(after->frames_in, before.frames_in);
  EXPECT_EQ(after->frames, before.frames);
  EXPECT_EQ(after->last_pts, before.last_pts);
  EXPECT_EQ(after->bytes, before.bytes);
  EXPECT_EQ(after->sha256, before.sha256);
  EXPECT_EQ(after->opens_with_idr, before.opens_with_idr);
  EXPECT_EQ(after->sound_cut_at, before.sound_cut_at);
  EXPECT_EQ(after->headers, before.headers);
  EXPECT_EQ(after->key_frames_only, before.key_frames_only);
}

// Ledgers and receipts of before know of one init segment a track.
TEST(FinishedSegment, WithoutAWordOfItsHeadersItHasTheFirst) {
  auto json = to_json(a_segment());
  json.erase("headers");
  const Result<FinishedSegment> read = segment_from_json(json);
  ASSERT_TRUE(read.ok()) << to_string(read.status());
  EXPECT_EQ(read->headers, 0);
  EXPECT_EQ(init_file_of(*read), "abr/720p/init.mp4");
}

TEST(FinishedSegment, SaysWhichInitSegmentItBelongsTo) {
  EXPECT_EQ(init_file_name(0), "init.mp4");
  EXPECT_EQ(init_file_name(1), "init-2.mp4");
  EXPECT_EQ(init_file_of(a_segment()), "abr/720p/init-2.mp4");
  FinishedSegment first;
  EXPECT_EQ(headers_of({a_segment(), first, a_segment()}), (std::vector<int>{0, 1}));
  EXPECT_TRUE(headers_of({}).empty());
}

TEST(FinishedSegment, ARecordWithoutAFieldIsRefusedByTheFieldsName) {
  const auto whole = to_json(a_segment());
  for (const auto& [name, value] : whole.items()) {
    if (name == "headers") continue;
    auto json = whole;
    json.erase(name);
    if (name == "sound_cut_at") {  // records of before have none
      EXPECT_EQ(segment_from_json(json)->sound_cut_at, -1);
      continue;
    }
    if (name == "key_frames_only") {  // before, every frame was decoded
      EXPECT_FALSE(segment_from_json(json)->key_frames_only);
      continue;
    }
    const Result<FinishedSegment> read = segment_from_json(json);
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_THAT(read.status().message(), HasSubstr("segment." + name));
    json[name] = nullptr;
    EXPECT_FALSE(segment_from_json(json).ok()) << name;
  }
}

TEST(FinishedSegment, WhatIsNoSegmentIsRefused) {
  EXPECT_FALSE(segment_from_json(nlohmann::ordered_json::array()).ok());
  auto json = to_json(a_segment());
  json["timescale"] = 0;
  EXPECT_FALSE(segment_from_json(json).ok());
  json = to_json(a_segment());
  json["index"] = -1;
  EXPECT_FALSE(segment_from_json(json).ok());
  json = to_json(a_segment());
  json["headers"] = -1;
  EXPECT_FALSE(segment_from_json(json).ok());
  json = to_json(a_segment());
  json["index"] = 1.5;
  EXPECT_FALSE(segment_from_json(json).ok());
}

}  // namespace
}  // namespace millrace::engine
