#include "bench/process_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FakeProc : public Scripts {
 public:
  void add(int pid, int parent, const std::string& name = "ffmpeg") const {
    put(std::to_string(pid) + "/stat",
        std::to_string(pid) + " (" + name + ") S " + std::to_string(parent) + " 1 1 0\n");
  }
  void hold(int pid, int kibibytes) const {
    put(std::to_string(pid) + "/smaps_rollup",
        "55-7f ---p 00000000 00:00 0    [rollup]\nRss:  99999 kB\nPss:   " + std::to_string(kibibytes) +
            " kB\nPss_Dirty:   1 kB\n");
  }
  ProcessTree tree() const { return ProcessTree(folder()); }
};

TEST(ProcessTree, FindsChildrenAndTheirChildren) {
  const FakeProc proc;
  proc.add(10, 1);
  proc.add(11, 10);
  proc.add(12, 11);
  proc.add(13, 10);
  proc.add(20, 1);
  proc.put("uptime", "1 2\n");
  EXPECT_THAT(proc.tree().descendants(10), UnorderedElementsAre(11, 12, 13));
  EXPECT_THAT(proc.tree().descendants(12), IsEmpty());
}

TEST(ProcessTree, ANameMayHoldBracketsAndSpaces) {
  const FakeProc proc;
  proc.add(11, 10, "a) S 99 (b");
  EXPECT_THAT(proc.tree().descendants(10), UnorderedElementsAre(11));
}

TEST(ProcessTree, CountsThreadsAndOpenFiles) {
  const FakeProc proc;
  for (const char* entry : {"11/task/11", "11/task/12", "11/fd/0", "11/fd/1", "11/fd/2"}) proc.put(entry, "");
  EXPECT_EQ(proc.tree().threads_of(11), 2);
  EXPECT_EQ(proc.tree().open_files_of(11), 3);
  EXPECT_EQ(proc.tree().open_files_of(12), 0);
}

TEST(ProcessTree, TellsWhichOpenFilesLieBelowAFolder) {
  const FakeProc proc;
  proc.put("11/fd/0", "");  // no link: it was closed while we looked
  std::filesystem::create_symlink("/data/store/000012.sst", proc.folder() / "11/fd/1");
  std::filesystem::create_symlink("/data/store.log", proc.folder() / "11/fd/2");
  EXPECT_EQ(proc.tree().open_files_below(11, "/data/store"), 1);
  EXPECT_EQ(proc.tree().open_files_below(12, "/data/store"), 0);
}

TEST(ProcessTree, ACircleOfReusedNumbersEnds) {
  const FakeProc proc;
  proc.add(10, 12);
  proc.add(11, 10);
  proc.add(12, 11);
  EXPECT_THAT(proc.tree().descendants(10), UnorderedElementsAre(11, 12));
}

TEST(ProcessTree, AProcessIsKnownByItsStartUntilItEnds) {
  const FakeProc proc;
  const std::string fields = " 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9999\n";
  proc.put("11/stat", "11 (a) b) S" + fields);
  proc.put("12/stat", "12 (ended) Z" + fields);
  EXPECT_EQ(proc.tree().start_of(11), 4711U);
  EXPECT_EQ(proc.tree().start_of(12), std::nullopt);
  EXPECT_EQ(proc.tree().start_of(13), std::nullopt);
  EXPECT_TRUE(ProcessTree().start_of(::getpid()));
}

TEST(ProcessTree, AddsTheProportionalSizes) {
  const FakeProc proc;
  proc.add(11, 10);
  proc.hold(11, 100);
  proc.add(12, 11);
  proc.hold(12, 23);
  proc.add(20, 1);
  proc.hold(20, 5000);
  const TreeMemory memory = proc.tree().memory_below(10);
  EXPECT_EQ(memory.bytes, 123 * 1024);
  EXPECT_EQ(memory.processes, 2);
}

TEST(ProcessTree, AProcessThatEndsMeanwhileIsLeftOut) {
  const FakeProc proc;
  proc.add(11, 10);
  proc.hold(11, 100);
  proc.add(12, 10);  // no smaps_rollup any more
  proc.put("13/stat", "");
  std::filesystem::create_directories(proc.folder() / "14");  // not even a stat
  const TreeMemory memory = proc.tree().memory_below(10);
  EXPECT_EQ(memory.bytes, 100 * 1024);
  EXPECT_EQ(memory.processes, 1);
}

TEST(ProcessTree, AnythingElseInThePlaceOfASizeIsNone) {
  const FakeProc proc;
  for (const char* text : {"", "Rss: 5 kB\n", "Pss: 5 MB\n", "Pss: x kB\n", "Pss: kB\n"}) {
    proc.put("11/smaps_rollup", text);
    EXPECT_FALSE(proc.tree().memory_of(11)) << text;
  }
}

TEST(ProcessTree, AFolderThatIsNotThereHasNobody) {
  EXPECT_THAT(ProcessTree("/nowhere/at/all").descendants(1), IsEmpty());
}

TEST(ProcessTree, ReadsTheRealOne) {
  const auto bytes = ProcessTree().memory_of(::getpid());
  if (!bytes) GTEST_SKIP() << "this kernel has no /proc/PID/smaps_rollup";
  EXPECT_GT(*bytes, 100'000);
}

}  // namespace
}  // namespace millrace::bench
