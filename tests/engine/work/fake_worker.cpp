#include "tests/engine/work/fake_worker.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/unique_fd.h"
#include "engine/base/version.h"
#include "engine/work/protocol.h"
#include "engine/work/worker.h"
#include "engine/work/worker_pool.h"
#include "tests/engine/work/confined_worker.h"

namespace millrace::engine {
namespace {

FinishedSegment segment_number(std::int64_t index) {
  FinishedSegment segment;
  segment.track = "abr/720p";
  segment.index = index;
  segment.file = segment.track + "/" + segment_file_name(index);
  segment.bytes = 1000 + index;
  return segment;
}

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any stopped;
  stopped.wait(lock, stop, [] { return false; });
}

Result<TaskEnd> play(const RangeTask& task, TaskObserver& observer, std::stop_token stop) {
  static std::vector<std::unique_ptr<std::vector<char>>> held;
  const std::string part = task.plan.source.url;
  TaskEnd end;
  end.end_segment = task.first_segment;
  if (part == "deaf") std::signal(SIGTERM, SIG_IGN);
  observer.progress({0, 0});
  if (part == "wait") {
    wait_for(stop);
    return Status(Code::cancelled, "asked to stop");
  }
  if (part == "deaf") {
    for (;;) ::pause();
  }
  if (part == "exit") {
    std::fputs("first words\nthe decoder has found its master\n", stderr);
    ::_exit(3);
  }
  if (part == "refuse") return Status(Code::corrupt_input, "at 1.000 s: broken").at_field("input");
  if (part == "lose") return Status(Code::device_lost, "the GPU fell off the bus");
  if (part == "chatter") {
    while (!stop.stop_requested()) std::fputs("................................\n", stderr);
    return Status(Code::cancelled, "asked to stop");
  }
  if (part == "grow") held.push_back(std::make_unique<std::vector<char>>(64 << 20, 'x'));
  if (part == "enough") {  // it goes on until it has heard so
    wait_for(observer.enough());
    if (Status s = observer.segment_finished(segment_number(end.end_segment++)); !s.ok()) return s;
    return end;
  }
  const std::int64_t segments = part == "die"    ? 1
                                : part == "grow" ? 0
                                                 : std::stoll(part.substr(part.find(' ')));
  for (std::int64_t made = 0; made < segments; ++made) {
    observer.progress({static_cast<double>(made), made});
    if (Status s = observer.segment_finished(segment_number(end.end_segment)); !s.ok()) return s;
    ++end.end_segment;
  }
  if (part == "die") std::raise(SIGKILL);
  end.end_of_source = true;
  end.media_seconds = 4.0 * static_cast<double>(segments);
  return end;
}

int play_worker(int fd) {
  const TaskFunctions functions{
      [](const InspectTask& task, std::stop_token stop) -> Result<Source> {
        const std::string& url = task.url;
        if (url == "wait") {
          wait_for(stop);
          return Status(Code::cancelled, "asked to stop");
        }
        if (url == "missing") return Status(Code::not_found, "missing: no such file");
        Source source;
        source.url = url;
        source.duration_seconds = 12.5;
        if (task.accept_damage) source.damage = {"cut short"};
        return source;
      },
      play,
      [](const SoundTask& task, TaskObserver& observer, std::stop_token) -> Result<TaskEnd> {
        if (Status s = observer.segment_finished(segment_number(7)); !s.ok()) return s;
        TaskEnd end;
        end.end_segment = static_cast<std::int64_t>(task.sound);
        return end;
      },
      [](const OutputTask& task, TaskObserver& observer, std::stop_token) -> Result<TaskEnd> {
        observer.lost("at 1.000 s: a slice is damaged");
        FinishedSegment file;
        file.track = file.file = task.plan.outputs[task.output].path;
        if (Status s = observer.segment_finished(file); !s.ok()) return s;
        TaskEnd end;
        end.end_segment = task.segments.at("abr/720p");
        end.lost = {"at 1.000 s: a slice is damaged"};
        return end;
      },
      [](const FilmTask& task, std::stop_token) -> Result<TaskEnd> {
        if (task.codec == "vc1") return Status(Code::unsupported, "no encoder");
        TaskEnd end;
        end.media_seconds = 2;
        return end;
      },
      [](const CompareTask& task, std::stop_token) -> Result<Likeness> {
        if (task.track == task.reference) return Likeness{25, 25, kSameDecibels, 0};
        return Status(Code::internal, "at 1.000 s: broken");
      },
      {}};
  return serve_tasks(UniqueFd(fd), functions).ok() ? 0 : 1;
}

void send_all(int fd, const std::string& line) {
  std::size_t sent = 0;
  while (sent < line.size()) {
    const ssize_t now = ::send(fd, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (now < 0) ::_exit(4);
    sent += static_cast<std::size_t>(now);
  }
}

int play_flooder(int fd) {
  send_all(fd, line_of(FromWorker(ReadyMessage{kProtocolVersion, std::string(version())})));
  std::array<char, 1 << 16> buffer;
  if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0) return 0;
  for (;;) send_all(fd, line_of(FromWorker(ProgressMessage{1, {1.0, 1}})));
}

int play_liar(int fd) {
  send_all(fd, line_of(FromWorker(ReadyMessage{kProtocolVersion, std::string(version())})));
  std::array<char, 1 << 16> buffer;
  if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0) return 0;
  send_all(fd, "{\"type\":\"done\",\"id\":1,\"end\":{}}\n");
  ::pause();
  return 0;
}

