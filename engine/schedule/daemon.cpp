#include "engine/schedule/daemon.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "engine/backend/backend_set.h"
#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/job/job_json.h"
#include "engine/schedule/calibrate.h"
#include "engine/schedule/canary.h"
#include "engine/schedule/capacity_report.h"
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

// What lies in it is of a daemon that died over it.
Status make_empty(const std::filesystem::path& folder) {
  if (Status s = remove_tree(folder); !s.ok()) return s;
  return make_directories(folder);
}

}  // namespace

Result<std::unique_ptr<DaemonEngine>> DaemonEngine::start(const DaemonEngineConfig& config) {
  DaemonParts parts;
  parts.probe = [program = config.program.native()] { return hw::probe({.program = program}); };
  parts.machine = parts.probe();
  parts.backends = built_backends();
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
  if (config.calibrate_after.count() >= 0) parts.calibrate_after = config.calibrate_after;
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

  cores_ = std::max(1, config.cores > 0 ? config.cores : parts_.machine.cpu.usable_cores);
  RoomLimits limits;
  limits.free_bytes = parts_.free_bytes;
  limits.keep_bytes =
      config.keep_free_bytes >= 0 ? config.keep_free_bytes : kept_free_of(disk_size(config.data));
  budget_ = hw::budget_of(parts_.machine);
  budget_.millicores = cores_ * std::int64_t{1000};
  limits.memory_bytes = budget_.memory_bytes;
  room_ = std::make_unique<RoomLedger>(std::move(limits));
  waiting_ = std::make_unique<WaitingJobs>(WaitingParts{*store_, *records_, *room_, parts_.rest, {}});
  calibration_ = std::make_unique<CalibrationBook>(*store_, parts_.machine);
  stage_memory_ = std::make_unique<StageMemory>(*store_, parts_.machine, now_milliseconds());
  DeviceWatchParts watch;
  watch.probe = parts_.probe;
  watch.admit = [this](const hw::Inventory& machine, const std::vector<std::string>& back,
                       const std::stop_token& stop) { admit(machine, back, stop); };
  watch.between_looks = parts_.between_device_looks;
  device_watch_ = std::make_unique<DeviceWatch>(parts_.machine, std::move(watch));
  const auto machine = [this] { return device_watch_->machine(); };
  IdleCalibrationParts idle;
  idle.is_idle = [this] { return scheduler_->cores_in_use() == 0; };
  idle.calibrate = [this](const std::stop_token& stop) { return calibrate(stop); };
  if (parts_.calibrate_after) idle.after = *parts_.calibrate_after;
  idle_calibration_ = std::make_unique<IdleCalibration>(std::move(idle));
  attempt_parts_.reset(
      new AttemptParts{*store_, *records_, folders_, policy_, words_, *workers_, machine, *parts_.publisher,
                       *room_, parts_.wait, calibration_.get(), [this] { return devices(); },
                       [this](const StageFailure& failure) { stage_memory_->remember(failure); },
                       [this] { device_watch_->device_lost(); },
                       [this](const StepDown& step) { steps_down_.note(step); }, parts_.longest_cut});
  attempts_ = std::make_unique<JobAttempts>(*attempt_parts_);
  SchedulerSettings settings;
  settings.max_running_jobs = std::max(1, config.max_running_jobs);
  settings.cores = cores_;
  settings.live_millicores = [this](const JobSpec& spec) {
    return millicores_of(spec, *device_watch_->machine(), calibration_->get().model);
  };
  settings.between_looks = parts_.between_looks;
  scheduler_ = std::make_unique<Scheduler>(
      *store_, settings,
      [this](const std::string& id, int share, RunControl& control) {
        idle_calibration_->yield();
        device_watch_->wait_until_admitted(control.stopped());
        return attempts_->run(id, share, control);
      },
      [this](Scheduler& scheduler) {
        waiting_->spare_disk([&scheduler](const std::string& id) { scheduler.pause(id); });
        // Without workers they would only use up their attempts.
        return workers_->process_ids().empty() || waiting_->look();
      },
      [this](Scheduler& scheduler, const std::string& id) { return yield(scheduler, id); });
  service_.reset(new EngineJobs({*store_, *records_, folders_, policy_, words_, *workers_, machine,
                                 *scheduler_, fan_, cores_, parts_.free_bytes,
                                 [this](const std::string& profile) { return capacity(profile); },
                                 [this] { return devices(); }, [this] { return steps_down_.counted(); }}));
  device_watch_->start();
  if (parts_.calibrate_after && calibration_->get().measured == 0) idle_calibration_->start();
  return {};
}

DeviceChoices Daemon::devices() const {
  return {parts_.backends, stage_memory_->known(now_milliseconds()), calibration_->get().model};
}

void Daemon::admit(const hw::Inventory& machine, const std::vector<std::string>& back,
                   const std::stop_token& stop) {
  stage_memory_->look_at(machine, now_milliseconds());
  for (const std::string& id : back) stage_memory_->forget(id);
  const Status tried = try_devices(machine, stop);
  if (!tried.ok() && !stop.stop_requested())
    spdlog::warn("devices are used although not all that they do was tried: {}; it will be at the next start",
                 tried.message());
}

