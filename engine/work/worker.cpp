#include "engine/work/worker.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "engine/base/version.h"
#include "engine/work/line_reader.h"
#include "engine/work/protocol.h"

namespace millrace::engine {
namespace {

// What the listening thread and the working thread share.
class Conversation {
 public:
  explicit Conversation(UniqueFd socket) : socket_(std::move(socket)) {}

  // Listening thread: until the other end closes or breaks the protocol.
  void listen() {
    LineReader lines(kMaxLineBytes);
    std::array<char, 1 << 16> buffer;
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return close({});
      if (Status s = lines.add({buffer.data(), static_cast<std::size_t>(got)}); !s.ok()) return close(s);
      while (const std::optional<std::string> line = lines.next())
        if (Status s = take(*line); !s.ok()) return close(s);
    }
  }

  // Working thread: the next task, with its stop source armed; nothing once the other end is gone.
  std::optional<TaskMessage> next_task() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !tasks_.empty(); });
    if (closed_) return std::nullopt;
    TaskMessage task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  std::stop_token stop() {
    const std::lock_guard lock(mutex_);
    return stop_.get_token();
  }

  // As TaskObserver::enough(), of the task at hand.
  std::stop_token enough() {
    const std::lock_guard lock(mutex_);
    return enough_.get_token();
  }

  // Waits for the answer to a segment; cancelled when the other end goes away first. A cancelled task waits
  // too: the other end books what it heard of, and says so.
  Status answer_to(std::uint64_t id, std::uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return closed_ || (answer_ && answer_->id == id && answer_->number == number); });
    if (!answer_) return {Code::cancelled, "the daemon is gone"};
    const Status status = answer_->status;
    answer_.reset();
    return status;
  }

  // Any thread of the task, one line at a time. Blocks while the other end does not read.
  void say(const FromWorker& message) {
    const std::string line = line_of(message);
    const std::lock_guard lock(writing_);
    std::string_view left = line;
    while (!left.empty()) {
      const ssize_t sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) {
        pollfd writable{socket_.get(), POLLOUT, 0};
        ::poll(&writable, 1, -1);
        continue;
      }
      if (sent < 0) return;  // the listening thread sees the same end and stops the task
      left.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Working thread, after a task's last line.
  void task_over() {
    const std::lock_guard lock(mutex_);
    current_ = 0;
    answer_.reset();
  }

  Status failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  Status take(const std::string& line) {
    Result<ToWorker> message = to_worker_from(line);
    if (!message.ok()) return message.status();
    std::unique_lock lock(mutex_);
    if (auto* task = std::get_if<TaskMessage>(&*message)) {
      if (current_ != 0) return {Code::internal, "worker protocol: a second task before the first is over"};
      if (task->id == 0) return {Code::internal, "worker protocol: a task without a number"};
      current_ = task->id;
      stop_ = std::stop_source();
      enough_ = std::stop_source();
      tasks_.push_back(std::move(*task));
    } else if (const auto* cancel = std::get_if<CancelMessage>(&*message)) {
      if (cancel->id != current_) return {};  // it crossed the task's last line
      std::stop_source stop = stop_;
      lock.unlock();  // request_stop() runs the pipeline's own callbacks
      stop.request_stop();
      return {};
    } else if (const auto* end = std::get_if<EnoughMessage>(&*message)) {
      if (end->id != current_) return {};
      std::stop_source enough = enough_;
      lock.unlock();
      enough.request_stop();
      return {};
    } else if (auto* answer = std::get_if<SegmentAnswer>(&*message)) {
      if (answer->id == current_) answer_ = std::move(*answer);
    }
    changed_.notify_all();
    return {};
  }

  void close(const Status& why) {
    std::unique_lock lock(mutex_);
    closed_ = true;
    failure_ = why;
    std::stop_source stop = stop_;
    changed_.notify_all();
    lock.unlock();
    stop.request_stop();
  }

  UniqueFd socket_;
  std::mutex writing_;
  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::deque<TaskMessage> tasks_;
  std::uint64_t current_ = 0;  // id of the task at hand, from its arrival to its last line; 0: none
  std::stop_source stop_;
  std::stop_source enough_;
  std::optional<SegmentAnswer> answer_;
  bool closed_ = false;
  Status failure_;
};

