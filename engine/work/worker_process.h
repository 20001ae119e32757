// WorkerProcess: one child process with its socket and its standard error; gone, with its whole group, when
// this object is. One thread at a time; start() on a thread that outlives the worker (PDEATHSIG follows the
// thread that forked).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/unique_fd.h"
#include "engine/work/line_reader.h"

namespace millrace::engine {

// What an end means, as waitpid gives it: "died of signal 11 (Segmentation fault)", "exited with code 3".
// `by_us`: we sent it a signal; `kernel_killed`: meanwhile the kernel has ended processes for want of memory.
// out_of_memory: it got no more, or the kernel ended it. worker_killed: of a signal that only others send.
// device_lost: of anything else, for which its task may be to blame. Pure.
Status status_of_end(int end, bool by_us, bool kernel_killed);

class WorkerProcess {
 public:
  // Runs `program worker --fd N` in a process group of its own, with no other descriptor of ours, and waits
  // for its first line: at most 30 s, less after a stop request. Blocking. The reason names the program.
  // `quiet`: nothing of its standard error is passed on. `more`: arguments behind these.
  static Result<std::unique_ptr<WorkerProcess>> start(const std::filesystem::path& program, bool quiet,
                                                      std::stop_token stop,
                                                      std::vector<std::string> more = {});
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  pid_t id() const { return pid_; }
  int socket() const { return socket_.get(); }  // non-blocking
  int errors() const { return errors_.get(); }  // its standard error, non-blocking; -1 after its end
  LineReader& lines() { return lines_; }

  // Task numbers of this worker's life, from 1.
  std::uint64_t next_task();
  std::uint64_t tasks() const { return tasks_; }

  // Bytes of resident memory more than when it was ready. 0 where /proc does not tell.
  std::int64_t memory_growth() const;

  // False when it has died while nobody spoke with it.
  bool alive();

  // Passes on to our standard error what the worker wrote to its own, and keeps the last lines. Does not
  // block on the worker.
  void read_errors();

  // Closes the socket, which ends a worker that is idle.
  void close_socket() { socket_.reset(); }
  // To its whole process group.
  void signal(int number);
  // Waits for its end until then. True when it has ended (now or before).
  bool wait_until(std::chrono::steady_clock::time_point deadline);
  // The last lines that it wrote to its standard error, in one; empty: none.
  std::string last_words() const;
  // After its end: status_of_end() of "worker 123", and its last words.
  Status how_it_ended();

 private:
  WorkerProcess(pid_t pid, UniqueFd socket, UniqueFd errors, bool quiet);
  Status wait_for_ready(const std::filesystem::path& program, std::stop_token stop);

  pid_t pid_;
  UniqueFd socket_;
  UniqueFd errors_;
  LineReader lines_;
  LineReader error_lines_;
  bool quiet_;
  std::deque<std::string> last_words_;
  std::uint64_t tasks_ = 0;
  std::int64_t memory_at_start_ = 0;
  std::int64_t memory_kills_ = 0;  // the kernel's, up to the begin of the last task
  bool signalled_ = false;         // by us
  std::optional<int> end_;         // as waitpid gives it
};

}  // namespace millrace::engine
