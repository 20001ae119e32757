#include "server/cli/probe_gpus.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "engine/base/json_text.h"
#include "hw/driver_probe.h"
#include "hw/inventory_json.h"
#include "server/cli/exit_code.h"

namespace millrace::server {

int run_probe_gpus(const std::string& kind, int descriptor) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string text = engine::json_text(hw::to_json(hw::ask_drivers(kind)));
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = ::write(descriptor, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return kJobFailed;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  ::_exit(kDone);
}

}  // namespace millrace::server
