// What the daemon does with a card: it is tried before jobs rely on it, and left alone while it is lost.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/engine/schedule/canary_films.h"
#include "tests/engine/schedule/daemon_fixture.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using test::kEveryStep;
using test::paths_of;
using test::see_the_film;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DaemonWithACardTest : public DaemonTest {
 protected:
  DaemonWithACardTest() {
    gpus_ = millrace::test::recorded_machine("l4").gpus;
    backends_.nvidia = true;
    backends_.nvidia_encodes = {VideoCodec::h264};
    see_ = see_the_film;
  }
  // "cuda:0 ..." of decoding, or the CPU.
  std::string decoding() { return (*jobs().plan(spec()))["decode_device"].get<std::string>(); }
  // As operators see it.
  double quarantined_decodes() {
    for (const Metric& metric : jobs().metrics())
      if (metric.name == "millrace_device_paths_quarantined") return metric.samples.front().value;
    return -1;
  }
  void one_job() { await(submit(), JobState::completed); }
};

TEST_F(DaemonWithACardTest, JobsWaitUntilTheCardIsTriedOnceForEachDriver) {
  Gate tried, go_on;
  alike_ = [&](const std::filesystem::path&, const std::filesystem::path&) -> Result<Likeness> {
    tried.open();
    go_on.wait();
    return Likeness{50, 50, 45, 0};
  };
  start();
  const std::string id = submit();
  tried.wait();
  EXPECT_THAT(workers_->places("in.mov"), IsEmpty());
  go_on.open();
  await(id, JobState::completed);
  EXPECT_THAT(workers_->places("in.mov"), testing::Each("ggg"));
  EXPECT_THAT(workers_->places("h264.mp4"), Not(IsEmpty()));
  EXPECT_FALSE(std::filesystem::exists(config().data / "canary"));
  daemon_.reset();
  start();
  one_job();
  EXPECT_THAT(workers_->places("h264.mp4"), IsEmpty());
  daemon_.reset();
  gpus_[0].driver = "590.1";
  start();
  one_job();
  EXPECT_THAT(workers_->places("h264.mp4"), Not(IsEmpty()));
}

TEST_F(DaemonWithACardTest, WhatIsInQuarantineIsShownAndNotUsed) {
  before_of_plan_ = [](const Plan& plan, std::int64_t) {
    return plan.decode_device == kCpu ? Status() : Status(Code::device_lost, "worker 7 died of signal 11");
  };
  start();
  one_job();
  EXPECT_THAT(workers_->places("in.mov"), testing::Each("cgg"));
  EXPECT_THAT(jobs().hardware().dump(),
              HasSubstr("h264 is in quarantine (decoding h264 and filtering: worker"));
  EXPECT_GE(quarantined_decodes(), 1);
  daemon_.reset();
  before_of_plan_ = nullptr;
  start();
  one_job();
  EXPECT_THAT(workers_->places("in.mov"), testing::Each("cgg"));
  EXPECT_THAT((*jobs().plan(spec())).dump(),
              HasSubstr("decode of NVIDIA L4 is in quarantine: decoding h264"));
}

TEST_F(DaemonWithACardTest, APathThatGivesWrongPicturesIsLeftToTheCpuAndTheRestStays) {
  backends_.nvidia_steps = kEveryStep;
  std::atomic<bool> deinterlaces = false, there = false;
  before_of_plan_ = [&](const Plan& plan, std::int64_t) {
    deinterlaces = paths_of(plan).ends_with("+ deinterlace");
    there = uses_device(plan);
    return Status();
  };
  alike_ = [&](const std::filesystem::path&, const std::filesystem::path&) -> Result<Likeness> {
    return Likeness{50, 50, deinterlaces && there ? 20.0 : 45.0, 0};
  };
  std::atomic<bool> interlaced = false;
  see_ = [&](Source& source) {
    see_the_film(source);
    source.video[0].interlaced = interlaced && source.url.ends_with("in.mov");
  };
  start();
  one_job();
  EXPECT_THAT(workers_->places("in.mov"), testing::Each("ggg"));
  interlaced = true;
  one_job();
  EXPECT_EQ(workers_->places("in.mov").back(), "ccg");
  EXPECT_THAT((*jobs().plan(spec())).dump(),
              HasSubstr("filters of NVIDIA L4 is in quarantine: deinterlacing: 360p"));
}

TEST_F(DaemonWithACardTest, ACardThatCouldNotBeTriedIsTriedAtTheNextStart) {
  free_bytes_ = 1'000;
  start();
  daemon_.reset();
  free_bytes_ = 10'000'000'000;
  start();
  one_job();
  EXPECT_THAT(workers_->places("h264.mp4"), Contains("ggg"));
}

TEST_F(DaemonWithACardTest, ACardThatIsLostWhileItIsTriedIsNotJudged) {
  std::atomic<bool> gone = true;
  const std::vector<hw::GpuFacts> all = gpus_;
  probe_ = [&] {
    hw::Inventory machine;
    if (!gone) machine.gpus = all;
    return machine;
  };
  before_of_plan_ = [&](const Plan& plan, std::int64_t) -> Status {
    if (plan.decode_device == kCpu || !gone) return {};
    return {Code::device_lost, "cuda:0 fell off the bus"};
  };
  start();
  while (!jobs().hardware()["gpus"].empty()) std::this_thread::yield();
  gone = false;
  while (decoding() != "cuda:0") std::this_thread::yield();
  EXPECT_THAT(workers_->places("av1.mp4"), Contains("ggc"));
}

TEST_F(DaemonWithACardTest, ACardThatIsLostIsNotUsedUntilItIsBack) {
  std::atomic<bool> lost = false;
  Gate asked;
  const std::vector<hw::GpuFacts> all = gpus_;
  probe_ = [&] {
    hw::Inventory machine;
    if (!lost) machine.gpus = all;
    asked.open();
    return machine;
  };
  before_of_plan_ = [&](const Plan& plan, std::int64_t) -> Status {
    if (plan.decode_device == kCpu || !plan.source.url.ends_with("in.mov")) return {};
    lost = true;
    return blamed_on(Stage::decode, {Code::device_lost, "cuda:0 fell off the bus"});
  };
  start();
  one_job();
  asked.wait();
  while (decoding() != kCpu || jobs().hardware()["gpus"].size() == 1) std::this_thread::yield();
  EXPECT_THAT(jobs().hardware().dump(), HasSubstr("NVIDIA L4 (cuda:0) was lost"));
  lost = false;
  while (decoding() != "cuda:0") std::this_thread::yield();
  EXPECT_THAT(jobs().hardware()["absences"].dump(), Not(HasSubstr("was lost")));
}

}  // namespace
}  // namespace millrace::engine
