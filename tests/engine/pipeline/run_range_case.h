// What the tests of range tasks share.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <vector>

#include "tests/engine/pipeline/tasks.h"
#include "tests/support/media_sample.h"
#include "tests/support/played_track.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {

class RunRangeTest : public testing::Test {
 protected:
  Plan inspected(const std::filesystem::path& path) {
    const auto source = inspect(path);
    EXPECT_TRUE(source.ok()) << to_string(source.status());
    return source.ok() ? plan_for(*source) : Plan{};
  }
  TaskEnd run(const Plan& plan, const std::filesystem::path& out, std::int64_t first = 0,
              std::int64_t end = -1) {
    const auto result = run_range({plan, first, end, out, {}}, observer_, {});
    EXPECT_TRUE(result.ok()) << to_string(result.status());
    return result.value_or({});
  }
  std::vector<int> numbers(const test::PlayedTrack& track) {
    std::vector<int> shown;
    for (const auto& frame : track.frames) shown.push_back(frame.number);
    return shown;
  }
  std::vector<int> counted(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    return all;
  }

  const test::TempFolder folder_;
  RememberingObserver observer_;
};

}  // namespace millrace::engine
