// The GPU's bench on a device that is the CPU: sessions, the turns of the two sides, and its report.
#include "bench/gpu_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "bench/file_url.h"
#include "bench/gpu_sessions.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/inspect.h"
#include "tests/bench/bench_fixture.h"
#include "tests/bench/samples.h"
#include "tests/support/media_sample.h"
#include "tests/support/recorded_machine.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;

// Notes which device it was given, and leaves a receipt of a job that stayed there.
constexpr const char* kMillrace = R"([ "$1" = --version ] && { echo millrace fake; exit 0; }
echo "$8" >>"$(dirname "$0")/order"
mkdir -p "$4"
printf '{"devices":[{"stage":"decode","device":"%s"}],"steps_down":[STEPS]}' "$8" >"$4/receipt.json")";

class GpuBench : public ListeningBench {
 protected:
  GpuBench() {
    options_.source = scripts_.folder() / "in.mp4";
    test::SampleVideo video;
    video.width = 640;
    video.height = 480;
    video.frames = 10;
    test::make_sample(options_.source, video);
    options_.sessions = {1, 2};
    options_.rounds = 2;
    options_.ffmpeg = scripts_.program("ffmpeg", "echo ffmpeg version fake");
    options_.folder = scripts_.folder() / "data";
    std::filesystem::create_directories(options_.folder);
    steps_down("");
    machine_.inventory = test::recorded_machine("h200");
    machine_.backends.nvidia = true;
    machine_.open = [this](const std::string& device) -> Result<std::unique_ptr<engine::Backend>> {
      if (device != engine::kCpu && ++opened_ == fails_at_) return engine::Status(Code::device_lost, "gone");
      return engine::make_software_backend();
    };
  }
  void steps_down(const std::string& sentences) {
    std::string text = kMillrace;
    options_.millrace = scripts_.program("millrace", text.replace(text.find("STEPS"), 5, sentences));
  }
  Result<GpuReport> run() { return run_gpu_bench(options_, machine_, listener_, stop_); }

  engine::Plan plan() const {
    engine::Plan plan;
    plan.source = engine::inspect(file_url(options_.source)).value();
    plan.decode_device = plan.filter_device = "cuda:0";
    for (const int height : {480, 96}) {
      engine::PlannedRendition& rendition = plan.renditions.emplace_back();
      rendition.height = height;
      rendition.width = height * 4 / 3;
    }
    return plan;
  }

  GpuOptions options_;
  GpuMachine machine_;
  std::atomic<int> opened_ = 0;
  int fails_at_ = 0;
};

TEST_F(GpuBench, EverySessionHasADeviceOfItsOwnAndSeesEveryPicture) {
  for (const SessionWork work : {SessionWork::decode, SessionWork::ladder}) {
    opened_ = 0;
    const auto run = run_sessions(plan(), 3, work, machine_.open, stop_);
    ASSERT_TRUE(run.ok()) << run.status().message();
    EXPECT_EQ(run->pictures, 30);
    EXPECT_GT(run->seconds, 0);
    EXPECT_EQ(opened_, 3);
  }
}

TEST_F(GpuBench, ASessionThatFailsEndsThemAll) {
  fails_at_ = 2;
  const auto run = run_sessions(plan(), 3, SessionWork::ladder, machine_.open, stop_);
  EXPECT_EQ(run.status().code(), Code::device_lost);
  EXPECT_EQ(run.status().message(), "decode on cuda:0: gone");
  stop_.request();
  fails_at_ = 0;
  EXPECT_EQ(run_sessions(plan(), 2, SessionWork::decode, machine_.open, stop_).status().code(),
            Code::cancelled);
}

TEST_F(GpuBench, BothSidesTakeTurnsInEveryRound) {
  const Result<GpuReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_THAT(report->device, AllOf(HasSubstr("cuda:0, "), HasSubstr("H200, 7 decode engines")));
  ASSERT_EQ(report->sessions.size(), 2U);
  for (const SessionsFigures& each : report->sessions) {
    EXPECT_THAT(each.decode, ElementsAre(Gt(0), Gt(0)));
    EXPECT_THAT(each.ladder, ElementsAre(Gt(0), Gt(0)));
  }
  EXPECT_EQ(scripts_.read("order"), "cuda:0\ncpu\ncpu\ncuda:0\n");
  EXPECT_EQ(report->on_device.runs.size(), 2U);
  EXPECT_THAT(report->stages, ElementsAre("decode: cuda:0"));
  EXPECT_EQ(report->left_device, "");
  EXPECT_NE(report->targets.back().verdict, Verdict::not_measured);
  EXPECT_LT(heard_.find("1 of 2, 2 sessions, decoded alone"), heard_.find("1 of 2, 2 sessions, into the"));
  EXPECT_GT(heard_.find("2 of 2, 2 sessions, decoded alone"), heard_.find("2 of 2, 2 sessions, into the"));
  EXPECT_TRUE(std::filesystem::is_empty(options_.folder));
}

