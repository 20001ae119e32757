#include "bench/resume_bench.h"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "bench/bench_server.h"
#include "bench/drawn_clip.h"
#include "bench/file_url.h"
#include "bench/job_client.h"
#include "bench/orphans.h"
#include "bench/process_tree.h"
#include "bench/seconds_since.h"
#include "bench/served_books.h"
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
using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr int kRunning = 2;
constexpr milliseconds kLookEvery{10};
constexpr int kLooksAPoll = 20;  // looks at files for each question to the server
constexpr std::chrono::minutes kPatience{5};
constexpr int kMostDelay = 400;      // ms, from a finished segment to the next kill
constexpr int kMostSubmission = 10;  // ms, from a submission to the kill that may cut it off

// Finished segments below a job's output folder; those that are being written bear other names.
int segments_in(const fs::path& folder) {
  int count = 0;
  std::error_code error;
  fs::recursive_directory_iterator each(folder, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error))
    if (each->path().extension() == ".m4s") ++count;
  return count;
}

class ResumeRun {
 public:
  ResumeRun(const ResumeOptions& options, const BenchListener& listener, const StopFlag& stop,
            const fs::path& folder)
      : options_(options), listener_(listener), stop_(stop), folder_(folder) {
    report_.seed = options.seed.value_or(std::random_device()());
    random_.seed(report_.seed);
  }

  Result<ResumeReport> run() {
    if (Status s = prepare(); !s.ok()) return s;
    const auto begin = Clock::now();
    if (Status s = start_server(); !s.ok()) return s;
    while (report_.kills() < options_.kills) {
      if (Status s = refill(options_.jobs); !s.ok()) return s;
      if (Status s = wait_for_progress(); !s.ok()) return s;
      if (Status s = refill(options_.jobs); !s.ok()) return s;
      stop_.wait(milliseconds(below(kMostDelay)));
      if (Status s = kill_something(); !s.ok()) return s;
      if (report_.kills() % 10 == 0)
        listener_.progress(fmt::format("{} of {} kills, {} jobs submitted", report_.kills(), options_.kills,
                                       acknowledged_.size()));
    }
    while (!open_.empty()) {
      if (Status s = wait_for_progress(); !s.ok()) return s;
      remember_counts();
    }
    report_.wall_seconds = seconds_since(begin);
    if (Status s = look_back(); !s.ok()) return s;
    report_.targets = judge(report_);
    return std::move(report_);
  }

 private:
  Status prepare() {
    source_ = options_.source;
    if (source_.empty()) {
      source_ = folder_ / "clip.mp4";
      if (Status s = draw_clip(options_.ffmpeg, "640x360", options_.clip_seconds, source_, stop_); !s.ok())
        return s;
    }
    source_ = fs::absolute(source_);
    Result<Environment> environment =
        measured_environment(options_.millrace, options_.ffmpeg, source_, folder_, stop_);
    if (!environment.ok()) return environment.status();
    report_.environment = std::move(*environment);
    report_.environment.workload = fmt::format(
        "{} kills of workers and daemon in turn of a die, seed {}, over jobs like {}; {} unfinished, {} "
        "running",
        options_.kills, report_.seed, resume_spec("SOURCE", "KEY"), options_.jobs, kRunning);
    listener_.environment(report_.environment);
    return engine::make_directories(data());
  }

  fs::path data() const { return folder_ / "data"; }
  fs::path output(const std::string& id) const { return data() / "jobs" / id / "out"; }
  int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  Status start_server() {
    Result<BenchServer> server =
        BenchServer::start(options_.millrace, source_.parent_path(), folder_, stop_, kRunning);
    if (!server.ok()) return server.status();
    server_.emplace(std::move(*server));
    http_ = make_http_client(server_->url());
    return {};
  }

  Status submit(const std::string& key) {
    const Result<std::string> id = submit_job(*http_, resume_spec(source_, key), key);
    if (!id.ok()) return id.status();
    acknowledged_.insert(*id);
    open_.insert(*id);
    return {};
  }

  // Finished jobs leave the set; new ones come until it has so many.
  Status refill(int jobs) {
    for (auto id = open_.begin(); id != open_.end();) {
      const Result<std::string> state = state_of_job(*http_, *id);
      if (!state.ok()) return state.status();
      if (!state->empty() && !is_final_state(*state)) {
        ++id;
        continue;
      }
      // None: lost, as the books will show.
      ended_since_kill_ = true;
      id = open_.erase(id);
    }
    while (static_cast<int>(open_.size()) < jobs)
      if (Status s = submit(fmt::format("{}-{}", report_.seed, ++keys_)); !s.ok()) return s;
    return {};
  }

  void remember_counts() {
    counts_.clear();
    for (const std::string& id : open_) counts_[id] = segments_in(output(id));
    ended_since_kill_ = false;
  }

  bool is_further() const {
    for (const std::string& id : open_) {
      const auto before = counts_.find(id);
      if (segments_in(output(id)) > (before == counts_.end() ? 0 : before->second)) return true;
    }
    return false;
  }