bool Daemon::is_gone(const hw::GpuFacts& gpu) const {
  if (!parts_.probe) return false;
  const hw::Inventory now = parts_.probe();
  return std::none_of(now.gpus.begin(), now.gpus.end(),
                      [&](const hw::GpuFacts& each) { return device_id(each) == device_id(gpu); });
}

Status Daemon::try_devices(const hw::Inventory& machine, const std::stop_token& stop) {
  std::vector<const hw::GpuFacts*> untried;
  const Result<Candidates> usable = candidates({}, machine, parts_.backends);
  if (!usable.ok()) return usable.status();
  for (const hw::GpuFacts* gpu : usable->gpus)
    if (!stage_memory_->was_tried(*gpu)) untried.push_back(gpu);
  if (untried.empty()) return {};
  Status all = have_room_for(kCanaryDiskBytes);
  const std::filesystem::path folder = folders_.canary();
  if (all.ok()) all = make_empty(folder);
  if (!all.ok()) return all;
  Canary canary({*workers_, machine, cores_, folder, parts_.publisher.get()}, parts_.backends);
  for (const hw::GpuFacts* gpu : untried) {
    spdlog::info("{} is tried with a short film before jobs use it", gpu->name);
    Result<std::vector<StageFailure>> found = canary.try_device(*gpu, stop);
    if (found.ok() && !found->empty() && is_gone(*gpu)) {  // which says nothing of its pictures
      device_watch_->device_lost();
      found = Status(Code::device_lost, "it was lost meanwhile");
    }
    const Status tried =
        found.ok() ? stage_memory_->note_tried(*gpu, std::move(*found), now_milliseconds()) : found.status();
    if (!tried.ok()) all = tried.under(gpu->name);
  }
  const Status removed = remove_tree(folder);
  return all.ok() ? removed : all;
}

bool Daemon::yield(Scheduler& scheduler, const std::string& id) {
  const Result<Job> queued = records_->change(id, [](Job& job) -> Status {
    if (job.state != JobState::running) return {Code::cancelled, "it does not run any more"};
    job.state = JobState::queued;
    return {};
  });
  if (!queued.ok()) return false;
  spdlog::info("job {} makes room for one that keeps pace with its media", id);
  scheduler.pause(id);
  return true;
}

Status Daemon::have_room_for(std::int64_t bytes) const {
  const Result<std::int64_t> free = parts_.free_bytes();
  if (!free.ok()) return free.status();
  if (*free >= 2 * bytes) return {};
  return {Code::resource_exhausted, "the data folder's disk has too little room"};
}

Status Daemon::calibrate(const std::stop_token& stop) {
  if (Status s = have_room_for(kCalibrationDiskBytes); !s.ok()) return s;
  const std::filesystem::path folder = folders_.calibration();
  if (Status s = make_empty(folder); !s.ok()) return s;
  const DeviceWatch::Snapshot machine = device_watch_->machine();
  const auto told = [](const std::string& what) { spdlog::info("calibrating: {}", what); };
  const Result<CostModel> model = engine::calibrate(*workers_, *machine, cores_, folder, told, stop);
  const Status removed = remove_tree(folder);
  if (!model.ok()) return model.status();
  spdlog::info("calibrated; GET /v1/capacity tells what this machine carries");
  if (Status s = calibration_->put(*model, now_milliseconds()); !s.ok()) return s;
  return removed;
}

Result<nlohmann::ordered_json> Daemon::capacity(const std::string& profile) const {
  const Calibration calibration = calibration_->get();
  const DeviceWatch::Snapshot machine = device_watch_->machine();
  MachineState state{*machine, calibration.model, budget_};
  state.in_use.millicores = scheduler_->live_millicores();
  state.in_use.memory_bytes = room_->memory_in_use();
  const auto running = store_->ids_in(JobState::running);
  if (!running.ok()) return running.status();
  for (const std::string& id : *running) {
    const Result<Job> job = store_->get(id);
    if (!job.ok() || job->progress.eta_seconds < 0) continue;
    const bool sooner = state.next_free_seconds < 0 || job->progress.eta_seconds < state.next_free_seconds;
    if (sooner) state.next_free_seconds = job->progress.eta_seconds;
  }
  Result<nlohmann::ordered_json> report = capacity_report(state, profile);
  if (report.ok()) (*report)["calibration"] = to_json(calibration);
  return report;
}

Daemon::~Daemon() {
  service_.reset();
  if (idle_calibration_ != nullptr) idle_calibration_->stop();
  if (device_watch_ != nullptr) device_watch_->stop();
  if (attempts_ != nullptr) attempts_->give_up();
  scheduler_.reset();  // running jobs go back into the queue
  if (store_ != nullptr) store_->set_listener({});
}

}  // namespace millrace::engine
