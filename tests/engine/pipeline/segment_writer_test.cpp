// Encoder, segmenter and segment writer together, for every codec that lives in CMAF.
#include "engine/pipeline/segment_writer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "engine/backend/software/software_backend.h"
#include "engine/backend/software/video_encoder.h"
#include "engine/base/file.h"
#include "engine/package/codec_string.h"
#include "engine/package/segment_reader.h"
#include "engine/pipeline/hdr_metadata.h"
#include "engine/pipeline/media_log.h"
#include "tests/engine/backend/fake_device.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"
#include "tests/support/played_track.h"
#include "tests/support/temp_folder.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace millrace::engine {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::int64_t kFrame = 3600;
constexpr std::int64_t kFramesPerSegment = 10;

const HdrMetadata kHdr10 = {"G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
                            "1000,400"};
// AV1 rounds it.
constexpr const char* kDisplayButItsLeastLuminance =
    "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,";

VideoEncoderSettings hdr10() {
  VideoEncoderSettings settings;
  settings.ten_bit = true;
  settings.hdr = kHdr10;
  return settings;
}

class Listener final : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment& segment) override {
    segments.push_back(segment);
    return {};
  }
  void progress(const TaskProgress&) override {}
  std::vector<FinishedSegment> segments;
};

FramePtr deep(const AVFrame& frame) {
  FramePtr made = make_frame();
  made->format = AV_PIX_FMT_YUV420P10LE;
  made->width = frame.width;
  made->height = frame.height;
  if (av_frame_get_buffer(made.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? frame.width : frame.width / 2;
    const int height = plane == 0 ? frame.height : frame.height / 2;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        reinterpret_cast<std::uint16_t*>(made->data[plane] + y * made->linesize[plane])[x] =
            static_cast<std::uint16_t>(frame.data[plane][y * frame.linesize[plane] + x] * 4 + 2);
  }
  made->pts = frame.pts;
  made->color_range = AVCOL_RANGE_MPEG;
  made->colorspace = AVCOL_SPC_BT2020_NCL;
  made->color_primaries = AVCOL_PRI_BT2020;
  made->color_trc = AVCOL_TRC_SMPTE2084;
  return made;
}

class SegmentWriterTest : public testing::TestWithParam<VideoCodec> {
 protected:
  void SetUp() override { init_media_log(); }

  // Segments [first, end) of one rendition, as a worker of its own makes them; numbered pictures.
  void make_range(std::int64_t first, std::int64_t end, VideoEncoderSettings settings = {}) {
    const Status made = try_range(first, end, settings, nullptr);
    ASSERT_TRUE(made.ok()) << to_string(made);
  }
  // The same by FakeDevice, or by the CPU after a step down from it.
  Status on_device(std::int64_t first, std::int64_t end, const VideoEncoderSettings& settings = {}) {
    const EncoderDialect dialect = test::fake_dialect(GetParam());
    return try_range(first, end, settings, &dialect);
  }
  Status stepped_down(std::int64_t first, std::int64_t end, const VideoEncoderSettings& settings = {}) {
    const EncoderDialect dialect = dialect_of(GetParam());
    return try_range(first, end, settings, &dialect);
  }
  // Segments of the CPU alone without a dialect.
  Status try_range(std::int64_t first, std::int64_t end, VideoEncoderSettings settings,
                   const EncoderDialect* dialect) {
    settings.codec = GetParam();
    settings.preset = "veryfast";
    settings.bits_per_second = 300'000;
    settings.frame_rate = {25, 1};
    settings.clock = SegmentClock(kFramesPerSegment * kFrame);
    SegmentTally tally;
    tally.set_range_end(settings.clock.start_of(end));
    TrackFiles files;
    files.output_folder = folder_.path();
    files.folder = "v";
    files.frame_rate = settings.frame_rate;
    files.full_decode_every = full_decode_every_;
    files.frames_in = [](const CodedSegment&) { return kFramesPerSegment; };
    if (dialect != nullptr) files.most_headers = dialect->device.empty() ? 3 : 2;
    if (dialect != nullptr && !dialect->device.empty()) files.encode_device = dialect->device;
    SegmentWriter writer(files, listener_);
    Segmenter segmenter({settings.clock, kTicksPerSecond, settings.frame_rate, &tally}, writer);
    if (dialect != nullptr)
      settings.least_reorder_frames = cpu_reorder_frames(settings.codec, settings.preset);
    VideoEncoder encoder(settings, dialect != nullptr ? *dialect : dialect_of(settings.codec), segmenter);
    for (std::int64_t n = first * kFramesPerSegment; n < end * kFramesPerSegment; ++n) {
      FramePtr frame = picture(n * kFrame, 128, 96);
      test::draw_number(*frame, static_cast<int>(n));
      if (settings.ten_bit) frame = deep(*frame);
      if (Status status = encoder.push(std::move(frame)); !status.ok()) return status;
    }
    return encoder.finish();
  }
  // All of four segments, each at its time, decode times rising across every seam.
  test::PlayedTrack plays_forty_pictures() {
    test::PlayedTrack played = test::play(folder_ / "v");
    EXPECT_THAT(played.frames, SizeIs(40));
    for (std::size_t n = 0; n < played.frames.size(); ++n) {
      EXPECT_EQ(played.frames[n].number, static_cast<int>(n));
      EXPECT_NEAR(played.frames[n].seconds, static_cast<double>(n) / 25, 1e-6);
    }
    std::int64_t dts = INT64_MIN;
    for (const test::PlayedPacket& packet : played.packets) {
      EXPECT_GT(packet.dts, dts);
      dts = packet.dts;
    }
    return played;
  }
  SegmentReader reader(const char* file = "v/init.mp4") {
    const Result<std::string> init = read_file(folder_ / file);
    EXPECT_TRUE(init.ok());
    Result<SegmentReader> opened = SegmentReader::open(*init);
    EXPECT_TRUE(opened.ok()) << to_string(opened.status());
    return std::move(opened).value();
  }

  // The pictures of one segment alone.
  void decode(const SegmentReader& opened, const char* file, CollectingSink& sink) {
    const auto backend = make_software_backend();
    DecoderSettings decoding;
    decoding.parameters = &opened.parameters();
    decoding.path = "v";
    auto decoder = backend->make_decoder(decoding, sink);
    ASSERT_TRUE(decoder.ok()) << to_string(decoder.status());
    const std::string segment = *read_file(folder_ / file);
    const auto samples = opened.samples(segment);
    ASSERT_TRUE(samples.ok());
    for (const SampleView& sample : *samples) {
      PacketPtr packet = make_packet();
      ASSERT_GE(av_new_packet(packet.get(), static_cast<int>(sample.data.size())), 0);
      std::copy(sample.data.begin(), sample.data.end(), reinterpret_cast<char*>(packet->data));
      packet->pts = sample.pts;
      packet->dts = sample.dts;
      packet->flags = sample.key ? AV_PKT_FLAG_KEY : 0;
      ASSERT_TRUE((*decoder)->push(std::move(packet)).ok());
    }
    ASSERT_TRUE((*decoder)->finish().ok());
  }
  const test::TempFolder folder_;
  std::int64_t full_decode_every_ = 1;
  Listener listener_;
};

TEST_P(SegmentWriterTest, RangesOfTwoWorkersJoinWithoutASeam) {
  make_range(2, 4);
  make_range(0, 2);
  ASSERT_THAT(listener_.segments, SizeIs(4));
  for (const FinishedSegment& segment : listener_.segments) {
    EXPECT_TRUE(segment.opens_with_idr);
    EXPECT_EQ(segment.frames, kFramesPerSegment);
    EXPECT_EQ(segment.start, segment.index * kFramesPerSegment * kFrame);
    EXPECT_EQ(segment.duration, kFramesPerSegment * kFrame);
  }
  for (const test::PlayedPacket& packet : plays_forty_pictures().packets)
    EXPECT_EQ(packet.key, packet.pts % (kFramesPerSegment * kFrame) == 0) << packet.pts;
}

// FFmpeg reads the first init segment alone, so this plays by what the key frames bring along.
TEST_P(SegmentWriterTest, AnotherEncoderHasHeadersOfItsOwnAndGoesOnWithoutASeam) {
  if (GetParam() == VideoCodec::vp9) GTEST_SKIP() << "no device encodes it";
  ASSERT_TRUE(on_device(0, 2).ok());
  ASSERT_TRUE(stepped_down(2, 3).ok());
  ASSERT_TRUE(on_device(3, 4).ok());
  std::vector<int> headers;
  for (const FinishedSegment& each : listener_.segments) headers.push_back(each.headers);
  EXPECT_THAT(headers, testing::ElementsAre(0, 0, 1, 0));
  EXPECT_NE(*read_file(folder_ / "v/init.mp4"), *read_file(folder_ / "v/init-2.mp4"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "v/init-3.mp4"));
  const Result<SegmentReader> second = SegmentReader::open(*read_file(folder_ / "v/init-2.mp4"));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->shift(), reader().shift()) << "one edit list for both";
  plays_forty_pictures();
}

