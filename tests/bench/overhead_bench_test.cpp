// The overhead bench: its codecs alone on a small file, the whole of it with a job that a script fakes, and
// its report.
#include "bench/overhead_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/bare_codecs.h"
#include "bench/compare.h"
#include "engine/plan/capacity.h"
#include "engine/plan/planner.h"
#include "engine/plan/segment.h"
#include "tests/bench/bench_fixture.h"
#include "tests/bench/samples.h"
#include "tests/engine/package/cmaf_files.h"
#include "tests/support/media_sample.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Kind = OverheadPart::Kind;

constexpr const char* kSpec = R"({"outputs": [{"name": "abr", "type": "adaptive", "preset": "ultrafast",
  "ladder": [{"height": 128}, {"height": 96}], "segment_seconds": 1}]})";

// The last word is the file to write; the job leaves the same track as all of its renditions.
constexpr const char* kFfmpeg = R"(for last; do :; done
[ "$last" = -version ] && { echo ffmpeg version fake; exit 0; }
cp "$(dirname "$0")/in.mp4" "$last")";
constexpr const char* kMillrace = R"sh([ "$1" = --version ] && { echo millrace fake; exit 0; }
for name in 128p 96p; do
  mkdir -p "$4/abr/$name"
  cp "$(dirname "$0")/init.mp4" "$(dirname "$0")"/0*.m4s "$4/abr/$name"
done)sh";

class OverheadBench : public ListeningBench {
 protected:
  OverheadBench() {
    clip_ = scripts_.folder() / "in.mp4";
    test::SampleVideo video;
    video.width = 192;
    video.height = 128;
    video.frames = 10;
    test::make_sample(clip_, video);
    const test::CmafFiles track = test::cmaf_files(test::coded_pictures({}));
    scripts_.put("init.mp4", track.init);
    for (std::size_t at = 0; at < track.segments.size(); ++at)
      scripts_.put(engine::segment_file_name(static_cast<std::int64_t>(at)), track.segments[at]);
    options_.profile = scripts_.put("spec.json", kSpec).string();
    options_.source = clip_;
    options_.rounds = 2;
    options_.millrace = scripts_.program("millrace", kMillrace);
    options_.ffmpeg = scripts_.program("ffmpeg", kFfmpeg);
    options_.folder = scripts_.folder() / "data";
    std::filesystem::create_directories(options_.folder);
  }
  Result<OverheadReport> run() { return run_overhead_bench(options_, listener_, stop_); }

  std::filesystem::path clip_;
  OverheadOptions options_;
};

TEST_F(OverheadBench, MeasuresTheJobAndEachPartInEveryRound) {
  const Result<OverheadReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_THAT(report->job.runs, SizeIs(2));
  std::vector<std::string> parts;
  for (const OverheadPart& each : report->parts) {
    parts.push_back(std::string(name_of(each.kind)) + " " + each.name);
    EXPECT_THAT(each.cpu_seconds, AllOf(SizeIs(2), Each(Ge(0)))) << parts.back();
  }
  EXPECT_THAT(parts, ::testing::ElementsAre("decode h264", "encode 128p", "encode 96p", "scale 128p",
                                            "scale 96p", "check 128p", "check 96p"));
  EXPECT_NEAR(report->seconds, 0.4, 0.01);
  EXPECT_THAT(heard_, HasSubstr("round 2 of 2, check 96p: "));
  EXPECT_TRUE(std::filesystem::is_empty(options_.folder));
}

TEST_F(OverheadBench, AJobThatMadeNothingIsNoResult) {
  options_.millrace = scripts_.program("millrace", "echo fake");
  EXPECT_EQ(run().status().code(), Code::internal);
  EXPECT_THAT(run().status().message(), HasSubstr("init segment"));
}

TEST_F(OverheadBench, ASegmentThatDoesNotDecodeAgainIsNoResult) {
  scripts_.put(engine::segment_file_name(0), "nothing");
  EXPECT_THAT(run().status().message(), HasSubstr("00001.m4s"));
}

TEST_F(OverheadBench, AStopAndABadSourceEndIt) {
  options_.source = scripts_.put("no.mp4", "no media");
  EXPECT_EQ(run().status().code(), Code::corrupt_input);
  options_.source = clip_;
  stop_.request();
  EXPECT_EQ(run().status().code(), Code::cancelled);
}

