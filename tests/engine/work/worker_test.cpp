#include "engine/work/worker.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/work/line_reader.h"

namespace millrace::engine {
namespace {

// The pool's end of a worker that runs on a thread of this process.
class WorkerTest : public testing::Test {
 protected:
  void serve(TaskFunctions functions) {
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    ours_ = UniqueFd(pair[0]);
    worker_ = std::thread([theirs = UniqueFd(pair[1]), functions = std::move(functions)]() mutable {
      EXPECT_TRUE(serve_tasks(std::move(theirs), functions).ok());
    });
    EXPECT_TRUE(std::holds_alternative<ReadyMessage>(next()));
  }
  void TearDown() override {
    ours_.reset();
    if (worker_.joinable()) worker_.join();
  }

  void say(const ToWorker& message) {
    const std::string line = *line_of(message);
    ASSERT_EQ(::send(ours_.get(), line.data(), line.size(), MSG_NOSIGNAL), static_cast<ssize_t>(line.size()));
  }
  FromWorker next() {
    std::optional<std::string> line = lines_.next();
    while (!line) {
      std::array<char, 4096> buffer;
      const ssize_t got = ::recv(ours_.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0 || !lines_.add({buffer.data(), static_cast<std::size_t>(got)}).ok()) {
        ADD_FAILURE() << "the worker closed its end";
        return FailedMessage{};
      }
      line = lines_.next();
    }
    Result<FromWorker> message = from_worker_from(*line);
    EXPECT_TRUE(message.ok()) << *line;
    return message.ok() ? *message : FailedMessage{};
  }

  UniqueFd ours_;
  LineReader lines_{kMaxLineBytes};
  std::thread worker_;
};

Result<Source> look_until_stopped(const InspectTask&, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
  return Status(Code::cancelled, "asked to stop");
}

TEST_F(WorkerTest, TellsOfWorkWhileItGrowsAndNotBeyondItsTask) {
  std::atomic<std::int64_t> done{0};
  TaskFunctions functions;
  functions.inspect = look_until_stopped;
  functions.work_done = [&] { return done += 5; };
  serve(std::move(functions));
  for (std::uint64_t id = 1; id <= 2; ++id) {
    say(TaskMessage{id, InspectTask{"a.mov"}});
    EXPECT_TRUE(std::holds_alternative<TakenMessage>(next()));
    std::int64_t before = 0;
    for (int round = 0; round < 2; ++round) {
      const FromWorker message = next();
      ASSERT_TRUE(std::holds_alternative<WorkMessage>(message));
      EXPECT_EQ(std::get<WorkMessage>(message).id, id);
      EXPECT_GT(std::get<WorkMessage>(message).done, before);
      before = std::get<WorkMessage>(message).done;
    }
    say(CancelMessage{id});
    FromWorker last = next();
    while (std::holds_alternative<WorkMessage>(last)) last = next();
    EXPECT_EQ(std::get<FailedMessage>(last).status.code(), Code::cancelled);
  }
}

TEST_F(WorkerTest, SaysNothingWhileNothingIsDone) {
  std::atomic<int> asked{0};
  TaskFunctions functions;
  functions.inspect = [&](const InspectTask&, std::stop_token) -> Result<Source> {
    while (asked < 2) asked.wait(asked);
    return Status(Code::not_found, "missing");
  };
  functions.work_done = [&]() -> std::int64_t {
    ++asked;
    asked.notify_all();
    return 0;
  };
  serve(std::move(functions));
  say(TaskMessage{1, InspectTask{"a.mov"}});
  EXPECT_TRUE(std::holds_alternative<TakenMessage>(next()));
  EXPECT_TRUE(std::holds_alternative<FailedMessage>(next()));
}

}  // namespace
}  // namespace millrace::engine