// What a device's encoder left, when it failed in its first segment, is nothing.
TEST_P(SegmentWriterTest, TheFirstThatHasASegmentHasTheFirstName) {
  if (GetParam() == VideoCodec::vp9) GTEST_SKIP() << "no device encodes it";
  ASSERT_TRUE(stepped_down(0, 1).ok());
  ASSERT_TRUE(on_device(1, 2).ok());
  EXPECT_EQ(listener_.segments[0].headers, 0);
  EXPECT_EQ(listener_.segments[1].headers, 1);
}

TEST_P(SegmentWriterTest, AnInitSegmentTooManyIsBlamedOnTheDevice) {
  if (GetParam() == VideoCodec::vp9) GTEST_SKIP() << "no device encodes it";
  if (GetParam() == VideoCodec::av1) GTEST_SKIP() << "SVT-AV1 does not close before its first picture";
  ASSERT_TRUE(make_directories(folder_ / "v").ok());
  for (const char* name : {"v/init.mp4", "v/init-2.mp4"})
    ASSERT_TRUE(write_file(folder_ / name, "of somebody else").ok());
  const Status status = on_device(0, 1);
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(blamed_stage(status), Stage::encode);
  // There is room for the CPU's.
  ASSERT_TRUE(stepped_down(0, 1).ok());
  EXPECT_EQ(listener_.segments[0].headers, 2);
}

