// Daemon puts the parts of a DaemonEngine together; tests put workers of their own among them.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/schedule/calibration_book.h"
#include "engine/schedule/client_words.h"
#include "engine/schedule/daemon_engine.h"
#include "engine/schedule/device_watch.h"
#include "engine/schedule/engine_jobs.h"
#include "engine/schedule/event_fan.h"
#include "engine/schedule/idle_calibration.h"
#include "engine/schedule/input_policy.h"
#include "engine/schedule/job_attempts.h"
#include "engine/schedule/job_folders.h"
#include "engine/schedule/job_records.h"
#include "engine/schedule/publisher.h"
#include "engine/schedule/room_ledger.h"
#include "engine/schedule/scheduler.h"
#include "engine/schedule/stage_memory.h"
#include "engine/schedule/step_down_count.h"
#include "engine/schedule/waiting_jobs.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"
#include "hw/slots.h"

namespace millrace::engine {

struct DaemonParts {
  // Called once the store is open and recovered, so that a second daemon starts no workers.
  std::function<Result<std::unique_ptr<WorkerPool>>()> start_workers;
  hw::Inventory machine;
  Backends backends = {};                     // of this build
  std::function<hw::Inventory()> probe = {};  // as DeviceWatchParts has it, and the next
  std::chrono::milliseconds between_device_looks{60'000};
  std::unique_ptr<Publisher> publisher = std::make_unique<Publisher>();
  std::function<Result<std::int64_t>()> free_bytes;  // of the data folder's disk; empty: asked of the system
  std::function<void(std::chrono::milliseconds, const std::stop_token&)> wait;  // as AttemptParts::wait
  // Between two looks for room, and between two attempts of a job that found none.
  std::chrono::milliseconds between_looks{2'000};
  std::chrono::milliseconds rest{10'000};
  std::chrono::milliseconds longest_cut = BundleCutParts::kLongest;  // as AttemptParts::longest_cut
  // As DaemonEngineConfig::calibrate_after; none: never.
  std::optional<std::chrono::milliseconds> calibrate_after;
};

class Daemon final : public DaemonEngine {
 public:
  static Result<std::unique_ptr<DaemonEngine>> start(const DaemonEngineConfig& config, DaemonParts parts);
  ~Daemon() override;

  JobService& jobs() override { return *service_; }
  Store& store() override { return *store_; }

 private:
  Daemon(const DaemonEngineConfig& config, DaemonParts parts);
  Status start(const DaemonEngineConfig& config);
  DeviceChoices devices() const;
  Result<nlohmann::ordered_json> capacity(const std::string& profile) const;
  Status have_room_for(std::int64_t bytes) const;  // twice, on the data folder's disk
  Status calibrate(const std::stop_token& stop);
  // Of devices that jobs may use from now on: what is remembered of others is forgotten, and what the canary
  // has not tried yet is tried.
  void admit(const hw::Inventory& machine, const std::vector<std::string>& back, const std::stop_token& stop);
  bool is_gone(const hw::GpuFacts& gpu) const;  // asks the drivers
  Status try_devices(const hw::Inventory& machine, const std::stop_token& stop);
  // A job that keeps pace needs the cores of this one, which goes on later.
  bool yield(Scheduler& scheduler, const std::string& id);

  DaemonParts parts_;
  const JobFolders folders_;
  const InputPolicy policy_;
  const ClientWords words_;
  EventFan fan_;
  StepDownCount steps_down_;
  // In the order in which each needs the ones before it.
  std::unique_ptr<Store> store_;
  std::unique_ptr<JobRecords> records_;
  std::unique_ptr<RoomLedger> room_;
  std::unique_ptr<WaitingJobs> waiting_;
  std::unique_ptr<WorkerPool> workers_;
  int cores_ = 1;
  hw::Budget budget_;  // for all jobs
  std::unique_ptr<CalibrationBook> calibration_;
  std::unique_ptr<StageMemory> stage_memory_;
  std::unique_ptr<DeviceWatch> device_watch_;
  std::unique_ptr<IdleCalibration> idle_calibration_;
  std::unique_ptr<AttemptParts> attempt_parts_;
  std::unique_ptr<JobAttempts> attempts_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<EngineJobs> service_;
};

}  // namespace millrace::engine