// Turns what the pipeline tells into lines.
class Reporter : public TaskObserver {
 public:
  Reporter(Conversation& conversation, std::uint64_t id) : conversation_(conversation), id_(id) {}

  // Only a segment that the other end has booked counts.
  Status segment_finished(const FinishedSegment& segment) override {
    ++segments_;
    conversation_.say(SegmentMessage{id_, segments_, segment});
    return conversation_.answer_to(id_, segments_);
  }

  // A pipeline may tell of every frame; nobody needs more than ten lines a second.
  void progress(const TaskProgress& progress) override {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_progress_ < std::chrono::milliseconds(100)) return;
    last_progress_ = now;
    conversation_.say(ProgressMessage{id_, progress});
  }

  void lost(const std::string& sentence) override { conversation_.say(LostMessage{id_, sentence}); }
  std::stop_token enough() const override { return conversation_.enough(); }

 private:
  Conversation& conversation_;
  std::uint64_t id_;
  std::uint64_t segments_ = 0;
  std::chrono::steady_clock::time_point last_progress_{};
};

// Tells twice a second how much was done, while that grows. Beside the task's own threads: whichever of them
// hangs, this one does not, and has nothing to tell.
class WorkTeller {
 public:
  WorkTeller(Conversation& conversation, std::uint64_t id, const std::function<std::int64_t()>& work_done) {
    if (!work_done) return;
    thread_ = std::jthread([&conversation, id, work_done](std::stop_token stop) {
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      std::int64_t told = 0;
      while (!stop.stop_requested()) {
        if (const std::int64_t done = work_done(); done != told) {
          conversation.say(WorkMessage{id, done});
          told = done;
        }
        never.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; });
      }
    });
  }

 private:
  std::jthread thread_;
};

struct Run {
  const TaskFunctions& functions;
  TaskObserver& observer;
  std::stop_token stop;

  template <class T>
  static Result<TaskResult> any(Result<T> result) {
    if (!result.ok()) return result.status();
    return TaskResult(std::move(result).value());
  }
  Result<TaskResult> operator()(const InspectTask& task) const { return any(functions.inspect(task, stop)); }
  Result<TaskResult> operator()(const RangeTask& task) const {
    return any(functions.run_range(task, observer, stop));
  }
  Result<TaskResult> operator()(const SoundTask& task) const {
    return any(functions.run_sound(task, observer, stop));
  }
  Result<TaskResult> operator()(const OutputTask& task) const {
    return any(functions.run_output(task, observer, stop));
  }
  Result<TaskResult> operator()(const FilmTask& task) const { return any(functions.run_film(task, stop)); }
  Result<TaskResult> operator()(const CompareTask& task) const { return any(functions.compare(task, stop)); }
};

}  // namespace

Status serve_tasks(UniqueFd socket, const TaskFunctions& functions) {
  Conversation conversation(std::move(socket));
  std::jthread listener([&] { conversation.listen(); });
  conversation.say(ReadyMessage{kProtocolVersion, std::string(version())});
  while (const std::optional<TaskMessage> message = conversation.next_task()) {
    conversation.say(TakenMessage{message->id});
    Reporter reporter(conversation, message->id);
    std::optional<WorkTeller> teller(std::in_place, conversation, message->id, functions.work_done);
    auto result = std::visit(Run{functions, reporter, conversation.stop()}, message->task);
    teller.reset();
    // Before the last line: the next task may follow it at once.
    conversation.task_over();
    if (result.ok())
      conversation.say(DoneMessage{message->id, std::move(result).value()});
    else
      conversation.say(FailedMessage{message->id, result.status()});
  }
  listener.join();
  return conversation.failure();
}

}  // namespace millrace::engine
