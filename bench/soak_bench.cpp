#include "bench/soak_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "bench/bench_server.h"
#include "bench/drawn_clip.h"
#include "bench/file_url.h"
#include "bench/job_client.h"
#include "bench/orphans.h"
#include "bench/process_tree.h"
#include "bench/seconds_since.h"
#include "bench/small_disk.h"
#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Result;
using engine::ScratchFolder;
using engine::Status;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kRunning = 2;
constexpr std::size_t kUnfinished = 12;
constexpr const char* kPatience = "3";  // seconds, after which a worker that does nothing is replaced
constexpr milliseconds kLookEvery{50};
constexpr int kLeastBetweenRests = 10;  // jobs
constexpr milliseconds kToRest{500};    // from the last job's end until a worker's last child is gone
constexpr std::chrono::minutes kMostWait{5};
constexpr std::chrono::seconds kToFindATask{2};
constexpr int kMostDelay = 500;                     // ms, from a submission to a blow to a worker
constexpr int kMostSourceLife = 3000;               // ms, from a submission until its source goes
constexpr int kLeastFull = 2000, kMostFull = 5000;  // ms for which the disk is full
constexpr int kMostFree = 512;                      // KiB that are free then
constexpr std::int64_t kDiskBytes = 320LL << 20;    // a server with less than 200 MB is not ready
constexpr std::int64_t kDiskBytesAJob = 256LL << 10;
constexpr std::size_t kVerified = 200;  // jobs

class SoakRun {
 public:
  SoakRun(const SoakOptions& options, const BenchListener& listener, const StopFlag& stop,
          const fs::path& folder)
      : options_(options), listener_(listener), stop_(stop), folder_(folder) {
    report_.seed = options.seed.value_or(std::random_device()());
    random_.seed(report_.seed);
    faults_ = plan_faults(options.jobs, report_.seed);
  }

