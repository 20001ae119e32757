#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "tests/engine/pipeline/file_sample.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class OneGoTest : public FileSampleTest {
 protected:
  PlannedFile& file(Container container) {
    PlannedOutput& output = add_output("web." + std::string(name_of(container)), PlannedOutput::Type::file);
    output.container = container;
    if (!plan_.sounds.empty()) output.in_one_go->sound = plan_.sounds[0];
    return *output.in_one_go;
  }
  PlannedFile& ogg() {
    PlannedFile& made = file(Container::ogg);
    made.picture = plan_.renditions.at(0);
    made.picture->codec = VideoCodec::theora;
    made.picture->bits_per_second = 400'000;
    if (made.sound) made.sound->codec = AudioCodec::vorbis;
    return made;
  }
  PlannedFile& copy(Container container) {
    PlannedFile& made = file(container);
    made.copy_video = made.copy_audio = true;
    return made;
  }
};

TEST_F(OneGoTest, OggHoldsTheoraAndVorbisInStep) {
  make_source("in.mp4", flashes(), beeps());
  ogg();
  const auto played = made();
  ASSERT_THAT(played, SizeIs(2));
  EXPECT_EQ(played[0].codec, "theora");
  EXPECT_EQ(played[1].codec, "vorbis");
  ASSERT_THAT(played[0].track.frames, SizeIs(100));
  for (int at = 0; at < 100; ++at) EXPECT_EQ(played[0].track.frames[static_cast<std::size_t>(at)].number, at);
  expect_in_step(played);
  EXPECT_EQ(record_.frames, 100);
  EXPECT_EQ(record_.frames_in, 100);
  EXPECT_EQ(record_.duration, 4 * kTicksPerSecond);
  EXPECT_NEAR(static_cast<double>(played[1].track.samples.size()), 4 * 48'000, 1);
}

TEST_F(OneGoTest, OggOfAFractionalRateDoesNotDrift) {
  test::SampleVideo video;
  video.rate = 30'000;
  video.rate_base = 1001;
  video.frames = 120;
  make_source("in.mp4", video, std::nullopt);
  ogg();
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  ASSERT_THAT(played[0].track.frames, SizeIs(120));
  EXPECT_NEAR(played[0].track.frames[119].seconds, 119 * 1001 / 30'000.0, 0.001);
}

TEST_F(OneGoTest, OggOfUnevenTimesShowsEachPictureWhenItIsDue) {
  test::SampleVideo video;
  for (int frame = 0; frame < 30; ++frame) video.pts.push_back(frame * 3600);
  for (int frame = 30; frame < 50; ++frame)
    video.pts.push_back(frame * 3600 + 90'000);  // a still of a second
  video.frames = 50;
  make_source("in.mp4", video, std::nullopt);
  ASSERT_TRUE(plan_.source.video[0].variable_frame_rate);
  ogg().picture->frame_rate = {25, 1};
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_NEAR(test::shown_at(played[0].track, 10), 0.4, 0.021);
  EXPECT_NEAR(test::shown_at(played[0].track, 45), 45 * 0.04 + 1, 0.021);
  EXPECT_EQ(record_.frames_in, record_.frames);
}

TEST_F(OneGoTest, OggIsTrimmedToTheFrame) {
  make_source("in.mp4", flashes(), beeps());
  plan_.trim_from = kTicksPerSecond / 2;
  plan_.trim_to = 2 * kTicksPerSecond;
  ogg();
  const auto played = made();
  ASSERT_THAT(played, SizeIs(2));
  // Pictures 12.5 to 50: the one on show at 0.5 s comes first.
  EXPECT_NEAR(static_cast<double>(played[0].track.frames.size()), 38, 1);
  const double flash = test::shown_at(played[0].track, 25);
  EXPECT_NEAR(flash, 0.5, 0.021);
  EXPECT_NEAR(test::loud_at(played[1].track), flash, 0.030);
  EXPECT_NEAR(static_cast<double>(played[1].track.samples.size()), 72'000, 1);
  EXPECT_EQ(record_.sound_cut_at, 1.5 * kTicksPerSecond);
}

TEST_F(OneGoTest, SaysWhereItsSoundEndsWithTheSources) {
  test::SampleSound sound = beeps();
  sound.seconds = 3.5;
  make_source("in.mp4", flashes(), sound);
  ogg();
  made();
  EXPECT_EQ(record_.sound_cut_at, -1);
}

TEST_F(OneGoTest, PicturesAreEncodedBesideSoundThatIsCopied) {
  make_source("in.mp4", flashes(), beeps());
  PlannedFile& made_file = file(Container::mkv);
  made_file.picture = plan_.renditions[1];
  made_file.copy_audio = true;
  const auto played = made();
  ASSERT_THAT(played, SizeIs(2));
  EXPECT_EQ(played[0].track.frames.at(0).width, 64);
  expect_in_step(played);
  EXPECT_THAT(played[1].track.packets, SizeIs(test::play_file(folder_ / "in.mp4")[1].track.packets.size()));
}

struct Copied {
  const char* from;
  Container to;
};
class EveryCopy : public OneGoTest, public testing::WithParamInterface<Copied> {};

TEST_P(EveryCopy, HasTheSourcesPacketsInStep) {
  const std::string name = GetParam().from;
  make_source(name, flashes(), beeps());
  copy(GetParam().to);
  const auto source = test::play_file(folder_ / name);
  const auto played = made();
  ASSERT_THAT(played, SizeIs(2));
  EXPECT_EQ(played[0].codec, "h264");
  EXPECT_THAT(played[0].track.packets, SizeIs(100));
  EXPECT_THAT(played[1].track.packets, SizeIs(source[1].track.packets.size()));
  ASSERT_THAT(played[0].track.frames, SizeIs(100));
  for (int at = 0; at < 100; ++at) EXPECT_EQ(played[0].track.frames[static_cast<std::size_t>(at)].number, at);
  expect_in_step(played);
  EXPECT_EQ(record_.frames, 100);
  EXPECT_EQ(record_.frames_in, 100);
  EXPECT_NEAR(static_cast<double>(record_.duration), 4.0 * kTicksPerSecond, 100);
}

INSTANTIATE_TEST_SUITE_P(Containers, EveryCopy,
                         testing::Values(Copied{"a.mp4", Container::mp4}, Copied{"a.mp4", Container::mov},
                                         Copied{"a.mp4", Container::mkv}, Copied{"a.mp4", Container::ts},
                                         Copied{"a.mkv", Container::mp4}, Copied{"a.mkv", Container::ts},
                                         Copied{"a.ts", Container::mp4}, Copied{"a.ts", Container::mkv},
                                         Copied{"a.ts", Container::ts}),
                         [](const auto& each) {
                           return std::string(each.param.from).substr(2) + "_to_" +
                                  std::string(name_of(each.param.to));
                         });

TEST_F(OneGoTest, ACopyKeepsTheTurnOfItsPictures) {
  test::SampleVideo video = flashes();
  video.rotation_degrees = 90;
  make_source("in.mp4", video, std::nullopt);
  ASSERT_NE(plan_.source.video[0].rotation_degrees, 0);
  copy(Container::mp4);
  made();
  const auto copied = inspect((out_ / "web.mp4").native());
  ASSERT_TRUE(copied.ok());
  EXPECT_EQ(copied->video[0].rotation_degrees, plan_.source.video[0].rotation_degrees);
}

TEST_F(OneGoTest, ACopiedSoundAloneHasTheSourcesPackets) {
  make_source("in.mp4", flashes(), beeps());
  PlannedOutput& output = add_output("sound.m4a", PlannedOutput::Type::audio);
  output.audio_container = AudioContainer::m4a;
  output.in_one_go->sound = plan_.sounds[0];
  output.in_one_go->copy_audio = true;
  const auto source = test::play_file(folder_ / "in.mp4");
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_THAT(played[0].track.packets, SizeIs(source[1].track.packets.size()));
  EXPECT_EQ(played[0].track.samples, source[1].track.samples);
}

TEST_F(OneGoTest, ARawStreamCannotBeCopied) {
  make_source("in.h264", flashes(), std::nullopt);
  copy(Container::mp4);
  const auto end = run();
  EXPECT_EQ(end.status().code(), Code::unsupported);
  EXPECT_THAT(end.status().message(), HasSubstr("cannot be copied; ask for a codec instead of copy"));
}

TEST_F(OneGoTest, ACopyIsNotTrimmed) {
  make_source("in.mp4", flashes(), beeps());
  plan_.trim_from = 3600;
  copy(Container::mp4);
  EXPECT_EQ(run().status().code(), Code::invalid_argument);
}

TEST_F(OneGoTest, ACopyOfADamagedSourceIsRefusedUnlessThatIsAccepted) {
  make_source("in.mp4", flashes(), beeps());
  std::string bytes = read_file(folder_ / "in.mp4").value();
  const std::size_t at = bytes.find("mdat") + 6000;
  for (std::size_t byte = at; byte < at + 2000; ++byte) bytes[byte] = static_cast<char>(0xff);
  ASSERT_TRUE(write_file(folder_ / "in.mp4", bytes).ok());
  copy(Container::mp4);
  const auto refused = run();
  EXPECT_EQ(refused.status().code(), Code::corrupt_input);
  EXPECT_THAT(refused.status().message(), HasSubstr("is damaged; upload or record it again"));
  EXPECT_FALSE(fs::exists(out_ / "web.mp4"));
  EXPECT_FALSE(fs::exists(out_ / "web.mp4.tmp"));

  plan_.accept_damage = true;
  EXPECT_TRUE(run().ok());
  EXPECT_TRUE(fs::exists(out_ / "web.mp4"));
}

}  // namespace
}  // namespace millrace::engine
