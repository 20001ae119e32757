#include "bench/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/sha256.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

TEST(Environment, TakesTheMachineFromTheInventory) {
  hw::Inventory machine;
  machine.os = "Debian GNU/Linux 12 (bookworm)";
  machine.kernel = "6.1.0";
  machine.cpu.vendor = "AuthenticAMD";
  machine.cpu.usable_cores = 2;
  machine.cpu.allowed_cores = 4;
  machine.cpu.quota_cores = 1.5;
  machine.memory.total_bytes = 8'000'000'000;
  const Environment environment = environment_of(machine, "0.33 0.60 0.74 2/95 12358\n");
  EXPECT_EQ(environment.cpu, "AuthenticAMD") << "no model known";
  EXPECT_EQ(environment.usable_cores, 2);
  EXPECT_DOUBLE_EQ(environment.core_budget, 1.5);
  EXPECT_EQ(environment.memory_bytes, 8'000'000'000);
  EXPECT_EQ(environment.load, "0.33 0.60 0.74");
  EXPECT_THAT(environment.date, MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:]*Z"));
  EXPECT_EQ(environment_of(machine, "").load, "not known");
}

TEST(Environment, ListsTheLibrariesThatDecideWithTheirFullVersions) {
  const Scripts folder;
  folder.put("libavcodec.so.59.37.100", "");
  std::filesystem::create_symlink("libavcodec.so.59.37.100", folder.folder() / "libavcodec.so.59");
  const std::string at = folder.folder().string();
  EXPECT_THAT(library_files("\tlinux-vdso.so.1 (0x00007ffc)\n"
                            "\tlibavcodec.so.59 => " +
                            at +
                            "/libavcodec.so.59 (0x00007fae)\n"
                            "\tlibz.so.1 => /lib/libz.so.1 (0x00007fae)\n"
                            "\tlibx264.so.164 => /nowhere/libx264.so.164 (0x00007fae)\n"
                            "\tlibzimg.so.2 => not found\n"),
              ElementsAre("libavcodec.so.59.37.100", "libx264.so.164"));
}

TEST(Environment, ComparesLibrariesByName) {
  const std::vector<LibraryFact> facts =
      compared({"libavcodec.so.59.37.100", "libzimg.so.2.0.0"}, {"libavcodec.so.61.1", "libx264.so.164"});
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[0].millrace, "libavcodec.so.59.37.100");
  EXPECT_EQ(facts[0].ffmpeg, "libavcodec.so.61.1");
  EXPECT_EQ(facts[1].name, "libx264");
  EXPECT_EQ(facts[1].millrace, "");
  EXPECT_EQ(facts[2].ffmpeg, "");
}

TEST(Environment, AsksThePrograms) {
  const Scripts folder;
  const std::string millrace = folder.program("millrace", "[ \"$1\" = --version ] && echo millrace 9.8");
  const std::string ffmpeg =
      folder.program("ffmpeg", "[ \"$1\" = -version ] && printf 'ffmpeg version 5\\nmore\\n'");
  const auto source = folder.put("in.mp4", "media");
  Environment environment;
  const StopFlag stop;
  const engine::Status status =
      add_programs_and_source(environment, millrace, ffmpeg, source, folder.folder(), stop);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(environment.millrace_version, "millrace 9.8");
  EXPECT_EQ(environment.ffmpeg_version, "ffmpeg version 5");
  EXPECT_EQ(environment.source_bytes, 5);
  EXPECT_EQ(environment.source_sha256, engine::sha256_of("media"));
  EXPECT_TRUE(environment.libraries.empty()) << "scripts load none";
}

}  // namespace
}  // namespace millrace::bench
