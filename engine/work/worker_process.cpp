#include "engine/work/worker_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/log_tail.h"
#include "engine/base/version.h"
#include "engine/work/out_of_memory.h"
#include "engine/work/protocol.h"
#include "engine/work/spawn.h"

namespace millrace::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReadyWithin{30};
constexpr std::chrono::seconds kGoesWithin{1};
constexpr std::chrono::seconds kDiesWithin{10};  // after SIGKILL
constexpr std::size_t kLastWords = 4;
constexpr std::size_t kMaxErrorLine = 4096;
constexpr int kReadsAtOnce = 32;  // a worker that writes without end must not hold its reader

std::int64_t resident_bytes(pid_t pid) {
  const Result<std::string> statm = read_file(fmt::format("/proc/{}/statm", pid));
  if (!statm.ok()) return 0;
  long long total = 0;
  long long resident = 0;
  if (std::sscanf(statm->c_str(), "%lld %lld", &total, &resident) != 2) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// How many processes of this machine the kernel has ended for want of memory; 0 where it does not tell.
std::int64_t kernel_memory_kills() {
  const Result<std::string> vmstat = read_file("/proc/vmstat");
  constexpr std::string_view kField = "\noom_kill ";
  const std::size_t found = vmstat.ok() ? vmstat->find(kField) : std::string::npos;
  return found == std::string::npos ? 0 : std::strtoll(vmstat->c_str() + found + kField.size(), nullptr, 10);
}

}  // namespace

Status status_of_end(int end, bool by_us, bool kernel_killed) {
  if (WIFEXITED(end) && WEXITSTATUS(end) == kOutOfMemoryExit)
    return {Code::out_of_memory, fmt::format("got no more memory; {}", kMemoryAdvice)};
  if (!WIFSIGNALED(end)) return {Code::device_lost, fmt::format("exited with code {}", WEXITSTATUS(end))};
  const int number = WTERMSIG(end);
  if (number == SIGKILL && kernel_killed && !by_us)
    return {Code::out_of_memory,
            fmt::format("was killed by the kernel, as memory ran out; {}", kMemoryAdvice)};
  const char* words = ::sigdescr_np(number);
  const bool by_others = number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP;
  return {by_others && !by_us ? Code::worker_killed : Code::device_lost,
          fmt::format("died of signal {} ({})", number, words == nullptr ? "unknown" : words)};
}

WorkerProcess::WorkerProcess(pid_t pid, UniqueFd socket, UniqueFd errors, bool quiet)
    : pid_(pid),
      socket_(std::move(socket)),
      errors_(std::move(errors)),
      lines_(kMaxLineBytes),
      error_lines_(kMaxErrorLine),
      quiet_(quiet) {}

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const std::filesystem::path& program, bool quiet,
                                                            std::stop_token stop,
                                                            std::vector<std::string> more) {
  Result<Spawned> spawned = spawn_worker(program, std::move(more));
  if (!spawned.ok()) return spawned.status();
  std::unique_ptr<WorkerProcess> worker(
      new WorkerProcess(spawned->pid, std::move(spawned->socket), std::move(spawned->errors), quiet));
  if (Status s = worker->wait_for_ready(program, stop); !s.ok()) return s;
  worker->memory_at_start_ = resident_bytes(worker->pid_);
  return worker;
}

Status WorkerProcess::wait_for_ready(const std::filesystem::path& program, std::stop_token stop) {
  const auto deadline = Clock::now() + kReadyWithin;
  std::array<char, 4096> buffer;
  for (;;) {
    if (stop.stop_requested()) return {Code::cancelled, "stopped while a worker was starting"};
    if (Clock::now() > deadline)
      return {Code::device_lost, fmt::format("{}: a worker said nothing for {} s after its start",
                                             program.string(), kReadyWithin.count())};
    // Short, to look at the stop token in between.
    std::array<pollfd, 2> watched{{{socket_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), 50);
    read_errors();
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) {
      if (!wait_until(Clock::now() + kGoesWithin)) signal(SIGKILL);
      wait_until(Clock::time_point::max());
      return {Code::device_lost,
              fmt::format("{}: at its start, {}", program.string(), how_it_ended().message())};
    }
    if (Status s = lines_.add({buffer.data(), static_cast<std::size_t>(got)}); !s.ok()) return s;
    const std::optional<std::string> line = lines_.next();
    if (!line) continue;
    const Result<FromWorker> message = from_worker_from(*line);
    const auto* ready = message.ok() ? std::get_if<ReadyMessage>(&*message) : nullptr;
    if (ready == nullptr)
      return {Code::device_lost, fmt::format("{}: is no worker of ours", program.string())};
    if (ready->protocol != kProtocolVersion || ready->version != version())
      return {Code::device_lost, fmt::format("{}: is version {} now and this is {}; restart the daemon",
                                             program.string(), ready->version, version())};
    return {};
  }
}

