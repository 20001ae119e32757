#include "engine/work/worker_main.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/work_count.h"
#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/media_log.h"
#include "engine/pipeline/run_task.h"
#include "engine/work/forked_tasks.h"
#include "engine/work/out_of_memory.h"
#include "engine/work/worker.h"
#include "hw/cgroup.h"
#include "hw/confinement_probe.h"
#include "hw/memory_probe.h"

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

// The kernel's killer of processes takes a worker before it takes the daemon. Raising this needs no right.
void offer_to_be_killed_first() {
  const UniqueFd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (score.valid() && ::write(score.get(), "500", 3) < 0)
    spdlog::debug("oom_score_adj: {}", errno_text(errno));
}

Confinement confinement_here() {
  const hw::ProbeRoots roots;
  std::vector<hw::Absence> said_by_the_daemon;
  const hw::CgroupLimits limits = hw::read_cgroup_limits(roots);
  const hw::MemoryFacts memory = hw::probe_memory(roots, limits, said_by_the_daemon);
  const std::uint64_t bytes = std::min(memory.total_bytes, memory.limit_bytes.value_or(memory.total_bytes));
  return {hw::probe_confinement(roots, said_by_the_daemon), static_cast<std::int64_t>(bytes)};
}

}  // namespace

int run_worker(int fd, const std::vector<std::string>& allowed_sources) {
  init_log("worker");
  init_media_log();
  if (Status s = die_with_parent(fd); !s.ok()) {
    spdlog::error("{}", s.message());
    return s.code() == Code::invalid_argument ? 2 : 1;
  }
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  Result<AddressRules> rules = AddressRules::of(allowed_sources);
  if (!rules.ok()) {
    spdlog::error("{}", rules.status().message());
    return 2;
  }
  set_address_rules(std::move(*rules));
  const TaskFunctions pipeline{
      [](const InspectTask& task, std::stop_token stop) {
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
      },
      [](const FilmTask& task, std::stop_token stop) { return run_film(task, stop); },
      [](const CompareTask& task, std::stop_token stop) {
        return compare_pictures(task.track, task.reference, stop);
      },
      work_done};
  offer_to_be_killed_first();
  exit_when_out_of_memory();
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const Confinement confinement = confinement_here();
  const bool confined = confinement.offered.landlock > 0 || confinement.offered.seccomp;
  const Status served = confined ? serve_forked_tasks(UniqueFd(fd), pipeline, confinement)
                                 : serve_tasks(UniqueFd(fd), pipeline);
  if (const Status& s = served; !s.ok()) {
    spdlog::error("{}", s.message());
    return 1;
  }
  return 0;
}

}  // namespace millrace::engine
