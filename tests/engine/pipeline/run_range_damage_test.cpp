// What run_range makes of damaged sources.
#include <gmock/gmock.h>

#include "engine/base/file.h"
#include "tests/engine/pipeline/run_range_case.h"

namespace millrace::engine {
namespace {

using test::make_sample;
using test::play;

TEST_F(RunRangeTest, RefusesADamagedPacketWithItsPlace) {
  test::SampleVideo video;
  video.x264_params = "threads=1:cabac=1";
  make_sample(folder_ / "a.mp4", video);
  const Plan plan = inspected(folder_ / "a.mp4");
  std::string bytes = read_file(folder_ / "a.mp4").value();
  const auto mdat = bytes.find("mdat");
  ASSERT_NE(mdat, std::string::npos);
  const auto end = bytes.find("moov") > mdat ? bytes.find("moov") : bytes.size();
  for (std::size_t i = mdat + (end - mdat) / 2; i < mdat + (end - mdat) / 2 + 400 && i < end - 8; ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
  ASSERT_TRUE(write_file(folder_ / "a.mp4", bytes).ok());
  const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::corrupt_input);
  EXPECT_THAT(result.status().message(), testing::ContainsRegex("a\\.mp4: at [0-9.]+ s"));
}

TEST_F(RunRangeTest, AcceptsDamageAndTellsIt) {
  test::SampleVideo video;
  video.frames = 100;
  make_sample(folder_ / "a.mp4", video);
  Plan plan = inspected(folder_ / "a.mp4");
  std::string bytes = read_file(folder_ / "a.mp4").value();
  const auto mdat = bytes.find("mdat");
  const auto end = bytes.find("moov") > mdat ? bytes.find("moov") : bytes.size();
  for (std::size_t i = mdat + (end - mdat) / 2; i < mdat + (end - mdat) / 2 + 300; ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
  ASSERT_TRUE(write_file(folder_ / "a.mp4", bytes).ok());
  plan.accept_damage = true;
  const TaskEnd task = run(plan, folder_ / "out");
  EXPECT_TRUE(task.end_of_source);
  ASSERT_FALSE(task.lost.empty());
  EXPECT_THAT(task.lost[0], testing::ContainsRegex("^at [0-9.]+ s: "));
  EXPECT_EQ(observer_.told_lost, task.lost);
  const std::vector<int> shown = numbers(play(folder_ / "out/large"));
  EXPECT_GE(shown.size(), 80u);
  EXPECT_EQ(shown.back(), 99);
}

TEST_F(RunRangeTest, AFileCutShortEndsWhereItEndsWhenThatIsAccepted) {
  test::SampleVideo video;
  video.frames = 200;
  video.index_first = true;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    make_sample(folder_ / name, video);
    const std::string bytes = read_file(folder_ / name).value();
    ASSERT_TRUE(write_file(folder_ / name, std::string_view(bytes).substr(0, bytes.size() * 6 / 10)).ok());
    const auto source = inspect(folder_ / name, {}, true);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    Plan plan = plan_for(*source);
    plan.accept_damage = true;
    const std::filesystem::path out = folder_ / (std::string(name) + ".out");
    const TaskEnd end = run(plan, out);
    EXPECT_TRUE(end.end_of_source);
    EXPECT_THAT(end.lost, testing::Contains(testing::ContainsRegex("ends at [0-9.]+ s of 8.0 s"))) << name;
    const std::vector<int> shown = numbers(play(out / "small"));
    EXPECT_GT(shown.size(), 80u);
    EXPECT_LT(shown.size(), 160u);
    std::vector<int> expected = counted(static_cast<int>(shown.size()));
    EXPECT_TRUE(std::equal(shown.begin(), shown.end() - 5, expected.begin())) << name;
    if (std::string(name) == "a.mp4") {
      EXPECT_NEAR(source->main_video()->duration_seconds, static_cast<double>(shown.size()) / 25, 0.3);
      EXPECT_THAT(source->damage, testing::ElementsAre(testing::ContainsRegex("ends at .* of 8.0 s")));
    }
  }
}

TEST_F(RunRangeTest, RefusesAFileCutShort) {
  test::SampleVideo video;
  video.frames = 200;
  video.index_first = true;
  for (const char* name : {"a.mp4", "a.mkv"}) {
    make_sample(folder_ / name, video);
    Plan plan = inspected(folder_ / name);
    const std::string bytes = read_file(folder_ / name).value();
    ASSERT_TRUE(write_file(folder_ / name, std::string_view(bytes).substr(0, bytes.size() * 6 / 10)).ok());
    plan.source.size_bytes = 0;
    const auto result = run_range({plan, 0, -1, folder_ / "out", {}}, observer_, {});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.status().code(), Code::corrupt_input) << to_string(result.status());
    EXPECT_THAT(result.status().message(), testing::ContainsRegex("ends at [0-9.]+ s of 8.0 s"));
  }
  const auto source = inspect(folder_ / "a.mp4");
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.status().message(), testing::ContainsRegex("ends at [0-9.]+ s of 8.0 s"));
}

// The packets of the n-th picture (from 0) are taken out of a transport stream with one video stream, 0x100.
std::string without_picture(const std::string& stream, int n) {
  std::string rest;
  int pictures = -1;
  for (std::size_t at = 0; at + 188 <= stream.size(); at += 188) {
    const bool video = (stream[at + 1] & 0x1f) == 1 && stream[at + 2] == 0;
    if (video && (stream[at + 1] & 0x40) != 0) ++pictures;
    if (!video || pictures != n) rest += stream.substr(at, 188);
  }
  return rest;
}

TEST_F(RunRangeTest, RefusesATransportStreamThatLostAPicture) {
  test::SampleVideo video;
  video.b_frames = 0;
  video.gop = 1;  // no picture misses another
  make_sample(folder_ / "a.ts", video);
  const std::string bytes = read_file(folder_ / "a.ts").value();
  ASSERT_TRUE(write_file(folder_ / "lost.ts", without_picture(bytes, 20)).ok());
  const auto source = inspect(folder_ / "lost.ts");
  EXPECT_EQ(source.status().code(), Code::corrupt_input);
  EXPECT_THAT(source.status().message(), testing::ContainsRegex("at 0.[78][0-9]* s: a damaged packet"));
  EXPECT_TRUE(inspect(folder_ / "lost.ts", {}, true).ok());
}

TEST_F(RunRangeTest, JoinsTransportStreamsThatWerePutOneBehindTheOther) {
  make_sample(folder_ / "a.ts", test::SampleVideo{}, test::SampleSound{});
  const std::string bytes = read_file(folder_ / "a.ts").value();
  ASSERT_TRUE(write_file(folder_ / "b.ts", bytes + bytes).ok());
  const Plan plan = inspected(folder_ / "b.ts");
  run(plan, folder_ / "out", 0, 3);
  run(plan, folder_ / "out", 3, -1);
  std::vector<int> expected = counted(50);
  const std::vector<int> again = expected;
  expected.insert(expected.end(), again.begin(), again.end());
  const test::PlayedTrack played = play(folder_ / "out/large");
  EXPECT_EQ(numbers(played), expected);
  for (std::size_t i = 0; i < played.frames.size(); ++i)
    EXPECT_NEAR(played.frames[i].seconds, static_cast<double>(i) / 25, 1e-6);
}

}  // namespace
}  // namespace millrace::engine
