#include "engine/work/task_call.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "engine/work/out_of_memory.h"
#include "engine/work/stall_watch.h"

namespace millrace::engine {
namespace {

using Clock = std::chrono::steady_clock;
using Answer = Result<TaskResult>;

constexpr std::chrono::milliseconds kDiesWithin{10'000};  // once its socket is closed, or after SIGKILL

class Call {
 public:
  Call(WorkerProcess& worker, TaskObserver& observer, std::stop_token stop,
       std::chrono::milliseconds patience, StopTimes times)
      : worker_(worker),
        observer_(observer),
        stop_(std::move(stop)),
        enough_(observer.enough()),
        times_(times),
        watch_(patience, Clock::now()),
        id_(worker.next_task()),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  TaskOutcome run(Task task) {
    const bool is_inspection = std::holds_alternative<InspectTask>(task);
    const bool is_comparison = std::holds_alternative<CompareTask>(task);
    if (!wake_.valid()) return {errno_status(errno, "cannot watch a worker", "eventfd"), true};
    Result<std::string> line = line_of(ToWorker(TaskMessage{id_, std::move(task)}));
    if (!line.ok()) return {line.status(), true};
    if (line->size() > kMaxLineBytes)
      return {Status(Code::invalid_argument, "the task's plan is too large for a worker"), true};
    outgoing_ = std::move(line).value();

    const auto wake = [this] { ::eventfd_write(wake_.get(), 1); };
    const std::stop_callback on_stop(stop_, wake);
    const std::stop_callback on_enough(enough_, wake);
    while (!answer_) {
      wait();
      pass_on_enough();
      step_down();
      worker_.read_errors();
      write();
      read();
      look_whether_stuck();
    }
    const bool fits = !answer_->ok() || (std::holds_alternative<Source>(**answer_) == is_inspection &&
                                         std::holds_alternative<Likeness>(**answer_) == is_comparison);
    if (well_ && !fits) lose("gave the answer to another kind of task");
    return {std::move(*answer_), well_, started_};
  }

 private:
  void wait() {
    std::array<pollfd, 3> watched{{
        {worker_.socket(), static_cast<short>(outgoing_.empty() ? POLLIN : POLLIN | POLLOUT), 0},
        {wake_.get(), POLLIN, 0},
        {worker_.errors(), POLLIN, 0},  // poll skips -1
    }};
    const auto next = stopped_at_ ? *stopped_at_ + (terminated_ ? times_.kill_after : times_.term_after)
                                  : watch_.deadline();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    ::poll(watched.data(), watched.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    // A token tells of its request before it calls back: read here alone, no wake-up stays behind.
    eventfd_t count = 0;
    if (watched[1].revents != 0) ::eventfd_read(wake_.get(), &count);
  }

  void pass_on_enough() {
    if (enough_told_ || !enough_.stop_requested()) return;
    enough_told_ = true;
    outgoing_ += line_of(ToWorker(EnoughMessage{id_})).value();
  }

  // What follows from a stop request: ask, then SIGTERM, then SIGKILL.
  void step_down() {
    if (!stop_.stop_requested()) return;
    const auto now = Clock::now();
    if (!stopped_at_) {
      stopped_at_ = now;
      outgoing_ += line_of(ToWorker(CancelMessage{id_})).value();
    } else if (!terminated_ && now - *stopped_at_ >= times_.term_after) {
      terminated_ = true;
      worker_.signal(SIGTERM);
    } else if (now - *stopped_at_ >= times_.kill_after) {
      worker_.signal(SIGKILL);
      ended();
    }
  }

  void write() {
    while (!outgoing_.empty()) {
      const ssize_t sent = ::send(worker_.socket(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return;  // EAGAIN, or an end that read() meets
      outgoing_.erase(0, static_cast<std::size_t>(sent));
    }
  }

  // One helping, so that a worker that writes without end cannot keep a stop request from being seen.
  void read() {
    if (answer_) return;
    std::array<char, 1 << 16> buffer;
    const ssize_t got = ::recv(worker_.socket(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return ended();
    if (Status s = worker_.lines().add({buffer.data(), static_cast<std::size_t>(got)}); !s.ok())
      return lose(s.message());
    while (!answer_) {
      const std::optional<std::string> line = worker_.lines().next();
      if (!line) return;
      Result<FromWorker> message = from_worker_from(*line);
      if (!message.ok()) return lose(message.status().message());
      std::visit([this](auto& each) { take(each); }, *message);
    }
  }

  void take(ReadyMessage&) { lose("said twice that it is ready"); }
  void take(TakenMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    started_ = true;
    watch_.got_on(Clock::now());
  }
  void take(SegmentMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    const SegmentAnswer answer{id_, message.number, observer_.segment_finished(message.segment)};
    Result<std::string> line = line_of(ToWorker(answer));
    if (!line.ok()) line = line_of(ToWorker(SegmentAnswer{id_, message.number, {answer.status.code(), ""}}));
    outgoing_ += line.value();
    write();
    watch_.got_on(Clock::now());  // the time that booking took is ours
  }
  void take(LostMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    observer_.lost(message.sentence);
  }
  void take(ProgressMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    observer_.progress(message.progress);
  }
  void take(WorkMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    watch_.done(message.done, Clock::now());
  }
  void take(DoneMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    well_ = true;
    answer_ = std::move(message.result);
  }
  void take(FailedMessage& message) {
    if (message.id != id_) return lose("spoke of a task that it does not have");
    // A lost device poisons its process for good, our own mistake may have left anything behind, and memory
    // comes back when its process goes.
    const Code code = message.status.code();
    well_ = code != Code::device_lost && code != Code::internal && code != Code::out_of_memory;
    answer_ = message.status;
    if (code == Code::out_of_memory)
      answer_ = Status(code, fmt::format("{}; {}", message.status.message(), kMemoryAdvice));
  }

  // A stop has deadlines of its own.
  void look_whether_stuck() {
    const auto now = Clock::now();
    if (answer_ || stopped_at_ || stop_.stop_requested() || !watch_.stuck(now)) return;
    lose(fmt::format("it is stuck: for {} s it has read, decoded and encoded nothing",
                     watch_.idle(now).count()));
  }

  // The worker has closed its end: it is dying, or dead.
  void ended() {
    // Not for long where somebody waits for the stop.
    const auto patience = stopped_at_ ? times_.kill_after : kDiesWithin;
    if (!worker_.wait_until(Clock::now() + patience)) worker_.signal(SIGKILL);
    worker_.wait_until(Clock::now() + patience);
    const Status how = worker_.how_it_ended();
    answer_ = stopped_at_ ? Status(Code::cancelled, "stopped") : how;
  }

  void lose(const std::string& why) {
    well_ = false;
    started_ = true;  // nobody can tell
    worker_.signal(SIGKILL);
    std::string text = fmt::format("worker {} was ended: {}", worker_.id(), why);
    if (const std::string words = worker_.last_words(); !words.empty()) text += "; its last words: " + words;
    answer_ = Status(Code::device_lost, std::move(text));
  }

  WorkerProcess& worker_;
  TaskObserver& observer_;
  std::stop_token stop_;
  const std::stop_token enough_;
  const StopTimes times_;
  StallWatch watch_;
  std::uint64_t id_;
  UniqueFd wake_;
  std::string outgoing_;
  std::optional<Clock::time_point> stopped_at_;
  bool terminated_ = false;
  bool enough_told_ = false;
  bool started_ = false;
  bool well_ = false;
  std::optional<Answer> answer_;
};

}  // namespace

TaskOutcome call_worker(WorkerProcess& worker, Task task, TaskObserver& observer, std::stop_token stop,
                        std::chrono::milliseconds patience, StopTimes times) {
  return Call(worker, observer, std::move(stop), patience, times).run(std::move(task));
}

}  // namespace millrace::engine
