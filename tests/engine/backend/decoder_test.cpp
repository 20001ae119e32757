#include "engine/backend/software/decoder.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "engine/pipeline/media_input.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using testing::ContainsRegex;

class DecoderTest : public testing::Test {
 protected:
  // Decodes a sample of 50 frames; `change` may alter the n-th packet.
  Status decode(Sink<FramePtr>& out, const std::function<void(int, AVPacket&)>& change = {},
                std::int64_t strict_from = INT64_MIN,
                const std::function<void(const std::string&)>& on_damage = {}) {
    test::make_sample(folder_ / "a.mp4", test::SampleVideo{});
    auto input = MediaInput::open(folder_ / "a.mp4", {});
    EXPECT_TRUE(input.ok());
    (*input)->choose(0);
    DecoderSettings settings;
    settings.parameters = (*input)->chosen().codecpar;
    settings.time_base = (*input)->chosen().time_base;
    settings.threads = 2;
    settings.path = "a.mp4";
    settings.strict_from_pts = strict_from;
    settings.on_damage = on_damage;
    auto decoder = SoftwareDecoder::open(settings, out);
    if (!decoder.ok()) return decoder.status();
    for (int n = 0;; ++n) {
      auto packet = (*input)->read();
      if (!packet.ok()) return packet.status();
      if (!*packet) return (*decoder)->finish();
      if (change) {
        EXPECT_GE(av_packet_make_writable(packet->get()), 0);
        change(n, **packet);
      }
      if (Status status = (*decoder)->push(std::move(*packet)); !status.ok()) return status;
    }
  }
  static void spoil(AVPacket& packet) {
    for (int i = 8; i < packet.size; ++i) packet.data[i] = 0x5a;
  }
  const test::TempFolder folder_;
};

