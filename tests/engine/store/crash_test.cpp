// Another process with the store: killed at any moment, or holding it. The other process is this test binary,
// run with MILLRACE_STORE_CHILD telling what to do; it reports on its file descriptor 3.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "engine/base/unique_fd.h"
#include "engine/store/rocks_store.h"
#include "tests/engine/store/store_fixture.h"

extern char** environ;

namespace millrace::engine {
namespace {

using testing::HasSubstr;

constexpr const char* kVariable = "MILLRACE_STORE_CHILD";

void report(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(3, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

// Makes jobs with two segments each until it is killed; reports each id once all calls returned.
[[noreturn]] void write_until_killed(Store& store) {
  while (true) {
    Job job = new_job();
    if (!store.submit(job, job.id, "body").ok()) std::abort();
    for (std::int64_t index = 0; index < 2; ++index)
      if (!store.commit_segment(job.id, new_segment("abr/720p", index)).ok()) std::abort();
    job.state = JobState::running;
    if (!store.update(job, "started", "{}").ok()) std::abort();
    report(job.id);
  }
}

TEST(StoreChild, Runs) {
  const char* const task = std::getenv(kVariable);
  if (task == nullptr) GTEST_SKIP() << "runs in the other process of StoreCrash";
  const std::string folder = std::string(task).substr(2);
  const auto store = Store::open(folder);
  ASSERT_TRUE(store.ok()) << to_string(store.status());
  if (task[0] == 'w') write_until_killed(**store);
  report("open");
  ::pause();
}

class Child {
 public:
  explicit Child(const std::string& task) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    read_end_.reset(ends[0]);
    const UniqueFd write_end(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // A descriptor that is 3 already would keep its close-on-exec flag.
    const int copy = ::fcntl(write_end.get(), F_DUPFD_CLOEXEC, 10);
    posix_spawn_file_actions_adddup2(&actions, copy, 3);
    const std::string variable = std::string(kVariable) + "=" + task;
    std::vector<char*> environment;
    // Of our own settings the other process takes none: it may run as one shard of several, and we not.
    for (char** each = environ; *each != nullptr; ++each)
      if (!std::string_view(*each).starts_with("GTEST_")) environment.push_back(*each);
    environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);
    char program[] = "/proc/self/exe";
    char filter[] = "--gtest_filter=StoreChild.Runs";
    char* arguments[] = {program, filter, nullptr};
    if (::posix_spawn(&process_, program, &actions, nullptr, arguments, environment.data()) != 0)
      std::abort();
    posix_spawn_file_actions_destroy(&actions);
    ::close(copy);
    lines_ = ::fdopen(read_end_.release(), "r");
  }
  ~Child() {
    kill();
    std::fclose(lines_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next line it reports; empty at its end.
  std::string line() {
    char text[256];
    if (std::fgets(text, sizeof text, lines_) == nullptr) return {};
    std::string line(text);
    if (!line.empty() && line.back() == '\n') line.pop_back();
    return line;
  }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  pid_t process_ = -1;
  UniqueFd read_end_;
  std::FILE* lines_ = nullptr;
};

TEST(StoreCrash, WhatWasAcknowledgedIsThereAfterAKill) {
  const TemporaryFolder folder;
  std::vector<std::string> acknowledged;
  for (const std::size_t stop_after : {1U, 6U, 17U}) {
    Child child("w:" + folder.path().native());
    for (std::size_t i = 0; i < stop_after; ++i) {
      acknowledged.push_back(child.line());
      ASSERT_NE(acknowledged.back(), "");
    }
    child.kill();
    // Lines that it had written before it died count too.
    for (std::string line = child.line(); line.size() == 26; line = child.line())
      acknowledged.push_back(line);

    const auto store = Store::open(folder.path());
    ASSERT_TRUE(store.ok()) << to_string(store.status());
    const auto running = (*store)->ids_in(JobState::running);
    const std::set<std::string> is_running(running->begin(), running->end());
    for (const std::string& id : acknowledged) {
      ASSERT_TRUE(is_running.contains(id)) << id;
      ASSERT_EQ((*store)->get(id)->state, JobState::running);
      ASSERT_EQ((*store)->segments(id)->size(), 2U);
      ASSERT_EQ((*store)->events_after(0, id, 10)->size(), 4U);  // queued, two segments, started
      ASSERT_FALSE((*store)->submit(new_job(), id, "body")->created);
    }
    // A job that was being written is whole or not there.
    const auto queued = (*store)->ids_in(JobState::queued);
    for (const std::string& id : *queued) {
      ASSERT_TRUE((*store)->get(id).ok());
      ASSERT_EQ((*store)->events_after(0, id, 10)->size(), 1 + (*store)->segments(id)->size());
    }
    std::uint64_t last = 0;
    const auto events = (*store)->events_after(0, "", 1'000'000);
    for (const Event& event : *events) {
      ASSERT_EQ(event.number, last + 1);
      last = event.number;
    }
  }
}

TEST(StoreCrash, TheFolderOfALivingProcessIsRefusedAndThatOfADeadOneIsNot) {
  const TemporaryFolder folder;
  Child child("h:" + folder.path().native());
  ASSERT_EQ(child.line(), "open");
  const auto refused = Store::open(folder.path());
  EXPECT_EQ(refused.status().code(), Code::already_exists);
  EXPECT_THAT(refused.status().message(), HasSubstr("another daemon holds this store (LOCK)"));
  child.kill();
  EXPECT_TRUE(Store::open(folder.path()).ok());
}

}  // namespace
}  // namespace millrace::engine
