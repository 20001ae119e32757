#include "engine/package/cmaf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "engine/package/box.h"
#include "tests/engine/package/cmaf_files.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// What libavformat's own demuxer finds in a file.
struct Demuxed {
  std::vector<CmafSample> samples;
  AVRational time_base{};
  std::string language;
};

Demuxed demuxed(const std::string& bytes) {
  const test::TempFolder folder;
  const std::string path = folder.path() / "cmaf_test.mp4";
  EXPECT_TRUE(write_file(path, bytes).ok());
  AVFormatContext* made = nullptr;
  if (avformat_open_input(&made, path.c_str(), nullptr, nullptr) < 0) {
    ADD_FAILURE() << "libavformat does not open it";
    return {};
  }
  const InputPtr input(made);
  EXPECT_EQ(input->nb_streams, 1U);
  Demuxed found;
  found.time_base = input->streams[0]->time_base;
  if (const auto* entry = av_dict_get(input->streams[0]->metadata, "language", nullptr, 0))
    found.language = entry->value;
  const PacketPtr packet = make_packet();
  while (av_read_frame(input.get(), packet.get()) >= 0) {
    found.samples.push_back(
        {std::string(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)),
         packet->pts, packet->dts, packet->duration, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    av_packet_unref(packet.get());
  }
  return found;
}

// libavformat gives no durations of samples with composition offsets; segment_reader_test compares those.
void expect_same(const CmafSample& found, const CmafSample& wanted) {
  EXPECT_EQ(found.pts, wanted.pts);
  EXPECT_EQ(found.dts, wanted.dts) << "at pts " << wanted.pts;
  EXPECT_EQ(found.key, wanted.key) << "at pts " << wanted.pts;
  EXPECT_TRUE(found.data == wanted.data) << "at pts " << wanted.pts;
}

TEST(Cmaf, LibavformatFindsEveryPictureAtItsTime) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  ASSERT_GT(files.track.shift, 0);
  const Demuxed found = demuxed(files.whole());
  EXPECT_EQ(found.time_base.den, 90'000);
  std::size_t at = 0;
  for (const auto& segment : files.samples)
    for (const CmafSample& sample : segment) {
      ASSERT_LT(at, found.samples.size());
      expect_same(found.samples[at++], sample);
    }
  EXPECT_THAT(found.samples, SizeIs(at));
}

TEST(Cmaf, ALaterSegmentKeepsItsTimesWithoutTheOnesBefore) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  ASSERT_THAT(files.segments, SizeIs(2));
  const Demuxed found = demuxed(files.init + files.segments[1]);
  ASSERT_THAT(found.samples, SizeIs(30));
  expect_same(found.samples[0], files.samples[1][0]);
  EXPECT_EQ(found.samples[0].pts, 30 * 3003);
  EXPECT_TRUE(found.samples[0].key);
}

TEST(Cmaf, LibavformatFindsEverySoundFrameAndItsPriming) {
  const test::CmafFiles files = test::cmaf_files(test::coded_sound(100'000), "deu");
  EXPECT_EQ(files.track.shift, 1024);
  const Demuxed found = demuxed(files.whole());
  EXPECT_EQ(found.language, "deu");
  EXPECT_EQ(found.time_base.den, 48'000);
  ASSERT_THAT(found.samples, SizeIs(files.coded.packets.size()));
  EXPECT_EQ(found.samples[0].pts, -1024);
  EXPECT_EQ(found.samples[1].pts, 0);
  EXPECT_EQ(found.samples[60].pts, files.coded.packets[60].pts);
}

TEST(Cmaf, InitSegmentsAreTheSameBytesEveryTime) {
  const CmafTrack track = [] {
    static const test::CodedTrack coded = test::coded_pictures({});
    return CmafTrack{coded.parameters.get(), 90'000, 6006, ""};
  }();
  const auto once = cmaf_init_segment(track);
  const auto again = cmaf_init_segment(track);
  ASSERT_TRUE(once.ok() && again.ok());
  EXPECT_EQ(*once, *again);
  EXPECT_THAT(*once, Not(HasSubstr("Lavf")));
  EXPECT_THAT(*once, Not(HasSubstr("Lavc")));
}

TEST(Cmaf, TheInitSegmentHasOneOpenEditAndNoSample) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  const auto boxes = boxes_in(files.init);
  ASSERT_TRUE(boxes.ok());
  ASSERT_THAT(*boxes, SizeIs(2));
  const auto elst = child_box(*child_box(*child_box((*boxes)[1], "trak"), "edts"), "elst");
  ASSERT_TRUE(elst.ok());
  ByteReader reader(elst->payload);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_EQ(reader.u32(), 1U);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_EQ(reader.u32(), files.track.shift);
  EXPECT_EQ(reader.u32(), 0x10000U);
  EXPECT_TRUE(reader.ok() && reader.rest().empty());
  EXPECT_THAT(demuxed(files.init).samples, SizeIs(0));
}

TEST(Cmaf, WithoutAShiftThereIsNoEditList) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.b_frames = 0}));
  EXPECT_EQ(files.track.shift, 0);
  EXPECT_THAT(files.init, Not(HasSubstr("elst")));
  EXPECT_EQ(demuxed(files.whole()).samples.at(1).pts, 3003);
}

TEST(Cmaf, AMediaSegmentIsStypMoofMdat) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}));
  const auto boxes = boxes_in(files.segments[1]);
  ASSERT_TRUE(boxes.ok());
  std::vector<std::string_view> types;
  for (const BoxView& each : *boxes) types.push_back(each.type);
  EXPECT_THAT(types, ElementsAre("styp", "moof", "mdat"));
  const auto mfhd = child_box((*boxes)[1], "mfhd");
  ASSERT_TRUE(mfhd.ok());
  ByteReader reader(mfhd->payload);
  reader.skip(4);
  EXPECT_EQ(reader.u32(), 2U);
}

TEST(Cmaf, WhatCannotBeATrackIsRefused) {
  const test::CodedTrack sound = test::coded_sound(4096);
  EXPECT_EQ(cmaf_init_segment({sound.parameters.get(), 90'000, 1024, ""}).status().code(),
            Code::invalid_argument);
  EXPECT_EQ(cmaf_init_segment({sound.parameters.get(), 48'000, -1, ""}).status().code(),
            Code::invalid_argument);
  EXPECT_EQ(cmaf_init_segment({sound.parameters.get(), 0, 0, ""}).status().code(), Code::invalid_argument);
  AVCodecParameters nothing{};
  EXPECT_FALSE(cmaf_init_segment({&nothing, 90'000, 0, ""}).ok());
}

}  // namespace
}  // namespace millrace::engine
