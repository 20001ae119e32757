#include "bench/store_bench.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>

#include "bench/seconds_since.h"
#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"
#include "engine/base/ulid.h"
#include "engine/base/unique_fd.h"
#include "engine/store/store.h"
#include "hw/probe.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Job;
using engine::JobState;
using engine::Result;
using engine::ScratchFolder;
using engine::Status;
using engine::Store;
using Clock = std::chrono::steady_clock;

constexpr int kFillers = 64;
constexpr std::size_t kPlanBytes = 2000;
constexpr std::size_t kReceiptBytes = 4000;

// Of a hundred jobs; what a store of a busy year looks like.
constexpr std::array<std::pair<JobState, int>, 4> kShares{
    {{JobState::completed, 70}, {JobState::failed, 10}, {JobState::cancelled, 10}, {JobState::queued, 10}}};

Job submitted_job() {
  Job job;
  job.id = engine::new_ulid();
  job.spec =
      R"({"input":{"url":"file:///media/in.mov"},"outputs":[{"name":"abr","type":"adaptive","codec":"h264",)"
      R"("package":["hls","dash"],"segment_seconds":4,"preset":"veryfast","ladder":[{"height":1080,"bitrate":5000000},)"
      R"({"height":720,"bitrate":2800000},{"height":480,"bitrate":1400000},{"height":360,"bitrate":800000}]},)"
      R"({"name":"stills","type":"thumbnails","at":[1.5,10],"size":"320x180","format":"jpg"}],"priority":50})";
  job.created = 1'700'000'000'000;
  job.tags = {"title=a film"};
  return job;
}

// JSON text of that length that no compression makes nothing of.
std::string document_of(std::size_t bytes, std::uint64_t seed) {
  std::string text = "[";
  while (text.size() + 22 < bytes) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    text += fmt::format("{},", seed);
  }
  return text + "0]";
}

Job ended_job(int number) {
  Job job = submitted_job();
  int place = number % 100;
  for (const auto& [state, share] : kShares) {
    job.state = state;
    if (place < share) break;
    place -= share;
  }
  if (job.state == JobState::queued) return job;
  job.started = job.finished = job.created;
  job.attempts = {{job.started, job.finished, std::string(name_of(job.state)), {}}};
  job.plan = document_of(kPlanBytes, static_cast<std::uint64_t>(number));
  if (job.state == JobState::completed)
    job.receipt = document_of(kReceiptBytes, static_cast<std::uint64_t>(number));
  return job;
}

// So many threads run `work(number)` for every number below `count`; the first failure ends it.
Status in_parallel(int threads, int count, const StopFlag& stop, const std::function<Status(int)>& work) {
  std::atomic<int> next{0};
  std::mutex mutex;
  Status first;
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i)
      running.emplace_back([&] {
        for (int number = next++; number < count; number = next++) {
          Status status = stop.requested() ? Status(Code::cancelled, "stopped") : work(number);
          if (status.ok()) continue;
          const std::lock_guard lock(mutex);
          if (first.ok()) first = std::move(status);
          next = count;
        }
      });
  }
  return first;
}

Result<double> syncs_per_second(const fs::path& folder, std::chrono::milliseconds time) {
  const fs::path file = folder / "syncs";
  const engine::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return engine::errno_status(errno, "cannot create", file.native());
  const std::string piece(2000, 'x');
  const auto begin = Clock::now();
  int syncs = 0;
  do {
    if (::write(fd.get(), piece.data(), piece.size()) < 0 || ::fdatasync(fd.get()) != 0)
      return engine::errno_status(errno, "cannot write", file.native());
    ++syncs;
  } while (Clock::now() - begin < time);
  const double seconds = seconds_since(begin);
  ::unlink(file.c_str());
  return syncs / seconds;
}

