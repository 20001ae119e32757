#include "engine/base/scratch_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "engine/base/file.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

TEST(ScratchFolder, GoesWithAllThatIsInIt) {
  fs::path path;
  {
    const ScratchFolder folder = ScratchFolder::make("test").value();
    path = folder.path();
    ASSERT_TRUE(make_directories(path / "a/b").ok());
    ASSERT_TRUE(write_file(path / "a/b/c", "x").ok());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ScratchFolder, EveryOneIsNew) {
  const ScratchFolder one = ScratchFolder::make("test").value();
  const ScratchFolder two = ScratchFolder::make("test").value();
  EXPECT_NE(one.path(), two.path());
}

TEST(ScratchFolder, MovingHandsTheFolderOn) {
  ScratchFolder one = ScratchFolder::make("test").value();
  const fs::path path = one.path();
  {
    const ScratchFolder two = std::move(one);
    EXPECT_EQ(two.path(), path);
    EXPECT_TRUE(fs::is_directory(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ScratchFolder, SaysThatTheTemporaryFolderIsNotThere) {
  const char* value = std::getenv("TMPDIR");
  const std::string before = value == nullptr ? "" : value;
  ::setenv("TMPDIR", "/nowhere/at/all", 1);
  const Result<ScratchFolder> made = ScratchFolder::make("test");
  if (value == nullptr)
    ::unsetenv("TMPDIR");
  else
    ::setenv("TMPDIR", before.c_str(), 1);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.status().message().find("TMPDIR"), std::string::npos);
}

}  // namespace
}  // namespace millrace::engine
