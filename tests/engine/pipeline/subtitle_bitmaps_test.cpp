#include "engine/pipeline/subtitle_bitmaps.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A stream of this codec in a container that is never written.
class SubtitleBitmapsTest : public testing::Test {
 protected:
  const AVStream& stream(AVCodecID id) {
    AVStream* made = avformat_new_stream(format_.get(), nullptr);
    made->codecpar->codec_type = AVMEDIA_TYPE_SUBTITLE;
    made->codecpar->codec_id = id;
    made->time_base = {1, 1000};
    return *made;
  }
  const InputPtr format_{avformat_alloc_context()};
};

TEST_F(SubtitleBitmapsTest, TextIsRefused) {
  const auto opened = BitmapSubtitles::open(stream(AV_CODEC_ID_SUBRIP), "a.mkv", {});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().code(), Code::unsupported);
  EXPECT_THAT(opened.status().message(), HasSubstr("a.mkv: subtitles of subrip"));
}

TEST_F(SubtitleBitmapsTest, APacketThatIsNoneIsDamageAndTheNextOneCanBeTried) {
  auto opened = BitmapSubtitles::open(stream(AV_CODEC_ID_HDMV_PGS_SUBTITLE), "a.mkv", {});
  ASSERT_TRUE(opened.ok()) << to_string(opened.status());
  const PacketPtr packet = make_packet();
  ASSERT_EQ(av_new_packet(packet.get(), 13), 0);
  // A composition that names an object of which nothing is known, and the end of the set.
  const std::uint8_t bytes[] = {0x16, 0, 7, 0, 96, 0, 64, 0x10, 0, 0, 0, 0x80, 0};
  std::copy(std::begin(bytes), std::end(bytes), packet->data);
  packet->pts = 1000;
  const auto first = opened->decode(*packet);
  if (first.ok()) EXPECT_FALSE(first->has_value() && !(*first)->bitmaps.empty());
  if (!first.ok()) EXPECT_EQ(first.status().code(), Code::corrupt_input);
  const PacketPtr end = make_packet();
  ASSERT_EQ(av_new_packet(end.get(), 3), 0);
  end->data[0] = 0x80;
  end->data[1] = end->data[2] = 0;
  end->pts = 2000;
  EXPECT_TRUE(opened->decode(*end).ok() || opened->decode(*end).status().code() == Code::corrupt_input);
}

TEST(ShownBitmaps, BecomeRgbaAtTheirPlace) {
  ShownBitmaps shown;
  shown.canvas = {200, 100};
  ShownBitmaps::Bitmap bitmap;
  bitmap.x = 50;
  bitmap.y = 80;
  bitmap.size = {2, 1};
  bitmap.indices = {1, 7};
  bitmap.argb[1] = 0x80112233;
  shown.bitmaps.push_back(bitmap);
  const auto picture = picture_of(shown, {200, 100}, {200, 100});
  ASSERT_EQ(picture->parts.size(), 1U);
  const SubtitlePicture::Part& part = picture->parts[0];
  EXPECT_DOUBLE_EQ(part.place.x, 0.25);
  EXPECT_DOUBLE_EQ(part.place.y, 0.8);
  EXPECT_DOUBLE_EQ(part.place.width, 0.01);
  EXPECT_THAT(std::vector<int>(part.rgba->data[0], part.rgba->data[0] + 8),
              ElementsAre(0x11, 0x22, 0x33, 0x80, 0, 0, 0, 0));
}

}  // namespace
}  // namespace millrace::engine
