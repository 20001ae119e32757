#include "bench/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Status;
using ::testing::HasSubstr;

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    scripts_.program("bin/millrace", "true");
    scripts_.program("other/ffmpeg", "true");
    scripts_.program("other/ffprobe", "true");
    scripts_.put("media/clips/bbb_1080p25_62s.mp4", "clip");
    scripts_.put("media/clips/long_1080p30_363s_lowbitrate.mp4", "clip");
    defaults_ = {scripts_.folder() / "bin/millrace-bench", {scripts_.folder() / "media"}};
  }
  std::string in_folder(const std::string& name) const { return (scripts_.folder() / name).string(); }
  // With an ffmpeg that is there.
  Parsed parse(std::vector<std::string> words) const {
    words.insert(words.end(), {"--ffmpeg", in_folder("other/ffmpeg")});
    return parse_command_line(words, defaults_);
  }
  LadderRequest request(const std::vector<std::string>& words) const {
    const Parsed parsed = parse(words);
    if (const auto* status = std::get_if<Status>(&parsed)) ADD_FAILURE() << status->message();
    const auto* found = std::get_if<LadderRequest>(&parsed);
    return found == nullptr ? LadderRequest() : *found;
  }
  void expect_refused(const std::vector<std::string>& words, const std::string& says) const {
    const Parsed parsed = parse(words);
    const auto* status = std::get_if<Status>(&parsed);
    ASSERT_NE(status, nullptr) << says;
    EXPECT_EQ(status->code(), Code::invalid_argument);
    EXPECT_THAT(status->message(), HasSubstr(says));
    EXPECT_EQ(status->message().find('\n'), std::string::npos) << status->message();
  }

  Scripts scripts_;
  Defaults defaults_;
};

TEST_F(CommandLine, DefaultsAreFoundBesideTheProgram) {
  const LadderRequest ladder = request({"ladder"});
  EXPECT_EQ(ladder.options.source, scripts_.folder() / "media/clips/bbb_1080p25_62s.mp4");
  EXPECT_EQ(ladder.options.millrace, in_folder("bin/millrace"));
  EXPECT_EQ(ladder.options.preset, "veryfast");
  EXPECT_EQ(ladder.options.rounds, 3);
  EXPECT_FALSE(ladder.options.jobs);
  EXPECT_TRUE(ladder.options.with_server);
  EXPECT_FALSE(ladder.json);
  EXPECT_FALSE(ladder.html);
}

TEST_F(CommandLine, EveryFlagIsTaken) {
  const LadderRequest ladder = request({"ladder", "--source", "a.mp4", "--preset", "medium", "--rounds", "5",
                                        "--jobs", "2", "--no-server", "--json", in_folder("a.json"), "--html",
                                        in_folder("a.html"), "--millrace", in_folder("other/ffmpeg")});
  EXPECT_EQ(ladder.options.source, "a.mp4");
  EXPECT_EQ(ladder.options.preset, "medium");
  EXPECT_EQ(ladder.options.rounds, 5);
  EXPECT_EQ(ladder.options.jobs, 2);
  EXPECT_FALSE(ladder.options.with_server);
  EXPECT_EQ(ladder.json, in_folder("a.json"));
  EXPECT_EQ(ladder.html, in_folder("a.html"));
  EXPECT_EQ(ladder.options.millrace, in_folder("other/ffmpeg"));
}

TEST_F(CommandLine, ALadderOnSomeCoresIsAMeasurementOfItsOwn) {
  const Parsed parsed = parse({"ladder", "--source", "a.mp4", "--cores", "1,2,4", "--preset", "medium",
                               "--rounds", "2", "--html", in_folder("a.html")});
  const auto* request = std::get_if<CoresRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.cores, (std::vector<int>{1, 2, 4}));
  EXPECT_EQ(request->options.source, "a.mp4");
  EXPECT_EQ(request->options.preset, "medium");
  EXPECT_EQ(request->options.rounds, 2);
  EXPECT_EQ(request->options.millrace, in_folder("bin/millrace"));
  EXPECT_EQ(request->html, in_folder("a.html"));
}

TEST_F(CommandLine, ThumbnailsHasASourceAndACount) {
  const Parsed parsed = parse({"thumbnails", "a.mp4", "--count", "30", "--width", "160", "--rounds", "2",
                               "--json", in_folder("a.json")});
  const auto* request = std::get_if<ThumbnailsRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.source, "a.mp4");
  EXPECT_EQ(request->options.count, 30);
  EXPECT_EQ(request->options.width, 160);
  EXPECT_EQ(request->options.rounds, 2);
  EXPECT_EQ(request->json, in_folder("a.json"));
}

TEST_F(CommandLine, ThumbnailsTakesTheLongClipWhereNoneIsNamed) {
  const Parsed parsed = parse({"thumbnails"});
  const auto* request = std::get_if<ThumbnailsRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.source, scripts_.folder() / "media/clips/long_1080p30_363s_lowbitrate.mp4");
  EXPECT_EQ(request->options.count, 60);
  EXPECT_EQ(request->options.millrace, in_folder("bin/millrace"));
}