TEST_F(GpuBench, AJobThatLeavesTheDeviceIsNoFigureOfIt) {
  steps_down("\"decode on cuda:0: lost\"");
  const Result<GpuReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->targets.back().verdict, Verdict::not_measured);
  EXPECT_EQ(report->targets.back().measured, "the job stepped down: decode on cuda:0: lost");
}

TEST_F(GpuBench, SaysWhatIsMissing) {
  options_.device = 3;
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_THAT(run().status().message(), HasSubstr("no GPU to measure: this machine has no cuda:3"));
  options_.device = 0;
  machine_.backends.nvidia = false;
  EXPECT_THAT(run().status().message(),
              HasSubstr("no GPU to measure: this build has no NVIDIA backend for "));
  machine_.inventory = test::recorded_machine("no_gpu");
  EXPECT_EQ(run().status().code(), Code::resource_exhausted);
  EXPECT_THAT(run().status().message(), HasSubstr("no GPU to measure: libcuda.so.1 not found"));
}

TEST_F(GpuBench, ASourceThatTheDeviceDoesNotDecodeIsRefused) {
  for (hw::GpuFacts& gpu : machine_.inventory.gpus) gpu.decodes.clear();
  const Result<GpuReport> report = run();
  EXPECT_EQ(report.status().code(), Code::unsupported) << report.status().message();
  EXPECT_EQ(scripts_.read("order"), "(absent)");
}

GpuReport sample(double decode, double ladder, double there, double here) {
  GpuReport report;
  report.device = "cuda:0, a card, 7 decode engines";
  report.rounds = 3;
  report.sessions = {{8, {decode, decode, 9 * decode}, {ladder}}};
  report.on_device = sample_way("with cuda:0", there, 30, 100);
  report.on_cpu = sample_way("on the CPU alone", here, 60, 100);
  report.targets = judge(report);
  return report;
}

TEST(GpuReport, NinetyPercentOfDecodingAndLessTimeThanTheCpuAreTheTargets) {
  const GpuReport met = sample(2000, 1800, 9, 10);
  ASSERT_EQ(met.targets.size(), 2U);
  EXPECT_EQ(met.targets[0].what, "decode and ladder in 8 sessions");
  EXPECT_EQ(met.targets[0].measured, "90.0 %");
  EXPECT_EQ(met.targets[0].verdict, Verdict::met);
  EXPECT_EQ(met.targets[1].measured, "9.00 s against 10.00 s");
  EXPECT_EQ(met.targets[1].verdict, Verdict::met);
  const GpuReport missed = sample(2000, 1799, 10, 10);
  EXPECT_EQ(missed.targets[0].verdict, Verdict::not_met);
  EXPECT_EQ(missed.targets[1].verdict, Verdict::not_met);
  EXPECT_THAT(figures_text(met), AllOf(HasSubstr("8 sessions: decoded alone 2000 (2000..18000)"),
                                       HasSubstr("met           decode and ladder")));
  const auto json = to_json(met);
  EXPECT_EQ(json["sessions"][0]["ladder_pictures_per_second"]["median"], 1800);
  EXPECT_EQ(json["kind"], "gpu");
  EXPECT_TRUE(json["not_run"].is_null() && json["left_device"].is_null());
}

TEST(GpuReport, WhatCouldNotRunSaysWhyForEveryTarget) {
  const GpuReport report = gpu_not_run({}, {8, 14}, "no GPU here");
  ASSERT_EQ(report.targets.size(), 3U);
  for (const Target& each : report.targets) {
    EXPECT_EQ(each.verdict, Verdict::not_measured) << each.what;
    EXPECT_EQ(each.measured, "not run: no GPU here") << each.what;
  }
  EXPECT_THAT(figures_text(report), HasSubstr("Nothing was run: no GPU here"));
  EXPECT_EQ(to_json(report)["not_run"], "no GPU here");
}

}  // namespace
}  // namespace millrace::bench
