#include "engine/work/forked_tasks.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <future>
#include <memory>
#include <set>
#include <string>

#include "engine/base/file.h"
#include "engine/work/confine.h"
#include "engine/work/worker_pool.h"
#include "tests/engine/work/confined_worker.h"
#include "tests/engine/work/fake_worker.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

class Recorder : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment& segment) override {
    processes.insert(static_cast<int>(segment.index));
    return {};
  }
  void progress(const TaskProgress&) override { begun.set_value(); }

  std::set<int> processes;  // that ran tasks
  std::promise<void> begun;
};

class ForkedTasks : public testing::Test {
 protected:
  void SetUp() override {
    offered_ = confinement_of_this_machine();
    if (offered_.landlock == 0 || !offered_.seccomp)
      GTEST_SKIP() << "this machine, or this sanitizer build, does not confine workers";
    for (const char* file : {"source", "other"}) ASSERT_TRUE(write_file(folder_ / file, "x").ok());
    output_ = folder_ / "out";
    ASSERT_TRUE(make_directories(output_).ok());
    auto pool = WorkerPool::start({.program = program_in_part(folder_.path(), "confined"),
                                   .stop_times = {std::chrono::minutes(1), std::chrono::minutes(1)},
                                   .quiet = true});
    ASSERT_TRUE(pool.ok()) << pool.status().message();
    workers_ = std::move(pool).value();
  }
  void TearDown() override { workers_.reset(); }

  Deeds look(const std::string& url) {
    const auto source = workers_->inspect(url, false, {});
    EXPECT_TRUE(source.ok()) << source.status().message();
    return source.ok() ? deeds_of(source->damage) : Deeds();
  }
  RangeTask range(const std::string& part) const { return confined_range(folder_ / "source", output_, part); }

  hw::ConfinementFacts offered_;
  const test::TempFolder folder_;
  std::filesystem::path output_;
  std::unique_ptr<WorkerPool> workers_;
};

TEST_F(ForkedTasks, ALookReadsItsSourceAndNothingElse) {
  const Deeds deeds = look("file://" + (folder_ / "source").native());
  EXPECT_THAT(deeds, Contains(Pair("read the source", "done")));
  EXPECT_THAT(deeds, Contains(Pair("read a library", "done")));
  for (const char* deed :
       {"write the source", "read beside it", "list its folder", "read passwords", "write to /tmp"})
    EXPECT_THAT(deeds, Contains(Pair(deed, "EACCES")));
}

TEST_F(ForkedTasks, AFileThatIsNotThereIsNotThere) {
  EXPECT_THAT(look("file:///nowhere/at/all"), Contains(Pair("read the source", "ENOENT")));
}

TEST_F(ForkedTasks, ATaskHasNoNetworkNoProcessesAndNotAllMemory) {
  const Deeds deeds = look("file://" + (folder_ / "source").native());
  for (const char* deed : {"socket", "listen", "raw socket", "fork", "exec", "signal to another", "chmod"})
    EXPECT_THAT(deeds, Contains(Pair(deed, "EPERM")));
  EXPECT_THAT(deeds, Contains(Pair("signal to itself", "done")));
  EXPECT_THAT(deeds, Contains(Pair("5 GiB", "ENOMEM")));
}

TEST_F(ForkedTasks, ASourceOfTheNetworkHasTheInternetFamilyAlone) {
  const Deeds deeds = look("http://127.0.0.1:9/a.mp4");
  EXPECT_THAT(deeds, Contains(Pair("socket", "done")));
  EXPECT_THAT(deeds, Contains(Pair("listen", "EPERM")));
  EXPECT_THAT(deeds, Contains(Pair("raw socket", "EPERM")));
  EXPECT_THAT(deeds, Contains(Pair("read passwords", "EACCES")));
}

TEST_F(ForkedTasks, ARangeWritesItsOutputFolderAndNothingElse) {
  Recorder recorder;
  const auto end = workers_->run_range(range(""), recorder, {});
  ASSERT_TRUE(end.ok()) << end.status().message();
  const Deeds deeds = deeds_of(end->lost);
  for (const char* deed : {"write", "folder", "rename", "read it", "sync its folder"})
    EXPECT_THAT(deeds, Contains(Pair(deed, "done")));
  for (const char* deed : {"link", "write beside it", "read another job's"})
    EXPECT_THAT(deeds, Contains(Pair(deed, "EACCES")));
  EXPECT_THAT(deeds, Contains(Pair("pipe", "EPERM")));
  if (offered_.landlock < 2) return;  // the first version lets nobody rename from folder to folder
  for (const char* deed : {"rename into", "remove"}) EXPECT_THAT(deeds, Contains(Pair(deed, "done")));
}

