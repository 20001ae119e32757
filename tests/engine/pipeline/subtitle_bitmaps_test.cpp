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
  auto opened = BitmapSubtitles::open(stream(AV_CODEC_ID_DVB_SUBTITLE), "a.mkv", {});
  ASSERT_TRUE(opened.ok()) << to_string(opened.status());
  const PacketPtr packet = make_packet();
  ASSERT_EQ(av_new_packet(packet.get(), 8), 0);
  std::fill_n(packet->data, 8, std::uint8_t{0x55});  // segments begin with 0x0F
  packet->pts = 1000;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(opened->decode(*packet).status().code(), Code::corrupt_input);
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
