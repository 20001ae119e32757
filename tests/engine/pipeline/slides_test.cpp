// Slide shows from their files to segments, sounds and stills.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "engine/pipeline/inspect_slides.h"
#include "engine/pipeline/slide_bytes.h"
#include "engine/pipeline/slide_picture.h"
#include "engine/pipeline/stills.h"
#include "engine/plan/slide_decisions.h"
#include "tests/engine/pipeline/images.h"
#include "tests/engine/pipeline/run_range_case.h"
#include "tests/engine/pipeline/still_files.h"

namespace millrace::engine {
namespace {

using testing::HasSubstr;

constexpr int kWidth = 96;
constexpr int kHeight = 64;

class SlidesTest : public RunRangeTest {
 protected:
  // An image that shows a number (media_sample.h).
  Slide numbered(int number, double seconds, int width = kWidth, int height = kHeight) {
    FramePtr grey = make_frame();
    grey->format = AV_PIX_FMT_YUV420P;
    grey->width = width;
    grey->height = height;
    if (av_frame_get_buffer(grey.get(), 0) < 0) throw std::bad_alloc();
    test::draw_number(*grey, number);
    const std::string name = fmt::format("{}.png", number);
    write_png(folder_ / name, width, height, [&](int x, int y) {
      const std::uint8_t luma = grey->data[0][y * grey->linesize[0] + x] < 128 ? 0 : 255;
      return Rgba{luma, luma, luma, 255};
    });
    return {folder_ / name, "", seconds, ""};
  }
  Slide plain(const std::string& name, const Rgba& colour, int width = kWidth, int height = kHeight) {
    write_png(folder_ / name, width, height, colour);
    return {folder_ / name, "", 0.2, ""};
  }
  static Slide card(const std::string& text) { return {"", text, 0.2, ""}; }

