#include "engine/work/worker_pool.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include "engine/base/log.h"
#include "engine/work/patience.h"
#include "engine/work/task_call.h"
#include "engine/work/worker_process.h"

namespace millrace::engine {
namespace {

using Worker = std::unique_ptr<WorkerProcess>;

bool is_death(const Status& status) {
  return status.code() == Code::device_lost || status.code() == Code::worker_killed ||
         status.code() == Code::out_of_memory;
}

// A worker that cannot be started (its program is being replaced) says nothing of the task.
Status failed_to_start(const Status& status) {
  if (status.code() == Code::cancelled) return status;
  return {Code::resource_exhausted, "no worker can be started: " + status.message()};
}

class Pool : public WorkerPool {
 public:
  explicit Pool(const WorkerPoolConfig& config) : config_(config) {}

  ~Pool() override {
    spawner_.request_stop();
    changed_.notify_all();
    if (spawner_.joinable()) spawner_.join();
  }

  // Starts the spawner and waits for the first worker, so that a wrong program is known at once.
  Status open() {
    spawner_ = std::jthread([this](std::stop_token stop) { spawn_while_needed(stop); });
    Result<Worker> first = take({});
    if (!first.ok()) return first.status();
    give_back(std::move(first).value());
    return {};
  }

  Result<Source> inspect(const std::string& url, bool accept_damage, std::stop_token stop) override {
    return call<Source>(InspectTask{url, accept_damage}, stop);
  }

  Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) override {
    return call<TaskEnd>(task, observer, stop);
  }

  Result<TaskEnd> run_sound(const SoundTask& task, TaskObserver& observer, std::stop_token stop) override {
    return call<TaskEnd>(task, observer, stop);
  }

  Result<TaskEnd> run_output(const OutputTask& task, TaskObserver& observer, std::stop_token stop) override {
    return call<TaskEnd>(task, observer, stop);
  }

  Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop) override {
    return call<TaskEnd>(task, stop);
  }

  Result<Likeness> compare(const std::filesystem::path& track, const std::filesystem::path& reference,
                           std::stop_token stop) override {
    return call<Likeness>(CompareTask{track, reference}, stop);
  }

  std::vector<int> process_ids() const override {
    const std::lock_guard lock(mutex_);
    std::vector<int> ids(busy_.begin(), busy_.end());
    for (const Worker& worker : idle_) ids.push_back(worker->id());
    return ids;
  }

 private:
  // Of a task that makes no segments.
  template <class T>
  Result<T> call(const Task& task, const std::stop_token& stop) {
    class Nobody : public TaskObserver {
      Status segment_finished(const FinishedSegment&) override {
        return {Code::internal, "a task that makes no segments made one"};
      }
      void progress(const TaskProgress&) override {}
    } nobody;
    return call<T>(task, nobody, stop);
  }

  // A worker may die just before it gets the task, which is no failure of the task: it goes to another.
  template <class T>
  Result<T> call(const Task& task, TaskObserver& observer, const std::stop_token& stop) {
    for (int tries_left = 3;; --tries_left) {
      Result<Worker> taken = take(stop);
      if (!taken.ok()) return failed_to_start(taken.status());
      TaskOutcome outcome = call(std::move(taken).value(), task, observer, stop);
      if (outcome.result.ok()) return std::get<T>(std::move(outcome.result).value());
      const bool again = is_death(outcome.result.status()) && !outcome.task_was_started;
      if (!again || tries_left == 0) return outcome.result.status();
    }
  }

  TaskOutcome call(Worker worker, const Task& task, TaskObserver& observer, const std::stop_token& stop) {
    TaskOutcome outcome =
        call_worker(*worker, task, observer, stop, patience_of(task, config_.patience), config_.stop_times);
    if (is_death(outcome.result.status())) spdlog::warn("{}", outcome.result.status().message());
    if (outcome.worker_is_well && !worn_out(*worker))
      give_back(std::move(worker));
    else
      let_go(std::move(worker));
    return outcome;
  }

