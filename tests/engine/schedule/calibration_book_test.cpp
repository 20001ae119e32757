// Calibration: what is kept of it, when it is made, and what is told of the capacity.
#include "engine/schedule/calibration_book.h"

#include "engine/plan/planner.h"
#include "engine/schedule/calibration_film.h"
#include "engine/schedule/capacity_report.h"
#include "engine/schedule/idle_calibration.h"
#include "tests/engine/schedule/daemon_fixture.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

hw::Inventory machine_of(const std::string& model) {
  hw::Inventory machine;
  machine.cpu.model = model;
  machine.cpu.usable_cores = machine.cpu.allowed_cores = 8;
  machine.memory.usable_bytes = std::uint64_t{16} << 30;
  return machine;
}

Plan small_plan() {
  AdaptiveOutput output;
  output.name = "abr";
  JobSpec spec;
  spec.input_url = "file:///in.mov";
  spec.outputs = {output};
  return make_plan(small_source("file:///in.mov"), spec, {}, 2).value();
}

class CalibrationBookTest : public StoreTest {
 protected:
  const hw::Inventory machine_ = machine_of("EPYC");
  const CostModel model_{{{"scale", 2.0}}};
};

TEST_F(CalibrationBookTest, WithoutOneTheReferenceMachinesFiguresAreUsed) {
  const Calibration none = CalibrationBook(*store_, machine_).get();
  EXPECT_EQ(none.model, CostModel());
  EXPECT_EQ(none.measured, 0);
  EXPECT_THAT(none.note, IsEmpty());
  EXPECT_TRUE(to_json(none)["measured"].is_null());
}

TEST_F(CalibrationBookTest, IsThereAtTheNextStartAndNotOnAnotherMachine) {
  ASSERT_TRUE(CalibrationBook(*store_, machine_).put(model_, 1'700'000'000'000).ok());
  const Calibration again = CalibrationBook(*store_, machine_).get();
  EXPECT_EQ(again.model, model_);
  EXPECT_EQ(again.measured, 1'700'000'000'000);

  CalibrationBook elsewhere(*store_, machine_of("Xeon"));
  EXPECT_EQ(elsewhere.get().model, CostModel());
  EXPECT_EQ(elsewhere.get().measured, 0);
  EXPECT_THAT(elsewhere.get().note, HasSubstr("another machine"));
  ASSERT_TRUE(elsewhere.put(model_, 5).ok());
  EXPECT_THAT(elsewhere.get().note, IsEmpty());
}

TEST_F(CalibrationBookTest, ANewDriverIsAnotherMachine) {
  hw::Inventory before = machine_;
  before.gpus = {{"nvidia", "L4", 0, 1, "580", {4, 2}}};
  hw::Inventory after = before;
  after.gpus[0].driver = "590";
  EXPECT_NE(fingerprint_of(before), fingerprint_of(after));
  EXPECT_EQ(fingerprint_of(before), fingerprint_of(before));
}

TEST_F(CalibrationBookTest, WhatIsDamagedIsNotUsed) {
  for (const char* text : {"", "{", "[]", R"({"fingerprint": 1})"}) {
    ASSERT_TRUE(store_->put_value("calibration", "cpu", text).ok());
    const Calibration calibration = CalibrationBook(*store_, machine_).get();
    EXPECT_EQ(calibration.model, CostModel()) << text;
    EXPECT_THAT(calibration.note, HasSubstr("not used")) << text;
  }
}

TEST_F(CalibrationBookTest, FinishedJobsRefineIt) {
  CalibrationBook book(*store_, machine_);
  const Plan plan = small_plan();
  const double before = cores_of(plan, book.get().model);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(book.learn(plan, 60, 3 * before * 60).ok());
  EXPECT_NEAR(cores_of(plan, book.get().model), 3 * before, 0.3 * before);
  ASSERT_TRUE(book.learn(plan, 4, 3 * before * 4).ok()) << "too short";
  const Calibration kept = CalibrationBook(*store_, machine_).get();
  EXPECT_EQ(kept.learned_runs, 20);
  EXPECT_EQ(kept.measured, 0) << "still to be measured";
  EXPECT_EQ(kept.model, book.get().model);
}

// A measurement that lasts until it is stopped.
Status last_until_stopped(Gate& begun, const std::stop_token& stop) {
  begun.open();
  Gate never;
  EXPECT_FALSE(never.wait(stop));
  return {Code::cancelled, "stopped"};
}

TEST(IdleCalibration, RunsOnceWhenNothingElseDoes) {
  std::atomic<bool> idle = false;
  std::atomic<int> looks = 0;
  Gate done;
  IdleCalibration calibration({[&] {
                                 if (++looks == 5) idle = true;
                                 return idle.load();
                               },
                               [&](const std::stop_token&) {
                                 EXPECT_TRUE(idle);
                                 done.open();
                                 return Status();
                               },
                               std::chrono::milliseconds(0), std::chrono::milliseconds(1)});
  calibration.start();
  done.wait();
  calibration.stop();
  EXPECT_GE(looks, 5);
}

TEST(IdleCalibration, AJobEndsItAndItIsTriedAgain) {
  std::atomic<int> tries = 0;
  Gate begun;
  Gate done;
  IdleCalibration calibration({[] { return true; },
                               [&](const std::stop_token& stop) {
                                 if (++tries == 2) {
                                   done.open();
                                   return Status();
                                 }
                                 return last_until_stopped(begun, stop);
                               },
                               std::chrono::milliseconds(0), std::chrono::milliseconds(1)});
  calibration.start();
  begun.wait();
  calibration.yield();
  done.wait();
  calibration.stop();
  EXPECT_EQ(tries, 2);
}

