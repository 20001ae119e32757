#include "engine/pipeline/leftovers.h"

#include <gtest/gtest.h>

#include "engine/base/file.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

TEST(Leftovers, OfTheRangeGoAndAllElseStays) {
  const test::TempFolder folder;
  for (const char* name : {"00001.m4s", "00001.m4s.tmp7.1", "00003.m4s.tmp7.2", "init.mp4"})
    ASSERT_TRUE(write_file(folder / name, "x").ok());
  ASSERT_TRUE(remove_leftovers(folder.path(), 0, 2).ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "00001.m4s.tmp7.1"));
  EXPECT_TRUE(std::filesystem::exists(folder / "00001.m4s"));
  EXPECT_TRUE(std::filesystem::exists(folder / "00003.m4s.tmp7.2")) << "another range's";
  ASSERT_TRUE(remove_leftovers(folder.path(), 2, -1).ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "00003.m4s.tmp7.2"));
  EXPECT_TRUE(remove_leftovers(folder / "none", 0, -1).ok());
}

}  // namespace
}  // namespace millrace::engine
