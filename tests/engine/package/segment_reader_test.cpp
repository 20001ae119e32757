#include "engine/package/segment_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/package/box.h"
#include "tests/engine/package/cmaf_files.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

SegmentReader reader_of(const test::CmafFiles& files) {
  Result<SegmentReader> reader = SegmentReader::open(files.init);
  EXPECT_TRUE(reader.ok()) << to_string(reader.status());
  return std::move(reader).value();
}

TEST(SegmentReader, ReadsBackWhatWasWritten) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({}), "fra");
  const SegmentReader reader = reader_of(files);
  EXPECT_EQ(reader.timescale(), 90'000);
  EXPECT_EQ(reader.shift(), files.track.shift);
  EXPECT_EQ(reader.language(), "fra");
  EXPECT_EQ(reader.parameters().width, 160);
  ASSERT_GT(reader.parameters().extradata_size, 4);
  EXPECT_EQ(reader.parameters().extradata[0], 1) << "avcC";
  for (std::size_t index = 0; index < files.segments.size(); ++index) {
    const auto samples = reader.samples(files.segments[index]);
    ASSERT_TRUE(samples.ok()) << to_string(samples.status());
    ASSERT_THAT(*samples, SizeIs(files.samples[index].size()));
    for (std::size_t at = 0; at < samples->size(); ++at) {
      const CmafSample& wanted = files.samples[index][at];
      EXPECT_EQ((*samples)[at].pts, wanted.pts);
      EXPECT_EQ((*samples)[at].dts, wanted.dts);
      EXPECT_EQ((*samples)[at].duration, wanted.duration);
      EXPECT_EQ((*samples)[at].key, wanted.key);
      EXPECT_TRUE((*samples)[at].data == wanted.data);
    }
  }
}

TEST(SegmentReader, ReadsSound) {
  const test::CmafFiles files = test::cmaf_files(test::coded_sound(48'000));
  const SegmentReader reader = reader_of(files);
  EXPECT_EQ(reader.timescale(), 48'000);
  EXPECT_EQ(reader.language(), "");
  const auto samples = reader.samples(files.segments[0]);
  ASSERT_TRUE(samples.ok());
  EXPECT_EQ(samples->front().pts, -1024);
}

TEST(SegmentReader, EveryCutIsRefused) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 4}));
  const SegmentReader reader = reader_of(files);
  const std::string& segment = files.segments[0];
  for (std::size_t size = 0; size < segment.size(); ++size)
    ASSERT_FALSE(reader.samples(std::string_view(segment).substr(0, size)).ok()) << size;
  for (std::size_t size = 0; size < files.init.size(); ++size)
    ASSERT_FALSE(SegmentReader::open(std::string_view(files.init).substr(0, size)).ok()) << size;
}

// A flipped bit may go unseen here (checks above digest and decode); it must not read outside the bytes or
// run away. The copies have no slack, so that a sanitizer sees one byte too far.
TEST(SegmentReader, FlippedBitsNeverReachOutsideTheBytes) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 4}));
  const SegmentReader reader = reader_of(files);
  const std::size_t header = files.segments[0].find("mdat") + 4;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < header * 8; ++bit) {
    std::vector<char> bytes(files.segments[0].begin(), files.segments[0].end());
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const std::string_view view(bytes.data(), bytes.size());
    const auto samples = reader.samples(view);
    if (!samples.ok()) {
      EXPECT_EQ(samples.status().code(), Code::internal);
      ++refused;
      continue;
    }
    for (const SampleView& sample : *samples) {
      ASSERT_GE(sample.data.data(), view.data());
      ASSERT_LE(sample.data.data() + sample.data.size(), view.data() + view.size());
    }
  }
  EXPECT_GT(refused, 100U);
  for (std::size_t bit = 0; bit < files.init.size() * 8; bit += 3) {
    std::string bytes = files.init;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    static_cast<void>(SegmentReader::open(bytes).ok());
  }
}

TEST(SegmentReader, NoiseIsRefused) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 4}));
  const SegmentReader reader = reader_of(files);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string noise(random() % 400, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    EXPECT_FALSE(SegmentReader::open(noise).ok());
    EXPECT_FALSE(reader.samples(noise).ok());
    EXPECT_FALSE(reader.samples(box("moof", noise) + box("mdat", noise)).ok());
  }
}

TEST(SegmentReader, ARunOfBillionsOfSamplesIsRefusedAtOnce) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 4}));
  const SegmentReader reader = reader_of(files);
  std::string track;
  put_u32(track, 1);
  put_u32(track, 0);  // default size: none
  std::string time;
  put_u64(time, 0);
  std::string run;
  put_u32(run, 0xffffffff);
  const std::string bytes =
      box("moof", box("traf", full_box("tfhd", 0, 0x020010, track) + full_box("tfdt", 1, 0, time) +
                                  full_box("trun", 0, 0, run))) +
      box("mdat", "x");
  EXPECT_THAT(reader.samples(bytes).status().message(), HasSubstr("outside the mdat"));
}

TEST(SegmentReader, BytesThatNoSampleNamesAreRefused) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 4}));
  const SegmentReader reader = reader_of(files);
  const std::size_t mdat = files.segments[0].find("mdat") - 4;
  const std::string longer =
      files.segments[0].substr(0, mdat) + box("mdat", files.segments[0].substr(mdat + 8) + "more");
  EXPECT_THAT(reader.samples(longer).status().message(), HasSubstr("no sample names"));
}

TEST(SegmentReader, AnotherTracksSegmentIsRefused) {
  const test::CmafFiles files = test::cmaf_files(test::coded_pictures({.frames = 4}));
  const SegmentReader reader = reader_of(files);
  std::string other = files.segments[0];
  other[other.find("tfhd") + 11] = 2;
  EXPECT_THAT(reader.samples(other).status().message(), HasSubstr("another track"));
  EXPECT_FALSE(reader.samples(files.init).ok());
}

}  // namespace
}  // namespace millrace::engine
