#include "engine/work/worker_main.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "engine/base/log.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/run_task.h"
#include "engine/work/worker.h"

namespace millrace::engine {
namespace {

// Ties this process to the thread that started it. A failure when that one is gone already: the kernel tells
// only of deaths to come.
Status die_with_parent(int fd) {
  ucred maker{};
  socklen_t size = sizeof maker;
  // A socket pair remembers the process that made it, which is the one that starts workers.
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &maker, &size) != 0)
    return {Code::invalid_argument,
            fmt::format("descriptor {}: {}; workers are started by the program itself, not by hand", fd,
                        errno_text(errno))};
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != maker.pid) return {Code::cancelled, "whoever started this worker is gone"};
  return {};
}

}  // namespace

int run_worker(int fd) {
  init_log("worker");
  init_media_log();
  if (Status s = die_with_parent(fd); !s.ok()) {
    spdlog::error("{}", s.message());
    return s.code() == Code::invalid_argument ? 2 : 1;
  }
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  const TaskFunctions pipeline{[](const InspectTask& task, std::stop_token stop) {
                                 return inspect(task.url, stop, task.accept_damage);
                               },
                               [](const RangeTask& task, TaskObserver& observer, std::stop_token stop) {
                                 return run_range(task, observer, stop);
                               },
                               [](const SoundTask& task, TaskObserver& observer, std::stop_token stop) {
                                 return run_sound(task, observer, stop);
                               },
                               [](const OutputTask& task, TaskObserver& observer, std::stop_token stop) {
                                 return run_output(task, observer, stop);
                               }};
  if (Status s = serve_tasks(UniqueFd(fd), pipeline); !s.ok()) {
    spdlog::error("{}", s.message());
    return 1;
  }
  return 0;
}

}  // namespace millrace::engine
