#include "bench/measured_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::HasSubstr;

constexpr const char* kWork = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; ";

class MeasuredRun : public ::testing::Test {
 protected:
  MeasuredRun() { options_.log = scripts_.folder() / "log"; }

  // A shell that can name files of the folder as $F/NAME.
  Command shell(const std::string& script) const {
    return {"sh", "-c", "F='" + scripts_.folder().string() + "'; " + script};
  }
  Result<RunFigures> run(const std::vector<Command>& commands) {
    return run_measured(commands, options_, stop_);
  }
  void expect_no_child_left() {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  Scripts scripts_;
  RunOptions options_;
  StopFlag stop_;
};

TEST_F(MeasuredRun, CountsTimeOfACommandAndItsChildren) {
  const Result<RunFigures> figures = run({shell(std::string("sh -c '") + kWork + "'; exit 0")});
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_GT(figures->cpu_seconds, 0);
  EXPECT_GT(figures->wall_seconds, 0);
  EXPECT_EQ(figures->left_behind, 0);
  EXPECT_FALSE(figures->peak_bytes) << "nobody asked for samples";
  expect_no_child_left();
}

TEST_F(MeasuredRun, WaitsForWhatACommandLeavesBehindAndCountsIt) {
  options_.leftover_grace = std::chrono::minutes(10);
  const Result<RunFigures> figures = run({shell(std::string("(") + kWork + "echo done > $F/late) & exit 0")});
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_EQ(scripts_.read("late"), "done\n");
  EXPECT_EQ(figures->left_behind, 1);
  EXPECT_GT(figures->cpu_seconds, 0);
  expect_no_child_left();
}

TEST_F(MeasuredRun, KillsWhatStaysTooLong) {
  options_.leftover_grace = std::chrono::milliseconds(0);
  const Result<RunFigures> figures = run({shell("setsid sleep 1000 & exit 0")});
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_EQ(figures->left_behind, 1);
  expect_no_child_left();
}

TEST_F(MeasuredRun, SamplesTheMemoryOfAllTogether) {
  options_.sample_every = std::chrono::milliseconds(1);
  int most = 0;
  options_.sampled = [&](const TreeMemory& memory) {
    most = std::max(most, memory.processes);
    if (most >= 2) scripts_.put("seen", "");
  };
  if (!ProcessTree().memory_of(::getpid())) GTEST_SKIP() << "this kernel has no /proc/PID/smaps_rollup";
  const Command waits = shell("until [ -e $F/seen ]; do :; done");
  const Result<RunFigures> figures = run({waits, waits});
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_GE(most, 2);
  EXPECT_GT(figures->memory_samples, 0);
  ASSERT_TRUE(figures->peak_bytes);
  EXPECT_GT(*figures->peak_bytes, 50'000);
}

TEST_F(MeasuredRun, OneThatFailsEndsTheOthersAndIsNamedWithItsLog) {
  const Result<RunFigures> figures =
      run({{"sleep", "1000"}, shell("echo no such codec >&2; echo sorry >&2; exit 3")});
  ASSERT_FALSE(figures.ok());
  EXPECT_EQ(figures.status().code(), Code::io_error);
  EXPECT_EQ(figures.status().message(), "sh ended with code 3: no such codec | sorry");
  expect_no_child_left();
}

TEST_F(MeasuredRun, OneThatCannotStartEndsTheOthers) {
  const Result<RunFigures> figures = run({{"sleep", "1000"}, {"no-such-program-anywhere"}});
  ASSERT_FALSE(figures.ok());
  EXPECT_THAT(figures.status().message(), HasSubstr("no-such-program-anywhere"));
  expect_no_child_left();
}

TEST_F(MeasuredRun, AnInterruptIsPassedOn) {
  const StopOnSignals on_signals(stop_);
  // The child interrupts this process once it is ready to be interrupted itself.
  const Result<RunFigures> figures =
      run({shell("trap 'echo interrupted > $F/told; exit 0' INT; kill -INT $PPID; while :; do :; done")});
  ASSERT_FALSE(figures.ok());
  EXPECT_EQ(figures.status().code(), Code::cancelled);
  EXPECT_EQ(scripts_.read("told"), "interrupted\n");
  expect_no_child_left();
}

TEST_F(MeasuredRun, OneThatIgnoresTheInterruptIsKilledWithItsChildren) {
  options_.stop_grace = std::chrono::milliseconds(1);
  const StopOnSignals on_signals(stop_);
  const Result<RunFigures> figures =
      run({shell("trap '' INT; setsid sleep 1000 & kill -INT $PPID; while :; do :; done")});
  ASSERT_FALSE(figures.ok());
  EXPECT_EQ(figures.status().code(), Code::cancelled);
  expect_no_child_left();
}

TEST_F(MeasuredRun, OutputOfACommandIsItsStandardOutputAlone) {
  EXPECT_EQ(output_of(shell("echo noise >&2; echo 42"), scripts_.folder(), stop_).value(), "42\n");
  EXPECT_EQ(output_of(shell("echo again"), scripts_.folder(), stop_).value(), "again\n");
}

}  // namespace
}  // namespace millrace::bench