TEST_F(OverheadBench, TheCodecsSeeEveryPicture) {
  const auto decoded = decode_alone(clip_, 1, stop_);
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_EQ(decoded->pictures, 10);
  engine::Plan plan;
  plan.source = engine::nominal_source();
  plan.clock = engine::SegmentClock::for_rate(4, {25, 1}, true);
  engine::PlannedRendition rendition;
  rendition.width = 48;
  rendition.height = 32;
  rendition.preset = "ultrafast";
  rendition.bits_per_second = 100'000;
  const auto encoded = encode_alone(plan, rendition, clip_, stop_);
  ASSERT_TRUE(encoded.ok()) << encoded.status().message();
  EXPECT_EQ(encoded->packets, 10);
  EXPECT_GT(encoded->scale_seconds, 0);
  EXPECT_EQ(decode_alone(scripts_.put("no.mp4", "no media"), 1, stop_).status().code(), Code::corrupt_input);
}

TEST(OverheadPlan, WhatDoesMoreThanItsCodecsIsRefused) {
  engine::Plan plan;
  plan.outputs.resize(1);
  plan.normalisations = {{"colours", "setparams", ""}};
  EXPECT_TRUE(check_plain(plan).ok()) << "tags cost nothing";
  const auto refused = [&plan](const std::string& says) {
    EXPECT_EQ(check_plain(plan).code(), Code::unsupported);
    EXPECT_THAT(check_plain(plan).message(), HasSubstr(says));
  };
  plan.outputs[0].type = engine::PlannedOutput::Type::sprites;
  plan.outputs[0].name = "scrub";
  refused("the output scrub");
  plan.renditions.resize(1);
  plan.renditions[0].burn = 2;
  refused("a subtitle");
  plan.overlays.resize(1);
  refused("an overlay");
  plan.normalisations.push_back({"deinterlace", "bwdif", ""});
  refused("the step deinterlace");
}

OverheadReport sample() {
  OverheadReport report;
  report.environment = sample_report().environment;
  report.profile = "ladder-h264-veryfast";
  report.spec = R"({"device": "cpu"})";
  report.seconds = 20;
  report.rounds = 3;
  report.job = sample_way("a job", 15, 25, 0);
  report.parts = {{Kind::decode, "h264", {1, 2, 3}}, {Kind::encode, "1080p", {12, 14, 13}},
                  {Kind::encode, "720p", {5, 5, 5}}, {Kind::scale, "1080p", {0, 0, 0}},
                  {Kind::scale, "720p", {1, 1, 1}},  {Kind::check, "1080p", {3, 3, 3}}};
  report.targets = judge(report);
  return report;
}

TEST(OverheadReport, IsTheJobOverTheDecoderAndTheEncoders) {
  const OverheadReport report = sample();
  EXPECT_NEAR(report.codec_seconds(), 20, 1e-9);
  EXPECT_NEAR(report.overhead().value(), 0.25, 1e-9);
  EXPECT_NEAR(report.rest_seconds(), 1, 1e-9);
  EXPECT_EQ(report.targets[0].verdict, Verdict::not_met);
  EXPECT_EQ(report.targets[0].measured, "25.0 % (25.00 s / 20.00 s)");
  OverheadReport lean = sample();
  lean.job = sample_way("a job", 15, 20.9, 0);
  EXPECT_EQ(judge(lean)[0].verdict, Verdict::met);
  EXPECT_EQ(judge(OverheadReport())[0].verdict, Verdict::not_measured);
  EXPECT_FALSE(OverheadReport().overhead());
}

TEST(OverheadReport, IsToldInWordsAndAsJsonThatCanBeCompared) {
  const OverheadReport report = sample();
  EXPECT_THAT(figures_text(report),
              AllOf(HasSubstr("decode h264, alone                   2.00  (1.00..3.00)"),
                    HasSubstr("the codecs alone                    20.00\n"),
                    HasSubstr("Over the codecs alone: 25.0 %"),
                    HasSubstr("  finished segments decoded again     3.00  15.0 %"), HasSubstr("Method: ")));
  const auto json = to_json(report);
  EXPECT_EQ(json["kind"], "overhead");
  EXPECT_EQ(json["parts"].size(), 6U);
  EXPECT_EQ(json["parts"][1]["cpu_seconds"][1], 14);
  EXPECT_EQ(json["spec"]["device"], "cpu");
  const auto text = comparison_text(json, json);
  ASSERT_TRUE(text.ok()) << text.status().message();
  EXPECT_THAT(*text, HasSubstr("overhead"));
  EXPECT_TRUE(to_json(OverheadReport())["summary"]["overhead"].is_null());
  OverheadReport nothing;
  nothing.targets = judge(nothing);
  EXPECT_THAT(figures_text(nothing), HasSubstr("not measured"));
}

}  // namespace
}  // namespace millrace::bench
