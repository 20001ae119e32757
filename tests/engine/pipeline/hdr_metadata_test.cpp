#include "engine/pipeline/hdr_metadata.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

const std::string kDisplay = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";

TEST(HdrMetadata, ReadsAFramesSideData) {
  const FramePtr frame = make_frame();
  EXPECT_EQ(hdr_metadata_of(*frame).mastering_display, "");
  AVMasteringDisplayMetadata* display = av_mastering_display_metadata_create_side_data(frame.get());
  const int places[3][2] = {{34000, 16000}, {13250, 34500}, {7500, 3000}};
  for (int colour = 0; colour < 3; ++colour)
    for (int axis = 0; axis < 2; ++axis)
      display->display_primaries[colour][axis] = {places[colour][axis], 50'000};
  display->white_point[0] = {3127, 10'000};
  display->white_point[1] = {329, 1000};
  display->has_primaries = 1;
  EXPECT_EQ(hdr_metadata_of(*frame).mastering_display, "") << "said in part";
  display->max_luminance = {1000, 1};
  display->min_luminance = {1, 200};
  display->has_luminance = 1;
  AVContentLightMetadata* light = av_content_light_metadata_create_side_data(frame.get());
  EXPECT_EQ(hdr_metadata_of(*frame).content_light, "") << "0 and 0 is not known";
  light->MaxCLL = 1000;
  light->MaxFALL = 400;
  EXPECT_EQ(hdr_metadata_of(*frame).mastering_display, kDisplay);
  EXPECT_EQ(hdr_metadata_of(*frame).content_light, "1000,400");
}

TEST(HdrMetadata, ComesBackFromAStreamAsItWasPut) {
  AVFormatContext* made = avformat_alloc_context();
  ASSERT_NE(made, nullptr);
  const InputPtr owner(made);
  AVStream* stream = avformat_new_stream(made, nullptr);
  EXPECT_EQ(hdr_metadata_of(*stream).mastering_display, "");
  ASSERT_TRUE(set_hdr_metadata(*stream, {kDisplay, "1000,400"}).ok());
  EXPECT_EQ(hdr_metadata_of(*stream).mastering_display, kDisplay);
  EXPECT_EQ(hdr_metadata_of(*stream).content_light, "1000,400");
}

TEST(HdrMetadata, RefusesWhatIsNone) {
  AVFormatContext* made = avformat_alloc_context();
  const InputPtr owner(made);
  AVStream* stream = avformat_new_stream(made, nullptr);
  EXPECT_TRUE(set_hdr_metadata(*stream, {}).ok());
  for (const HdrMetadata& wrong :
       {HdrMetadata{"G(1,2)", ""}, HdrMetadata{kDisplay + "x", ""}, HdrMetadata{"", "1000"},
        HdrMetadata{"", "1000,400,2"}, HdrMetadata{"", "bright"}})
    EXPECT_EQ(set_hdr_metadata(*stream, wrong).code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::engine
