#include "tests/engine/work/confined_worker.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/unique_fd.h"
#include "engine/pipeline/inspect.h"
#include "engine/work/forked_tasks.h"
#include "engine/work/out_of_memory.h"
#include "hw/confinement_probe.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

class Tries {
 public:
  // `result`: what a system call gave, below 0 a failure with its errno.
  void note(const std::string& deed, long result) {
    const int error = errno;
    told.push_back(deed + ": " + (result >= 0 ? "done" : ::strerrorname_np(error)));
  }
  void open(const std::string& deed, const fs::path& path, int flags) {
    const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    note(deed, file.get());
  }
  std::vector<std::string> told;
};

void try_the_system(Tries& tries) {
  const UniqueFd caller(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  tries.note("socket", caller.get());
  tries.note("listen", ::listen(caller.get(), 1));
  const UniqueFd raw(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  tries.note("raw socket", raw.get());
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  tries.note("fork", child);
  if (child > 0) ::waitpid(child, nullptr, 0);
  std::string program = "/bin/true";
  char* const arguments[] = {program.data(), nullptr};
  tries.note("exec", ::execve(program.c_str(), arguments, nullptr));
  tries.note("signal to another", ::kill(::getppid(), 0));
  tries.note("signal to itself", ::kill(::getpid(), 0));
  constexpr std::size_t kMuch = std::size_t{5} << 30;
  void* const memory = ::mmap(nullptr, kMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tries.note("5 GiB", memory == MAP_FAILED ? -1 : 0);
}

Result<Source> try_to_look(const InspectTask& task, const std::stop_token&) {
  Tries tries;
  const Result<std::string> named = path_of_url(task.url);
  const fs::path path = named.ok() ? *named : "/nowhere";
  tries.open("read the source", path, O_RDONLY);
  tries.open("write the source", path, O_WRONLY);
  tries.open("read beside it", path.parent_path() / "other", O_RDONLY);
  tries.open("list its folder", path.parent_path(), O_RDONLY | O_DIRECTORY);
  tries.open("read passwords", "/etc/shadow", O_RDONLY);
  tries.open("read a library", "/usr/lib/os-release", O_RDONLY);
  tries.open("write to /tmp", "/tmp/millrace-confined", O_WRONLY | O_CREAT);
  tries.note("chmod", ::chmod(path.c_str(), 0600));
  try_the_system(tries);
  Source source;
  source.url = task.url;
  source.damage = std::move(tries.told);
  return source;
}

std::vector<std::string> try_to_write(const fs::path& folder) {
  Tries tries;
  tries.open("write", folder / "a.tmp", O_WRONLY | O_CREAT | O_TRUNC);
  tries.note("folder", ::mkdir((folder / "720p").c_str(), 0755));
  tries.note("rename", ::rename((folder / "a.tmp").c_str(), (folder / "a").c_str()));
  tries.note("rename into", ::rename((folder / "a").c_str(), (folder / "720p" / "a").c_str()));
  tries.open("read it", folder / "720p" / "a", O_RDONLY);
  tries.open("sync its folder", folder / "720p", O_RDONLY | O_DIRECTORY);
  tries.note("remove", ::unlink((folder / "720p" / "a").c_str()));
  tries.note("link", ::symlink("/etc/shadow", (folder / "link").c_str()));
  tries.note("pipe", ::mkfifo((folder / "pipe").c_str(), 0600));
  tries.open("write beside it", folder.parent_path() / "b", O_WRONLY | O_CREAT);
  tries.open("read another job's", folder.parent_path() / "other", O_RDONLY);
  return std::move(tries.told);
}

Result<TaskEnd> try_to_make(const RangeTask& task, TaskObserver& observer, const std::stop_token& stop) {
  const std::string& part = task.plan.source.container;
  observer.progress({0, 0});
  if (part == "die") std::raise(SIGSEGV);
  if (part == "hoard") {  // address space alone: no page is touched
    std::vector<std::unique_ptr<char[]>> held;
    for (;;) held.emplace_back(new char[std::size_t{1} << 30]);
  }
  if (part == "exit") {
    std::fputs("the decoder has found its master\n", stderr);
    ::_exit(3);
  }
  if (part == "wait") {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any stopped;
    stopped.wait(lock, stop, [] { return false; });
    return Status(Code::cancelled, "asked to stop");
  }
  FinishedSegment segment;
  segment.track = "abr/720p";
  segment.index = ::getpid();
  if (Status s = observer.segment_finished(segment); !s.ok()) return s;
  TaskEnd end;
  end.lost = try_to_write(task.output_folder);
  return end;
}

}  // namespace

int play_confined_worker(int fd) {
  const TaskFunctions functions{try_to_look,
                                try_to_make,
                                [](const SoundTask&, TaskObserver&, std::stop_token) -> Result<TaskEnd> {
                                  return Status(Code::unsupported, "no sound here");
                                },
                                [](const OutputTask&, TaskObserver&, std::stop_token) -> Result<TaskEnd> {
                                  return Status(Code::unsupported, "no output here");
                                },
                                [](const FilmTask&, std::stop_token) -> Result<TaskEnd> {
                                  return Status(Code::unsupported, "no film here");
                                },
                                [](const CompareTask&, std::stop_token) -> Result<Likeness> {
                                  return Status(Code::unsupported, "nothing is compared here");
                                },
                                {}};
  exit_when_out_of_memory();
  const Confinement confinement{confinement_of_this_machine(), 0};
  return serve_forked_tasks(UniqueFd(fd), functions, confinement).ok() ? 0 : 1;
}

Deeds deeds_of(const std::vector<std::string>& sentences) {
  Deeds deeds;
  for (const std::string& each : sentences) {
    const auto colon = each.find(": ");
    deeds[each.substr(0, colon)] = each.substr(colon + 2);
  }
  return deeds;
}

hw::ConfinementFacts confinement_of_this_machine() {
  std::vector<hw::Absence> absences;
  return hw::probe_confinement({}, absences);
}

RangeTask confined_range(const fs::path& source, const fs::path& output_folder, const std::string& part) {
  RangeTask task;
  task.plan.source.url = "file://" + source.native();
  task.plan.source.container = part;
  task.output_folder = output_folder;
  return task;
}

}  // namespace millrace::engine
