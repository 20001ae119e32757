#include "hw/child_answer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace millrace::hw {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostBytes = std::size_t{4} << 20;
constexpr std::chrono::milliseconds kDying{1000};      // what a killed child is given to go
constexpr std::chrono::milliseconds kBetweenLooks{5};  // at whether it has ended

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void reset() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

// What posix_spawn is told, tied to a scope.
class Orders {
 public:
  explicit Orders(int answer) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    for (const int number : {0, 1, 2})
      ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDWR, 0);
    // dup2 onto itself would keep O_CLOEXEC; posix_spawn clears it (POSIX.1-2024).
    ::posix_spawn_file_actions_adddup2(&actions_, answer, kAnswerDescriptor);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, kAnswerDescriptor + 1);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~Orders() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// Waits for the child's end until then. Nothing: it has not ended.
std::optional<int> wait_until(pid_t child, Clock::time_point deadline) {
  for (;;) {
    int end = 0;
    const pid_t ended = ::waitpid(child, &end, WNOHANG);
    if (ended == child) return end;
    if (ended < 0 && errno != EINTR) return 0;  // reaped by somebody else: what it wrote is all that is known
    if (Clock::now() >= deadline) return std::nullopt;
    ::poll(nullptr, 0, static_cast<int>(kBetweenLooks.count()));
  }
}

// Reads to the end. False when the time is over before.
bool read_until(int from, Clock::time_point deadline, std::string& text) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd watched{from, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    if (text.size() < kMostBytes) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::string how_it_ended(int end) {
  if (WIFSIGNALED(end))
    return fmt::format("died of signal {} ({})", WTERMSIG(end), ::strsignal(WTERMSIG(end)));
  return WEXITSTATUS(end) == 0 ? std::string() : fmt::format("ended with code {}", WEXITSTATUS(end));
}

}  // namespace

ChildAnswer ask_child(const std::string& program, const std::vector<std::string>& arguments,
                      std::chrono::milliseconds limit) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return {{}, fmt::format("no pipe: {}", std::strerror(errno))};
  const Descriptor from(pipe[0]);
  Descriptor into(pipe[1]);
  const Orders orders(into.get());
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = -1;
  const Clock::time_point deadline = Clock::now() + limit;
  if (const int error = ::posix_spawn(&child, program.c_str(), orders.actions(), orders.attributes(),
                                      pointers.data(), ::environ))
    return {{}, fmt::format("cannot be started: {}", std::strerror(error))};
  into.reset();

  ChildAnswer answer;
  std::optional<int> end;
  if (read_until(from.get(), deadline, answer.text)) end = wait_until(child, deadline);
  if (end) {
    answer.trouble = how_it_ended(*end);
    return answer;
  }
  ::kill(-child, SIGKILL);
  wait_until(child, Clock::now() + kDying);
  answer.trouble =
      fmt::format("did not answer within {:.3g} s", std::chrono::duration<double>(limit).count());
  return answer;
}

}  // namespace millrace::hw