TEST(IdleCalibration, ItsEndGivesUpWhatIsUnderWay) {
  Gate begun;
  IdleCalibration calibration({[] { return true; },
                               [&](const std::stop_token& stop) { return last_until_stopped(begun, stop); },
                               std::chrono::milliseconds(0), std::chrono::milliseconds(1)});
  calibration.start();
  begun.wait();
  calibration.stop();
}

TEST(CalibrationFilm, IsYuv4MpegOfItsSizeAndNoTwoFramesAreAlike) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "film.y4m";
  ASSERT_TRUE(write_film(path, 64, 36, 3, {}).ok());
  const std::string bytes = read_file(path).value();
  ASSERT_THAT(bytes, StartsWith("YUV4MPEG2 W64 H36 F25:1 Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\nFRAME\n"));
  const std::size_t header = bytes.find('\n') + 1;
  const std::size_t frame = 6 + 64 * 36 * 3 / 2;
  ASSERT_EQ(bytes.size(), header + 3 * frame);
  EXPECT_NE(bytes.substr(header, frame), bytes.substr(header + frame, frame));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(write_film(path, 64, 36, 3, stop.get_token()).code(), Code::cancelled);
  EXPECT_EQ(write_film(folder.path() / "none/film.y4m", 64, 36, 3, {}).code(), Code::io_error);
}

TEST(CapacityReport, TellsSlotsAndWhatIsFreeOfThem) {
  const hw::Inventory machine = machine_of("EPYC");
  MachineState state{machine, {}, hw::budget_of(machine)};
  const auto idle = capacity_report(state, "720p-h264-veryfast");
  ASSERT_TRUE(idle.ok()) << to_string(idle.status());
  ASSERT_EQ(idle->at("profiles").size(), 1U);
  const ordered_json whole = idle->at("profiles")[0];
  EXPECT_GT(whole["slots"], 4);
  EXPECT_EQ(whole["free_slots"], whole["slots"]);
  EXPECT_EQ(whole["limited_by"], "cores");
  EXPECT_EQ(whole["next_free_seconds"], 0);

  state.in_use.millicores = state.budget.millicores;
  state.next_free_seconds = 12.5;
  const ordered_json full = capacity_report(state, "720p-h264-veryfast")->at("profiles")[0];
  EXPECT_EQ(full["slots"], whole["slots"]);
  EXPECT_EQ(full["free_slots"], 0);
  EXPECT_EQ(full["free_limited_by"], "cores");
  EXPECT_EQ(full["next_free_seconds"], 12.5);

  state.model.factors = {{"encode h264 veryfast", 2}, {"scale", 2}};
  EXPECT_LT(capacity_report(state, "720p-h264-veryfast")->at("profiles")[0]["slots"], whole["slots"]);
  EXPECT_EQ(capacity_report(state, "cinema").status().code(), Code::invalid_argument);
  EXPECT_GT(capacity_report(state, "")->at("profiles").size(), 3U);
}

TEST(CapacityReport, AJobThatKeepsPaceNeedsWhatItsRenditionsDo) {
  AdaptiveOutput output;
  output.name = "abr";
  output.ladder.resize(1);
  output.ladder[0].height = 480;
  JobSpec spec;
  spec.input_url = "file:///in.mov";
  spec.outputs = {output};
  const std::int64_t small = millicores_of(spec, {}, {});
  std::get<AdaptiveOutput>(spec.outputs[0]).ladder[0].height = 2160;
  EXPECT_GT(small, 100);
  EXPECT_GT(millicores_of(spec, {}, {}), 5 * small);
}

TEST_F(DaemonTest, TellsItsCapacity) {
  memory_bytes_ = std::uint64_t{8} << 30;
  start();
  const auto report = jobs().capacity("720p-h264-veryfast");
  ASSERT_TRUE(report.ok()) << to_string(report.status());
  EXPECT_EQ(report->at("budget")["millicores"], 4000);
  EXPECT_EQ(report->at("in_use")["millicores"], 0);
  EXPECT_GT(report->at("profiles")[0]["free_slots"], 1);
  EXPECT_TRUE(report->at("calibration")["measured"].is_null());
  EXPECT_EQ(jobs().capacity("cinema").status().code(), Code::invalid_argument);
}

// Four cores: the first job has them all, ends at its next edge, and goes on beside the live one.
TEST_F(DaemonTest, AJobMakesRoomForALiveOneAtASegmentsEdgeAndNothingFails) {
  hold_at_segment_one();
  start();
  const std::string batch = submit();
  reached_.wait();
  std::string text = spec();
  text.replace(text.find("{\"input\""), 1, R"({"real_time": true, )");
  const auto live = jobs().submit(text, "");
  ASSERT_TRUE(live.ok()) << to_string(live.status());
  await(batch, JobState::queued);
  go_on_.open();
  const Job done = await(live->job.id, JobState::completed);
  EXPECT_EQ(done.attempts.size(), 1U);
  const Job after = await(batch, JobState::completed);
  ASSERT_EQ(after.attempts.size(), 2U);
  EXPECT_EQ(after.attempts[0].outcome, "stopped");
}

}  // namespace
}  // namespace millrace::engine
