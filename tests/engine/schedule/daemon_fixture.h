// What tests of the daemon share: a data folder, a media root with one file, and a daemon with fake workers
// over them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/schedule/daemon.h"
#include "tests/engine/schedule/fake_publisher.h"
#include "tests/engine/schedule/fake_workers.h"
#include "tests/engine/schedule/gate.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {

class DaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_directories(folder_.path() / "media").ok());
    ASSERT_TRUE(write_file(folder_.path() / "media/in.mov", "media").ok());
  }
  void TearDown() override { daemon_.reset(); }

  DaemonEngineConfig config() const {
    DaemonEngineConfig config;
    config.data = folder_.path() / "data";
    config.media_roots = {folder_.path() / "media"};
    config.program = "/usr/bin/millrace";
    config.cores = 4;
    config.keep_free_bytes = 100'000'000;
    return config;
  }
  // A daemon whose workers do what `before` says.
  Status try_start() {
    auto workers = std::make_unique<FakeWorkers>();
    auto publisher = std::make_unique<FakePublisher>();
    workers_ = workers.get();
    publisher_ = publisher.get();
    workers_->before = before_;
    workers_->before_of_plan = before_of_plan_;
    workers_->at_edge = at_edge_;
    workers_->see = see_;
    workers_->alike = alike_;
    DaemonParts parts;
    parts.start_workers = [&]() -> Result<std::unique_ptr<WorkerPool>> {
      return std::unique_ptr<WorkerPool>(std::move(workers));
    };
    parts.publisher = std::move(publisher);
    parts.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    parts.free_bytes = [this] { return Result<std::int64_t>(free_bytes_.load()); };
    parts.between_looks = std::chrono::milliseconds(2);
    parts.rest = std::chrono::milliseconds(0);
    parts.longest_cut = std::chrono::hours(1);
    parts.machine.gpus = gpus_;
    parts.backends = backends_;
    parts.probe = probe_;
    parts.between_device_looks = std::chrono::milliseconds(2);
    parts.machine.memory.usable_bytes = memory_bytes_;
    auto daemon = Daemon::start(config(), std::move(parts));
    if (!daemon.ok()) return daemon.status();
    daemon_ = std::move(*daemon);
    daemon_->jobs().subscribe([this](const Event& event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(event);
      news_.notify_all();
    });
    return {};
  }
  void start() {
    const Status status = try_start();
    ASSERT_TRUE(status.ok()) << to_string(status);
  }
  JobService& jobs() { return daemon_->jobs(); }

  std::string url() const { return "file://" + (folder_.path() / "media/in.mov").native(); }
  std::string spec() const {
    return R"({"input": {"url": ")" + url() +
           R"("}, "outputs": [{"name": "abr", "type": "adaptive", "ladder": [{"height": 720}, {"height": 360}]}]})";
  }
  std::string submit() {
    const auto submitted = jobs().submit(spec(), "");
    EXPECT_TRUE(submitted.ok()) << to_string(submitted.status());
    return submitted.ok() ? submitted->job.id : "";
  }
  // The record once it is in that state.
  Job await(const std::string& id, JobState state) {
    while (true) {
      std::size_t seen = 0;
      {
        const std::lock_guard lock(mutex_);
        seen = events_.size();
      }
      const Result<Job> job = jobs().get(id);
      if (job.ok() && job->state == state) return *job;
      std::unique_lock lock(mutex_);
      news_.wait(lock, [&] { return events_.size() > seen; });
    }
  }
  // Returns once such an event of the job was told: the record shows its change a moment before.
  void await_event(const std::string& id, const std::string& type) {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] {
      return std::ranges::any_of(events_,
                                 [&](const Event& each) { return each.job_id == id && each.type == type; });
    });
  }
  std::vector<std::string> event_types(const std::string& id) {
    std::vector<std::string> types;
    const auto events = jobs().events_after(0, id, 1'000);
    for (const Event& each : *events) types.push_back(each.type);
    return types;
  }
  std::filesystem::path output(const std::string& id) const { return config().data / "jobs" / id / "out"; }
  ino_t inode(const std::filesystem::path& path) const {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
    return facts.st_ino;
  }
  // Workers stop before segment 1 of the small rendition until the gate opens, and tell `reached_` that they
  // are there.
  void hold_at_segment_one() {
    before_ = [this](const std::string& track, std::int64_t index, std::stop_token stop) -> Status {
      if (track != "abr/360p" || index != 1) return {};
      reached_.open();
      return go_on_.wait(stop) ? Status() : Status(Code::cancelled, "stopped");
    };
  }

  TemporaryFolder folder_;
  std::function<Status(const std::string&, std::int64_t, std::stop_token)> before_;
  std::function<Status(const Plan& plan, std::int64_t)> before_of_plan_;
  std::function<void(std::int64_t, const std::stop_token&, const std::stop_token&)> at_edge_;
  std::vector<hw::GpuFacts> gpus_;  // of the machine
  Backends backends_;
  std::function<hw::Inventory()> probe_;  // asks the drivers again
  std::function<void(Source&)> see_;
  std::function<Result<Likeness>(const std::filesystem::path&, const std::filesystem::path&)> alike_;
  std::atomic<std::int64_t> free_bytes_{10'000'000'000};
  std::uint64_t memory_bytes_ = 0;  // of the machine; 0: not known
  Gate reached_;
  Gate go_on_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<Event> events_;
  FakeWorkers* workers_ = nullptr;      // the daemon's
  FakePublisher* publisher_ = nullptr;  // the daemon's
  std::unique_ptr<DaemonEngine> daemon_;
};

}  // namespace millrace::engine
