#include "engine/work/forked_tasks.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/base/log.h"
#include "engine/base/version.h"
#include "engine/work/confine.h"
#include "engine/work/line_reader.h"
#include "engine/work/protocol.h"
#include "engine/work/task_reach.h"

namespace millrace::engine {
namespace {

// False when the other end is gone; who reads from it hears so.
bool send_line(int socket, std::string_view line) {
  const std::string text = std::string(line) + '\n';
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t sent = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

constexpr int kEndsWithinMilliseconds = 10'000;

enum class Heard { something, nothing_more };

Result<Heard> hear(int socket, LineReader& lines) {
  std::array<char, 1 << 16> buffer;
  const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EINTR) return Heard::something;
  if (got <= 0) return Heard::nothing_more;
  if (Status s = lines.add({buffer.data(), static_cast<std::size_t>(got)}); !s.ok()) return s;
  return Heard::something;
}

// Ends this process as its child ended.
[[noreturn]] void end_like(int end) {
  if (WIFEXITED(end)) ::_exit(WEXITSTATUS(end));
  const int number = WTERMSIG(end);
  ::prctl(PR_SET_DUMPABLE, 0);  // the child's core file, if any, tells more
  std::signal(number, SIG_DFL);
  ::kill(::getpid(), number);
  ::_exit(128 + number);
}

class Parent {
 public:
  Parent(UniqueFd pool, const TaskFunctions& functions, const Confinement& confinement)
      : pool_(std::move(pool)), functions_(functions), confinement_(confinement) {}

  Status run() {
    std::string ready = line_of(FromWorker(ReadyMessage{kProtocolVersion, std::string(version())}));
    ready.pop_back();
    send_line(pool_.get(), ready);
    for (;;) {
      const std::optional<std::string> line = lines_.next();
      if (!line) {
        const Result<Heard> heard = hear(pool_.get(), lines_);
        if (!heard.ok()) return heard.status();
        if (*heard == Heard::nothing_more) return {};
        continue;
      }
      const Result<ToWorker> message = to_worker_from(*line);
      if (!message.ok()) return message.status();
      // Anything else crossed the last line of the task before.
      const auto* task = std::get_if<TaskMessage>(&*message);
      if (task == nullptr) continue;
      if (Status s = run_task(task->task, *line); !s.ok()) return s;
    }
  }

 private:
  Status run_task(const Task& task, const std::string& line) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
      return {Code::internal, fmt::format("a worker cannot speak with its child: {}", errno_text(errno))};
    UniqueFd ours(pair[0]);
    UniqueFd theirs(pair[1]);
    const pid_t self = ::getpid();
    const pid_t child = ::fork();
    if (child < 0)
      return {Code::internal, fmt::format("a worker cannot fork for its task: {}", errno_text(errno))};
    if (child == 0) {
      ours.reset();
      pool_.reset();
      become_child(std::move(theirs), task, self);
    }
    theirs.reset();
    const Result<Heard> heard = pass_on(ours.get(), line);
    ours.reset();
    if (!heard.ok()) {
      spdlog::error("{}", heard.status().message());
      ::kill(child, SIGKILL);
    }
    int end = 0;
    while (::waitpid(child, &end, 0) < 0 && errno == EINTR) {
    }
    const bool ended_by_us = !heard.ok() && WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL;
    if (end != 0 && !ended_by_us) end_like(end);
    return heard.ok() ? Status() : heard.status();
  }

  [[noreturn]] void become_child(UniqueFd socket, const Task& task, pid_t parent) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const Status confined = confine(reach_of(task, confinement_.machine_bytes), confinement_.offered);
    const TaskFunctions refusing{
        [&](const InspectTask&, std::stop_token) -> Result<Source> { return confined; },
        [&](const RangeTask&, TaskObserver&, std::stop_token) -> Result<TaskEnd> { return confined; },
        [&](const SoundTask&, TaskObserver&, std::stop_token) -> Result<TaskEnd> { return confined; },
        [&](const OutputTask&, TaskObserver&, std::stop_token) -> Result<TaskEnd> { return confined; },
        [&](const FilmTask&, std::stop_token) -> Result<TaskEnd> { return confined; },
        [&](const CompareTask&, std::stop_token) -> Result<Likeness> { return confined; },
        {}};
    const Status served = serve_tasks(std::move(socket), confined.ok() ? functions_ : refusing);
    if (!served.ok()) spdlog::error("{}", served.message());
    // Whatever the task held goes with the process; there is nothing left to tidy up.
    ::_exit(served.ok() ? 0 : 1);
  }

  // From the task's line to the child's end. A failure: the child does not keep to the rules, and must be
  // ended.
  Result<Heard> pass_on(int child, const std::string& task_line) {
    LineReader from_child(kMaxLineBytes);
    bool pool_is_gone = false;
    bool is_ready = false;
    bool is_over = false;  // the next line from the pool is the next task
    send_line(child, task_line);
    for (;;) {
      const bool listens = !pool_is_gone && !is_over;
      std::array<pollfd, 2> watched{{{child, POLLIN, 0}, {listens ? pool_.get() : -1, POLLIN, 0}}};
      if (::poll(watched.data(), watched.size(), is_over ? kEndsWithinMilliseconds : -1) == 0)
        return Status(Code::internal, "a worker's child stayed after its task");
      if (watched[0].revents != 0) {
        const Result<Heard> heard = hear(child, from_child);
        if (!heard.ok() || *heard == Heard::nothing_more) return heard;
        while (const std::optional<std::string> line = from_child.next()) {
          // Its first line says that it is ready, as this worker has said long since.
          if (std::exchange(is_ready, true)) send_line(pool_.get(), *line);
          if (!is_last_line(*line)) continue;
          is_over = true;
          ::shutdown(child, SHUT_WR);
        }
      }
      if (watched[1].revents != 0 && !is_over) {
        const Result<Heard> heard = hear(pool_.get(), lines_);
        pool_is_gone = !heard.ok() || *heard == Heard::nothing_more;
        while (const std::optional<std::string> line = lines_.next()) send_line(child, *line);
        if (pool_is_gone) ::shutdown(child, SHUT_WR);
      }
    }
  }

  UniqueFd pool_;
  LineReader lines_{kMaxLineBytes};
  const TaskFunctions& functions_;
  const Confinement& confinement_;
};

}  // namespace

Status serve_forked_tasks(UniqueFd socket, const TaskFunctions& functions, const Confinement& confinement) {
  return Parent(std::move(socket), functions, confinement).run();
}

}  // namespace millrace::engine
