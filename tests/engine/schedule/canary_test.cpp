// What the canary finds on recorded machines, with workers that give the pictures that a test says.
#include "engine/schedule/canary.h"

#include <gmock/gmock.h>

#include "tests/engine/schedule/daemon_fixture.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The film's codec, by the name of its file.
void see_the_film(Source& source) {
  if (source.url.ends_with("hdr10.mp4")) {
    VideoTrack& video = source.video[0];
    video.codec = "hevc";
    video.pixel_format = "yuv420p10le";
    video.bits_per_component = 10;
    video.color_matrix = "bt2020nc";
    video.color_primaries = "bt2020";
    video.color_transfer = "smpte2084";
  }
  for (const char* codec : {"h264", "hevc", "vp9", "av1"})
    if (source.url.ends_with(std::string(codec) + ".mp4")) source.video[0].codec = codec;
}

class CanaryTest : public testing::Test {
 protected:
  CanaryTest() {
    workers_.segments = 1;
    EXPECT_TRUE(write_file(folder_.path() / kDrawnFilm, "drawn").ok());
    workers_.see = see_the_film;
    workers_.before_of_plan = [this](const Plan& plan, std::int64_t) {
      source_ = plan.source.video[0].codec;
      steps_.clear();
      for (const Normalisation& each : plan.normalisations) steps_ += each.name + " ";
      encode_ = name_of(plan.renditions[0].codec);
      return fail_ && uses_device(plan) ? fail_(plan) : Status();
    };
    workers_.alike = [this](const std::filesystem::path&, const std::filesystem::path&) {
      return alike_ ? alike_() : Likeness{50, 50, 45, 0};
    };
    backends_.nvidia = true;
    backends_.nvidia_encodes = {VideoCodec::h264, VideoCodec::hevc};
  }
  Result<std::vector<StageFailure>> found_on(const std::string& name, std::stop_token stop = {}) {
    machine_ = test::recorded_machine(name);
    Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
    return canary.try_device(machine_.gpus[0], stop);
  }
  // "decode h264: ...", with the reason.
  std::vector<std::string> quarantine(const std::string& name) {
    const auto found = found_on(name);
    EXPECT_TRUE(found.ok()) << to_string(found.status());
    std::vector<std::string> list;
    for (const StageFailure& each : found.value_or({})) {
      EXPECT_TRUE(each.in_quarantine());
      EXPECT_EQ(each.device, machine_.gpus[0].id);
      EXPECT_EQ(each.driver, machine_.gpus[0].driver);
      list.push_back(fmt::format("{} {}: {}", name_of(each.stage), each.codec, each.reason));
    }
    return list;
  }

  TemporaryFolder folder_;
  FakeWorkers workers_;
  FakePublisher publisher_;
  Backends backends_;
  hw::Inventory machine_;
  std::function<Status(const Plan& plan)> fail_;  // ranges with stages on the device
  std::function<Result<Likeness>()> alike_;
  std::string source_, encode_, steps_;  // of the last range
};

TEST_F(CanaryTest, EveryRoadOverADeviceIsTried) {
  EXPECT_THAT(quarantine("l4"), IsEmpty());
  // Two renditions each, which are made together.
  EXPECT_THAT(workers_.places("h264.mp4"),
              ElementsAre("ccc", "ggc", "ccg", "ccg", "cgg", "cgg", "ggg", "ggg"));
  for (const char* other : {"hevc.mp4", "vp9.mp4", "av1.mp4"})
    EXPECT_THAT(workers_.places(other), ElementsAre("ccc", "ggc")) << other;
}

TEST_F(CanaryTest, StepsThatAreBuiltAreTriedWithFilmsThatNeedThem) {
  backends_.nvidia_encodes.clear();
  backends_.nvidia_steps = {"deinterlace", "rotate", "tone_map"};
  std::vector<std::string> steps;
  alike_ = [&] {
    steps.push_back(steps_);
    return Likeness{45, 45, 45, 0};
  };
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  // The plain film, the one whose lines are taken for fields and the one that stands on its side.
  EXPECT_THAT(workers_.places("h264.mp4"), ElementsAre("ccc", "ggc", "ccc", "ggc", "ccc", "ggc"));
  EXPECT_THAT(workers_.places("hdr10.mp4"), ElementsAre("ccc", "ggc"));
  EXPECT_THAT(steps, testing::IsSupersetOf({"", "deinterlace ", "rotate ", "tone_map "}));
}

TEST_F(CanaryTest, WrongPicturesOfAStepPutThatStepInQuarantine) {
  backends_.nvidia_steps = {"deinterlace", "tone_map"};
  alike_ = [this] { return Likeness{45, 45, steps_.empty() ? 45 : 21.5, 7}; };
  EXPECT_THAT(
      quarantine("l4"),
      ElementsAre("filters deinterlace: deinterlacing: 360p: its pictures are wrong: picture 8 differs "
                  "from the CPU's (21.5 dB, at least 38 are asked for)",
                  HasSubstr("filters tone_map: tone mapping: 360p: its pictures are wrong")));
}

