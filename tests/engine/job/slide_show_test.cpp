#include "engine/job/slide_show.h"

#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

Slide card(double seconds = 0) { return {"", "words", seconds, ""}; }

SlideShow show_of(std::vector<Slide> slides) {
  SlideShow show;
  show.slides = std::move(slides);
  return show;
}

TEST(SlideShow, SlidesLastAsLongAsTheySayOrAsAllDo) {
  EXPECT_THAT(slide_ends(show_of({card(), card(0.5), card()})), ElementsAre(75, 88, 163));
}

TEST(SlideShow, WholeFramesDoNotDrift) {
  const std::vector<std::int64_t> ends = slide_ends(show_of(std::vector<Slide>(300, card(0.05))));
  EXPECT_EQ(ends[0], 1);
  EXPECT_EQ(ends[1], 3);
  EXPECT_EQ(ends.back(), 375) << "300 x 0.05 s x 25";
}

TEST(SlideShow, TheFrameHasTheLargestPicturesShape) {
  struct Case {
    int width, height, framed_width, framed_height;
  };
  for (const Case& each : {Case{640, 360, 640, 360},
                           {3072, 1780, 1864, 1080},
                           {1200, 1800, 1080, 1620},
                           {12288, 2048, 1920, 320},
                           {641, 361, 642, 362},
                           {4, 3, 16, 16}}) {
    SlideShow show;
    choose_frame(show, each.width, each.height);
    EXPECT_EQ(show.width, each.framed_width) << each.width;
    EXPECT_EQ(show.height, each.framed_height) << each.width;
  }
}

TEST(SlideShow, ColoursAreSixHexDigits) {
  EXPECT_EQ(colour_of("#0aF010"), 0x0af010);
  for (const char* wrong : {"", "black", "#fff", "#12345g", "0x123456", "#-12345", "#1234567"})
    EXPECT_EQ(colour_of(wrong), -1) << wrong;
}

TEST(SlideShow, TravelsAsAUrl) {
  SlideShow show = show_of({{"file:///a b.png", "", 1.5, "abc"}, {"", "\"{}\"\nü", 0, ""}});
  show.background = "#ffffff";
  show.width = 640;
  show.height = 360;
  show.audio = "/a.m4a";
  const std::string url = slides_url(show);
  EXPECT_TRUE(is_slides_url(url));
  const auto again = slides_of_url(url);
  ASSERT_TRUE(again.ok()) << to_string(again.status());
  EXPECT_EQ(slides_url(*again), url);
  EXPECT_EQ(again->slides[0].sha256, "abc");
  EXPECT_EQ(again->slides[1].text, "\"{}\"\nü");
  EXPECT_EQ(source_name(url), "slide show of 2 slides");
  EXPECT_EQ(source_name("file:///a.mov"), "file:///a.mov");
}

TEST(SlideShow, OtherTextIsNoShow) {
  for (const char* wrong : {"file:///a.mov", "slides:", "slides:{}", "slides:[1]"})
    EXPECT_FALSE(slides_of_url(wrong).ok()) << wrong;
  SlideShow empty;
  EXPECT_FALSE(slides_of_url(slides_url(empty)).ok()) << "checked as a client's is";
}

TEST(SlideShow, ADayIsTheLongest) {
  const SlideShow show = show_of(std::vector<Slide>(25, card(3600)));
  EXPECT_EQ(check_slides("input", show).field(), "input.slides");
}

}  // namespace
}  // namespace millrace::engine