TEST_F(CommandLine, StoreNeedsNoSourceAndNoProgram) {
  defaults_ = {};
  const Parsed parsed = parse_command_line(
      {"store", "--clients", "4", "--submissions", "100", "--jobs", "200", "--page", "10", "--folder",
       in_folder("media"), "--json", in_folder("a.json"), "--html", in_folder("a.html")},
      defaults_);
  const auto* request = std::get_if<StoreRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.clients, 4);
  EXPECT_EQ(request->options.submissions, 100);
  EXPECT_EQ(request->options.jobs, 200);
  EXPECT_EQ(request->options.page, 10);
  EXPECT_EQ(request->options.folder, in_folder("media"));
  EXPECT_EQ(request->json, in_folder("a.json"));
  EXPECT_EQ(request->html, in_folder("a.html"));
  expect_refused({"store", "--folder", in_folder("absent")}, "--folder");
}

TEST_F(CommandLine, ResumeDrawsItsClipWhereNoneIsNamed) {
  const Parsed parsed =
      parse({"resume", "--kills", "5", "--seed", "7", "--jobs", "3", "--html", in_folder("a.html")});
  const auto* request = std::get_if<ResumeRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.kills, 5);
  EXPECT_EQ(request->options.jobs, 3);
  EXPECT_EQ(request->options.seed, 7U);
  EXPECT_TRUE(request->options.source.empty());
  EXPECT_EQ(request->options.millrace, in_folder("bin/millrace"));
  EXPECT_EQ(request->html, in_folder("a.html"));
  const Parsed bare = parse({"resume"});
  EXPECT_FALSE(std::get<ResumeRequest>(bare).options.seed);
  EXPECT_EQ(std::get<ResumeRequest>(bare).options.kills, 200);
}

TEST_F(CommandLine, SoakTakesItsJobsAndSeed) {
  const Parsed parsed = parse({"soak", "--jobs", "50", "--seed", "7", "--json", in_folder("a.json")});
  const auto* request = std::get_if<SoakRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.jobs, 50);
  EXPECT_EQ(request->options.seed, 7U);
  EXPECT_EQ(request->options.millrace, in_folder("bin/millrace"));
  EXPECT_EQ(request->json, in_folder("a.json"));
  EXPECT_EQ(std::get<SoakRequest>(parse({"soak"})).options.jobs, 2000);
}

TEST_F(CommandLine, CapacityTakesTheUsualClipAndProfile) {
  const Parsed bare = parse({"capacity"});
  const auto* usual = std::get_if<CapacityRequest>(&bare);
  ASSERT_NE(usual, nullptr);
  EXPECT_EQ(usual->options.profile, "ladder-h264-veryfast");
  EXPECT_EQ(usual->options.source, scripts_.folder() / "media/clips/bbb_1080p25_62s.mp4");
  EXPECT_EQ(usual->options.seconds, 60);
  EXPECT_EQ(usual->options.warm_up, 8);
  EXPECT_EQ(usual->options.millrace, in_folder("bin/millrace"));
  const Parsed parsed =
      parse({"capacity", "--profile", "720p-h264-veryfast", "--source", "a.mp4", "--seconds", "600",
             "--warm-up", "4", "--most", "3", "--calibration", "c.json", "--html", in_folder("a.html")});
  const auto* request = std::get_if<CapacityRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.profile, "720p-h264-veryfast");
  EXPECT_EQ(request->options.source, "a.mp4");
  EXPECT_EQ(request->options.seconds, 600);
  EXPECT_EQ(request->options.warm_up, 4);
  EXPECT_EQ(request->options.most, 3);
  EXPECT_EQ(request->options.calibration, "c.json");
  EXPECT_EQ(request->html, in_folder("a.html"));
}

TEST_F(CommandLine, OverheadHasAProfileASourceAndRounds) {
  const Parsed parsed = parse({"overhead", "--profile", "480p-h264-veryfast", "--seconds", "5", "--rounds",
                               "1", "--json", in_folder("a.json")});
  const auto* request = std::get_if<OverheadRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.source, scripts_.folder() / "media/clips/bbb_1080p25_62s.mp4");
  EXPECT_EQ(request->options.profile, "480p-h264-veryfast");
  EXPECT_EQ(request->options.seconds, 5);
  EXPECT_EQ(request->options.rounds, 1);
  EXPECT_EQ(request->json, in_folder("a.json"));
}

TEST_F(CommandLine, CompareNeedsTwoFilesThatAreThere) {
  const std::string a = scripts_.put("a.json", "{}").string();
  const Parsed parsed = parse_command_line({"compare", a, a}, defaults_);
  EXPECT_TRUE(std::holds_alternative<CompareRequest>(parsed));
  EXPECT_TRUE(std::holds_alternative<Status>(parse_command_line({"compare", a}, defaults_)));
  EXPECT_TRUE(
      std::holds_alternative<Status>(parse_command_line({"compare", a, in_folder("absent")}, defaults_)));
}