  static SlideShow show_of(std::vector<Slide> slides, int width = 0, int height = 0) {
    SlideShow show;
    show.slides = std::move(slides);
    show.width = width;
    show.height = height;
    return show;
  }
  Source looked_at(const SlideShow& show) {
    const auto source = inspect(slides_url(show));
    EXPECT_TRUE(source.ok()) << to_string(source.status());
    return source.value_or({});
  }
  FramePtr drawn(const SlideShow& show, std::size_t slide = 0) {
    auto picture = draw_slide(show, show.slides[slide]);
    if (!picture.ok()) throw std::runtime_error(to_string(picture.status()));
    return std::move(picture).value();
  }
  static int luma(const AVFrame& picture, int x, int y) {
    return picture.data[0][y * picture.linesize[0] + x];
  }
  // Where a picture is not of the colour of its corner: left, top, right, bottom.
  static std::array<int, 4> drawn_part(const AVFrame& picture) {
    std::array<int, 4> part = {picture.width, picture.height, -1, -1};
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x)
        if (std::abs(luma(picture, x, y) - luma(picture, 0, 0)) > 8)
          part = {std::min(part[0], x), std::min(part[1], y), std::max(part[2], x), std::max(part[3], y)};
    return part;
  }
};

TEST_F(SlidesTest, AreASourceLikeOthers) {
  const Source source = looked_at(show_of({numbered(1, 0.4), numbered(2, 0.6), card("words")}));
  ASSERT_NE(source.main_video(), nullptr);
  const VideoTrack& video = *source.main_video();
  EXPECT_EQ(video.width, kWidth);
  EXPECT_EQ(video.height, kHeight);
  EXPECT_EQ(video.frame_rate, (Rational{25, 1}));
  EXPECT_FALSE(video.variable_frame_rate);
  EXPECT_FALSE(video.interlaced);
  EXPECT_EQ(video.pixel_format, "yuv420p");
  EXPECT_EQ(video.color_matrix, "bt709");
  EXPECT_EQ(video.color_range, "tv");
  EXPECT_EQ(video.frame_count, 30);
  EXPECT_DOUBLE_EQ(source.duration_seconds, 1.2);
  EXPECT_TRUE(source.can_seek);
  EXPECT_EQ(source.container, "slides");
  EXPECT_THAT(describe(source), HasSubstr("slide show of 3 slides"));
}

TEST_F(SlidesTest, EachIsShownForItsTime) {
  const Plan plan = inspected(slides_url(show_of({numbered(3, 0.4), numbered(5, 0.84), numbered(7, 0.04)})));
  const TaskEnd end = run(plan, folder_ / "out");
  EXPECT_TRUE(end.end_of_source);
  std::vector<int> expected(10, 3);
  expected.insert(expected.end(), 21, 5);
  expected.push_back(7);
  EXPECT_EQ(numbers(test::play(folder_ / "out/large")), expected);
  EXPECT_EQ(numbers(test::play(folder_ / "out/small")), expected);
}

TEST_F(SlidesTest, ARangeBeginsWhereItShould) {
  const Plan plan = inspected(slides_url(show_of({numbered(3, 0.8), numbered(5, 0.8), numbered(7, 0.8)})));
  run(plan, folder_ / "out", 1, 2);
  ASSERT_EQ(observer_.tracks["large"].size(), 1U);
  EXPECT_EQ(observer_.tracks["large"][0].index, 1);
  EXPECT_EQ(observer_.tracks["large"][0].frames, 25);
  run(plan, folder_ / "out", 0, 1);
  run(plan, folder_ / "out", 2, -1);
  std::vector<int> expected(20, 3);
  expected.insert(expected.end(), 20, 5);
  expected.insert(expected.end(), 20, 7);
  EXPECT_EQ(numbers(test::play(folder_ / "out/large")), expected);
}

TEST_F(SlidesTest, GiveStillsToTheFrame) {
  const Source source = looked_at(show_of({numbered(3, 0.4), numbered(5, 0.4), numbered(7, 0.4)}));
  PlannedStills stills;
  stills.at = {0, 0.39, 0.41, 1.1};
  stills.width = kWidth;
  stills.height = kHeight;
  const auto end = run_stills({stills_plan(source, stills), 0, folder_ / "out", {}}, observer_, {});
  ASSERT_TRUE(end.ok()) << to_string(end.status());
  std::vector<int> seen;
  for (int i = 1; i <= 4; ++i) seen.push_back(see(folder_ / fmt::format("out/stills/{:04}.jpg", i)).number());
  EXPECT_THAT(seen, testing::ElementsAre(3, 3, 5, 7));
}

TEST_F(SlidesTest, ImagesAreFittedIntoTheFrame) {
  SlideShow show = show_of({plain("tall.png", {255, 255, 255, 255}, 20, 40)}, 80, 60);
  const FramePtr tall = drawn(show);
  EXPECT_EQ(tall->width, 80);
  EXPECT_EQ(tall->height, 60);
  EXPECT_EQ(drawn_part(*tall), (std::array<int, 4>{25, 0, 54, 59}));
  EXPECT_EQ(luma(*tall, 0, 0), 16) << "black of limited range";
  EXPECT_EQ(luma(*tall, 40, 30), 235);
  show.slides = {plain("wide.png", {255, 255, 255, 255}, 40, 10)};
  EXPECT_EQ(drawn_part(*drawn(show)), (std::array<int, 4>{0, 20, 79, 39}));
}

TEST_F(SlidesTest, TransparentPartsShowTheBackground) {
  SlideShow show = show_of({plain("half.png", {255, 255, 255, 128}, 32, 32)}, 64, 32);
  show.background = "#ff0000";
  const FramePtr picture = drawn(show);
  // BT.709: luma of red 0.2126, of the mixture with white the mean of both.
  EXPECT_NEAR(luma(*picture, 0, 0), 16 + 219 * 0.2126, 2);
  EXPECT_NEAR(luma(*picture, 32, 16), 16 + 219 * (0.2126 + 1) / 2, 2);
}

TEST_F(SlidesTest, TheFrameIsTheLargestImages) {
  const Source source = looked_at(show_of(
      {plain("a.png", {0, 0, 0, 255}, 60, 20), plain("b.png", {0, 0, 0, 255}, 41, 51), card("words")}));
  EXPECT_EQ(source.main_video()->width, 42);
  EXPECT_EQ(source.main_video()->height, 52);
  // More pixels, but shown smaller.
  const Source tall = looked_at(
      show_of({plain("c.png", {0, 0, 0, 255}, 600, 400), plain("d.png", {0, 0, 0, 255}, 20, 13000)}));
  EXPECT_EQ(tall.main_video()->width, 600);
  const Source cards = looked_at(show_of({card("words")}));
  EXPECT_EQ(cards.main_video()->width, 1920);
  EXPECT_EQ(cards.main_video()->height, 1080);
  const Source asked = looked_at(show_of({plain("a.png", {0, 0, 0, 255}, 60, 20)}, 320, 180));
  EXPECT_EQ(asked.main_video()->width, 320);
}

TEST_F(SlidesTest, TextStandsInTheMiddleAsLargeAsFits) {
  for (const std::string& text :
       {std::string("Words"), std::string("Two\nlines of words"), std::string(40, 'W'), [] {
          std::string many;
          while (many.size() < 990) many += "quite long words ";
          return many;
        }()}) {
    const FramePtr picture = drawn(show_of({card(text)}, 640, 360));
    const auto [left, top, right, bottom] = drawn_part(*picture);
    ASSERT_GE(right, 0) << text;
    EXPECT_GT(left, 640 * 0.05) << text;
    EXPECT_LT(right, 640 * 0.95) << text;
    EXPECT_GT(top, 360 * 0.05) << text;
    EXPECT_LT(bottom, 360 * 0.95) << text;
    EXPECT_NEAR(left + right, 640, 640 * 0.1) << text;
    EXPECT_NEAR(top + bottom, 360, 360 * 0.1) << text;
  }
  const auto few = drawn_part(*drawn(show_of({card("Words")}, 640, 360)));
  EXPECT_GT(few[3] - few[1], 20) << "large letters";
}

TEST_F(SlidesTest, TextIsLightOnDarkAndDarkOnLight) {
  SlideShow show = show_of({card("W")}, 640, 360);
  const auto extreme = [&](bool largest) {
    const FramePtr picture = drawn(show);
    int found = luma(*picture, 0, 0);
    for (int y = 0; y < picture->height; ++y)
      for (int x = 0; x < picture->width; ++x)
        found = largest ? std::max(found, luma(*picture, x, y)) : std::min(found, luma(*picture, x, y));
    return found;
  };
  EXPECT_GT(extreme(true), 200);
  show.background = "#ffffff";
  EXPECT_LT(extreme(false), 60);
}

TEST_F(SlidesTest, TextMeansNothingButItself) {
  const auto width = [&](const std::string& text) {
    const auto part = drawn_part(*drawn(show_of({card(text)}, 640, 360)));
    return part[2] - part[0];
  };
  EXPECT_GT(width("{\\fs200}a"), 4 * width("a")) << "braces are drawn, not read";
  EXPECT_GT(width("a\\Nb"), 2 * width("a")) << "and so is a backslash";
}

TEST_F(SlidesTest, SaysWhichSlideCannotBeShown) {
  const Slide good = plain("a.png", {0, 0, 0, 255});
  const auto refusal = [&](const Slide& slide) {
    const auto source = inspect(slides_url(show_of({good, slide})));
    EXPECT_FALSE(source.ok());
    EXPECT_EQ(source.status().field(), "input.slides[1].image") << to_string(source.status());
    return source.status();
  };
  EXPECT_EQ(refusal({folder_ / "none.png", "", 0, ""}).code(), Code::not_found);
  ASSERT_TRUE(write_file(folder_ / "text.png", "no image").ok());
  EXPECT_EQ(refusal({folder_ / "text.png", "", 0, ""}).code(), Code::unsupported);
  const std::string whole = *read_file(folder_ / "a.png");
  ASSERT_TRUE(write_file(folder_ / "cut.png", whole.substr(0, whole.size() - 20)).ok());
  EXPECT_EQ(refusal({folder_ / "cut.png", "", 0, ""}).code(), Code::corrupt_input);
}

TEST_F(SlidesTest, AnImageThatChangedIsNoticed) {
  const Plan plan = inspected(slides_url(show_of({numbered(3, 0.4), numbered(5, 0.4)})));
  plain("5.png", {0, 0, 0, 255}, 17, 17);
  const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
  EXPECT_EQ(result.status().code(), Code::corrupt_input) << to_string(result.status());
  EXPECT_THAT(result.status().message(), HasSubstr("has changed"));
  EXPECT_EQ(result.status().field(), "input.slides[1]");
}

TEST_F(SlidesTest, StopWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(inspect(slides_url(show_of({numbered(3, 0.4)})), stop.get_token()).status().code(),
            Code::cancelled);
}

class SlideSoundTest : public SlidesTest {
 protected:
  // A show of one second whose sound file has this sound.
  Plan plan_with(const test::SampleSound& sound, const std::string& name = "a.m4a") {
    test::make_sample(folder_ / name, std::nullopt, sound);
    SlideShow show = show_of({numbered(3, 1)});
    show.audio = folder_ / name;
    return inspected(slides_url(show));
  }
  test::PlayedTrack sound_of(const Plan& plan) {
    const auto result = run_sound({plan, 0, folder_ / "out"}, observer_, {});
    EXPECT_TRUE(result.ok()) << to_string(result.status());
    return test::play(folder_ / "out/audio");
  }
  std::int64_t samples_booked() {
    std::int64_t sum = 0;
    for (const FinishedSegment& each : observer_.tracks["audio"]) sum += each.frames;
    return sum;
  }
  static double loudest_between(const test::PlayedTrack& track, double from, double to) {
    double loudest = 0;
    for (std::size_t i = 0; i < track.samples.size(); ++i) {
      const double at = track.first_sample_seconds + static_cast<double>(i) / track.sample_rate;
      if (at >= from && at < to) loudest = std::max(loudest, std::abs(static_cast<double>(track.samples[i])));
    }
    return loudest;
  }
  static std::string said(const Plan& plan) { return slide_decisions(plan.source).at(1).choice; }
};

TEST_F(SlideSoundTest, AShortOneIsFilledUpWithSilence) {
  test::SampleSound sound;
  sound.seconds = 0.5;
  const Plan plan = plan_with(sound);
  const test::PlayedTrack track = sound_of(plan);
  EXPECT_EQ(samples_booked(), 48'000);
  EXPECT_GT(loudest_between(track, 0.1, 0.45), 0.2);
  EXPECT_LT(loudest_between(track, 0.6, 1), 0.01);
  EXPECT_THAT(said(plan), HasSubstr("of silence follow it"));
}

TEST_F(SlideSoundTest, ALongOneIsCut) {
  test::SampleSound sound;
  sound.seconds = 2.5;
  sound.beeps = {0.25, 1.5};
  const Plan plan = plan_with(sound);
  const test::PlayedTrack track = sound_of(plan);
  EXPECT_EQ(samples_booked(), 48'000);
  EXPECT_LT(loudest_between(track, 0, 0.24), 0.05) << "nothing before the beep";
  EXPECT_GT(loudest_between(track, 0.26, 0.34), 0.2);
  EXPECT_THAT(said(plan), HasSubstr("cut to 1"));
}

TEST_F(SlideSoundTest, BeginsWithTheFirstSlideWhateverItsFileSays) {
  test::SampleSound sound;
  sound.start_seconds = 5;
  sound.beeps = {0.25};
  const test::PlayedTrack track = sound_of(plan_with(sound, "a.mkv"));
  EXPECT_LT(loudest_between(track, 0, 0.2), 0.05);
  EXPECT_GT(loudest_between(track, 0.26, 0.34), 0.2);
}

TEST_F(SlideSoundTest, ATrimTakesBothAlike) {
  test::SampleSound sound;
  sound.beeps = {0.75};
  Plan plan = plan_with(sound);
  plan.trim_from = kTicksPerSecond / 2;
  const test::PlayedTrack track = sound_of(plan);
  EXPECT_EQ(samples_booked(), 24'000);
  EXPECT_GT(loudest_between(track, 0.26, 0.34), 0.2);
  EXPECT_LT(loudest_between(track, 0.05, 0.2), 0.05);
}

TEST_F(SlideSoundTest, AnotherFileInItsPlaceIsNoticed) {
  const Plan plan = plan_with({});
  test::SampleSound other;
  other.seconds = 1;
  test::make_sample(folder_ / "a.m4a", std::nullopt, other);
  EXPECT_EQ(run_sound({plan, 0, folder_ / "out"}, observer_, {}).status().code(), Code::corrupt_input);
}

TEST_F(SlideSoundTest, AFileWithoutSoundIsRefused) {
  test::make_sample(folder_ / "a.mp4", test::SampleVideo{});
  SlideShow show = show_of({numbered(3, 1)});
  show.audio = folder_ / "a.mp4";
  const auto source = inspect(slides_url(show));
  EXPECT_EQ(source.status().code(), Code::unsupported);
  EXPECT_EQ(source.status().field(), "input.audio");
}

TEST_F(SlidesTest, AreBytesThatCanBeReadFromAnywhere) {
  const SlideShow show =
      show_of({plain("a.png", {255, 255, 255, 255}), plain("b.png", {0, 0, 0, 255})}, 32, 32);
  SlideBytes bytes(show, {});
  std::string all(static_cast<std::size_t>(bytes.size()), '?');
  std::size_t got = 0;
  while (got < all.size()) {
    const auto more = bytes.read({all.data() + got, all.size() - got});
    ASSERT_TRUE(more.ok()) << to_string(more.status());
    ASSERT_GT(*more, 0U);
    got += *more;
  }
  EXPECT_EQ(bytes.read({all.data(), 1}).value(), 0U) << "the end";
  EXPECT_TRUE(all.starts_with("YUV4MPEG2 W32 H32 F25:1 "));
  for (const std::size_t place : {all.size() - 1, std::size_t{10}, all.size() / 2}) {
    ASSERT_TRUE(bytes.seek(static_cast<std::int64_t>(place)).ok());
    char one = '?';
    ASSERT_EQ(bytes.read({&one, 1}).value(), 1U);
    EXPECT_EQ(one, all[place]) << place;
  }
}

}  // namespace
}  // namespace millrace::engine
