// FileSample: a generated source, and what run_output makes of it, for the tests of files.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/sha256.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/media_sample.h"
#include "tests/support/played_file.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {

class FileSampleTest : public testing::Test {
 protected:
  // Four seconds: picture 25 comes at 1 s and picture 75 at 3 s, and so do beeps.
  static constexpr double kEvents[] = {1, 3};
  static test::SampleVideo flashes() {
    test::SampleVideo video;
    video.frames = 100;
    return video;
  }
  static test::SampleSound beeps() {
    test::SampleSound sound;
    sound.seconds = 4;
    sound.beeps = {1, 3};
    return sound;
  }

  void make_source(const std::string& name, const std::optional<test::SampleVideo>& video,
                   const std::optional<test::SampleSound>& sound) {
    test::make_sample(folder_ / name, video, sound);
    const auto source = inspect((folder_ / name).native());
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    plan_ = plan_for(*source);
  }

  // A plan's output of one kind, made in one go.
  PlannedOutput& add_output(const std::string& path, PlannedOutput::Type type) {
    PlannedOutput output;
    output.name = std::filesystem::path(path).stem().native();
    output.path = path;
    output.type = type;
    output.in_one_go.emplace();
    plan_.outputs = {output};
    return plan_.outputs[0];
  }

  Result<TaskEnd> run(const std::map<std::string, std::int64_t>& segments = {}) {
    return run_output({plan_, 0, out_, segments}, observer_, {});
  }

  // Runs, and checks what every file has in common: one record that fits the file, and nothing beside it.
  std::vector<test::PlayedStream> made(const std::map<std::string, std::int64_t>& segments = {}) {
    const auto end = run(segments);
    EXPECT_TRUE(end.ok()) << to_string(end.status());
    if (!end.ok()) return {};
    const std::string& path = plan_.outputs[0].path;
    EXPECT_EQ(end->end_segment, 1);
    EXPECT_FALSE(std::filesystem::exists((out_ / path).native() + ".tmp"));
    const auto& records = observer_.tracks[path];
    EXPECT_EQ(records.size(), 1u);
    if (records.empty()) return {};
    record_ = records.back();
    EXPECT_EQ(record_.file, path);
    EXPECT_EQ(record_.bytes, static_cast<std::int64_t>(std::filesystem::file_size(out_ / path)));
    EXPECT_EQ(record_.sha256, sha256_of_file(out_ / path).value_or(""));
    return test::play_file(out_ / path);
  }

  // Pictures and beeps come together, early and late in the file.
  static void expect_in_step(const std::vector<test::PlayedStream>& played) {
    ASSERT_EQ(played.size(), 2u);
    for (const double event : kEvents) {
      const double flash = test::shown_at(played[0].track, static_cast<int>(event * 25));
      const double beep = test::loud_at(played[1].track, flash - 0.5);
      EXPECT_NEAR(beep - flash, 0, 0.020) << "at " << event << " s";
    }
  }

  const test::TempFolder folder_;
  const std::filesystem::path out_ = folder_ / "out";
  Plan plan_;
  RememberingObserver observer_;
  FinishedSegment record_;
};

}  // namespace millrace::engine
