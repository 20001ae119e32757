// `millrace jobs`: what can be asked of a running server about its jobs. Blocking; each gives the exit code.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server/cli/console.h"
#include "server/cli/spec_flags.h"

namespace millrace::server {

struct ServerFlags {
  std::string server = "http://127.0.0.1:8080";
  std::string token;
};

struct SubmitOptions {
  SpecFlags spec;
  std::string idempotency_key;
  bool dry_run = false;  // prints the plan
  bool watch = false;    // then goes on like `watch`
};

struct ListOptions {
  std::string state;
  std::string tag;
  int limit = 50;
  std::string cursor;
};

int submit_job(const ServerFlags& server, const SubmitOptions& options, Console& console);
int list_jobs(const ServerFlags& server, const ListOptions& options, Console& console);
int show_job(const ServerFlags& server, const std::string& id, Console& console);
// Until the job ends: 0 completed, 1 failed, 4 cancelled, or a signal came (the job goes on). A server that
// answered once may be away for a minute, as when it is started anew.
int watch_job(const ServerFlags& server, const std::string& id, Console& console);
// `action`: cancel, retry, pause, resume, "outputs/NAME/cancel". All ids are asked for; the first failure's
// code counts.
int change_jobs(const ServerFlags& server, const std::string& action, const std::vector<std::string>& ids,
                Console& console);

}  // namespace millrace::server