TEST_P(SegmentWriterTest, WhatIsPlannedOnTheCpuHasOneInitSegmentAlone) {
  if (GetParam() == VideoCodec::av1) GTEST_SKIP() << "SVT-AV1 does not close before its first picture";
  make_range(0, 1);
  ASSERT_TRUE(write_file(folder_ / "v/init.mp4", "something else").ok());
  const Status status = try_range(1, 2, {}, nullptr);
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_THAT(status.message(), HasSubstr("v/init.mp4: holds other headers"));
  EXPECT_THAT(listener_.segments, SizeIs(1));
}

TEST_P(SegmentWriterTest, WhatIsNotDecodedInFullIsBookedSo) {
  full_decode_every_ = 3;
  make_range(0, 4);
  std::vector<bool> key_frames_only;
  for (const FinishedSegment& each : listener_.segments) {
    key_frames_only.push_back(each.key_frames_only);
    EXPECT_EQ(each.frames, kFramesPerSegment);
    EXPECT_TRUE(each.opens_with_idr);
  }
  EXPECT_EQ(key_frames_only, (std::vector<bool>{true, false, true, true}));
}

TEST_P(SegmentWriterTest, ASegmentOfOneFrameAndALongGopAreWhole) {
  VideoEncoderSettings settings;
  settings.gop_ticks = 4 * kFrame;
  make_range(0, 1, settings);
  const test::PlayedTrack played = test::play(folder_ / "v");
  ASSERT_THAT(played.packets, SizeIs(10));
  for (const test::PlayedPacket& packet : played.packets)
    EXPECT_EQ(packet.key, packet.pts % (4 * kFrame) == 0) << packet.pts;
}

