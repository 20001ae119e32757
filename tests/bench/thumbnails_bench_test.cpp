#include "bench/thumbnails_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/bench/bench_fixture.h"
#include "tests/bench/samples.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

ThumbnailsOptions options_for(int count) {
  ThumbnailsOptions options;
  options.count = count;
  return options;
}

TEST(ThumbnailsWork, TimesAreStartsOfPicturesSpreadOverTheSource) {
  const Result<ThumbnailsWork> work = thumbnails_work(sample_source(), options_for(5));  // 250 pictures
  ASSERT_TRUE(work.ok());
  EXPECT_THAT(work->at, ElementsAre(1.0, 3.0, 5.0, 7.0, 9.0));
  EXPECT_EQ(work->size.width, 320);
  EXPECT_EQ(work->size.height, 180);
}

TEST(ThumbnailsWork, ATimeNeverFallsOnThePictureBefore) {
  LadderSource source = sample_source();
  source.frame_rate = {30'000, 1001};
  const Result<ThumbnailsWork> work = thumbnails_work(source, options_for(60));
  ASSERT_TRUE(work.ok());
  for (std::size_t i = 0; i < work->at.size(); ++i) {
    const auto frame = static_cast<std::int64_t>((2 * i + 1) * 299 / 120);
    EXPECT_GE(work->at[i], static_cast<double>(frame) * 1001 / 30'000 - 1e-12);
    EXPECT_LT(work->at[i], static_cast<double>(frame) * 1001 / 30'000 + 2e-6);
  }
}

TEST(ThumbnailsWork, MoreStillsThanPicturesAreRefused) {
  const Result<ThumbnailsWork> work = thumbnails_work(sample_source(), options_for(251));
  ASSERT_FALSE(work.ok());
  EXPECT_EQ(work.status().code(), Code::invalid_argument);
}

TEST(ThumbnailsWork, BothWaysAreAskedForTheSame) {
  const ThumbnailsWork work = thumbnails_work(sample_source(), options_for(2)).value();
  const auto spec = nlohmann::json::parse(millrace_spec(work));
  EXPECT_EQ(spec["outputs"][0]["at"], nlohmann::json({2.48, 7.48}));
  EXPECT_EQ(spec["outputs"][0]["size"], "320x180");
  EXPECT_EQ(shell_text(millrace_command("millrace", work, "SPEC", "OUT")),
            "millrace transcode /media/in.mp4 -o OUT --spec SPEC");
  const std::vector<Command> commands = command_per_still("ffmpeg", work, "OUT");
  ASSERT_THAT(commands, SizeIs(2));
  EXPECT_EQ(shell_text(commands[1]),
            "ffmpeg -nostdin -hide_banner -loglevel error -y -ss 7.480000 -i file:/media/in.mp4 -map 0:0 "
            "-frames:v 1 "
            "-vf scale=320:180:flags=bicubic -q:v 3 OUT/0002.jpg");
}

constexpr const char* kProbe = R"(cat <<'END'
{"streams": [{"index": 0, "codec_type": "video", "codec_name": "h264", "width": 640, "height": 360, "pix_fmt": "yuv420p",
  "r_frame_rate": "25/1", "avg_frame_rate": "25/1", "duration": "8.0"}], "format": {}}
END)";

constexpr const char* kFfmpeg = R"([ "$1" = -version ] && { echo ffmpeg version fake; exit 0; }
for last; do :; done
echo still > "$last")";

constexpr const char* kMillrace = R"([ "$1" = --version ] && { echo millrace fake; exit 0; }
mkdir -p "$4/stills"
for i in 1 2 3; do echo still > "$4/stills/000$i.jpg"; done)";

class ThumbnailsBench : public ListeningBench {
 protected:
  ThumbnailsBench() {
    options_.source = scripts_.put("in.mp4", "media");
    options_.count = 3;
    options_.rounds = 2;
    options_.millrace = scripts_.program("millrace", kMillrace);
    options_.ffmpeg = scripts_.program("ffmpeg", kFfmpeg);
    scripts_.program("ffprobe", kProbe);
    listener_.environment = [this](const Environment& environment) { heard_ += environment.workload + "\n"; };
  }
  Result<ThumbnailsReport> run() { return run_thumbnails_bench(options_, listener_, stop_); }

  ThumbnailsOptions options_;
};

TEST_F(ThumbnailsBench, RunsTheWaysInTurn) {
  const Result<ThumbnailsReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_THAT(report->millrace.runs, SizeIs(2));
  EXPECT_THAT(report->ffmpeg.runs, SizeIs(2));
  EXPECT_THAT(
      report->ffmpeg.commands,
      ElementsAre(HasSubstr(" -ss 1.320000 "), "and so on, 3 in all, one after the other, to -ss 6.640000"));
  EXPECT_GT(report->wall_ratio(), 0);
  ASSERT_THAT(report->targets, SizeIs(1));
  std::size_t from = 0;
  for (const char* line :
       {"3 stills of 320x180", "round 1 of 2, millrace: ", "round 1 of 2, ffmpeg, one seek per still: ",
        "round 2 of 2, millrace: ", "round 2 of 2, ffmpeg, one seek per still: "}) {
    from = heard_.find(line, from);
    EXPECT_NE(from, std::string::npos) << line << "\n" << heard_;
  }
}

TEST_F(ThumbnailsBench, AWayThatMakesTooFewIsNoResult) {
  options_.count = 4;
  const Result<ThumbnailsReport> report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.status().code(), Code::internal);
  EXPECT_THAT(report.status().message(), HasSubstr("millrace: 3 of 4 stills were made"));
}

TEST_F(ThumbnailsBench, AMissingSourceIsNamed) {
  options_.source = "/nowhere/in.mp4";
  EXPECT_THAT(run().status().message(), HasSubstr("/nowhere/in.mp4: no such file"));
}

}  // namespace
}  // namespace millrace::bench
