#include "engine/work/worker_pool.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include "engine/base/file.h"
#include "tests/engine/work/fake_worker.h"

namespace millrace::engine {
namespace {

using std::chrono::steady_clock;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Recorder : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment& segment) override {
    const std::lock_guard lock(mutex_);
    if (!refusal.ok()) return refusal;
    indices_.push_back(segment.index);
    told_.push_back(segment.file);
    return {};
  }
  void lost(const std::string& sentence) override {
    const std::lock_guard lock(mutex_);
    told_.push_back(sentence);
  }
  std::stop_token enough() const override { return end_at_edge.get_token(); }
  void progress(const TaskProgress&) override {
    ++progresses;
    progresses.notify_all();
  }
  void wait_for_progress(int count) {
    for (int now = progresses; now < count; now = progresses) progresses.wait(now);
  }
  std::vector<std::int64_t> indices() {
    const std::lock_guard lock(mutex_);
    return indices_;
  }

  // Files and what was lost, in the order in which they were told.
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  Status refusal;  // set before the task
  std::atomic<int> progresses = 0;
  std::stop_source end_at_edge;

 private:
  std::mutex mutex_;
  std::vector<std::int64_t> indices_;
  std::vector<std::string> told_;
};

class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPoolTest() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-work-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~WorkerPoolTest() override { EXPECT_TRUE(remove_tree(folder_).ok()); }

  std::unique_ptr<WorkerPool> pool(WorkerPoolConfig config = {}) {
    if (config.program.empty()) config.program = test_program();
    auto pool = WorkerPool::start(config);
    EXPECT_TRUE(pool.ok()) << pool.status().message();
    return std::move(pool).value();
  }

  std::filesystem::path folder_;
};

TEST_F(WorkerPoolTest, RunsARangeAndBooksItsSegmentsInOrder) {
  auto workers = pool();
  Recorder recorder;
  const auto end = workers->run_range(range_playing("segments 4"), recorder, {});
  ASSERT_TRUE(end.ok()) << end.status().message();
  EXPECT_EQ(end->end_segment, 7);
  EXPECT_TRUE(end->end_of_source);
  EXPECT_EQ(end->media_seconds, 16);
  EXPECT_THAT(recorder.indices(), ElementsAre(3, 4, 5, 6));
  EXPECT_GE(recorder.progresses, 1);
}

TEST_F(WorkerPoolTest, ARangeHearsThatItIsEnoughAndEndsWell) {
  auto workers = pool();
  Recorder recorder;
  auto end = std::async(std::launch::async,
                        [&] { return workers->run_range(range_playing("enough"), recorder, {}); });
  recorder.wait_for_progress(1);
  recorder.end_at_edge.request_stop();
  const Result<TaskEnd> ended = end.get();
  ASSERT_TRUE(ended.ok()) << ended.status().message();
  EXPECT_EQ(ended->end_segment, 4);
  EXPECT_FALSE(ended->end_of_source);
  // The next task begins without it.
  Recorder other;
  const auto next = workers->run_range(range_playing("segments 2"), other, {});
  ASSERT_TRUE(next.ok()) << next.status().message();
  EXPECT_TRUE(next->end_of_source);
}

TEST_F(WorkerPoolTest, InspectsAndRunsSound) {
  auto workers = pool();
  const auto source = workers->inspect("file:///a.mov", false, {});
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_EQ(source->duration_seconds, 12.5);
  EXPECT_EQ(workers->inspect("missing", false, {}).status().code(), Code::not_found);
  Recorder recorder;
  SoundTask task;
  task.sound = 5;
  const auto end = workers->run_sound(task, recorder, {});
  ASSERT_TRUE(end.ok()) << end.status().message();
  EXPECT_EQ(end->end_segment, 5);
  EXPECT_THAT(recorder.indices(), ElementsAre(7));
}

TEST_F(WorkerPoolTest, ComparesAndMakesFilms) {
  auto workers = pool();
  const auto same = workers->compare("/a", "/a", {});
  ASSERT_TRUE(same.ok()) << same.status().message();
  EXPECT_EQ(*same, (Likeness{25, 25, kSameDecibels, 0}));
  EXPECT_EQ(workers->compare("/a", "/b", {}).status().code(), Code::internal);
  const auto end = workers->run_film({{}, "mpeg2video", "/out", "film.mkv"}, {});
  ASSERT_TRUE(end.ok()) << end.status().message();
  EXPECT_EQ(end->media_seconds, 2);
  EXPECT_EQ(workers->run_film({{}, "vc1", "/out", "film.mkv"}, {}).status().code(), Code::unsupported);
}