TEST_F(ForkedTasks, EachTaskHasAProcessOfItsOwnAndTheWorkerStays) {
  Recorder recorder;
  const auto before = workers_->process_ids();
  for (int i = 0; i < 3; ++i) {
    Recorder one;
    ASSERT_TRUE(workers_->run_range(range(""), one, {}).ok());
    recorder.processes.insert(one.processes.begin(), one.processes.end());
  }
  EXPECT_THAT(recorder.processes, AllOf(SizeIs(3), Not(Contains(before[0]))));
  EXPECT_THAT(workers_->process_ids(), Contains(before[0]));
}

TEST_F(ForkedTasks, AChildThatDiesTakesTheWorkerAlongAndTheSignalIsTold) {
  Recorder recorder;
  const auto before = workers_->process_ids();
  const auto end = workers_->run_range(range("die"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::device_lost);
  EXPECT_THAT(end.status().message(), HasSubstr("died of signal 11 (Segmentation fault)"));
  EXPECT_TRUE(is_gone(before[0]));
  Recorder next;
  EXPECT_TRUE(workers_->run_range(range(""), next, {}).ok());
}

TEST_F(ForkedTasks, AChildThatExitsTellsItsCodeAndItsLastWords) {
  Recorder recorder;
  const auto end = workers_->run_range(range("exit"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::device_lost);
  EXPECT_THAT(end.status().message(),
              AllOf(HasSubstr("exited with code 3"), HasSubstr("the decoder has found its master")));
}

TEST_F(ForkedTasks, OneThatPassesItsLimitOfMemoryIsToldSoWithWhatToDo) {
  Recorder recorder;
  const auto end = workers_->run_range(range("hoard"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::out_of_memory);
  EXPECT_THAT(
      end.status().message(),
      AllOf(HasSubstr("got no more memory; give the machine"), HasSubstr("fewer or smaller renditions"),
            HasSubstr("its last words: no memory left: a task may hold 4096 MiB here")));
  Recorder next;
  EXPECT_TRUE(workers_->run_range(range(""), next, {}).ok());
}

TEST_F(ForkedTasks, AStopReachesTheChildAndKeepsTheWorker) {
  Recorder recorder;
  const auto before = workers_->process_ids();
  std::stop_source stop;
  auto end = std::async(std::launch::async,
                        [&] { return workers_->run_range(range("wait"), recorder, stop.get_token()); });
  recorder.begun.get_future().wait();
  stop.request_stop();
  EXPECT_EQ(end.get().status().code(), Code::cancelled);
  EXPECT_THAT(workers_->process_ids(), Contains(before[0]));
}

TEST_F(ForkedTasks, AWorkerThatIsKilledTakesItsChildAlong) {
  Recorder recorder;
  const auto before = workers_->process_ids();
  auto end = std::async(std::launch::async, [&] { return workers_->run_range(range("wait"), recorder, {}); });
  recorder.begun.get_future().wait();
  int child = 0;
  for (const int id : workers_->process_ids()) {
    const auto children =
        read_file("/proc/" + std::to_string(id) + "/task/" + std::to_string(id) + "/children");
    if (children.ok() && !children->empty()) child = std::stoi(*children);
  }
  ::kill(before[0], SIGKILL);
  EXPECT_EQ(end.get().status().code(), Code::worker_killed);
  if (child == 0) GTEST_SKIP() << "this kernel does not list a process's children";
  EXPECT_TRUE(is_gone(child));
}

// SIGKILL would look as if somebody else had ended it.
TEST(Confine, UsedUpCpuTimeIsASignalThatSaysSo) {
  const pid_t child = ::fork();
  if (child == 0) {
    TaskReach reach;
    reach.cpu_seconds = 1;
    if (!confine(reach, {}).ok()) ::_exit(1);
    while (::getpid() > 0) {
    }
  }
  int end = 0;
  ASSERT_EQ(::waitpid(child, &end, 0), child);
  ASSERT_TRUE(WIFSIGNALED(end)) << end;
  EXPECT_EQ(WTERMSIG(end), SIGXCPU);
}

}  // namespace
}  // namespace millrace::engine