  bool worn_out(const WorkerProcess& worker) const {
    return worker.tasks() >= static_cast<std::uint64_t>(std::max(config_.tasks_per_worker, 1)) ||
           worker.memory_growth() > config_.memory_growth_bytes;
  }

  std::vector<std::string> arguments() const {
    std::vector<std::string> words;
    for (const std::string& each : config_.allowed_sources) {
      words.emplace_back("--allow-source");
      words.push_back(each);
    }
    return words;
  }

  std::size_t warm() const { return static_cast<std::size_t>(std::max(config_.warm, 1)); }

  // An idle worker that lives, or the next that the spawner makes.
  Result<Worker> take(const std::stop_token& stop) {
    std::vector<Worker> dead;  // waited for after the lock is gone
    std::unique_lock lock(mutex_);
    const std::uint64_t failures = failures_;
    ++waiting_;
    try_again_ = true;
    changed_.notify_all();
    Worker worker;
    while (!worker) {
      changed_.wait(lock, stop, [&] { return !idle_.empty() || failures_ != failures; });
      if (stop.stop_requested() || idle_.empty()) break;
      worker = std::move(idle_.back());
      idle_.pop_back();
      if (!worker->alive()) dead.push_back(std::move(worker));
      changed_.notify_all();
    }
    --waiting_;
    if (worker) {
      busy_.insert(worker->id());
      return worker;
    }
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped");
    return failure_;
  }

  void give_back(Worker worker) {
    {
      const std::lock_guard lock(mutex_);
      if (idle_.size() < warm() + waiting_) {
        busy_.erase(worker->id());
        idle_.push_back(std::move(worker));
        changed_.notify_all();
        return;
      }
    }
    let_go(std::move(worker));
  }

  void let_go(Worker worker) {
    const int id = worker->id();
    worker.reset();  // waits for its end
    const std::lock_guard lock(mutex_);
    busy_.erase(id);
    changed_.notify_all();
  }

  // Lives as long as the pool: the kernel kills a worker when the thread that forked it ends.
  void spawn_while_needed(const std::stop_token& stop) {
    std::string told;
    std::unique_lock lock(mutex_);
    const auto asked = [&] { return try_again_; };
    const auto needed = [&] {
      const std::size_t idle = idle_.size();
      return idle < waiting_ || idle + busy_.size() < warm();
    };
    for (;;) {
      // After a failure it tries again for somebody who asked since, else after a while.
      if (!try_again_) changed_.wait_for(lock, stop, config_.between_starts, asked);
      if (!changed_.wait(lock, stop, needed) || stop.stop_requested()) break;
      lock.unlock();
      Result<Worker> worker = WorkerProcess::start(config_.program, config_.quiet, stop, arguments());
      const std::string message = worker.ok() ? std::string() : worker.status().message();
      if (!message.empty() && message != told && !stop.stop_requested())
        spdlog::error("no worker can be started: {}; it is tried again", message);
      told = message;
      lock.lock();
      try_again_ = worker.ok();
      if (worker.ok()) {
        idle_.push_back(std::move(worker).value());
      } else {
        ++failures_;
        failure_ = worker.status();
      }
      changed_.notify_all();
    }
    std::vector<Worker> leaving = std::move(idle_);
    idle_.clear();
    lock.unlock();
    for (Worker& worker : leaving) worker->close_socket();
  }

  const WorkerPoolConfig config_;
  mutable std::mutex mutex_;  // of all below
  std::condition_variable_any changed_;
  std::vector<Worker> idle_;  // the last one is the one used last
  std::set<int> busy_;
  std::size_t waiting_ = 0;  // calls that want a worker
  bool try_again_ = true;
  std::uint64_t failures_ = 0;  // starts that failed
  Status failure_;              // of the last of them
  std::jthread spawner_;
};

}  // namespace

Result<std::unique_ptr<WorkerPool>> WorkerPool::start(const WorkerPoolConfig& config) {
  auto pool = std::make_unique<Pool>(config);
  if (Status s = pool->open(); !s.ok()) return s;
  return std::unique_ptr<WorkerPool>(std::move(pool));
}

}  // namespace millrace::engine
