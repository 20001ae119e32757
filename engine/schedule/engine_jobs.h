// EngineJobs is the JobService over the store, the scheduler and the workers. Safe to call from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <semaphore>
#include <stop_token>
#include <string>

#include "engine/plan/placement.h"
#include "engine/schedule/client_words.h"
#include "engine/schedule/event_fan.h"
#include "engine/schedule/input_policy.h"
#include "engine/schedule/job_folders.h"
#include "engine/schedule/job_records.h"
#include "engine/schedule/job_service.h"
#include "engine/schedule/scheduler.h"
#include "engine/schedule/step_down_count.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::engine {

// What the service works with; all of it outlives the service.
struct ServiceParts {
  Store& store;
  JobRecords& records;
  const JobFolders& folders;
  const InputPolicy& policy;
  const ClientWords& words;
  WorkerPool& workers;
  std::function<std::shared_ptr<const hw::Inventory>()> machine;  // as it is now
  Scheduler& scheduler;
  EventFan& fan;
  int cores = 1;
  std::function<Result<std::int64_t>()> free_bytes;  // of the data folder's disk
  std::function<Result<nlohmann::ordered_json>(const std::string& profile)> capacity;
  std::function<DeviceChoices()> devices = {};  // as AttemptParts::devices
  std::function<std::map<StepDown, std::int64_t>()> steps_down = {};
};

class EngineJobs final : public JobService {
 public:
  explicit EngineJobs(ServiceParts parts) : parts_(std::move(parts)) {}
  // Whoever is still inspecting a source is told to stop.
  ~EngineJobs() override { stop_.request_stop(); }

  Result<Store::Submitted> submit(const std::string& spec_json, const std::string& idempotency_key) override;
  Result<nlohmann::ordered_json> plan(const std::string& spec_json) override;
  Result<nlohmann::ordered_json> inspect(const JobSpec& input) override;

  Result<Job> get(const std::string& id) override { return parts_.store.get(id); }
  Result<JobPage> list(const JobFilter& filter) override { return parts_.store.list(filter); }
  Result<Job> cancel(const std::string& id) override;
  Result<Job> cancel_output(const std::string& id, const std::string& name) override;
  Result<Job> retry(const std::string& id) override;
  Result<Job> pause(const std::string& id) override;
  Result<Job> resume(const std::string& id) override;
  Status erase(const std::string& id) override;
  Result<std::filesystem::path> folder(const std::string& id) override;

  Result<std::vector<Event>> events_after(std::uint64_t number, const std::string& job_id,
                                          int limit) override {
    return parts_.store.events_after(number, job_id, limit);
  }
  std::uint64_t last_event() const override { return parts_.store.last_event(); }
  Result<std::uint64_t> newest_event_of(const std::string& job_id) override {
    return parts_.store.newest_event_of(job_id);
  }
  int subscribe(std::function<void(const Event&)> listener) override;
  void unsubscribe(int subscription) override { parts_.fan.unsubscribe(subscription); }

  Result<StoreCopy> back_up() override;
  nlohmann::ordered_json hardware() override;
  std::vector<Metric> metrics() override;
  Result<nlohmann::ordered_json> capacity(const std::string& profile) override {
    return parts_.capacity(profile);
  }
  Status ready() override;

 private:
  // In a worker; the url was checked.
  std::vector<StageFailure> device_failures() const;  // remembered, or in quarantine
  Result<Source> look_at(const std::string& url, bool accept_damage);

  const ServiceParts parts_;
  std::stop_source stop_;
  // Each inspection takes a worker.
  std::counting_semaphore<4> inspections_{4};
  std::mutex backing_up_;
};

}  // namespace millrace::engine