// A daemon to be killed: says who its workers are, then runs a task until it dies.
int play_daemon() {
  auto pool = WorkerPool::start({.program = test_program(), .warm = 2});
  if (!pool.ok()) return 1;
  class Sayer : public TaskObserver {
   public:
    explicit Sayer(WorkerPool& pool) : pool_(pool) {}
    Status segment_finished(const FinishedSegment&) override {
      for (const int id : pool_.process_ids()) std::printf("%d\n", id);
      std::printf("all\n");
      std::fflush(stdout);
      for (;;) ::pause();
    }
    void progress(const TaskProgress&) override {}

   private:
    WorkerPool& pool_;
  } sayer(**pool);
  return (*pool)->run_range(range_playing("segments 1"), sayer, {}).ok() ? 0 : 1;
}

}  // namespace

int play_part(int count, char** arguments) {
  const std::string part = count > 1 ? arguments[1] : "";
  const int fd = count > 3 && std::string(arguments[2]) == "--fd" ? std::atoi(arguments[3]) : -1;
  if (part == "worker") return play_worker(fd);
  if (part == "flooder") return play_flooder(fd);
  if (part == "liar") return play_liar(fd);
  if (part == "daemon") return play_daemon();
  if (part == "confined") return play_confined_worker(fd);
  if (part == "mute") {
    std::fputs("no such luck\n", stderr);
    return 9;
  }
  if (part == "elder") {
    send_all(fd, line_of(FromWorker(ReadyMessage{kProtocolVersion, "0.0.1"})));
    ::pause();
  }
  return -1;
}

std::filesystem::path test_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::filesystem::path program_in_part(const std::filesystem::path& folder, const std::string& part) {
  const std::filesystem::path script = folder / part;
  const std::string text =
      fmt::format("#!/bin/sh\nshift\nexec '{}' {} \"$@\"\n", test_program().string(), part);
  if (!write_file(script, text).ok()) std::abort();
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  return script;
}

RangeTask range_playing(const std::string& part) {
  RangeTask task;
  task.plan.source.url = part;
  task.first_segment = 3;
  task.output_folder = "/nowhere";
  return task;
}

bool is_gone(pid_t pid) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid()) return errno == ESRCH;
  pollfd ended{process.get(), POLLIN, 0};
  return ::poll(&ended, 1, 20'000) == 1;
}

}  // namespace millrace::engine
