// What tests of a run share: fake workers and a fake publisher, a ledger in memory, a plan that is kept from
// run to run.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/unique_fd.h"
#include "engine/job/job_spec_json.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/memory_ledger.h"
#include "tests/engine/schedule/fake_publisher.h"
#include "tests/engine/schedule/fake_workers.h"
#include "tests/engine/schedule/gate.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {

inline constexpr const char* kSpec = R"({"input": {"url": "file:///media/in.mov"}, "outputs": [
  {"name": "abr", "type": "adaptive", "ladder": [{"height": 720}, {"height": 360}]},
  {"name": "web", "type": "file", "video": {"height": 480}}]})";
// 720p and 360p for abr, 480p and so on for the file, and the sound.
inline constexpr const char* k720 = "abr/720p";
inline constexpr const char* k360 = "abr/360p";
inline constexpr const char* kSound = "abr/audio";

inline Status died() { return {Code::device_lost, "worker 7 died of signal 9 (Killed)"}; }

class PlanKeeper : public JobObserver {
 public:
  Status planned(const Plan& made) override {
    plan = made;
    return status;
  }
  void progress(const Progress& progress) override { told.push_back(progress); }
  void retrying(const Retry& retry) override { retries.push_back(retry); }
  Status status;
  std::optional<Plan> plan;
  std::vector<Progress> told;
  std::vector<Retry> retries;
};

struct FileFacts {
  ino_t inode = 0;
  timespec changed{};
  bool operator==(const FileFacts& other) const {
    return inode == other.inode && changed.tv_sec == other.changed.tv_sec &&
           changed.tv_nsec == other.changed.tv_nsec;
  }
};

class JobRunnerTest : public testing::Test {
 protected:
  Result<nlohmann::ordered_json> run(std::stop_token stop = {}) {
    const JobRun job{*parse_job_spec(spec_), folder_.path(), cores_,
                     observer_.plan,         watched_early_, steps_down_};
    RunParts parts{workers_, machine_, ledger_, observer_, publisher_, std::chrono::milliseconds(0)};
    parts.wait = [this](std::chrono::milliseconds time, const std::stop_token& stop) {
      const std::lock_guard lock(waits_mutex_);
      waits_.push_back(time.count());
      if (while_waiting_) while_waiting_(stop);
    };
    parts.control = control_;
    parts.devices = devices_;
    parts.stepped_down = [this](const StepDown& step) { stepped_down_.note(step); };
    parts.remember = [this](const StageFailure& failure) { remembered_.push_back(failure); };
    return JobRunner(job, parts).run(std::move(stop));
  }
  std::vector<std::int64_t> booked(const std::string& track) {
    std::vector<std::int64_t> indexes;
    const auto segments = ledger_.segments();
    for (const FinishedSegment& each : *segments)
      if (each.track == track) indexes.push_back(each.index);
    return indexes;
  }
  std::filesystem::path path(const std::string& file) const { return folder_.path() / file; }
  FileFacts facts(const std::string& file) const {
    struct stat facts {};
    EXPECT_EQ(::stat(path(file).c_str(), &facts), 0) << file;
    return {facts.st_ino, facts.st_mtim};
  }
  // While this is held no other file gets its inode.
  UniqueFd open_file(const std::string& file) const {
    return UniqueFd(::open(path(file).c_str(), O_RDONLY | O_CLOEXEC));
  }
  // The first worker dies before it makes this segment of this track; the next ones live.
  void die_once_before(const std::string& track, std::int64_t index) {
    workers_.before = [this, track, index](const std::string& each, std::int64_t at, std::stop_token) {
      return each == track && at == index && deaths_++ == 0 ? died() : Status();
    };
  }

  std::string spec_ = kSpec;
  int cores_ = 4;
  TemporaryFolder folder_;
  FakeWorkers workers_;
  FakePublisher publisher_;
  MemoryLedger ledger_;
  PlanKeeper observer_;
  hw::Inventory machine_;
  RunControl* control_ = nullptr;
  std::atomic<int> deaths_{0};
  bool watched_early_ = false;
  std::vector<Retry> steps_down_;  // of attempts before
  DeviceChoices devices_;
  std::vector<StageFailure> remembered_;
  StepDownCount stepped_down_;
  std::function<void(const std::stop_token&)> while_waiting_;  // before a task is given out again
  std::mutex waits_mutex_;
  std::vector<std::int64_t> waits_;  // milliseconds, none of them waited
};

}  // namespace millrace::engine
