#include "bench/measured_run.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "bench/child_process.h"
#include "engine/base/file.h"
#include "hw/text_file.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Orphaned descendants become our children while it lives.
class Subreaper {
 public:
  Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;
};

// The last lines of a log on one line, for a sentence.
std::string log_end(const std::filesystem::path& log) {
  const Result<std::string> text = engine::read_file(log);
  if (!text.ok()) return {};
  constexpr std::size_t kMostBytes = 600;
  std::string_view end = hw::trim(*text);
  if (end.size() > kMostBytes) end.remove_prefix(end.size() - kMostBytes);
  std::string line;
  for (const std::string_view part : hw::split(end, '\n'))
    line += (line.empty() ? "" : " | ") + hw::printable(part);
  return line;
}

class Run {
 public:
  Run(const RunOptions& options, const StopFlag& stop) : options_(options), stop_(stop) {}

  Result<RunFigures> run(const std::vector<Command>& commands) {
    begin_ = Clock::now();
    next_sample_ = begin_;
    start(commands);
    while (running() > 0) step();
    figures_.wall_seconds = std::chrono::duration<double>(last_end_ - begin_).count();
    wait_for_leftovers();
    if (!failure_.ok()) return failure_;
    if (stop_.requested()) return Status(Code::cancelled, "stopped");
    return figures_;
  }

 private:
  void start(const std::vector<Command>& commands) {
    const std::filesystem::path& output = options_.output.empty() ? options_.log : options_.output;
    for (const Command& command : commands) {
      Result<ChildProcess> child = ChildProcess::start(command, output, options_.log);
      if (!child.ok()) {
        fail(child.status());
        return;
      }
      children_.push_back(std::move(child).value());
      names_.push_back(command.front());
    }
  }

  std::ptrdiff_t running() const {
    return std::count_if(children_.begin(), children_.end(),
                         [](const auto& child) { return !child.ended(); });
  }

  // Waits for whatever comes first, and deals with it.
  void step() {
    std::vector<pollfd> waited;
    if (!ending_) waited.push_back({stop_.fd(), POLLIN, 0});
    for (const ChildProcess& child : children_) {
      if (!child.ended()) waited.push_back({child.end_fd(), POLLIN, 0});
    }
    ::poll(waited.data(), static_cast<nfds_t>(waited.size()), timeout());
    for (std::size_t i = 0; i < children_.size(); ++i) {
      pollfd end{children_[i].end_fd(), POLLIN, 0};
      if (!children_[i].ended() && ::poll(&end, 1, 0) > 0) reap(i);
    }
    if (!ending_ && stop_.requested()) end_all(SIGINT);
    if (ending_ && Clock::now() >= kill_at_) kill_tree();
    if (options_.sample_every.count() > 0 && Clock::now() >= next_sample_) sample();
  }

  int timeout() const {
    milliseconds wait{1000};
    const auto until = [&](Clock::time_point time) {
      wait =
          std::min(wait, std::chrono::ceil<milliseconds>(std::max(time - Clock::now(), Clock::duration{})));
    };
    if (options_.sample_every.count() > 0) until(next_sample_);
    if (ending_) until(kill_at_);
    return static_cast<int>(wait.count());
  }

  void reap(std::size_t index) {
    const ProcessEnd& end = children_[index].wait();
    last_end_ = Clock::now();
    figures_.cpu_seconds += end.cpu_seconds;
    if (ending_) return;  // it was told to end
    if (const Status status = status_of_end(names_[index], end.wait_status); !status.ok()) {
      const std::string log = log_end(options_.log);
      fail(log.empty() ? status : Status(status.code(), status.message() + ": " + log));
    }
  }

  void fail(Status status) {
    failure_ = std::move(status);
    end_all(SIGTERM);
  }

  void end_all(int signal) {
    ending_ = true;
    kill_at_ = Clock::now() + options_.stop_grace;
    for (const ChildProcess& child : children_) child.signal(signal);
  }

  void kill_tree() {
    for (const pid_t process : tree_.descendants(::getpid())) ::kill(process, SIGKILL);
    kill_at_ = Clock::now() + milliseconds(100);  // what was born meanwhile comes next
  }

  void sample() {
    const TreeMemory memory = tree_.memory_below(::getpid());
    if (memory.processes > 0) {
      figures_.peak_bytes = std::max(figures_.peak_bytes.value_or(0), memory.bytes);
      ++figures_.memory_samples;
    }
    if (options_.sampled) options_.sampled(memory);
    next_sample_ = Clock::now() + options_.sample_every;
  }

  void wait_for_leftovers() {
    const Clock::time_point patience = Clock::now() + options_.leftover_grace;
    while (true) {
      rusage usage{};
      const pid_t got = ::wait4(-1, nullptr, WNOHANG, &usage);
      if (got < 0 && errno != EINTR) return;
      if (got > 0) {
        ++figures_.left_behind;
        figures_.cpu_seconds += static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                                static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
        continue;
      }
      const bool impatient = ending_ || stop_.requested();
      if (impatient || Clock::now() >= patience) {
        for (const pid_t process : tree_.descendants(::getpid())) ::kill(process, SIGKILL);
      }
      ::poll(nullptr, 0, 10);
    }
  }

  const RunOptions& options_;
  const StopFlag& stop_;
  const ProcessTree tree_;
  const Subreaper subreaper_;
  std::vector<ChildProcess> children_;
  std::vector<std::string> names_;
  RunFigures figures_;
  Status failure_;
  bool ending_ = false;
  Clock::time_point begin_, last_end_, next_sample_, kill_at_;
};

}  // namespace

Result<RunFigures> run_measured(const std::vector<Command>& commands, const RunOptions& options,
                                const StopFlag& stop) {
  if (Status status = engine::remove_tree(options.log); !status.ok()) return status;
  if (!options.output.empty()) {
    if (Status status = engine::remove_tree(options.output); !status.ok()) return status;
  }
  return Run(options, stop).run(commands);
}

Result<std::string> output_of(const Command& command, const std::filesystem::path& folder,
                              const StopFlag& stop) {
  RunOptions options;
  options.log = folder / "errors.txt";
  options.output = folder / "output.txt";
  const Result<RunFigures> run = run_measured({command}, options, stop);
  if (!run.ok()) return run.status();
  return engine::read_file(options.output);
}

}  // namespace millrace::bench