TEST_F(CommandLine, KernelsNeedsNoSourceAndNoProgram) {
  const Parsed parsed = parse_command_line(
      {"kernels", "--device", "1", "--frames", "50", "--rounds", "7", "--json", in_folder("a.json")},
      Defaults());
  const auto* request = std::get_if<KernelsRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.device, 1);
  EXPECT_EQ(request->options.frames, 50);
  EXPECT_EQ(request->options.rounds, 7);
  EXPECT_EQ(request->json, in_folder("a.json"));
}

TEST_F(CommandLine, GpuTakesNumbersOfSessionsAndTheUsualClip) {
  const Parsed parsed = parse_command_line({"gpu", "--device", "1", "--sessions", "4,9"}, defaults_);
  const auto* request = std::get_if<GpuRequest>(&parsed);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->options.device, 1);
  EXPECT_EQ(request->options.sessions, (std::vector<int>{4, 9}));
  EXPECT_FALSE(request->options.source.empty());
  const Parsed usual = parse_command_line({"gpu"}, defaults_);
  ASSERT_TRUE(std::holds_alternative<GpuRequest>(usual));
  EXPECT_EQ(std::get<GpuRequest>(usual).options.sessions, (std::vector<int>{8, 14}));
}

TEST_F(CommandLine, TableOfRefusals) {
  struct Case {
    std::vector<std::string> words;
    const char* says;
  };
  const Case cases[] = {
      {{"ladder", "--rounds", "0"}, "--rounds"},
      {{"ladder", "--rounds", "x"}, "--rounds"},
      {{"ladder", "--jobs", "0"}, "--jobs"},
      {{"ladder", "--preset", "fastest"}, "--preset"},
      {{"ladder", "--nonsense"}, "--nonsense"},
      {{"ladder", "--json", "/nowhere/at/all/a.json"},
       "--json /nowhere/at/all/a.json: no file can be written there"},
      {{"ladder", "--html", in_folder("media")}, "no file can be written there"},
      {{"ladder", "--millrace", in_folder("absent")}, "--millrace "},
      {{"ladder", "--source", "a.mp4", "--cores", "0"}, "--cores"},
      {{"ladder", "--source", "a.mp4", "--cores", "2", "--jobs", "1"}, "--jobs"},
      {{"thumbnails", "a.mp4", "--count", "0"}, "--count"},
      {{"thumbnails", "a.mp4", "--width", "31"}, "--width: an even number"},
      {{"thumbnails", "a.mp4", "--html", "a.html"}, "--html"},
      {{"capacity", "--seconds", "0"}, "--seconds"},
      {{"capacity", "--most", "0"}, "--most"},
      {{"overhead", "--rounds", "0"}, "--rounds"},
      {{"kernels", "--frames", "0"}, "--frames"},
      {{"gpu", "--sessions", "0"}, "--sessions"},
      {{"gpu", "--preset", "fastest"}, "--preset"},
      {{"resume", "--kills", "0"}, "--kills"},
      {{"soak", "--jobs", "3"}, "--jobs"},
      {{"resume", "--source", in_folder("absent.mp4")}, "--source"},
      {{"resume", "--millrace", in_folder("absent")}, "--millrace "},
  };
  for (const Case& c : cases) expect_refused(c.words, c.says);
}

TEST_F(CommandLine, WhatIsNotBuiltIsNotOffered) {
  for (const char* name : {"http"}) {
    const Parsed parsed = parse_command_line({name}, defaults_);
    EXPECT_TRUE(std::holds_alternative<Status>(parsed)) << name;
  }
  EXPECT_TRUE(std::holds_alternative<Status>(parse_command_line({}, defaults_)));
}

TEST_F(CommandLine, WithoutTheUsualClipASourceIsAskedFor) {
  defaults_.media_folders = {scripts_.folder() / "absent"};
  expect_refused({"ladder"}, "name another source or set MILLRACE_MEDIA");
}

TEST_F(CommandLine, AnFfmpegWithoutFfprobeIsRefusedBeforeAnythingRuns) {
  std::filesystem::remove(scripts_.folder() / "other/ffprobe");
  expect_refused({"ladder"}, "other/ffprobe: no program is there");
}

TEST_F(CommandLine, HelpAndVersionAreText) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, std::vector<std::string>{"ladder", "--help"}}) {
    const Parsed parsed = parse_command_line(words, defaults_);
    const auto* text = std::get_if<std::string>(&parsed);
    ASSERT_NE(text, nullptr);
    EXPECT_THAT(*text, HasSubstr(words.size() == 1 ? "ladder" : "millrace-bench ladder [OPTIONS]"));
  }
  const Parsed parsed = parse_command_line({"--version"}, defaults_);
  const auto* text = std::get_if<std::string>(&parsed);
  ASSERT_NE(text, nullptr);
  EXPECT_THAT(*text, ::testing::StartsWith("millrace-bench "));
}

}  // namespace
}  // namespace millrace::bench