TEST_F(WorkerPoolTest, TellsWhatDamageTookBeforeTheFileItFellInto) {
  auto workers = pool();
  const auto source = workers->inspect("file:///a.mov", true, {});
  ASSERT_TRUE(source.ok()) << source.status().message();
  EXPECT_THAT(source->damage, ElementsAre("cut short"));
  Recorder recorder;
  OutputTask task;
  task.plan.outputs.resize(2);
  task.plan.outputs[1].path = "web.ogg";
  task.output = 1;
  task.segments = {{"abr/720p", 12}};
  const auto end = workers->run_output(task, recorder, {});
  ASSERT_TRUE(end.ok()) << end.status().message();
  EXPECT_EQ(end->end_segment, 12);
  EXPECT_THAT(end->lost, ElementsAre("at 1.000 s: a slice is damaged"));
  EXPECT_THAT(recorder.told(), ElementsAre("at 1.000 s: a slice is damaged", "web.ogg"));
}

TEST_F(WorkerPoolTest, OneWorkerServesManyTasks) {
  auto workers = pool();
  Recorder recorder;
  const auto before = workers->process_ids();
  ASSERT_THAT(before, SizeIs(1));
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(workers->run_range(range_playing("segments 1"), recorder, {}).ok());
  EXPECT_EQ(workers->inspect("missing", false, {}).status().message(), "missing: no such file");
  // A second warm one may have come while the first was busy; the first is still there.
  EXPECT_THAT(workers->process_ids(), testing::Contains(before[0]));
}

