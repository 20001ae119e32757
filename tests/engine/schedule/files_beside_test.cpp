#include "engine/schedule/files_beside.h"

#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

class FilesBesideTest : public testing::Test {
 protected:
  FilesBesideTest() {
    write("logo.png", "a logo");
    write("eng.srt", "some text");
    plan_.overlays.resize(2);
    plan_.overlays[0].url = "file://" + (folder_ / "logo.png").native();
    plan_.overlays[1].url = folder_ / "none.png";
    plan_.subtitles.resize(3);
    plan_.subtitles[0].source_stream = 2;
    plan_.subtitles[1].url = folder_ / "eng.srt";
    plan_.subtitles[2].url = "https://example.org/eng.srt";
  }
  void write(const char* name, const char* text) { ASSERT_TRUE(write_file(folder_ / name, text).ok()); }

  const test::TempFolder folder_;
  Plan plan_;
};

TEST_F(FilesBesideTest, EachFileOfThisMachineIsNoted) {
  note_files_beside(plan_);
  EXPECT_EQ(plan_.overlays[0].sha256, sha256_of("a logo"));
  EXPECT_EQ(plan_.overlays[1].sha256, "");
  EXPECT_EQ(plan_.subtitles[0].sha256, "");
  EXPECT_EQ(plan_.subtitles[1].sha256, sha256_of("some text"));
  EXPECT_EQ(plan_.subtitles[2].sha256, "");
  EXPECT_TRUE(has_same_files_beside(plan_));
}

TEST_F(FilesBesideTest, AnotherImageIsSeen) {
  note_files_beside(plan_);
  write("logo.png", "b logo");
  EXPECT_FALSE(has_same_files_beside(plan_));
  write("logo.png", "a logo");
  EXPECT_TRUE(has_same_files_beside(plan_));
}

TEST_F(FilesBesideTest, OneThatWentOrCameIsSeen) {
  note_files_beside(plan_);
  ASSERT_TRUE(remove_tree(folder_ / "eng.srt").ok());
  EXPECT_FALSE(has_same_files_beside(plan_));
  write("eng.srt", "some text");
  write("none.png", "is here now");
  EXPECT_FALSE(has_same_files_beside(plan_));
}

}  // namespace
}  // namespace millrace::engine
