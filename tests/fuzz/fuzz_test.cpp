// Every target on its seeds, on the cases that once broke something, and on a fixed number of mutations: the
// same bytes in every run. libFuzzer, which searches on its own for longer, begins with the same seeds
// (README.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "engine/base/file.h"
#include "engine/job/job_spec_json.h"
#include "engine/pipeline/hls_playlist.h"
#include "engine/plan/planner.h"
#include "engine/work/protocol.h"
#include "tests/engine/plan/sources.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/targets.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::test {
namespace {

namespace fs = std::filesystem;
using engine::Result;

// The contents of a folder's files, in the order of their names; none where there is no such folder.
std::vector<std::string> files_in(const fs::path& folder) {
  std::set<fs::path> paths;
  if (fs::is_directory(folder))
    for (const auto& each : fs::directory_iterator(folder)) paths.insert(each.path());
  std::vector<std::string> contents;
  for (const fs::path& path : paths) contents.push_back(engine::read_file(path).value_or(""));
  return contents;
}

const fs::path kFolder = MILLRACE_FUZZ_FOLDER;  // tests/fuzz

std::vector<std::string> written_seeds(const std::string& target) {
  return files_in(kFolder / "seeds" / target);
}

engine::Plan plan_of(const std::string& spec_json) {
  const auto spec = engine::parse_job_spec(spec_json);
  EXPECT_TRUE(spec.ok()) << to_string(spec.status());
  if (!spec.ok()) return {};
  const auto plan = engine::make_plan(engine::test::full_hd(), *spec, engine::test::without_gpu(), 2);
  EXPECT_TRUE(plan.ok()) << to_string(plan.status());
  return plan.value_or({});
}

// Every message there is. Written by the code itself: a line by hand is refused once a plan has a new field.
std::vector<std::string> protocol_seeds() {
  std::vector<std::string> lines;
  for (const std::string& spec : written_seeds("job_spec")) {
    const engine::Plan plan = plan_of(spec);
    const std::vector<engine::Task> tasks{engine::RangeTask{plan, 3, -1, "/out", {3, 5}},
                                          engine::SoundTask{plan, 0, "/out"},
                                          engine::OutputTask{plan, 1, "/out", {{"abr/360p", 5}}},
                                          engine::FilmTask{plan, "mpeg4", "/out", "mpeg4.mkv"}};
    for (const engine::Task& task : tasks)
      lines.push_back(engine::line_of(engine::ToWorker(engine::TaskMessage{8, task})).value_or(""));
  }
  const engine::Status full(engine::Code::resource_exhausted, "/out: no room");
  for (const engine::ToWorker& each :
       {engine::ToWorker(engine::TaskMessage{7, engine::InspectTask{"/a", true}}),
        engine::ToWorker(engine::CancelMessage{7}), engine::ToWorker(engine::EnoughMessage{7}),
        engine::ToWorker(engine::SegmentAnswer{7, 1, {}}),
        engine::ToWorker(engine::SegmentAnswer{7, 2, full})})
    lines.push_back(engine::line_of(each).value_or(""));
  engine::FinishedSegment segment;
  segment.track = "abr/720p";
  segment.file = "abr/720p/00001.m4s";
  engine::TaskEnd end;
  end.lost = {"at 1.000 s: a slice"};
  for (const engine::FromWorker& each :
       {engine::FromWorker(engine::ReadyMessage{engine::kProtocolVersion, "0.1.0"}),
        engine::FromWorker(engine::TakenMessage{7}),
        engine::FromWorker(engine::SegmentMessage{7, 1, segment}),
        engine::FromWorker(engine::LostMessage{7, "at 1.000 s: a slice"}),
        engine::FromWorker(engine::ProgressMessage{7, {1.5, 36}}),
        engine::FromWorker(engine::WorkMessage{7, 4711}), engine::FromWorker(engine::DoneMessage{7, end}),
        engine::FromWorker(engine::DoneMessage{7, engine::test::full_hd()}),
        engine::FromWorker(engine::FailedMessage{7, full})})
    lines.push_back(engine::line_of(each));
  std::string all;
  for (const std::string& line : lines) all += line;
  lines.push_back(all.substr(all.size() / 2));
  return lines;
}

// A file of each common container, a few kilobytes each.
std::vector<std::string> clips() {
  const TempFolder folder;
  SampleVideo video;
  video.width = 64;
  video.height = 36;
  video.frames = 10;
  SampleSound sound;
  sound.seconds = 0.4;
  for (const char* name : {"a.mp4", "b.mkv", "c.ts", "d.avi"}) make_sample(folder / name, video, sound);
  video.index_first = true;
  video.rotation_degrees = 90;
  video.rate = 30'000;
  video.rate_base = 1'001;
  make_sample(folder / "e.mp4", video);
  make_sample(folder / "f.mkv", std::nullopt, sound);
  return files_in(folder.path());
}

// For libFuzzer.
void leave(const std::string& target, const std::vector<std::string>& seeds) {
  const char* to = std::getenv("MILLRACE_FUZZ_SEEDS");
  if (to == nullptr) return;
  ASSERT_TRUE(engine::make_directories(fs::path(to) / target).ok());
  for (std::size_t i = 0; i < seeds.size(); ++i)
    ASSERT_TRUE(engine::write_file(fs::path(to) / target / std::to_string(i), seeds[i]).ok());
}

// As many as the test says, or MILLRACE_FUZZ_MUTATIONS.
std::uint64_t number_of_mutations(std::uint64_t usual) {
  const char* given = std::getenv("MILLRACE_FUZZ_MUTATIONS");
  return given == nullptr ? usual : std::strtoull(given, nullptr, 10);
}

// The bytes that are tried lie in /tmp/millrace-fuzz-NAME meanwhile, and stay there when they end the
// process.
void try_out(const std::string& name, void (*target)(std::string_view), std::vector<std::string> seeds,
             std::uint64_t mutations) {
  ASSERT_FALSE(seeds.empty());
  for (const std::string& each : files_in(kFolder / "cases" / name)) seeds.push_back(each);
  leave(name, seeds);
  const fs::path last = fs::temp_directory_path() / ("millrace-fuzz-" + name);
  const auto one = [&](const std::string& bytes) {
    overwrite(last, bytes);
    target(bytes);
  };
  for (const std::string& seed : seeds) one(seed);
  for (std::uint64_t number = 0; number < number_of_mutations(mutations); ++number)
    one(mutated(seeds, number));
  fs::remove(last);
}

TEST(Fuzz, JobSpec) { try_out("job_spec", fuzz_job_spec, written_seeds("job_spec"), 3'000); }
TEST(Fuzz, Protocol) { try_out("protocol", fuzz_protocol, protocol_seeds(), 1'000); }
TEST(Fuzz, Playlist) { try_out("playlist", fuzz_playlist, written_seeds("playlist"), 10'000); }
TEST(Fuzz, Inspect) { try_out("inspect", fuzz_inspect, clips(), 150); }

TEST(FuzzSeeds, AreWhatTheirTargetsAccept) {
  for (const std::string& spec : written_seeds("job_spec")) EXPECT_FALSE(plan_of(spec).outputs.empty());
  for (const std::string& text : written_seeds("playlist"))
    EXPECT_TRUE(engine::parse_hls(text).ok()) << to_string(engine::parse_hls(text).status()) << text;
}

TEST(Mutated, IsTheSameForTheSameNumberAndSeldomTheSeed) {
  const std::vector<std::string> seeds{"{\"height\": 720}", "#EXTINF:4.0,"};
  std::set<std::string> different;
  for (std::uint64_t number = 0; number < 100; ++number) {
    EXPECT_EQ(mutated(seeds, number), mutated(seeds, number));
    different.insert(mutated(seeds, number));
  }
  EXPECT_GT(different.size(), 80U);
  EXPECT_EQ(mutated({""}, 1), mutated({""}, 1));
}

TEST(FuzzDeathTest, WhatDoesNotHoldEndsTheProcess) {
  EXPECT_DEATH(require(false, "a part has an address"), "does not hold: a part has an address");
  EXPECT_DEATH(require_refusal({engine::Code::unsupported, ""}), "says why");
  EXPECT_DEATH(require_refusal({engine::Code::unsupported, "a\nb"}), "control characters");
  EXPECT_DEATH(require_refusal({engine::Code::unsupported, "\xff"}), "UTF-8");
  EXPECT_DEATH(require_refusal({engine::Code::internal, "x"}), "no mistake of our own");
}

}  // namespace
}  // namespace millrace::test
