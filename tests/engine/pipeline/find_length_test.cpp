#include "engine/pipeline/find_length.h"

#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "engine/pipeline/first_look.h"
#include "engine/pipeline/flv_end.h"
#include "engine/pipeline/inspect.h"
#include "tests/support/media_sample.h"
#include "tests/support/short_promise.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

constexpr double kSeconds = 16;  // more pictures than inspect looks at
constexpr double kClose = 0.1;

class FindLengthTest : public testing::Test {
 protected:
  std::filesystem::path sample(const std::string& name, bool fragmented = false) const {
    test::SampleVideo video;
    video.frames = static_cast<int>(kSeconds * video.rate);
    video.gop = 50;
    video.fragmented = fragmented;
    test::SampleSound sound;
    sound.seconds = kSeconds;
    test::make_sample(folder_ / name, video, sound);
    return folder_ / name;
  }

  Source look(const std::filesystem::path& file) const {
    const auto source = inspect(file);
    EXPECT_TRUE(source.ok()) << to_string(source.status());
    return source.value_or(Source());
  }

  void put(const std::filesystem::path& file, const std::string& text) const {
    ASSERT_TRUE(write_file(file, text).ok());
  }

  const test::TempFolder folder_;
};

TEST_F(FindLengthTest, AHeaderThatPromisesTooLittleIsMadeGood) {
  for (const char* name : {"a.mkv", "a.flv"}) {
    const auto file = sample(name);
    test::promise_seconds(file, 4);
    const Source source = look(file);
    EXPECT_NEAR(source.duration_seconds, kSeconds, kClose) << name;
    EXPECT_FALSE(source.length_promised) << name;
  }
  const Source source = look(folder_ / "a.mkv");
  EXPECT_NEAR(source.main_video()->duration_seconds, kSeconds, kClose);
  EXPECT_NEAR(source.main_audio()->duration_seconds, kSeconds, kClose);
}

TEST_F(FindLengthTest, AMatroskaFileWithoutAnIndexIsReadToItsEnd) {
  const auto file = sample("a.mkv");
  test::promise_seconds(file, 4);
  std::string bytes = read_file(file).value();
  const std::string cues = "\x1c\x53\xbb\x6b";
  ASSERT_NE(bytes.find(cues), std::string::npos);
  for (auto at = bytes.find(cues); at != std::string::npos; at = bytes.find(cues))
    bytes.replace(at, cues.size(), "\x1c\x53\xbb\x60");  // an element that nobody knows
  put(file, bytes);
  EXPECT_NEAR(look(file).duration_seconds, kSeconds, kClose);
}

TEST_F(FindLengthTest, ATrueLengthStaysAsItIs) {
  for (const char* name : {"a.mp4", "a.mkv", "a.flv", "a.avi", "a.ts"}) {
    const Source source = look(sample(name));
    EXPECT_NEAR(source.duration_seconds, kSeconds, kClose) << name;
    EXPECT_FALSE(source.length_promised) << name;
  }
}

// That the file is cut short is for those to say who read it to its end.
TEST_F(FindLengthTest, ALongerPromiseIsNotMadeShorter) {
  for (const char* name : {"a.mkv", "a.flv"}) {
    const auto file = sample(name);
    test::promise_seconds(file, 30);
    EXPECT_NEAR(look(file).duration_seconds, 30, kClose) << name;
  }
}

TEST_F(FindLengthTest, SoundAloneIsAsLongAsItIs) {
  test::SampleSound sound;
  sound.seconds = kSeconds;
  for (const char* name : {"a.mkv", "a.flv"}) {
    test::make_sample(folder_ / name, std::nullopt, sound);
    test::promise_seconds(folder_ / name, 4);
    EXPECT_NEAR(look(folder_ / name).duration_seconds, kSeconds, kClose) << name;
  }
}

TEST_F(FindLengthTest, APlaylistIsAsLongAsItsSegmentsWhateverItSays) {
  const auto fragments = sample("a.mp4", true);
  const auto stream = sample("a.ts");
  for (const double seconds : {2.0, 0.4}) {
    put(folder_ / "a.m3u8", test::playlist_of_fragments(fragments, seconds));
    const Source source = look(folder_ / "a.m3u8");
    EXPECT_NEAR(source.duration_seconds, kSeconds, kClose) << seconds;
    EXPECT_FALSE(source.length_promised);
  }
  put(folder_ / "b.m3u8", "#EXTM3U\n#EXTINF:3.2,\na.ts\n#EXT-X-ENDLIST\n");
  EXPECT_NEAR(look(folder_ / "b.m3u8").duration_seconds, kSeconds, kClose);
}

TEST_F(FindLengthTest, AnEndTooFarToBeReadLeavesAPromise) {
  const auto file = sample("a.flv");
  test::promise_seconds(file, 4);
  std::filesystem::resize_file(file, kMostReadForLength * 3 / 2);  // nothing is stored of it
  const Source source = look(file);
  EXPECT_TRUE(source.length_promised);
  EXPECT_GE(source.duration_seconds, 4);
  EXPECT_LT(source.duration_seconds, kSeconds - 1);
  EXPECT_THAT(describe(source), testing::HasSubstr(" s or more"));
}

TEST_F(FindLengthTest, AnFlvFileSaysWhenItsLastTagIsShown) {
  const auto file = sample("a.flv");
  const auto last = [&]() -> std::optional<double> {
    auto input = MediaInput::open(file.native(), {});
    EXPECT_TRUE(input.ok());
    AVIOContext& io = *(*input)->format().pb;
    const std::int64_t place = avio_tell(&io);
    const auto time = last_flv_time(io, (*input)->size_bytes());
    EXPECT_EQ(avio_tell(&io), place);
    return time;
  };
  ASSERT_TRUE(last());
  EXPECT_NEAR(*last(), kSeconds, kClose);
  put(file, read_file(file).value() + "and a word more");
  EXPECT_FALSE(last());
}

}  // namespace
}  // namespace millrace::engine
