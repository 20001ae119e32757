#include "engine/schedule/stage_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/store/store_fixture.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using testing::IsEmpty;

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kNow = 20'000 * kDay;

class StageMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = Store::open(folder_.path() / "store");
    ASSERT_TRUE(store.ok()) << to_string(store.status());
    store_ = std::move(*store);
  }
  StageFailure failure(Stage stage) const {
    const hw::GpuFacts& gpu = machine_.gpus[0];
    return {stage, gpu.id, gpu.driver, "h264 High yuv420p 1920x1080", "it gave nothing", kNow};
  }
  std::vector<std::string> known(std::int64_t now = kNow) {
    std::vector<std::string> stages;
    for (const StageFailure& each : StageMemory(*store_, machine_, now).known(now))
      stages.emplace_back(name_of(each.stage));
    return stages;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  hw::Inventory machine_ = test::recorded_machine("l4");
};

TEST_F(StageMemoryTest, AFailureIsKnownAtTheNextStartWordForWord) {
  StageMemory(*store_, machine_, kNow).remember(failure(Stage::decode));
  const std::vector<StageFailure> known = StageMemory(*store_, machine_, kNow + kDay).known(kNow + kDay);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].stage, Stage::decode);
  EXPECT_EQ(known[0].device, machine_.gpus[0].id);
  EXPECT_EQ(known[0].driver, "580.95.05");
  EXPECT_EQ(known[0].shape, "h264 High yuv420p 1920x1080");
  EXPECT_EQ(known[0].reason, "it gave nothing");
  EXPECT_EQ(known[0].at, kNow);
}

TEST_F(StageMemoryTest, TheSameFailureIsKeptOnceAndEachStageForItself) {
  StageMemory memory(*store_, machine_, kNow);
  memory.remember(failure(Stage::decode));
  memory.remember(failure(Stage::decode));
  memory.remember(failure(Stage::encode));
  EXPECT_EQ(known(), (std::vector<std::string>{"decode", "encode"}));
}

TEST_F(StageMemoryTest, AnotherDriverForgetsWhatTheOneBeforeDid) {
  StageMemory(*store_, machine_, kNow).remember(failure(Stage::decode));
  machine_.gpus[0].driver = "580.105.08";
  EXPECT_THAT(known(), IsEmpty());
  machine_.gpus[0].driver = "580.95.05";
  EXPECT_THAT(known(), IsEmpty());  // it is gone, not hidden
}

TEST_F(StageMemoryTest, ADeviceThatIsAwayIsNotForgotten) {
  StageMemory(*store_, machine_, kNow).remember(failure(Stage::decode));
  const std::vector<hw::GpuFacts> gpus = std::move(machine_.gpus);
  machine_.gpus.clear();
  EXPECT_EQ(known().size(), 1U);
  machine_.gpus = gpus;
  EXPECT_EQ(known().size(), 1U);
}

TEST_F(StageMemoryTest, AnotherProgramAndAMonthForgetToo) {
  StageMemory(*store_, machine_, kNow).remember(failure(Stage::decode));
  EXPECT_EQ(known(kNow + StageMemory::kMostDays * kDay).size(), 1U);
  EXPECT_THAT(known(kNow + (StageMemory::kMostDays + 1) * kDay), IsEmpty());
  StageMemory(*store_, machine_, kNow).remember(failure(Stage::filters));
  const auto values = store_->values("stage_failures");
  ASSERT_TRUE(values.ok());
  ASSERT_EQ(values->size(), 1U);
  auto [key, text] = values->front();
  const auto at = text.find("\"program\":\"");
  ASSERT_NE(at, std::string::npos);
  ASSERT_TRUE(store_->put_value("stage_failures", key, text.insert(at + 11, "0.0.0-")).ok());
  EXPECT_THAT(known(), IsEmpty());
}

TEST_F(StageMemoryTest, ADaemonThatRunsForAMonthBelievesNoLongerWhatFailedAtItsStart) {
  StageFailure found = failure(Stage::encode);
  found.shape = "";
  found.codec = "hevc";
  StageMemory memory(*store_, machine_, kNow);
  ASSERT_TRUE(memory.note_tried(machine_.gpus[0], {found}, kNow).ok());
  memory.remember(failure(Stage::decode));
  EXPECT_EQ(memory.known(kNow + StageMemory::kMostDays * kDay).size(), 2U);
  const std::vector<StageFailure> later = memory.known(kNow + (StageMemory::kMostDays + 1) * kDay);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_TRUE(later[0].in_quarantine());
}

TEST_F(StageMemoryTest, AQuarantineStaysUntilTheDeviceIsTriedAnew) {
  const hw::GpuFacts gpu = machine_.gpus[0];
  StageFailure found = failure(Stage::encode);
  found.shape = "";
  found.codec = "hevc";
  found.untried = true;
  StageMemory memory(*store_, machine_, kNow);
  EXPECT_FALSE(memory.was_tried(gpu));
  ASSERT_TRUE(memory.note_tried(gpu, {found}, kNow).ok());
  EXPECT_TRUE(StageMemory(*store_, machine_, kNow).was_tried(gpu));
  EXPECT_EQ(known(kNow + 400 * kDay), (std::vector<std::string>{"encode"}));
  memory.remember(failure(Stage::decode));
  memory.forget(gpu.id);  // it was away
  EXPECT_EQ(known(), (std::vector<std::string>{"encode"}));
  EXPECT_EQ(memory.known(kNow)[0].codec, "hevc");
  EXPECT_TRUE(memory.known(kNow)[0].untried);

  const hw::Inventory shown = with_quarantine(machine_, memory.known(kNow));
  const std::string* note = hw::absence_note(shown.gpus[0], "encode");
  ASSERT_NE(note, nullptr);
  EXPECT_EQ(*note,
            "hevc is in quarantine (it gave nothing); another driver or a newer program is tried anew");

  hw::GpuFacts newer = gpu;
  newer.driver = "590.1";
  EXPECT_FALSE(memory.was_tried(newer));
  ASSERT_TRUE(memory.note_tried(gpu, {}, kNow).ok());
  EXPECT_THAT(known(), IsEmpty());
}

TEST_F(StageMemoryTest, AnotherDriverEndsAQuarantine) {
  StageFailure found = failure(Stage::decode);
  found.shape = "";
  found.codec = "h264";
  ASSERT_TRUE(StageMemory(*store_, machine_, kNow).note_tried(machine_.gpus[0], {found}, kNow).ok());
  machine_.gpus[0].driver = "580.105.08";
  StageMemory memory(*store_, machine_, kNow);
  EXPECT_THAT(memory.known(kNow), IsEmpty());
  EXPECT_FALSE(memory.was_tried(machine_.gpus[0]));
}

TEST_F(StageMemoryTest, WhatCannotBeReadIsForgotten) {
  ASSERT_TRUE(store_->put_value("stage_failures", "decode on x", "{\"stage\": \"mux\"}").ok());
  ASSERT_TRUE(store_->put_value("stage_failures", "decode on y", "no JSON").ok());
  EXPECT_THAT(known(), IsEmpty());
  EXPECT_THAT(*store_->values("stage_failures"), IsEmpty());
}

}  // namespace
}  // namespace millrace::engine
