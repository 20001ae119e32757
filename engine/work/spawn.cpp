#include "engine/work/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace millrace::engine {
namespace {

Status cannot_start(const std::filesystem::path& program, int error) {
  return errno_status(error, "cannot start a worker", program.string());
}

struct Pipe {
  UniqueFd out;
  UniqueFd in;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_status(errno, "cannot start a worker", "pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// All that the child needs, made before the fork: after it only async-signal-safe calls are allowed.
struct Child {
  const char* program;
  std::vector<char*> arguments;
  pid_t parent;
  int socket;
  int nothing;  // /dev/null
  int errors;   // becomes its standard output and error
  int failure;  // takes the errno of a failed step; closes on exec
};

[[noreturn]] void give_up(const Child& child) {
  const int error = errno;
  if (::write(child.failure, &error, sizeof error) < 0) _exit(126);
  _exit(127);
}

[[noreturn]] void become_worker(const Child& child) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != child.parent) _exit(127);
  struct sigaction default_action {};
  default_action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &default_action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(child.nothing, 0) < 0 || ::dup2(child.errors, 1) < 0 || ::dup2(child.errors, 2) < 0)
    give_up(child);
  // Libraries open descriptors without O_CLOEXEC; an heir of a listening socket would keep its port taken.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (::fcntl(child.socket, F_SETFD, 0) != 0) give_up(child);
  ::execv(child.program, child.arguments.data());
  give_up(child);
}

}  // namespace

Result<Spawned> spawn_worker(const std::filesystem::path& program, std::vector<std::string> more) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return cannot_start(program, errno);
  UniqueFd ours(pair[0]);
  const UniqueFd theirs(pair[1]);
  Result<Pipe> errors = make_pipe();
  if (!errors.ok()) return errors.status();
  Result<Pipe> failure = make_pipe();
  if (!failure.ok()) return failure.status();
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing.valid()) return cannot_start(program, errno);

  const std::string name = program.string();
  std::vector<std::string> words = {name, "worker", "--fd", std::to_string(theirs.get())};
  words.insert(words.end(), more.begin(), more.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const Child child{name.c_str(),  std::move(arguments), ::getpid(),       theirs.get(),
                    nothing.get(), errors->in.get(),     failure->in.get()};
  const pid_t pid = ::fork();
  if (pid < 0) return cannot_start(program, errno);
  if (pid == 0) become_worker(child);

  // From both sides, so that the group exists whoever runs first; EACCES only says that the child has run
  // exec.
  ::setpgid(pid, pid);
  failure->in.reset();
  int error = 0;
  ssize_t got = 0;
  do got = ::read(failure->out.get(), &error, sizeof error);
  while (got < 0 && errno == EINTR);
  if (got != 0) {
    ::waitpid(pid, nullptr, 0);
    return cannot_start(program, error);
  }
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(errors->out.get(), F_SETFL, O_NONBLOCK);
  return Spawned{pid, std::move(ours), std::move(errors->out)};
}

}  // namespace millrace::engine
