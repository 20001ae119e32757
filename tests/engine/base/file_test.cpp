#include "engine/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <thread>
#include <vector>

#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  fs::path in(const std::string& name) const { return folder_.path() / name; }
  std::size_t names() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

 private:
  const test::TempFolder folder_;
};

TEST_F(FileTest, WhatIsWrittenReadsBackWithEveryByte) {
  std::string bytes(200'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  ASSERT_TRUE(write_file(in("a"), bytes).ok());
  EXPECT_EQ(read_file(in("a")).value_or(""), bytes);
  ASSERT_TRUE(write_file(in("a"), "").ok());
  EXPECT_EQ(read_file(in("a")).value_or("x"), "");
  EXPECT_EQ(names(), 1U) << "no temporary file is left";
}

TEST_F(FileTest, ReadsFilesOfProcWhoseSizeIsZero) {
  const Result<std::string> text = read_file("/proc/self/status");
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, HasSubstr("Pid:"));
}

TEST_F(FileTest, FailuresNameThePath) {
  EXPECT_EQ(read_file(in("none")).status().code(), Code::not_found);
  EXPECT_THAT(read_file(in("none")).status().message(), HasSubstr(in("none").native()));
  EXPECT_FALSE(read_file(in("")).ok());
  EXPECT_EQ(write_file(in("none/a"), "x").code(), Code::not_found);
}

TEST_F(FileTest, AFailedWriteLeavesTheOldFileAndNoOther) {
  ASSERT_TRUE(make_directories(in("taken")).ok());
  EXPECT_FALSE(write_file(in("taken"), "x").ok()) << "a folder has that name";
  EXPECT_TRUE(fs::is_directory(in("taken")));
  EXPECT_EQ(names(), 1U);
}

TEST_F(FileTest, PublishingReplacesTheOldFile) {
  ASSERT_TRUE(write_file(in("old"), "old").ok());
  ASSERT_TRUE(write_file(in("new.part"), "new").ok());
  ASSERT_TRUE(publish_file(in("new.part"), in("old")).ok());
  EXPECT_EQ(read_file(in("old")).value_or(""), "new");
  EXPECT_FALSE(fs::exists(in("new.part")));
  EXPECT_EQ(publish_file(in("none"), in("old")).code(), Code::not_found);
  EXPECT_EQ(read_file(in("old")).value_or(""), "new");
}

TEST_F(FileTest, FoldersAreMadeWithTheirParentsAndTwiceIsFine) {
  EXPECT_TRUE(make_directories(in("a/b/c")).ok());
  EXPECT_TRUE(make_directories(in("a/b/c")).ok());
  EXPECT_TRUE(sync_directory(in("a/b/c")).ok());
  ASSERT_TRUE(write_file(in("file"), "x").ok());
  EXPECT_FALSE(make_directories(in("file/x")).ok());
  EXPECT_FALSE(sync_directory(in("file")).ok());
}

TEST_F(FileTest, ANewFileReplacesNone) {
  ASSERT_TRUE(write_new_file(in("new"), "first").ok());
  EXPECT_EQ(write_new_file(in("new"), "second").code(), Code::already_exists);
  EXPECT_EQ(read_file(in("new")).value(), "first");
  const auto names = std::distance(fs::directory_iterator(in("")), fs::directory_iterator());
  EXPECT_EQ(names, 1) << "what was written aside is gone";
}

// One of many writers has it, and what lies there is that one's whole text.
TEST_F(FileTest, OfManyWritersOfANewFileOneWins) {
  std::atomic<int> winners{0};
  std::atomic<int> winner{-1};
  {
    std::vector<std::jthread> writers;
    for (int number = 0; number < 8; ++number)
      writers.emplace_back([&, number] {
        const Status status = write_new_file(in("new"), std::string(5000, static_cast<char>('a' + number)));
        if (status.ok() && ++winners == 1) winner = number;
        if (!status.ok()) {
          EXPECT_EQ(status.code(), Code::already_exists);
        }
      });
  }
  ASSERT_EQ(winners, 1);
  EXPECT_EQ(read_file(in("new")).value(), std::string(5000, static_cast<char>('a' + winner)));
}

TEST_F(FileTest, RemovingATreeFollowsNoLink) {
  ASSERT_TRUE(make_directories(in("kept")).ok());
  ASSERT_TRUE(write_file(in("kept/a"), "x").ok());
  ASSERT_TRUE(make_directories(in("gone/deep")).ok());
  fs::create_directory_symlink(in("kept"), in("gone/deep/link"));
  EXPECT_TRUE(remove_tree(in("gone")).ok());
  EXPECT_FALSE(fs::exists(in("gone")));
  EXPECT_TRUE(fs::exists(in("kept/a")));
  EXPECT_TRUE(remove_tree(in("gone")).ok()) << "what is gone is gone";
}

TEST_F(FileTest, FreeSpaceIsOfTheNearestFolderThatExists) {
  const Result<std::int64_t> here = free_space(in("not/yet/there"));
  ASSERT_TRUE(here.ok());
  EXPECT_GT(*here, 0);
}

TEST_F(FileTest, LiesWithinResolvesLinksAndDots) {
  ASSERT_TRUE(make_directories(in("root/inner")).ok());
  ASSERT_TRUE(make_directories(in("rootless")).ok());
  fs::create_directory_symlink(in("rootless"), in("root/out"));
  EXPECT_TRUE(lies_within(in("root"), in("root")));
  EXPECT_TRUE(lies_within(in("root/inner/new.mov"), in("root")));
  EXPECT_TRUE(lies_within(in("root/inner"), in("root/")));
  EXPECT_FALSE(lies_within(in("rootless/a"), in("root")));
  EXPECT_FALSE(lies_within(in("root/../rootless/a"), in("root")));
  EXPECT_FALSE(lies_within(in("root/out/a"), in("root")));
  EXPECT_FALSE(lies_within("/", in("root")));
}

}  // namespace
}  // namespace millrace::engine
