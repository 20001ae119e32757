#include "engine/schedule/track_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/base/file.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(folder)) names.insert(each.path().filename());
  return names;
}

TEST(TrackFolder, LeavesWhatCountsBelowTheEnd) {
  const TemporaryFolder folder;
  for (const char* name : {"init.mp4", "playlist.m3u8", "00001.m4s", "00002.m4s", "00003.m4s", "123456.m4s",
                           "00002.m4s.tmp77.1", "1.m4s", "00000.m4s", "playlist.m3u8.tmp9.9", "x"})
    ASSERT_TRUE(write_file(folder.path() / name, "x").ok());
  ASSERT_TRUE(sweep_track_folder(folder.path(), kEverySegment).ok());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("00001.m4s", "00002.m4s", "00003.m4s", "123456.m4s",
                                                   "init.mp4", "playlist.m3u8", "playlist.m3u8.tmp9.9"));
  ASSERT_TRUE(sweep_track_folder(folder.path(), 2).ok());
  EXPECT_THAT(names_in(folder.path()),
              ElementsAre("00001.m4s", "00002.m4s", "init.mp4", "playlist.m3u8", "playlist.m3u8.tmp9.9"));
}

TEST(TrackFolder, InitSegmentsStayThatSomeSegmentHas) {
  const TemporaryFolder folder;
  const auto fill = [&] {
    for (const char* name : {"init.mp4", "init-2.mp4", "init-3.mp4", "init-2.mp4.tmp9.9", "00001.m4s"})
      ASSERT_TRUE(write_file(folder.path() / name, "x").ok());
  };
  fill();
  ASSERT_TRUE(sweep_track_folder(folder.path(), 1, {0, 1}).ok());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("00001.m4s", "init-2.mp4", "init.mp4"));
  fill();
  ASSERT_TRUE(sweep_track_folder(folder.path(), 1, {1}).ok());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("00001.m4s", "init-2.mp4"));
  fill();
  ASSERT_TRUE(sweep_track_folder(folder.path(), 1).ok());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("00001.m4s", "init.mp4"));
}

TEST(TrackFolder, AnOutputsFilesGoByTheNameUpToTheirFirstDot) {
  const TemporaryFolder folder;
  for (const char* name : {"scrub.jpg", "scrub.2.jpg", "scrub.vtt", "scrub.vtt.tmp9.9", "scrub-2.jpg",
                           "scrubs.jpg", "web.mp4", "receipt.json"})
    ASSERT_TRUE(write_file(folder.path() / name, "x").ok());
  ASSERT_TRUE(sweep_output_files(folder.path(), "scrub", {"scrub.jpg", "web.mp4"}).ok());
  EXPECT_THAT(names_in(folder.path()),
              ElementsAre("receipt.json", "scrub-2.jpg", "scrub.jpg", "scrubs.jpg", "web.mp4"));
  ASSERT_TRUE(sweep_output_files(folder.path(), "", {"web.mp4"}).ok());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("web.mp4"));
}

TEST(TrackFolder, OneThatIsNotThereIsSwept) {
  const TemporaryFolder folder;
  EXPECT_TRUE(sweep_track_folder(folder.path() / "none", 0).ok());
  EXPECT_TRUE(sweep_output_files(folder.path() / "none", "", {}).ok());
}

}  // namespace
}  // namespace millrace::engine