TEST_F(DecoderTest, GivesEveryFrameInOrderOfPresentation) {
  CollectingSink sink;
  ASSERT_TRUE(decode(sink).ok());
  ASSERT_EQ(sink.frames.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(test::number_in(*sink.frames[static_cast<std::size_t>(i)]), i);
  EXPECT_TRUE(sink.finished);
}

// As drivers list them (hw/nvdec_forms.cpp, hw/vaapi_forms.cpp); VC-1 wants headers to be opened.
TEST_F(DecoderTest, DrivesTheDevicesThatListItsCodec) {
  ParametersPtr parameters(avcodec_parameters_alloc());
  DecoderSettings settings;
  settings.parameters = parameters.get();
  CollectingSink sink;
  for (const char* codec :
       {"mpeg1video", "mpeg2video", "mpeg4", "h264", "hevc", "vp8", "vp9", "av1", "mjpeg"}) {
    const AVCodecDescriptor* descriptor = avcodec_descriptor_get_by_name(codec);
    ASSERT_NE(descriptor, nullptr) << codec;
    parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    parameters->codec_id = descriptor->id;
    EXPECT_TRUE(SoftwareDecoder::open(settings, {nullptr, AV_PIX_FMT_CUDA, 0, "cuda:0"}, sink).ok()) << codec;
    if (std::string(codec) == "mpeg1video") continue;  // no VAAPI driver has it
    EXPECT_TRUE(SoftwareDecoder::open(settings, {nullptr, AV_PIX_FMT_VAAPI, 0, "vaapi"}, sink).ok()) << codec;
  }
}

TEST_F(DecoderTest, RefusesDamageWithItsPlace) {
  for (const int damaged : {12, 24, 36}) {  // key frames: 0.48 s, 0.96 s, 1.44 s
    CollectingSink sink;
    const Status status = decode(sink, [&](int n, AVPacket& packet) {
      if (n == damaged) spoil(packet);
    });
    EXPECT_EQ(status.code(), Code::corrupt_input) << damaged;
    EXPECT_THAT(status.message(), ContainsRegex("a.mp4: at [0-9.]+ s: damaged picture"));
    EXPECT_FALSE(sink.finished);
  }
}

TEST_F(DecoderTest, TellsDamageThatIsAcceptedAndGoesOn) {
  CollectingSink sink;
  std::vector<std::string> told;
  const Status status = decode(
      sink,
      [](int n, AVPacket& packet) {
        if (n == 24) spoil(packet);
      },
      INT64_MIN, [&](const std::string& sentence) { told.push_back(sentence); });
  ASSERT_TRUE(status.ok()) << to_string(status);
  ASSERT_FALSE(told.empty());
  EXPECT_THAT(told.front(), ContainsRegex("^at [01].[0-9]+ s: damaged picture"));
  EXPECT_GE(sink.frames.size(), 36u) << "the pictures before and after are there";
  EXPECT_EQ(sink.frames.back()->best_effort_timestamp, 512 * 49);
}

TEST_F(DecoderTest, BeginsAnewAtAnotherPlace) {
  test::make_sample(folder_ / "a.mp4", test::SampleVideo{});
  auto input = MediaInput::open(folder_ / "a.mp4", {});
  ASSERT_TRUE(input.ok());
  (*input)->choose(0);
  CollectingSink sink;
  DecoderSettings settings;
  settings.parameters = (*input)->chosen().codecpar;
  settings.time_base = (*input)->chosen().time_base;
  settings.path = "a.mp4";
  auto decoder = SoftwareDecoder::open(settings, sink);
  ASSERT_TRUE(decoder.ok());
  std::vector<PacketPtr> packets;
  while (true) {
    auto packet = (*input)->read();
    ASSERT_TRUE(packet.ok());
    if (!*packet) break;
    packets.push_back(std::move(*packet));
  }
  const auto copy = [&](std::size_t n) { return PacketPtr(av_packet_clone(packets[n].get())); };
  for (std::size_t n = 24; n < 30; ++n) ASSERT_TRUE((*decoder)->push(copy(n)).ok());
  ASSERT_TRUE((*decoder)->restart(0).ok());
  EXPECT_EQ(sink.frames.size(), 6u) << "what it held came out";
  for (std::size_t n = 3; n < 6; ++n) ASSERT_TRUE((*decoder)->push(copy(n)).ok());
  ASSERT_TRUE((*decoder)->restart(0).ok());
  EXPECT_EQ(sink.frames.size(), 6u) << "no key frame, no picture";
  for (std::size_t n = 0; n < 3; ++n) ASSERT_TRUE((*decoder)->push(copy(n)).ok());
  ASSERT_TRUE((*decoder)->finish().ok());
  EXPECT_EQ(sink.frames.size(), 9u);
  EXPECT_TRUE(sink.finished);
}

TEST_F(DecoderTest, LeavesOutWhatNoOtherNeedsWhenTold) {
  test::make_sample(folder_ / "a.mp4", test::SampleVideo{});
  auto input = MediaInput::open(folder_ / "a.mp4", {});
  ASSERT_TRUE(input.ok());
  (*input)->choose(0);
  CollectingSink sink;
  DecoderSettings settings;
  settings.parameters = (*input)->chosen().codecpar;
  settings.time_base = (*input)->chosen().time_base;
  auto decoder = SoftwareDecoder::open(settings, sink);
  ASSERT_TRUE(decoder.ok());
  (*decoder)->leave_out_unreferenced(true);
  while (true) {
    auto packet = (*input)->read();
    ASSERT_TRUE(packet.ok());
    if (!*packet) break;
    ASSERT_TRUE((*decoder)->push(std::move(*packet)).ok());
  }
  ASSERT_TRUE((*decoder)->finish().ok());
  EXPECT_LT(sink.frames.size(), 40u);
  EXPECT_GE(sink.frames.size(), 10u);
}

TEST_F(DecoderTest, LetsDamageBeforeTheRangePass) {
  CollectingSink sink;
  const Status status = decode(
      sink,
      [](int n, AVPacket& packet) {
        if (n == 1) spoil(packet);
      },
      12'800 * 36 / 25);
  EXPECT_TRUE(status.ok()) << to_string(status);
  EXPECT_EQ(sink.frames.back()->best_effort_timestamp, 512 * 49);
}

TEST_F(DecoderTest, SaysWhenNothingDecodes) {
  CollectingSink sink;
  const Status status = decode(sink, [](int, AVPacket& packet) { packet.flags &= ~AV_PKT_FLAG_KEY; });
  EXPECT_EQ(status.code(), Code::corrupt_input);
}

TEST_F(DecoderTest, PassesTheSinksFailureOn) {
  CollectingSink sink(5);
  EXPECT_EQ(decode(sink).message(), "this sink fails");
}

}  // namespace
}  // namespace millrace::engine
