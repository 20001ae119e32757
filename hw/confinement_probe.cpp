#include "hw/confinement_probe.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

namespace millrace::hw {
namespace {

constexpr std::string_view kSanitizer = MILLRACE_SANITIZE;

std::string landlock_note(int error) {
  if (error == EOPNOTSUPP)
    return "switched off; add landlock to the kernel's lsm= list, so that a worker reads and writes nothing "
           "but its task's files";
  if (error == EPERM)
    return "not permitted here; let the container's seccomp profile pass the landlock_* system calls";
  return fmt::format(
      "this kernel has none ({}); run Linux 5.13 or later, so that a worker reads and writes nothing but its "
      "task's files",
      std::strerror(error));
}

}  // namespace

ConfinementFacts probe_confinement(const ProbeRoots& roots, std::vector<Absence>& absences) {
  ConfinementFacts facts;
  if (!kSanitizer.empty()) {
    const std::string note = fmt::format("off in this build with the {} sanitizer", kSanitizer);
    absences.push_back({"landlock", note});
    absences.push_back({"seccomp", note});
    return facts;
  }
  const int version = roots.landlock();
  if (version > 0)
    facts.landlock = version;
  else
    absences.push_back({"landlock", landlock_note(-version)});
  const int error = roots.seccomp();
  facts.seccomp = error == 0;
  if (!facts.seccomp)
    absences.push_back(
        {"seccomp", fmt::format("this kernel does not filter system calls ({}); run one that was "
                                "built with CONFIG_SECCOMP_FILTER",
                                std::strerror(error))});
  return facts;
}

}  // namespace millrace::hw