TEST_F(WorkerPoolTest, FailureOfATaskComesBackWithItsFieldAndKeepsTheWorker) {
  auto workers = pool();
  Recorder recorder;
  const auto before = workers->process_ids();
  const auto end = workers->run_range(range_playing("refuse"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::corrupt_input);
  EXPECT_EQ(end.status().message(), "at 1.000 s: broken");
  EXPECT_EQ(end.status().field(), "input");
  EXPECT_THAT(workers->process_ids(), testing::Contains(before[0]));
}

TEST_F(WorkerPoolTest, LostDeviceTakesItsWorkerAlong) {
  auto workers = pool();
  Recorder recorder;
  const auto before = workers->process_ids();
  const auto end = workers->run_range(range_playing("lose"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::device_lost);
  EXPECT_TRUE(is_gone(before[0]));
}

TEST_F(WorkerPoolTest, RefusedSegmentEndsTheTaskWithTheReason) {
  auto workers = pool();
  Recorder recorder;
  recorder.refusal = Status(Code::resource_exhausted, "the store's disk is full");
  const auto end = workers->run_range(range_playing("segments 4"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::resource_exhausted);
  EXPECT_EQ(end.status().message(), "the store's disk is full");
  EXPECT_THAT(recorder.indices(), IsEmpty());
}

TEST_F(WorkerPoolTest, OneThatSomebodyElseKillsIsToldApartAndThePoolGoesOn) {
  auto workers = pool();
  Recorder recorder;
  const auto dead = workers->run_range(range_playing("die"), recorder, {});
  EXPECT_EQ(dead.status().code(), Code::worker_killed);
  EXPECT_THAT(dead.status().message(), HasSubstr("died of signal 9 (Killed)"));
  EXPECT_THAT(recorder.indices(), ElementsAre(3));
  EXPECT_TRUE(workers->run_range(range_playing("segments 2"), recorder, {}).ok());
}

// It says that it goes on, and does nothing.
TEST_F(WorkerPoolTest, AWorkerThatIsStuckIsKilledAndIsDeviceLost) {
  WorkerPoolConfig config;
  config.patience = std::chrono::milliseconds(50);
  auto workers = pool(config);
  Recorder recorder;
  const auto before = workers->process_ids();
  const auto stuck = workers->run_range(range_playing("deaf"), recorder, {});
  EXPECT_EQ(stuck.status().code(), Code::device_lost);
  EXPECT_THAT(stuck.status().message(), HasSubstr("was ended: it is stuck"));
  EXPECT_TRUE(is_gone(before[0]));
}

TEST_F(WorkerPoolTest, TellsTheExitCodeAndTheLastWords) {
  auto workers = pool();
  Recorder recorder;
  const auto dead = workers->run_range(range_playing("exit"), recorder, {});
  EXPECT_EQ(dead.status().code(), Code::device_lost);
  EXPECT_THAT(dead.status().message(),
              AllOf(HasSubstr("exited with code 3"), HasSubstr("the decoder has found its master")));
}

TEST_F(WorkerPoolTest, WorkerThatDiedWhileIdleIsNotUsed) {
  auto workers = pool();
  for (int round = 0; round < 5; ++round) {
    for (const int id : workers->process_ids()) {
      ::kill(id, SIGKILL);
      ASSERT_TRUE(is_gone(id));
    }
    const auto source = workers->inspect("file:///a.mov", false, {});
    ASSERT_TRUE(source.ok()) << source.status().message();
  }
}

TEST_F(WorkerPoolTest, StopEndsATaskAndKeepsAWorkerThatListens) {
  WorkerPoolConfig config;
  config.stop_times = {std::chrono::minutes(1), std::chrono::minutes(1)};
  auto workers = pool(config);
  const auto before = workers->process_ids();
  std::stop_source stop;
  Recorder recorder;
  auto end = std::async(std::launch::async, [&] {
    return workers->run_range(range_playing("wait"), recorder, stop.get_token());
  });
  recorder.wait_for_progress(1);
  stop.request_stop();
  EXPECT_EQ(end.get().status().code(), Code::cancelled);
  EXPECT_THAT(workers->process_ids(), testing::Contains(before[0]));
  EXPECT_TRUE(workers->inspect("file:///a.mov", false, {}).ok());
}

TEST_F(WorkerPoolTest, StopBeforeTheStartIsCancelled) {
  auto workers = pool();
  std::stop_source stop;
  stop.request_stop();
  Recorder recorder;
  EXPECT_EQ(workers->run_range(range_playing("wait"), recorder, stop.get_token()).status().code(),
            Code::cancelled);
  EXPECT_EQ(workers->inspect("wait", false, stop.get_token()).status().code(), Code::cancelled);
}

TEST_F(WorkerPoolTest, StopKillsAWorkerThatIsDeaf) {
  auto workers = pool();
  const auto before = workers->process_ids();
  std::stop_source stop;
  Recorder recorder;
  auto end = std::async(std::launch::async, [&] {
    return workers->run_range(range_playing("deaf"), recorder, stop.get_token());
  });
  recorder.wait_for_progress(1);
  stop.request_stop();
  EXPECT_EQ(end.get().status().code(), Code::cancelled);
  EXPECT_TRUE(is_gone(before[0]));
  EXPECT_TRUE(workers->inspect("file:///a.mov", false, {}).ok());
}

TEST_F(WorkerPoolTest, StopReachesAWorkerThatFillsItsStandardError) {
  // The chatter is ours to read, not the log's.
  testing::internal::CaptureStderr();
  auto workers = pool();
  std::stop_source stop;
  Recorder recorder;
  auto end = std::async(std::launch::async, [&] {
    return workers->run_range(range_playing("chatter"), recorder, stop.get_token());
  });
  recorder.wait_for_progress(1);
  stop.request_stop();
  EXPECT_EQ(end.get().status().code(), Code::cancelled);
  workers.reset();
  testing::internal::GetCapturedStderr();
}

TEST_F(WorkerPoolTest, StopReachesAWorkerThatFillsTheSocketAndReadsNothing) {
  auto workers = pool({.program = program_in_part(folder_, "flooder")});
  std::stop_source stop;
  Recorder recorder;
  auto end = std::async(std::launch::async, [&] {
    return workers->run_range(range_playing("wait"), recorder, stop.get_token());
  });
  recorder.wait_for_progress(1000);
  stop.request_stop();
  EXPECT_EQ(end.get().status().code(), Code::cancelled);
}

TEST_F(WorkerPoolTest, NonsenseFromAWorkerIsDeviceLost) {
  auto workers = pool({.program = program_in_part(folder_, "liar")});
  Recorder recorder;
  const auto end = workers->run_range(range_playing("wait"), recorder, {});
  EXPECT_EQ(end.status().code(), Code::device_lost);
  EXPECT_THAT(end.status().message(), HasSubstr("worker protocol"));
}

TEST_F(WorkerPoolTest, WrongProgramIsKnownAtTheStart) {
  const auto missing = WorkerPool::start({.program = folder_ / "nothing"});
  EXPECT_EQ(missing.status().code(), Code::not_found);
  EXPECT_THAT(missing.status().message(), HasSubstr("nothing"));
  const auto mute = WorkerPool::start({.program = program_in_part(folder_, "mute")});
  EXPECT_EQ(mute.status().code(), Code::device_lost);
  EXPECT_THAT(mute.status().message(), AllOf(HasSubstr("exited with code 9"), HasSubstr("no such luck")));
  const auto elder = WorkerPool::start({.program = program_in_part(folder_, "elder")});
  EXPECT_EQ(elder.status().code(), Code::device_lost);
  EXPECT_THAT(elder.status().message(), HasSubstr("0.0.1"));
}

TEST_F(WorkerPoolTest, ProgramThatGoesAndComesBack) {
  const auto program = program_in_part(folder_, "worker");
  auto workers = pool({.program = program, .between_starts = std::chrono::milliseconds(1)});
  std::filesystem::rename(program, folder_ / "elsewhere");
  for (const int id : workers->process_ids()) {
    ::kill(id, SIGKILL);
    ASSERT_TRUE(is_gone(id));
  }
  // A warm one may have been started just before; once that is used up there is nothing to start.
  Recorder recorder;
  Status last;
  for (int i = 0; i < 5 && last.code() != Code::resource_exhausted; ++i)
    last = workers->run_range(range_playing("die"), recorder, {}).status();
  EXPECT_EQ(last.code(), Code::resource_exhausted) << "it says nothing of the task";
  EXPECT_THAT(last.message(), HasSubstr(program.native()));
  EXPECT_THAT(workers->process_ids(), IsEmpty());
  std::filesystem::rename(folder_ / "elsewhere", program);
  while (workers->process_ids().empty()) std::this_thread::yield();  // nobody asks for one
  const auto source = workers->inspect("file:///a.mov", false, {});
  EXPECT_TRUE(source.ok()) << source.status().message();
}

TEST_F(WorkerPoolTest, WorkersAreReplacedAfterTheirTasks) {
  auto workers = pool({.program = {}, .tasks_per_worker = 2});
  Recorder recorder;
  const auto first = workers->process_ids();
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(workers->run_range(range_playing("segments 1"), recorder, {}).ok());
  EXPECT_TRUE(is_gone(first[0]));
}

TEST_F(WorkerPoolTest, WorkersThatGrewAreReplaced) {
  auto workers = pool({.program = {}, .memory_growth_bytes = 32 << 20});
  Recorder recorder;
  const auto first = workers->process_ids();
  ASSERT_TRUE(workers->run_range(range_playing("grow"), recorder, {}).ok());
  EXPECT_TRUE(is_gone(first[0]));
  EXPECT_TRUE(workers->run_range(range_playing("segments 1"), recorder, {}).ok());
}

TEST_F(WorkerPoolTest, ManyCallersAtOnce) {
  auto workers = pool({.program = {}, .warm = 2});
  std::vector<std::future<bool>> calls;
  for (int i = 0; i < 8; ++i)
    calls.push_back(std::async(std::launch::async, [&] {
      for (int round = 0; round < 5; ++round) {
        Recorder recorder;
        const auto end = workers->run_range(range_playing("segments 3"), recorder, {});
        if (!end.ok() || recorder.indices().size() != 3) return false;
      }
      return true;
    }));
  for (auto& call : calls) EXPECT_TRUE(call.get());
}

TEST_F(WorkerPoolTest, EndOfThePoolEndsItsWorkers) {
  auto workers = pool({.program = {}, .warm = 3});
  Recorder recorder;
  ASSERT_TRUE(workers->run_range(range_playing("segments 1"), recorder, {}).ok());
  const auto ids = workers->process_ids();
  EXPECT_FALSE(ids.empty());
  workers.reset();
  for (const int id : ids) EXPECT_TRUE(is_gone(id));
}

TEST_F(WorkerPoolTest, WorkersHoldNoDescriptorOfOurs) {
  // As a library would open it: without O_CLOEXEC.
  const int ours = ::open((folder_ / "held").c_str(), O_CREAT | O_RDWR, 0600);
  ASSERT_GE(ours, 0);
  auto workers = pool();
  for (const int id : workers->process_ids()) {
    std::error_code error;
    for (auto each = std::filesystem::directory_iterator("/proc/" + std::to_string(id) + "/fd", error);
         !error && each != std::filesystem::directory_iterator(); each.increment(error))
      EXPECT_NE(std::filesystem::read_symlink(each->path(), error), folder_ / "held");
    EXPECT_EQ(::getpgid(id), id);
  }
  ::close(ours);
}

TEST_F(WorkerPoolTest, WorkersDieWithTheirDaemon) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
  ::posix_spawn_file_actions_addclose(&actions, pipe[0]);
  std::string program = test_program().string();
  std::string part = "daemon";
  std::array<char*, 3> arguments{program.data(), part.data(), nullptr};
  pid_t daemon = 0;
  ASSERT_EQ(::posix_spawn(&daemon, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  std::FILE* words = ::fdopen(pipe[0], "r");
  std::vector<int> ids;
  std::array<char, 64> line;
  while (std::fgets(line.data(), line.size(), words) != nullptr && std::string(line.data()) != "all\n")
    ids.push_back(std::atoi(line.data()));
  std::fclose(words);
  EXPECT_FALSE(ids.empty());
  ::kill(daemon, SIGKILL);
  ::waitpid(daemon, nullptr, 0);
  for (const int id : ids) EXPECT_TRUE(is_gone(id)) << id;
}

}  // namespace
}  // namespace millrace::engine
