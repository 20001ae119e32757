#include "bench/cores_bench.h"

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

constexpr const char* kProbe = R"(cat <<'END'
{"streams": [{"index": 0, "codec_type": "video", "codec_name": "h264", "width": 640, "height": 360, "pix_fmt": "yuv420p",
  "r_frame_rate": "25/1", "avg_frame_rate": "25/1", "duration": "8.0"}], "format": {}}
END)";

// Says on how many cores it ran.
constexpr const char* kMillrace = R"([ "$1" = --version ] && { echo millrace fake; exit 0; }
[ "$1" = explain ] && { echo '{"ranges_at_once": 2, "decoder_threads": 1, "renditions": [{"encoder_threads": 3},
  {"encoder_threads": 1}]}'; exit 0; }
echo "$(nproc) $1 $2" >> "$(dirname "$0")/calls")";

class CoresBench : public ListeningBench {
 protected:
  CoresBench() {
    options_.source = scripts_.put("in.mp4", "media");
    options_.rounds = 2;
    options_.cores = {1};
    options_.millrace = scripts_.program("millrace", kMillrace);
    options_.ffmpeg = scripts_.program("ffmpeg", "echo ffmpeg version fake");
    scripts_.program("ffprobe", kProbe);
  }
  Result<CoresReport> run() { return run_cores_bench(options_, listener_, stop_); }

  CoresOptions options_;
};

TEST_F(CoresBench, KeepsMillraceToTheCores) {
  const Result<CoresReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_THAT(report->on, SizeIs(1));
  EXPECT_THAT(report->on[0].way.runs, SizeIs(2));
  EXPECT_THAT(report->on[0].way.commands, ElementsAre(HasSubstr("taskset -c ")));
  EXPECT_EQ(report->on[0].layout, "2 at once, decoded by 1 thread, encoded by 3, 1");
  const std::string call = "1 transcode " + (scripts_.folder() / "in.mp4").string() + "\n";
  EXPECT_EQ(scripts_.read("calls"), call + call);
  EXPECT_THAT(report->targets, SizeIs(1));
  EXPECT_THAT(heard_, HasSubstr("round 2 of 2, 1 core: "));
}

TEST_F(CoresBench, MoreCoresThanThereAreAreRefused) {
  options_.cores = {1, 1024};
  const Result<CoresReport> report = run();
  EXPECT_EQ(report.status().code(), Code::invalid_argument);
  EXPECT_THAT(report.status().message(), HasSubstr("--cores 1024: this process may use "));
  EXPECT_EQ(scripts_.read("calls"), "(absent)");
}

TEST_F(CoresBench, AProgramThatTellsNoThreadsIsNoResult) {
  options_.millrace = scripts_.program("other", "echo '{\"decoder_threads\": 1}'");
  EXPECT_THAT(run().status().message(), HasSubstr("tells no ranges and threads"));
}

CoresReport sample_cores() {
  CoresReport report;
  report.environment = sample_report().environment;
  report.rounds = 3;
  // Wall and CPU seconds.
  for (const auto& [cores, wall, cpu] : {std::tuple(1, 80.0, 80.0), std::tuple(4, 24.0, 80.0)})
    report.on.push_back(
        {cores, "1 at once", sample_way(cores == 1 ? "1 core" : "4 cores", wall, cpu, 1'000)});
  report.on.push_back({8, "2 at once", {}});
  report.targets = judge(report);
  return report;
}

TEST(CoresReport, ATenthAboveTheCpuSecondsOfACoreIsTheTarget) {
  const CoresReport report = sample_cores();
  EXPECT_DOUBLE_EQ(report.on[0].stretch(), 1);
  EXPECT_DOUBLE_EQ(report.on[1].stretch(), 1.2);
  ASSERT_THAT(report.targets, SizeIs(3));
  EXPECT_EQ(report.targets[0].verdict, Verdict::met);
  EXPECT_EQ(report.targets[1].verdict, Verdict::not_met);
  EXPECT_EQ(report.targets[2].verdict, Verdict::not_measured);
}

TEST(CoresReport, TextAndJsonHoldTheSame) {
  const CoresReport report = sample_cores();
  const std::string text = figures_text(report);
  for (const char* part : {"4 cores   1 at once",
                           "not met       wall time on 4 cores, against CPU seconds / 4: "
                           "1.200 x (24.00 s / 20.00 s, medians)"})
    EXPECT_THAT(text, HasSubstr(part));
  const auto json = to_json(report);
  EXPECT_EQ(json["kind"], "cores");
  EXPECT_EQ(json["on"][1]["cores"], 4);
  EXPECT_DOUBLE_EQ(json["on"][1]["stretch"].get<double>(), 1.2);
  EXPECT_EQ(json["on"][1]["way"]["wall_seconds"]["median"], 24.0);
}

}  // namespace
}  // namespace millrace::bench
