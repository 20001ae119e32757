// ChildProcess: one program under way, leader of a process group of its own. Belongs to one thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "bench/command.h"
#include "engine/base/status.h"
#include "engine/base/unique_fd.h"

namespace millrace::bench {

struct ProcessEnd {
  int wait_status = 0;
  double cpu_seconds = 0;  // its own and of the descendants it waited for
};

class ChildProcess {
 public:
  // Standard input is empty; output and errors are appended to the two files, which may be one. The child
  // gets SIGTERM when the calling thread ends.
  static engine::Result<ChildProcess> start(const Command& command, const std::filesystem::path& output,
                                            const std::filesystem::path& errors);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Kills its group and waits, where the end was not waited for.
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  // Readable once the process has ended.
  int end_fd() const { return end_fd_.get(); }
  bool ended() const { return end_.has_value(); }

  // To the whole group; nothing happens once the end was waited for.
  void signal(int number) const;
  // Blocks until the end.
  const ProcessEnd& wait();

 private:
  ChildProcess(pid_t pid, engine::UniqueFd end_fd) : pid_(pid), end_fd_(std::move(end_fd)) {}
  pid_t pid_;
  engine::UniqueFd end_fd_;
  std::optional<ProcessEnd> end_;
};

// Ok for exit code 0; else io_error: "NAME ended with code 1", "NAME died of signal 9 (Killed)".
engine::Status status_of_end(const std::string& name, int wait_status);

}  // namespace millrace::bench
