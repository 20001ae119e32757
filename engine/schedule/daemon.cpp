#include "engine/schedule/daemon.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/schedule/recovery.h"
#include "hw/probe.h"
#include "hw/slots.h"

namespace millrace::engine {

namespace {

// Of the disk that holds the folder; 0: not known.
std::int64_t disk_size(const std::filesystem::path& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  return error ? 0 : static_cast<std::int64_t>(space.capacity);
}

}  // namespace

Result<std::unique_ptr<DaemonEngine>> DaemonEngine::start(const DaemonEngineConfig& config) {
  DaemonParts parts;
  parts.machine = hw::probe();
  for (const char* what : {"landlock", "seccomp"})
    if (const std::string* note = hw::absence_note(parts.machine, what))
      spdlog::warn("workers are not confined by {}: {}", what, *note);
  parts.start_workers = [config] {
    WorkerPoolConfig pool;
    pool.program = config.program;
    pool.patience = config.patience;
    pool.allowed_sources = config.allowed_sources;
    pool.warm = 2;  // a job's pictures and its sound
    return WorkerPool::start(pool);
  };
  return Daemon::start(config, std::move(parts));
}

Result<std::unique_ptr<DaemonEngine>> Daemon::start(const DaemonEngineConfig& config, DaemonParts parts) {
  std::unique_ptr<Daemon> daemon(new Daemon(config, std::move(parts)));
  if (Status s = daemon->start(config); !s.ok()) return s;
  return std::unique_ptr<DaemonEngine>(std::move(daemon));
}

Daemon::Daemon(const DaemonEngineConfig& config, DaemonParts parts)
    : parts_(std::move(parts)),
      folders_(config.data),
      policy_(config.media_roots, AddressRules::of(config.allowed_sources).value_or({})),
      words_(config.data, config.program) {
  if (!parts_.free_bytes) parts_.free_bytes = [data = config.data] { return free_space(data); };
}

Status Daemon::start(const DaemonEngineConfig& config) {
  if (Status s = make_directories(folders_.jobs()); !s.ok()) return s;
  Result<std::unique_ptr<Store>> store = Store::open(folders_.store());
  if (!store.ok()) return store.status();
  store_ = std::move(*store);
  store_->set_listener([this](const Event& event) { fan_.tell(event); });
  records_ = std::make_unique<JobRecords>(*store_);
  if (Status s = recover(*store_, *records_, folders_); !s.ok()) return s;

  Result<std::unique_ptr<WorkerPool>> workers = parts_.start_workers();
  if (!workers.ok()) return workers.status();
  workers_ = std::move(*workers);

  const int cores = std::max(1, config.cores > 0 ? config.cores : parts_.machine.cpu.usable_cores);
  RoomLimits limits;
  limits.free_bytes = parts_.free_bytes;
  limits.keep_bytes =
      config.keep_free_bytes >= 0 ? config.keep_free_bytes : kept_free_of(disk_size(config.data));
  limits.memory_bytes = hw::budget_of(parts_.machine).memory_bytes;
  room_ = std::make_unique<RoomLedger>(std::move(limits));
  waiting_ = std::make_unique<WaitingJobs>(WaitingParts{*store_, *records_, *room_, parts_.rest, {}});
  attempt_parts_.reset(new AttemptParts{*store_, *records_, folders_, policy_, words_, *workers_,
                                        parts_.machine, *parts_.publisher, *room_, parts_.wait});
  attempts_ = std::make_unique<JobAttempts>(*attempt_parts_);
  SchedulerSettings settings;
  settings.max_running_jobs = std::max(1, config.max_running_jobs);
  settings.cores = cores;
  settings.between_looks = parts_.between_looks;
  scheduler_ = std::make_unique<Scheduler>(
      *store_, settings,
      [this](const std::string& id, int share, RunControl& control) {
        return attempts_->run(id, share, control);
      },
      [this](Scheduler& scheduler) {
        waiting_->spare_disk([&scheduler](const std::string& id) { scheduler.pause(id); });
        return waiting_->look();
      });
  service_.reset(new EngineJobs({*store_, *records_, folders_, policy_, words_, *workers_, parts_.machine,
                                 *scheduler_, fan_, cores, parts_.free_bytes}));
  return {};
}

Daemon::~Daemon() {
  service_.reset();
  if (attempts_ != nullptr) attempts_->give_up();
  scheduler_.reset();  // running jobs go back into the queue
  if (store_ != nullptr) store_->set_listener({});
}

}  // namespace millrace::engine