  Result<SoakReport> run() {
    if (Status s = prepare(); !s.ok()) return s;
    begin_ = last_end_ = Clock::now();
    while (submitted_ < options_.jobs || !open_.empty() || !due_.empty() || full_) {
      if (stop_.requested()) return Status(Code::cancelled, "stopped");
      if (Status s = submit_some(); !s.ok()) return s;
      if (Status s = do_what_is_due(); !s.ok()) return s;
      if (Status s = look(); !s.ok()) return s;
      if (submitted_ == rest_after() && !is_sampled() && open_.empty() && !full_) take_sample();
      stop_.wait(kLookEvery);
    }
    report_.wall_seconds = seconds_since(begin_);
    if (Status s = look_back(); !s.ok()) return s;
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  // Something to be done at a later moment.
  struct Due {
    Clock::time_point at;
    Fault fault = Fault::none;
    fs::path file{};  // to be removed
  };

  fs::path data() const { return folder_ / "data"; }
  fs::path clip() const { return folder_ / "media" / "clip.mp4"; }
  int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
  // The number of jobs after which the daemon is next given time to come to rest.
  int rest_after() const {
    const int tenth = std::max(kLeastBetweenRests, options_.jobs / 10);
    return std::min(options_.jobs, tenth * (static_cast<int>(report_.samples.size()) + 1));
  }

  bool is_sampled() const { return !report_.samples.empty() && report_.samples.back().jobs == submitted_; }

  Status prepare() {
    for (const fs::path& each : {data(), clip().parent_path()})
      if (Status s = engine::make_directories(each); !s.ok()) return s;
    if (Status s = draw_clip(options_.ffmpeg, "128x96", 2, clip(), stop_); !s.ok()) return s;
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, clip(), folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    disk_bytes_ = kDiskBytes + options_.jobs * kDiskBytesAJob;
    Result<SmallDisk> disk = SmallDisk::mount(data(), disk_bytes_);
    if (disk.ok())
      disk_.emplace(std::move(*disk));
    else
      report_.no_full_disk = fmt::format("left out, as nothing can be mounted: {}", disk.status().message());
    report_.environment.workload = fmt::format(
        "{} jobs like {}, {} unfinished and {} running; workers killed and stopped, sources taken away, the "
        "disk "
        "full, in turn of a die, seed {}; data {}",
        options_.jobs, soak_spec("SOURCE", "KEY"), kUnfinished, kRunning, report_.seed,
        disk_ ? "in memory, on a disk of its own" : "in the folder");
    listener_.environment(report_.environment);
    Result<BenchServer> server = BenchServer::start(options_.millrace, clip().parent_path(), folder_, stop_,
                                                    kRunning, {"--patience", kPatience});
    if (!server.ok()) return server.status();
    server_.emplace(std::move(*server));
    http_ = make_http_client(server_->url());
    return {};
  }

  Status submit_some() {
    while (open_.size() < kUnfinished && submitted_ < rest_after()) {
      const Fault fault = faults_[static_cast<std::size_t>(submitted_)];
      const std::string key = fmt::format("{}-{}", report_.seed, submitted_);
      fs::path source = clip();
      if (fault == Fault::source_gone) {
        source.replace_filename(key + ".mp4");
        std::error_code error;
        fs::create_hard_link(clip(), source, error);
        if (error && error != std::errc::file_exists)
          return {Code::io_error, fmt::format("{}: {}", source.native(), error.message())};
      }
      const Result<std::string> id = submit_job(*http_, soak_spec(source, key), key);
      if (id.status().code() == Code::resource_exhausted) {  // the disk is full; the same key again later
        ++report_.put_off;
        return {};
      }
      if (!id.ok()) return id.status();
      acknowledged_.insert(*id);
      open_.insert(*id);
      if (fault == Fault::source_gone) sourceless_.insert(*id);
      plan(fault, source);
      ++submitted_;
    }
    return {};
  }

  void plan(Fault fault, const fs::path& source) {
    if (fault == Fault::none || (fault == Fault::disk_full && !disk_)) return;
    const int delay = below(fault == Fault::source_gone ? kMostSourceLife : kMostDelay);
    due_.push_back({Clock::now() + milliseconds(delay), fault, source});
  }

  // What cannot be done yet stays due.
  Status do_what_is_due() {
    const auto now = Clock::now();
    for (auto each = due_.begin(); each != due_.end();) {
      const Result<bool> done = each->at > now ? Result<bool>(false) : act(*each);
      if (!done.ok()) return done.status();
      if (*done) ++report_.faults[static_cast<std::size_t>(each->fault)];
      each = *done ? due_.erase(each) : std::next(each);
    }
    if (full_ && now >= *full_) {
      full_.reset();
      return disk_->resize(disk_bytes_);
    }
    return {};
  }

  Result<bool> act(const Due& due) {
    switch (due.fault) {
      case Fault::none:
        return true;
      case Fault::worker_killed:
        return signal_a_task(SIGKILL, due.at);
      case Fault::worker_stopped:
        return signal_a_task(SIGSTOP, due.at);
      case Fault::source_gone: {
        std::error_code error;
        fs::remove(due.file, error);
        return true;
      }
      case Fault::disk_full:
        if (full_) return false;
        if (Status s = disk_->leave_free(static_cast<std::int64_t>(1 + below(kMostFree)) << 10); !s.ok())
          return s;
        full_ = Clock::now() + milliseconds(kLeastFull + below(kMostFull - kLeastFull));
        return true;
    }
    return true;
  }

  // A worker's child, which works on a task. Where workers have none (builds with sanitizers), a worker.
  bool signal_a_task(int number, Clock::time_point due) {
    const std::vector<pid_t> all = tree_.descendants(server_->pid());
    std::vector<pid_t> tasks;
    for (const pid_t worker : all)
      for (const pid_t child : tree_.descendants(worker)) tasks.push_back(child);
    if (tasks.empty() && Clock::now() - due > kToFindATask) tasks = all;
    if (tasks.empty()) return false;
    return ::kill(tasks[static_cast<std::size_t>(below(static_cast<int>(tasks.size())))], number) == 0;
  }

  // Who of the unfinished has ended.
  Status look() {
    std::set<std::string> under_way;
    for (const char* state : {"running", "queued", "paused"}) {
      const auto ids = jobs_in_state(*http_, state);
      if (!ids.ok()) return ids.status();
      under_way.insert(ids->begin(), ids->end());
    }
    for (auto id = open_.begin(); id != open_.end();) {
      // One that changed its state between two lists stands in neither.
      const Result<std::string> state =
          under_way.contains(*id) ? Result<std::string>("running") : state_of_job(*http_, *id);
      if (!state.ok()) return state.status();
      const bool ended = state->empty() || is_final_state(*state);
      if (ended) last_end_ = Clock::now();
      id = ended ? open_.erase(id) : std::next(id);
    }
    if (open_.empty()) last_end_ = Clock::now();
    if (Clock::now() - last_end_ < kMostWait) return {};
    const Result<HttpAnswer> job = http_->get("/v1/jobs/" + *open_.begin());
    return {Code::internal,
            fmt::format("no job ended for {} minutes; the first of {} that did not: {}", kMostWait.count(),
                        open_.size(), job.ok() ? job->body.substr(0, 2000) : job.status().message())};
  }

  void take_sample() {
    stop_.wait(kToRest);
    const pid_t daemon = server_->pid();
    const int store_files = tree_.open_files_below(daemon, data() / "store");
    report_.samples.push_back({submitted_, seconds_since(begin_), tree_.memory_of(daemon).value_or(0),
                               tree_.threads_of(daemon), tree_.open_files_of(daemon) - store_files,
                               store_files, static_cast<int>(tree_.descendants(daemon).size())});
    listener_.progress(fmt::format("{} of {} jobs", submitted_, options_.jobs));
  }

  Status look_back() {
    const ProcessMarks workers = marks_of(tree_, tree_.descendants(server_->pid()));
    if (Status s = server_->stop(); !s.ok()) return s;
    report_.orphans = end_orphans(tree_, workers, stop_);
    Result<ServedBooks> books = read_served_books(data(), acknowledged_, sourceless_);
    if (!books.ok()) return books.status();
    report_.books = std::move(*books);
    const std::size_t every = std::max<std::size_t>(1, report_.books.completed_ids.size() / kVerified);
    const Result<int> wrong = verify_jobs(options_.millrace, data(), every, report_.books, stop_);
    if (!wrong.ok()) return wrong.status();
    report_.receipts_wrong = *wrong;
    report_.receipts = static_cast<int>((report_.books.completed_ids.size() + every - 1) / every);
    return {};
  }

  const SoakOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path& folder_;
  const ProcessTree tree_;
  std::mt19937_64 random_;
  std::vector<Fault> faults_;  // by job
  std::int64_t disk_bytes_ = 0;
  std::optional<SmallDisk> disk_;
  std::optional<BenchServer> server_;
  std::unique_ptr<Http> http_;
  std::set<std::string> acknowledged_;
  std::set<std::string> sourceless_;
  std::set<std::string> open_;  // jobs that are not known to have ended
  int submitted_ = 0;
  std::vector<Due> due_;
  std::optional<Clock::time_point> full_;  // the disk, until then
  Clock::time_point begin_, last_end_;
  SoakReport report_;
};

}  // namespace

std::string soak_spec(const fs::path& source, const std::string& key) {
  using Json = nlohmann::ordered_json;
  const Json abr = {{"name", "abr"},
                    {"type", "adaptive"},
                    {"ladder", Json::array({{{"height", 96}}})},
                    {"segment_seconds", 1},
                    {"preset", "ultrafast"}};
  return Json({{"input", {{"url", file_url(source)}}},
               {"outputs", Json::array({abr})},
               {"cores", 1},
               {"tags", {{kKeyTag, key}}}})
      .dump();
}

Result<SoakReport> run_soak_bench(const SoakOptions& options, const BenchListener& listener,
                                  const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench", options.folder);
  if (!folder.ok()) return folder.status();
  return SoakRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