std::int64_t bytes_in(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    std::error_code gone;
    const std::uintmax_t size = each->file_size(gone);
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

class StoreRun {
 public:
  StoreRun(const StoreBenchOptions& options, const BenchListener& listener, const StopFlag& stop,
           const fs::path& folder)
      : options_(options), listener_(listener), stop_(stop), folder_(folder) {}

  Result<StoreReport> run() {
    report_.clients = options_.clients;
    report_.submissions = options_.submissions;
    report_.page = options_.page;
    const Result<std::string> load = engine::read_file("/proc/loadavg");
    report_.environment = environment_of(hw::probe(), load.value_or(""));
    report_.environment.workload = fmt::format(
        "{} submissions by {} clients, each with an Idempotency-Key; then {} jobs (70 % completed, 10 % each "
        "failed, cancelled, queued; plan {} kB, receipt {} kB) listed by state, {} a page, in {}",
        options_.submissions, options_.clients, options_.jobs, kPlanBytes / 1000, kReceiptBytes / 1000,
        options_.page, folder_.native());
    listener_.environment(report_.environment);
    for (const auto step : {&StoreRun::submit, &StoreRun::fill, &StoreRun::list})
      if (Status s = (this->*step)(); !s.ok()) return s;
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Status submit() {
    const Result<double> syncs = syncs_per_second(folder_, options_.disk_alone);
    if (!syncs.ok()) return syncs.status();
    report_.syncs_per_second = *syncs;
    const auto store = Store::open(folder_ / "submitted");
    if (!store.ok()) return store.status();
    std::vector<double> times(static_cast<std::size_t>(options_.submissions));
    const auto begin = Clock::now();
    Status status = in_parallel(options_.clients, options_.submissions, stop_, [&](int number) {
      const auto before = Clock::now();
      const Job job = submitted_job();
      const auto submitted = (*store)->submit(job, fmt::format("key-{}", number), "digest");
      times[static_cast<std::size_t>(number)] = 1000 * seconds_since(before);
      if (submitted.ok() && !submitted->created) return Status(Code::internal, "a new key gave an old job");
      return submitted.status();
    });
    report_.seconds = seconds_since(begin);
    if (!status.ok()) return status;
    report_.submission = times_of(std::move(times));
    listener_.progress(fmt::format("{} jobs submitted in {:.1f} s", options_.submissions, report_.seconds));
    return {};
  }

  Status fill() {
    const auto store = Store::open(folder_ / "listed");
    if (!store.ok()) return store.status();
    const auto begin = Clock::now();
    if (Status s =
            in_parallel(kFillers, options_.jobs, stop_,
                        [&](int number) { return (*store)->submit(ended_job(number), "", "").status(); });
        !s.ok())
      return s;
    report_.fill_seconds = seconds_since(begin);
    listener_.progress(fmt::format("{} jobs to list in {:.1f} s", options_.jobs, report_.fill_seconds));
    return {};
  }

  // After a reopen, so that nothing lies in the store's own memory.
  Status list() {
    const auto begin = Clock::now();
    const auto store = Store::open(folder_ / "listed");
    if (!store.ok()) return store.status();
    report_.open_milliseconds = 1000 * seconds_since(begin);
    report_.bytes = bytes_in(folder_ / "listed");
    for (const auto& [state, share] : kShares) {
      engine::JobFilter filter;
      filter.state = state;
      filter.limit = options_.page;
      ListFigures figures{std::string(name_of(state)), 0, {}};
      std::vector<double> times;
      do {
        if (stop_.requested()) return Status(Code::cancelled, "stopped");
        const auto before = Clock::now();
        const auto page = (*store)->list(filter);
        times.push_back(1000 * seconds_since(before));
        if (!page.ok()) return page.status();
        figures.jobs += static_cast<int>(page->jobs.size());
        filter.cursor = page->next;
      } while (!filter.cursor.empty());
      figures.page = times_of(std::move(times));
      report_.lists.push_back(std::move(figures));
    }
    int listed = 0;
    for (const ListFigures& each : report_.lists) listed += each.jobs;
    if (listed == options_.jobs) return {};
    return Status(Code::internal, fmt::format("{} of {} jobs were listed", listed, options_.jobs));
  }

  const StoreBenchOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path& folder_;
  StoreReport report_;
};

}  // namespace

Result<StoreReport> run_store_bench(const StoreBenchOptions& options, const BenchListener& listener,
                                    const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench", options.folder);
  if (!folder.ok()) return folder.status();
  return StoreRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
