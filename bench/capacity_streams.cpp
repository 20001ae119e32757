#include "bench/capacity_streams.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "engine/base/file.h"
#include "engine/schedule/memory_ledger.h"
#include "engine/schedule/run_job.h"

namespace millrace::bench {
namespace {

using engine::FinishedSegment;
using engine::Result;
using engine::Status;
using Clock = std::chrono::steady_clock;

// One stream: books in memory and notes when. Told from the job's threads, asked from the caller's.
class Stream final : public engine::MemoryLedger, public engine::JobObserver {
 public:
  Status commit(const FinishedSegment& segment) override {
    note(segment);
    return MemoryLedger::commit(segment);
  }

  // Its tasks are given out from here on: the clock of its pictures begins.
  Status planned(const engine::Plan& plan) override {
    const std::lock_guard lock(mutex_);
    begin_ = Clock::now();
    for (const engine::PlannedRendition& each : plan.renditions) paced_.insert(each.folder);
    for (const engine::PlannedSound& each : plan.sounds) paced_.insert(each.folder);
    return {};
  }
  void progress(const engine::Progress&) override {}

  void end(const Status& status, bool was_stopped) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (!status.ok() && !was_stopped) times_.failure = status.message();
  }
  StreamTimes times() const {
    const std::lock_guard lock(mutex_);
    return times_;
  }
  bool running() const {
    const std::lock_guard lock(mutex_);
    return begin_ && !ended_;
  }
  bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  void note(const FinishedSegment& segment) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    if (!begin_ || !paced_.contains(segment.track)) return;  // a file is made of what is booked already
    times_.segments.push_back(
        {segment.track,
         static_cast<double>(segment.start + segment.duration) / static_cast<double>(segment.timescale),
         std::chrono::duration<double>(now - *begin_).count()});
  }

  mutable std::mutex mutex_;
  StreamTimes times_;
  std::optional<Clock::time_point> begin_;
  std::set<std::string> paced_;  // tracks that are coded in segments
  bool ended_ = false;
};

class Round {
 public:
  Round(const StreamsSetting& setting, engine::WorkerPool& workers, const hw::Inventory& machine)
      : setting_(setting), workers_(workers), machine_(machine) {
    for (int i = 0; i < setting.streams; ++i) streams_.push_back(std::make_unique<Stream>());
  }

  std::vector<StreamTimes> run(const StreamsWatch& watch, const StopFlag& stop) {
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < streams_.size(); ++i) threads.emplace_back([this, i] { work(i); });
      auto next_look = Clock::now();
      while (!all_ended()) {
        stop.wait(std::chrono::milliseconds(100));
        const bool look = Clock::now() >= next_look;
        if (stop.requested() || (look && !watch(now()))) halt_.request_stop();
        if (stop.requested()) break;  // its descriptor stays readable: no wait would wait
        if (look) next_look += std::chrono::seconds(1);
      }
    }
    return now().streams;
  }

 private:
  // The streams begin one after another, so that their segments do not end together.
  bool await_turn(std::size_t i) const {
    const std::chrono::duration<double> wait(setting_.segment_seconds * static_cast<double>(i) /
                                             static_cast<double>(streams_.size()));
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any nobody;
    nobody.wait_for(lock, halt_.get_token(), wait, [] { return false; });
    return !halt_.stop_requested();
  }

  void work(std::size_t i) {
    Status status = await_turn(i) ? make(i) : Status();
    streams_[i]->end(status, halt_.stop_requested());
  }

  Status make(std::size_t i) {
    engine::JobRun run;
    run.spec = setting_.spec;
    run.output_folder = setting_.folder / ("stream" + std::to_string(i + 1));
    run.cores = setting_.cores_each;
    run.plan = setting_.plan;
    run.watched_early = false;
    if (Status s = engine::make_directories(run.output_folder); !s.ok()) return s;
    const auto receipt =
        engine::run_job(run, workers_, machine_, *streams_[i], *streams_[i], halt_.get_token());
    const Status removed = engine::remove_tree(run.output_folder);
    return receipt.ok() ? removed : receipt.status();
  }

  bool all_ended() const {
    for (const auto& stream : streams_)
      if (!stream->ended()) return false;
    return true;
  }

  StreamsLook now() const {
    StreamsLook look;
    for (const auto& stream : streams_) {
      look.streams.push_back(stream->times());
      if (stream->running()) ++look.running;
    }
    return look;
  }

  const StreamsSetting& setting_;
  engine::WorkerPool& workers_;
  const hw::Inventory& machine_;
  std::stop_source halt_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace

std::vector<StreamTimes> run_streams(const StreamsSetting& setting, engine::WorkerPool& workers,
                                     const hw::Inventory& machine, const StreamsWatch& watch,
                                     const StopFlag& stop) {
  return Round(setting, workers, machine).run(watch, stop);
}

}  // namespace millrace::bench
