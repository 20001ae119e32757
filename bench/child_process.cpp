#include "bench/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using engine::UniqueFd;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

Result<UniqueFd> open_to_append(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd.valid()) return engine::errno_status(errno, "cannot write", path.native());
  return fd;
}

struct ChildSide {
  const char* program;
  char* const* words;
  int input, output, errors, failure;
  pid_t parent;
};

// Between fork and exec: only what is safe there.
[[noreturn]] void become(const ChildSide& side) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != side.parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGPIPE, SIG_DFL);
  int error = 0;
  if (::dup2(side.input, 0) < 0 || ::dup2(side.output, 1) < 0 || ::dup2(side.errors, 2) < 0) {
    error = errno;
  } else {
    ::execv(side.program, side.words);
    error = errno;
  }
  [[maybe_unused]] const ssize_t written = ::write(side.failure, &error, sizeof error);
  ::_exit(127);
}

// 0 when the child became the program, else the errno of why it did not.
int failure_told(int fd) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const Command& command, const std::filesystem::path& output,
                                         const std::filesystem::path& errors) {
  Result<std::string> program = find_program(command.at(0));
  if (!program.ok()) return program.status();
  UniqueFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Result<UniqueFd> output_fd = open_to_append(output);
  if (!output_fd.ok()) return output_fd.status();
  Result<UniqueFd> errors_fd = open_to_append(errors);
  if (!errors_fd.ok()) return errors_fd.status();
  std::array<int, 2> ends{};
  if (!input.valid() || ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return engine::errno_status(errno, "cannot be started", *program);
  UniqueFd failure_read(ends[0]);
  UniqueFd failure_write(ends[1]);

  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const ChildSide side{program->c_str(), words.data(),        input.get(), output_fd->get(),
                       errors_fd->get(), failure_write.get(), ::getpid()};
  const pid_t pid = ::fork();
  if (pid == 0) become(side);
  if (pid < 0) return engine::errno_status(errno, "cannot be started", *program);
  ::setpgid(pid, pid);  // both sides do: whoever is first wins
  ChildProcess child(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  const int no_end_fd = child.end_fd_.valid() ? 0 : errno;
  failure_write.reset();
  if (const int error = failure_told(failure_read.get()); error != 0)
    return engine::errno_status(error, "cannot be run", *program);
  if (no_end_fd != 0) return engine::errno_status(no_end_fd, "cannot be watched (pidfd_open)", *program);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), end_fd_(std::move(other.end_fd_)), end_(other.end_) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || ended()) return;
  signal(SIGKILL);
  wait();
}

void ChildProcess::signal(int number) const {
  if (!ended()) ::kill(-pid_, number);
}

const ProcessEnd& ChildProcess::wait() {
  if (!end_) {
    int wait_status = 0;
    rusage usage{};
    pid_t got = 0;
    do {
      got = ::wait4(pid_, &wait_status, 0, &usage);
    } while (got < 0 && errno == EINTR);
    end_ = ProcessEnd{wait_status, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)};
  }
  return *end_;
}

Status status_of_end(const std::string& name, int wait_status) {
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return {};
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    const char* words = ::sigdescr_np(number);
    return Status(Code::io_error, fmt::format("{} died of signal {} ({})", name, number,
                                              words == nullptr ? "unknown" : words));
  }
  return Status(Code::io_error, fmt::format("{} ended with code {}", name, WEXITSTATUS(wait_status)));
}

}  // namespace millrace::bench
