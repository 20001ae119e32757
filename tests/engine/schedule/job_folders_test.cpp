#include "engine/schedule/job_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class JobFoldersTest : public testing::Test {
 protected:
  void put(const std::string& id, const std::string& file) {
    const fs::path path = folders_.output(id) / file;
    ASSERT_TRUE(make_directories(path.parent_path()).ok());
    ASSERT_TRUE(write_file(path, "x").ok());
  }
  bool has(const std::string& id, const std::string& file) const {
    return fs::exists(folders_.output(id) / file);
  }

  TemporaryFolder folder_;
  JobFolders folders_{folder_.path()};
  const std::string id_ = new_ulid();
};

TEST_F(JobFoldersTest, MakesAndRemovesAFolder) {
  EXPECT_FALSE(folders_.exists(id_));
  ASSERT_TRUE(folders_.make(id_).ok());
  ASSERT_TRUE(folders_.make(id_).ok());
  EXPECT_TRUE(folders_.exists(id_));
  ASSERT_TRUE(folders_.remove(id_).ok());
  EXPECT_FALSE(fs::exists(folders_.jobs() / id_));
}

TEST_F(JobFoldersTest, WithdrawsWhatLooksFinishedAndKeepsSegments) {
  for (const char* file :
       {"receipt.json", "web.mp4", "abr/master.m3u8", "abr/manifest.mpd", "abr/720p/playlist.m3u8",
        "abr/720p/init.mp4", "abr/720p/00001.m4s", ".parts/web/00001.m4s"})
    put(id_, file);
  ASSERT_TRUE(folders_.withdraw(id_).ok());
  for (const char* gone :
       {"receipt.json", "web.mp4", "abr/master.m3u8", "abr/manifest.mpd", "abr/720p/playlist.m3u8"})
    EXPECT_FALSE(has(id_, gone)) << gone;
  for (const char* kept : {"abr/720p/init.mp4", "abr/720p/00001.m4s", ".parts/web/00001.m4s"})
    EXPECT_TRUE(has(id_, kept)) << kept;
  EXPECT_TRUE(folders_.withdraw(new_ulid()).ok());  // nothing there
}

TEST_F(JobFoldersTest, RemovesFoldersOfNoJobAndNothingElse) {
  const std::string stranger = new_ulid();
  put(id_, "a");
  put(stranger, "a");
  ASSERT_TRUE(make_directories(folders_.jobs() / "notes").ok());
  const auto removed = folders_.remove_unknown({id_});
  ASSERT_TRUE(removed.ok());
  EXPECT_THAT(*removed, ElementsAre(stranger));
  EXPECT_TRUE(has(id_, "a"));
  EXPECT_FALSE(folders_.exists(stranger));
  EXPECT_TRUE(fs::exists(folders_.jobs() / "notes"));
}

}  // namespace
}  // namespace millrace::engine
