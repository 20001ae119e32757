#include "engine/work/confine.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "engine/base/log.h"
#include "engine/work/landlock.h"
#include "engine/work/seccomp_filter.h"

namespace millrace::engine {
namespace {

// Never above a limit that is there already. `grace`: from there to where the kernel has no more patience.
Status limit(__rlimit_resource resource, std::int64_t most, std::string_view what, std::int64_t grace = 0) {
  rlimit now{};
  ::getrlimit(resource, &now);
  const auto wanted = static_cast<rlim_t>(most);
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max <= wanted) return {};
  const rlimit ours{wanted, wanted + static_cast<rlim_t>(grace)};
  if (::setrlimit(resource, &ours) == 0) return {};
  return {Code::internal, fmt::format("a worker cannot limit its {}: {}", what, errno_text(errno))};
}

}  // namespace

Status confine(const TaskReach& reach, const hw::ConfinementFacts& offered) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return {Code::internal, fmt::format("a worker cannot give up new rights: {}", errno_text(errno))};
  if (Status s = limit(RLIMIT_CORE, 0, "core files"); !s.ok()) return s;
  // Data, not address space: drivers of GPUs reserve far more addresses than they ever use.
  if (reach.memory_bytes > 0)
    if (Status s = limit(RLIMIT_DATA, reach.memory_bytes, "memory"); !s.ok()) return s;
  if (reach.cpu_seconds > 0)
    // SIGXCPU first, which says why; SIGKILL might have come from anybody.
    if (Status s = limit(RLIMIT_CPU, reach.cpu_seconds, "CPU time", 60); !s.ok()) return s;
  if (offered.landlock > 0)
    if (Status s = restrict_files(reach, offered.landlock); !s.ok()) return s;
  if (!offered.seccomp) return {};
  const Status calls = restrict_calls(reach.network);
  if (calls.code() != Code::unsupported) return calls;
  spdlog::warn("{}", calls.message());
  return {};
}

}  // namespace millrace::engine