WorkerProcess::~WorkerProcess() {
  socket_.reset();
  if (!wait_until(Clock::now() + kGoesWithin)) signal(SIGTERM);
  if (!wait_until(Clock::now() + kGoesWithin)) signal(SIGKILL);
  if (!wait_until(Clock::now() + kDiesWithin))
    spdlog::error(
        "worker {} does not die of SIGKILL: the kernel holds it, as it does when a disk or a mount does not "
        "answer; nobody waits for it any more",
        pid_);
  // Its children, which were killed with it, hold its standard error until they are out of every system call.
  const auto deadline = Clock::now() + kDiesWithin;
  for (read_errors(); end_ && errors_.valid() && Clock::now() < deadline; read_errors()) {
    pollfd more{errors_.get(), POLLIN, 0};
    ::poll(&more, 1, 50);
  }
}

std::int64_t WorkerProcess::memory_growth() const {
  const std::int64_t now = resident_bytes(pid_);
  return memory_at_start_ == 0 || now == 0 ? 0 : now - memory_at_start_;
}

bool WorkerProcess::alive() { return !wait_until(Clock::time_point::min()); }

void WorkerProcess::read_errors() {
  if (!errors_.valid()) return;
  std::array<char, 4096> buffer;
  for (int reads = 0; reads < kReadsAtOnce; ++reads) {
    const ssize_t got = ::read(errors_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return errors_.reset();
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    if (!error_lines_.add(bytes).ok()) error_lines_ = LineReader(kMaxErrorLine);
    while (std::optional<std::string> line = error_lines_.next()) {
      if (line->empty()) continue;
      log_tail().add(fmt::format("worker {}: {}", pid_, *line));
      last_words_.push_back(std::move(*line));
      if (last_words_.size() > kLastWords) last_words_.pop_front();
    }
    while (!quiet_ && !bytes.empty()) {
      const ssize_t passed = ::write(STDERR_FILENO, bytes.data(), bytes.size());
      if (passed < 0 && errno == EINTR) continue;
      if (passed <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(passed));
    }
  }
}

std::uint64_t WorkerProcess::next_task() {
  memory_kills_ = kernel_memory_kills();
  return ++tasks_;
}

void WorkerProcess::signal(int number) {
  if (end_) return;
  signalled_ = true;
  ::kill(-pid_, number);
}

bool WorkerProcess::wait_until(Clock::time_point deadline) {
  while (!end_) {
    const bool last_look = Clock::now() >= deadline;  // before the look: what has ended by then ended in time
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != 0) {
      // What it started, if anything, goes with it; before the last wait, which frees the group's number for
      // others.
      ::kill(-pid_, SIGKILL);
      int end = 0;
      ::waitpid(pid_, &end, 0);
      end_ = end;
      break;
    }
    if (last_look) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    read_errors();  // a full pipe must not keep it from ending
  }
  return true;
}

std::string WorkerProcess::last_words() const { return fmt::format("{}", fmt::join(last_words_, " | ")); }

Status WorkerProcess::how_it_ended() {
  read_errors();
  Status how = status_of_end(end_.value_or(0), signalled_, kernel_memory_kills() > memory_kills_);
  std::string text = fmt::format("worker {} {}", pid_, end_ ? how.message() : "is running");
  if (!last_words_.empty()) text += "; its last words: " + last_words();
  return {how.code(), text};
}

}  // namespace millrace::engine