  // Until some job has one segment more than at the last kill, or ended.
  Status wait_for_progress() {
    const auto begin = Clock::now();
    for (int look = 0; true; ++look) {
      if (stop_.requested()) return Status(Code::cancelled, "stopped");
      if (is_further()) break;
      if (look % kLooksAPoll == kLooksAPoll - 1)
        if (Status s = refill(0); !s.ok()) return s;
      if (ended_since_kill_) break;
      if (Clock::now() - begin > kPatience)
        return Status(Code::internal, fmt::format("no job got further for {} minutes; see {}",
                                                  kPatience.count(), (folder_ / "serve.log").native()));
      stop_.wait(kLookEvery);
    }
    if (recovery_ != nullptr) recovery_->push_back(seconds_since(killed_));
    recovery_ = nullptr;
    return {};
  }

  Status kill_something() {
    remember_counts();
    const std::vector<pid_t> workers = tree_.descendants(server_->pid());
    if (workers.empty() || below(2) == 0) return kill_daemon(workers);
    ::kill(workers[static_cast<std::size_t>(below(static_cast<int>(workers.size())))], SIGKILL);
    ++report_.worker_kills;
    killed_ = Clock::now();
    recovery_ = &report_.worker_segment;
    return {};
  }

  // With a submission under way, whose answer may be lost: the same key must give the same job, or its first.
  Status kill_daemon(const std::vector<pid_t>& workers) {
    const ProcessMarks marks = marks_of(tree_, workers);
    const std::string key = fmt::format("{}-{}", report_.seed, ++keys_);
    std::optional<std::string> answered;
    {
      const std::jthread submission([&, http = make_http_client(server_->url())] {
        if (const Result<std::string> id = submit_job(*http, resume_spec(source_, key), key); id.ok())
          answered = *id;
      });
      stop_.wait(milliseconds(below(kMostSubmission)));
      killed_ = Clock::now();
      server_->kill();
    }
    ++report_.daemon_kills;
    if (answered) acknowledged_.insert(*answered);
    report_.orphans += end_orphans(tree_, marks, stop_);
    server_.reset();
    if (Status s = start_server(); !s.ok()) return s;
    report_.ready.push_back(seconds_since(killed_));
    if (Status s = wait_until_running(); !s.ok()) return s;
    recovery_ = &report_.daemon_segment;
    return submit(key);
  }

  // Unless no job is left to run.
  Status wait_until_running() {
    while (!open_.empty()) {
      if (stop_.requested()) return Status(Code::cancelled, "stopped");
      const auto running = jobs_in_state(*http_, "running");
      if (!running.ok()) return running.status();
      if (!running->empty()) {
        report_.running.push_back(seconds_since(killed_));
        return {};
      }
      if (Clock::now() - killed_ > kPatience)
        return Status(Code::internal, "no job runs again after the daemon was killed");
      stop_.wait(kLookEvery);
      if (Status s = refill(0); !s.ok()) return s;
    }
    return {};
  }

  Status look_back() {
    if (Status s = server_->stop(); !s.ok()) return s;
    server_.reset();
    Result<ServedBooks> books = read_served_books(data(), acknowledged_);
    if (!books.ok()) return books.status();
    report_.books = std::move(*books);
    const Result<int> wrong = verify_jobs(options_.millrace, data(), 1, report_.books, stop_);
    if (!wrong.ok()) return wrong.status();
    report_.receipts_wrong = *wrong;
    return {};
  }

  const ResumeOptions& options_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  const fs::path& folder_;
  const ProcessTree tree_;
  std::mt19937_64 random_;
  fs::path source_;
  std::optional<BenchServer> server_;
  std::unique_ptr<Http> http_;
  std::set<std::string> acknowledged_;
  std::set<std::string> open_;  // jobs that are not known to have ended
  int keys_ = 0;
  std::map<std::string, int> counts_;  // segments at the last kill
  bool ended_since_kill_ = false;
  Clock::time_point killed_;
  std::vector<double>* recovery_ = nullptr;  // where the time since the last kill goes
  ResumeReport report_;
};

}  // namespace

std::string resume_spec(const fs::path& source, const std::string& key) {
  const Json abr = {{"name", "abr"},
                    {"type", "adaptive"},
                    {"ladder", Json::array({{{"height", 360}}, {{"height", 240}}})},
                    {"segment_seconds", 2},
                    {"preset", "veryfast"}};
  const Json web = {{"name", "web"}, {"type", "file"}, {"container", "mp4"}};
  return Json({{"input", {{"url", file_url(source)}}},
               {"outputs", Json::array({abr, web})},
               {"tags", {{kKeyTag, key}}}})
      .dump();
}

Result<ResumeReport> run_resume_bench(const ResumeOptions& options, const BenchListener& listener,
                                      const StopFlag& stop) {
  const Result<ScratchFolder> folder = ScratchFolder::make("bench", options.folder);
  if (!folder.ok()) return folder.status();
  return ResumeRun(options, listener, stop, folder->path()).run();
}

}  // namespace millrace::bench
