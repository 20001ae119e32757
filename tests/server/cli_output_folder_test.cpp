#include "server/cli/output_folder.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "engine/base/file.h"

namespace millrace::server {
namespace {

namespace fs = std::filesystem;
using engine::Code;

class OutputFolderTest : public testing::Test {
 protected:
  OutputFolderTest() {
    std::string name = (fs::temp_directory_path() / "millrace-out-XXXXXX").string();
    here_ = ::mkdtemp(name.data());
  }
  ~OutputFolderTest() override { EXPECT_TRUE(engine::remove_tree(here_).ok()); }
  fs::path here_;
};

TEST_F(OutputFolderTest, IsMadeAndGoesWithAllThatWasMade) {
  {
    const auto folder = OutputFolder::claim(here_ / "a" / "b");
    ASSERT_TRUE(folder.ok()) << folder.status().message();
    EXPECT_EQ(folder->path(), here_ / "a" / "b");
    ASSERT_TRUE(engine::write_file(folder->path() / "x", "x").ok());
  }
  EXPECT_FALSE(fs::exists(here_ / "a"));
  EXPECT_TRUE(fs::exists(here_));
}

TEST_F(OutputFolderTest, StaysWhenItIsKept) {
  {
    auto folder = OutputFolder::claim(here_ / "a/");
    ASSERT_TRUE(folder.ok());
    auto moved = std::move(folder).value();
    ASSERT_TRUE(engine::write_file(moved.path() / "x", "x").ok());
    moved.keep();
  }
  EXPECT_TRUE(fs::exists(here_ / "a" / "x"));
}

TEST_F(OutputFolderTest, EmptyFolderIsTakenAndEmptyAgainAfterAFailure) {
  fs::create_directory(here_ / "empty");
  {
    const auto folder = OutputFolder::claim(here_ / "empty");
    ASSERT_TRUE(folder.ok());
    ASSERT_TRUE(engine::make_directories(folder->path() / "abr" / "720p").ok());
  }
  EXPECT_TRUE(fs::is_empty(here_ / "empty"));
}

TEST_F(OutputFolderTest, WhatIsThereIsLeftAsItIs) {
  ASSERT_TRUE(engine::write_file(here_ / "file", "mine").ok());
  EXPECT_EQ(OutputFolder::claim(here_).status().code(), Code::already_exists);
  EXPECT_EQ(OutputFolder::claim(here_ / "file").status().code(), Code::already_exists);
  EXPECT_FALSE(OutputFolder::claim(here_ / "file" / "below").ok());
  EXPECT_FALSE(OutputFolder::claim("").ok());
  EXPECT_EQ(engine::read_file(here_ / "file").value(), "mine");
}

TEST_F(OutputFolderTest, NamesTheFolderThatCannotBeMade) {
  const auto folder = OutputFolder::claim("/proc/millrace/out");
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(folder.status().message(), testing::HasSubstr("/proc/millrace/out"));
}

}  // namespace
}  // namespace millrace::server