TEST_F(CanaryTest, AStepWithoutAFilmForItIsNotTried) {
  backends_.nvidia_encodes.clear();
  backends_.nvidia_steps = {"tone_map"};
  workers_.see = [](Source& source) {
    if (!source.url.ends_with("hdr10.mp4")) see_the_film(source);  // and that one is no HDR
  };
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  EXPECT_THAT(workers_.places("hdr10.mp4"), IsEmpty());
}

TEST_F(CanaryTest, WhatADeviceLacksIsNotTried) {
  EXPECT_THAT(quarantine("h200"), IsEmpty());
  EXPECT_THAT(workers_.places("h264.mp4"), ElementsAre("ccc", "ggc"));
  EXPECT_THAT(workers_.places("av1.mp4"), IsEmpty());
}

// No encoder is used that was not tried, whatever sizes it takes.
TEST_F(CanaryTest, AnEncoderThatTakesTheLargerRenditionAloneIsTriedWithThat) {
  machine_ = test::recorded_machine("l4");
  for (hw::EncodeForm& each : machine_.gpus[0].encodes) each.form.min_width = 400;
  Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
  ASSERT_TRUE(canary.try_device(machine_.gpus[0], {}).ok());
  EXPECT_THAT(workers_.places("h264.mp4"),
              ElementsAre("ccc", "ggc", "ccg", "ccg", "cgg", "cgg", "ggg", "ggg"));
}

TEST_F(CanaryTest, NothingIsDoneForADeviceThatThisBuildCannotDrive) {
  EXPECT_THAT(quarantine("arc"), IsEmpty());
  EXPECT_THAT(workers_.places(), IsEmpty());
}

TEST_F(CanaryTest, WrongPicturesPutTheCodecsStageInQuarantine) {
  alike_ = [this] { return Likeness{50, 50, source_ == "hevc" ? 11.25 : 45, 3}; };
  EXPECT_THAT(quarantine("l4"),
              ElementsAre("decode hevc: decoding hevc and filtering: 360p: its pictures are wrong: picture 4 "
                          "differs from the CPU's (11.2 dB, at least 38 are asked for)"));
}

TEST_F(CanaryTest, WhatEncodesWronglyIsNotTriedAlongLongerRoads) {
  alike_ = [this] { return Likeness{50, 50, encode_ == "hevc" ? 11.25 : 45, 3}; };
  EXPECT_THAT(quarantine("l4"), ElementsAre(HasSubstr("encode hevc: encoding hevc: 360p")));
  EXPECT_THAT(workers_.places("h264.mp4"), ElementsAre("ccc", "ggc", "ccg", "ccg", "cgg", "ggg"));
}

TEST_F(CanaryTest, TooFewPicturesAreWrongOnes) {
  alike_ = [this] { return Likeness{source_ == "vp9" ? 0 : 50, 50, 45, 0}; };
  EXPECT_THAT(quarantine("l4"), ElementsAre(HasSubstr("decode vp9: decoding vp9 and filtering: 360p: 0 "
                                                      "pictures instead of 50")));
}

TEST_F(CanaryTest, PicturesThatDoNotDecodeAreWrongOnes) {
  alike_ = [this]() -> Result<Likeness> {
    if (encode_ == "hevc") return Status(Code::internal, "it does not decode");
    return Likeness{50, 50, 45, 0};
  };
  EXPECT_THAT(quarantine("l4"),
              ElementsAre(HasSubstr("its pictures cannot be compared: it does not decode")));
}

TEST_F(CanaryTest, AWorkerThatDiesOfItIsAVerdict) {
  fail_ = [](const Plan& plan) {
    return plan.decode_device == kCpu ? Status() : Status(Code::device_lost, "worker 7 died of signal 11");
  };
  const std::vector<std::string> all = quarantine("h200");
  EXPECT_THAT(all, ElementsAre(HasSubstr("decode h264: decoding h264 and filtering: worker 7 died"),
                               HasSubstr("decode hevc"), HasSubstr("decode vp9")));
}

TEST_F(CanaryTest, WantOfRoomOrTimeIsNone) {
  for (const Code code :
       {Code::resource_exhausted, Code::out_of_memory, Code::io_error, Code::worker_killed}) {
    fail_ = [code](const Plan&) { return Status(code, "not now"); };
    EXPECT_EQ(found_on("l4").status().code(), code);
  }
  fail_ = nullptr;
  std::stop_source stop;
  stop.request_stop();
  std::filesystem::remove(folder_.path() / kDrawnFilm);
  EXPECT_EQ(found_on("l4", stop.get_token()).status().code(), Code::cancelled);
  machine_ = test::recorded_machine("geforce");
  machine_.gpus[0].free_encode_sessions = 1;
  Canary canary({workers_, machine_, 2, folder_.path(), &publisher_}, backends_);
  EXPECT_EQ(canary.try_device(machine_.gpus[0], {}).status().code(), Code::resource_exhausted);
}

// The daemon with a card.
class DaemonWithACardTest : public DaemonTest {
 protected:
  DaemonWithACardTest() {
    gpus_ = test::recorded_machine("l4").gpus;
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