TEST_P(SegmentWriterTest, NamesItselfToPlayers) {
  make_range(0, 1);
  const SegmentReader opened = reader();
  EXPECT_EQ(opened.parameters().format, AV_PIX_FMT_YUV420P);
  const Result<std::string> name = codec_string(opened.parameters());
  ASSERT_TRUE(name.ok()) << to_string(name.status());
  const std::map<VideoCodec, std::string> names = {{VideoCodec::h264, "avc1.6400"},
                                                   {VideoCodec::hevc, "hvc1.1.6.L"},
                                                   {VideoCodec::av1, "av01.0.00M.08"},
                                                   {VideoCodec::vp9, "vp09.00.10.08"}};
  EXPECT_THAT(*name, StartsWith(names.at(GetParam())));
  const std::map<VideoCodec, std::string> tags = {{VideoCodec::h264, "avc1"},
                                                  {VideoCodec::hevc, "hvc1"},
                                                  {VideoCodec::av1, "av01"},
                                                  {VideoCodec::vp9, "vp09"}};
  EXPECT_THAT(*read_file(folder_ / "v/init.mp4"), HasSubstr(tags.at(GetParam())));
}

TEST_P(SegmentWriterTest, TenBitsCarryTheirColoursAndHdr) {
  if (GetParam() == VideoCodec::h264) GTEST_SKIP() << "H.264 has no 10-bit form here";
  const HdrMetadata hdr = kHdr10;
  const VideoEncoderSettings settings = hdr10();
  make_range(1, 2, settings);
  make_range(0, 1, settings);
  const SegmentReader opened = reader();
  EXPECT_EQ(opened.parameters().format, AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(opened.parameters().color_trc, AVCOL_TRC_SMPTE2084);
  EXPECT_EQ(opened.parameters().color_primaries, AVCOL_PRI_BT2020);
  EXPECT_EQ(opened.parameters().color_space, AVCOL_SPC_BT2020_NCL);
  EXPECT_EQ(opened.hdr().mastering_display, hdr.mastering_display);
  EXPECT_EQ(opened.hdr().content_light, hdr.content_light);
  EXPECT_THAT(*codec_string(opened.parameters()),
              testing::AnyOf(StartsWith("hvc1.2.4.L"), HasSubstr(".10.")));

  // The coded pictures say it too (VP9 has no place for light levels).
  CollectingSink sink;
  decode(opened, "v/00002.m4s", sink);
  ASSERT_THAT(sink.frames, SizeIs(10));
  const AVFrame& frame = *sink.frames.front();
  EXPECT_EQ(frame.format, AV_PIX_FMT_YUV420P10LE);
  EXPECT_EQ(frame.colorspace, AVCOL_SPC_BT2020_NCL);
  if (GetParam() == VideoCodec::vp9) return;
  EXPECT_EQ(frame.color_trc, AVCOL_TRC_SMPTE2084);
  EXPECT_EQ(frame.color_primaries, AVCOL_PRI_BT2020);
  EXPECT_EQ(hdr_metadata_of(frame).content_light, hdr.content_light);
  EXPECT_THAT(hdr_metadata_of(frame).mastering_display, StartsWith(kDisplayButItsLeastLuminance));
}

TEST_P(SegmentWriterTest, TenBitsOfADeviceAndOfTheCpuSayTheSameHdr) {
  if (GetParam() == VideoCodec::h264 || GetParam() == VideoCodec::vp9)
    GTEST_SKIP() << "no device encodes 10 bits of it";
  ASSERT_TRUE(on_device(0, 2, hdr10()).ok());
  ASSERT_TRUE(stepped_down(2, 3, hdr10()).ok());
  EXPECT_EQ(listener_.segments.at(1).headers, 0);
  EXPECT_EQ(listener_.segments.at(2).headers, 1);
  const std::pair<const char*, const char*> kFiles[] = {
      {"v/init.mp4", "v/00001.m4s"}, {"v/init.mp4", "v/00002.m4s"}, {"v/init-2.mp4", "v/00003.m4s"}};
  for (const auto& [init, segment] : kFiles) {
    const SegmentReader opened = reader(init);
    EXPECT_EQ(opened.hdr().content_light, kHdr10.content_light) << segment;
    CollectingSink sink;
    decode(opened, segment, sink);
    ASSERT_THAT(sink.frames, SizeIs(10)) << segment;
    const AVFrame& frame = *sink.frames.front();
    EXPECT_EQ(frame.format, AV_PIX_FMT_YUV420P10LE) << segment;
    EXPECT_EQ(frame.color_trc, AVCOL_TRC_SMPTE2084) << segment;
    EXPECT_EQ(hdr_metadata_of(frame).content_light, kHdr10.content_light) << segment;
    EXPECT_THAT(hdr_metadata_of(frame).mastering_display, StartsWith(kDisplayButItsLeastLuminance))
        << segment;
  }
}

std::string name_of_param(const testing::TestParamInfo<VideoCodec>& info) {
  return std::string(name_of(info.param));
}
INSTANTIATE_TEST_SUITE_P(Codecs, SegmentWriterTest,
                         testing::Values(VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1,
                                         VideoCodec::vp9),
                         name_of_param);

class SoundSegmentsTest : public testing::TestWithParam<std::pair<AudioCodec, int>> {};

TEST_P(SoundSegmentsTest, PlayFromTheFirstSampleToTheLast) {
  const auto [codec, channels] = GetParam();
  const test::TempFolder folder;
  Listener listener;
  TrackFiles files;
  files.output_folder = folder.path();
  files.folder = "a";
  files.timescale = 48'000;
  files.frames_in = [](const CodedSegment& segment) { return segment.end - segment.start; };
  SegmentWriter writer(files, listener);
  Segmenter segmenter({SegmentClock(kTicksPerSecond), 48'000, {}, nullptr}, writer);
  const auto backend = make_software_backend();
  auto encoder = backend->make_sound_encoder({channels, 48'000, 64'000 * channels, codec}, segmenter);
  ASSERT_TRUE(encoder.ok()) << to_string(encoder.status());
  constexpr int kSamples = 120'000;
  constexpr int kOnset = 24'000;  // silence before, a tone after
  for (int at = 0; at < kSamples; at += 1000) {
    FramePtr frame = make_frame();
    frame->format = AV_SAMPLE_FMT_FLTP;
    frame->sample_rate = 48'000;
    frame->nb_samples = 1000;
    av_channel_layout_default(&frame->ch_layout, channels);
    ASSERT_GE(av_frame_get_buffer(frame.get(), 0), 0);
    for (int channel = 0; channel < channels; ++channel)
      for (int i = 0; i < 1000; ++i)
        reinterpret_cast<float*>(frame->extended_data[channel])[i] =
            at + i < kOnset ? 0.0F : 0.5F * static_cast<float>(std::sin(0.13 * (at + i)));
    frame->pts = at;
    const Status status = (*encoder)->push(std::move(frame));
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  const Status status = (*encoder)->finish();
  ASSERT_TRUE(status.ok()) << to_string(status);

  ASSERT_THAT(listener.segments, SizeIs(3));
  std::int64_t next = 0;
  for (const FinishedSegment& segment : listener.segments) {
    EXPECT_EQ(segment.start, next);
    next += segment.duration;
    EXPECT_GE(next, std::min<std::int64_t>(kSamples, 48'000 * (segment.index + 1)));
  }
  EXPECT_EQ(next, kSamples);
  const test::PlayedTrack played = test::play(folder / "a");
  EXPECT_EQ(played.channels, channels);
  EXPECT_EQ(played.sample_rate, 48'000);
  std::size_t loud = 0;
  while (loud < played.samples.size() && std::abs(played.samples[loud]) < 0.25) ++loud;
  EXPECT_NEAR(played.first_sample_seconds + static_cast<double>(loud) / 48'000, 0.5, 0.003);
  EXPECT_NEAR(played.first_sample_seconds + static_cast<double>(played.samples.size()) / 48'000, 2.5, 0.03);
}

INSTANTIATE_TEST_SUITE_P(Codecs, SoundSegmentsTest,
                         testing::Values(std::pair(AudioCodec::aac, 2), std::pair(AudioCodec::aac, 6),
                                         std::pair(AudioCodec::opus, 1), std::pair(AudioCodec::opus, 2),
                                         std::pair(AudioCodec::opus, 6)),
                         [](const auto& info) {
                           return std::string(name_of(info.param.first)) + std::to_string(info.param.second);
                         });

}  // namespace
}  // namespace millrace::engine
