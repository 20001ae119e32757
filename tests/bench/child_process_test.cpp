#include "bench/child_process.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Result;

TEST(ChildProcess, WritesOutputAndErrorsWhereTold) {
  const Scripts scripts;
  Result<ChildProcess> child = ChildProcess::start({"sh", "-c", "echo out; echo err >&2; cat"},
                                                   scripts.folder() / "out", scripts.folder() / "err");
  ASSERT_TRUE(child.ok()) << child.status().message();
  EXPECT_EQ(child->wait().wait_status, 0);
  EXPECT_TRUE(child->ended());
  EXPECT_EQ(scripts.read("out"), "out\n");
  EXPECT_EQ(scripts.read("err"), "err\n");
}

TEST(ChildProcess, ASignalReachesItsWholeGroup) {
  const Scripts scripts;
  const auto log = scripts.folder() / "log";
  Result<ChildProcess> child = ChildProcess::start({"sh", "-c", "sleep 1000; exit 0"}, log, log);
  ASSERT_TRUE(child.ok());
  child->signal(SIGKILL);
  const engine::Status status = status_of_end("sh", child->wait().wait_status);
  EXPECT_EQ(status.message(), "sh died of signal 9 (Killed)");
}

TEST(ChildProcess, SaysHowItEnded) {
  const Scripts scripts;
  const auto log = scripts.folder() / "log";
  Result<ChildProcess> child = ChildProcess::start({"sh", "-c", "exit 7"}, log, log);
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(status_of_end("x", child->wait().wait_status).message(), "x ended with code 7");
}

TEST(ChildProcess, TheEndOfTheObjectIsTheEndOfTheProcess) {
  const Scripts scripts;
  const auto log = scripts.folder() / "log";
  pid_t pid = 0;
  {
    Result<ChildProcess> child = ChildProcess::start({"sleep", "1000"}, log, log);
    ASSERT_TRUE(child.ok());
    pid = child->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(ChildProcess, SaysWhatCannotBeRun) {
  const Scripts scripts;
  const auto log = scripts.folder() / "log";
  EXPECT_FALSE(ChildProcess::start({"no-such-program-anywhere"}, log, log).ok());
  const std::string script = scripts.program("tool", "true");
  ASSERT_TRUE(engine::write_file(script, "#!/nowhere/at/all\n").ok());
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const Result<ChildProcess> child = ChildProcess::start({script}, log, log);
  ASSERT_FALSE(child.ok());
  EXPECT_NE(child.status().message().find("cannot be run: No such file"), std::string::npos)
      << child.status().message();
}

}  // namespace
}  // namespace millrace::bench
