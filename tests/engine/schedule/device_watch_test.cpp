#include "engine/schedule/device_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/engine/schedule/gate.h"
#include "tests/support/recorded_machine.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DeviceWatch, AMachineWithoutDevicesIsLeftAlone) {
  DeviceWatchParts parts;
  parts.probe = []() -> hw::Inventory {
    ADD_FAILURE() << "its drivers are asked";
    return {};
  };
  parts.admit = [](const hw::Inventory&, const std::vector<std::string>&, const std::stop_token&) {
    ADD_FAILURE() << "it is tried";
  };
  DeviceWatch watch(test::recorded_machine("no_gpu"), parts);
  watch.start();
  watch.device_lost();
  EXPECT_TRUE(watch.wait_until_admitted({}));
  EXPECT_EQ(watch.machine()->kernel, test::recorded_machine("no_gpu").kernel);
}

TEST(DeviceWatch, AStopEndsTheWaitForTheFirstTrial) {
  Gate begun;
  DeviceWatchParts parts;
  parts.admit = [&](const hw::Inventory&, const std::vector<std::string>&, const std::stop_token& stop) {
    begun.open();
    Gate never;
    never.wait(stop);
  };
  DeviceWatch watch(test::recorded_machine("l4"), parts);
  watch.start();
  begun.wait();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(watch.wait_until_admitted(stop.get_token()));
  watch.stop();
}

// The drivers list what the test says; each answer is admitted before the test goes on.
TEST(DeviceWatch, AsksAgainAfterALossAndThenUntilTheDeviceIsBack) {
  const hw::Inventory whole = test::recorded_machine("two_l4");
  const std::string second = whole.gpus[1].id;
  Gate first_look, second_look, third_look;
  std::atomic<int> looks = 0;
  std::vector<std::vector<std::string>> back;
  DeviceWatchParts parts;
  parts.between_looks = std::chrono::milliseconds(1);
  parts.probe = [&] {
    hw::Inventory now = whole;
    if (++looks <= 2) now.gpus.pop_back();
    now.cpu.usable_cores = 1;  // budgets were made of what was
    return now;
  };
  parts.admit = [&](const hw::Inventory& machine, const std::vector<std::string>& returned,
                    const std::stop_token&) {
    back.push_back(returned);
    if (looks == 1) first_look.open();
    if (looks == 2) second_look.wait();
    if (machine.gpus.size() == 2 && looks == 3) third_look.open();
  };
  DeviceWatch watch(whole, parts);
  const DeviceWatch::Snapshot before = watch.machine();
  watch.start();
  EXPECT_TRUE(watch.wait_until_admitted({}));
  EXPECT_EQ(looks.load(), 0);
  watch.device_lost();
  first_look.wait();
  while (looks == 1) std::this_thread::yield();  // by itself, since one is gone
  const DeviceWatch::Snapshot after = watch.machine();
  ASSERT_EQ(after->gpus.size(), 1U);
  EXPECT_EQ(after->cpu.usable_cores, whole.cpu.usable_cores);
  EXPECT_EQ(after->absences.back().note.find("NVIDIA L4 (cuda:1) was lost"), 0U);
  EXPECT_EQ(before->gpus.size(), 2U);  // who works with it keeps it
  second_look.open();
  third_look.wait();
  watch.stop();
  EXPECT_EQ(watch.machine()->gpus.size(), 2U);
  EXPECT_EQ(watch.machine()->absences, whole.absences);
  EXPECT_THAT(back, ElementsAre(IsEmpty(), IsEmpty(), IsEmpty(), ElementsAre(second)));
}

}  // namespace
}  // namespace millrace::engine
