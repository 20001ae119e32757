#include "bench/command.h"

#include <gtest/gtest.h>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

TEST(Command, ShellTextQuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(shell_text({"ffmpeg", "-i", "file:/a/b.mp4"}), "ffmpeg -i file:/a/b.mp4");
  EXPECT_EQ(shell_text({"a", ""}), "a ''");
  EXPECT_EQ(shell_text({"[0:0]split=2[a][b];"}), "'[0:0]split=2[a][b];'");
  EXPECT_EQ(shell_text({"expr:gte(t,n_forced*4)"}), "'expr:gte(t,n_forced*4)'");
  EXPECT_EQ(shell_text({"it's $HOME"}), "'it'\\''s $HOME'");
}

TEST(Command, FindsProgramsByPathAndInPath) {
  const Scripts scripts;
  const std::string path = scripts.program("tool", "true");
  EXPECT_EQ(find_program(path).value(), path);
  EXPECT_TRUE(find_program("sh").ok());
}

TEST(Command, WhatCannotBeRunIsNoProgram) {
  const Scripts scripts;
  EXPECT_FALSE(find_program(scripts.put("plain.txt", "x").string()).ok());
  EXPECT_FALSE(find_program(scripts.folder().string() + "/").ok());
  const engine::Result<std::string> absent = find_program("no-such-program-anywhere");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.status().message(),
            "no-such-program-anywhere: no such program in PATH; install it, or give its path");
}

}  // namespace
}  // namespace millrace::bench
