#include "bench/ladder_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/bench/bench_fixture.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kProbe = R"(cat <<'END'
{"streams": [{"index": 0, "codec_type": "video", "codec_name": "h264", "width": 640, "height": 360, "pix_fmt": "yuv420p",
  "r_frame_rate": "25/1", "avg_frame_rate": "25/1", "duration": "8.0"}], "format": {}}
END)";

// Writes a rendition where ffmpeg's dash muxer would, or the log of a quality run.
constexpr const char* kFfmpeg = R"(echo "ffmpeg $*" >> "$(dirname "$0")/calls"
[ "$1" = -version ] && { echo ffmpeg version fake; exit 0; }
for last; do :; done
case $last in
  */manifest.mpd)
    printf init > "$(dirname "$last")/init-stream0.m4s"
    printf 12345678 > "$(dirname "$last")/chunk-stream0-00001.m4s" ;;
  *) cat >&2 <<'END'
  Input stream #0:0 (video): 200 packets read (1 bytes); 200 frames decoded;
  Input stream #1:0 (video): 200 packets read (1 bytes); 200 frames decoded;
[Parsed_psnr_8 @ 0x1] PSNR y:42.9 u:43.7 v:40.1 average:41.7 min:11.4 max:33.7
[Parsed_ssim_7 @ 0x1] SSIM Y:0.98 (12.5) U:0.98 (9.4) V:0.98 (7.0) All:0.983 (3.7)
END
esac)";

constexpr const char* kMillrace = R"(echo "millrace $*" >> "$(dirname "$0")/calls"
[ "$1" = --version ] && { echo millrace fake; exit 0; }
mkdir -p "$4/abr/360p"
printf init > "$4/abr/360p/init.mp4"
printf 1234567 > "$4/abr/360p/00001.m4s")";

class LadderBench : public ListeningBench {
 protected:
  LadderBench() {
    options_.source = scripts_.put("in.mp4", "media");
    options_.rounds = 2;
    options_.millrace = scripts_.program("millrace", kMillrace);
    options_.ffmpeg = scripts_.program("ffmpeg", kFfmpeg);
    scripts_.program("ffprobe", kProbe);
    options_.with_server = false;
    listener_.environment = [this](const Environment& environment) {
      heard_ += "environment " + environment.workload + "\n";
    };
  }
  Result<LadderReport> run() { return run_ladder_bench(options_, listener_, stop_); }

  LadderOptions options_;
};

TEST_F(LadderBench, RunsTheWaysInTurnAndLooksAtThePictureOnce) {
  const Result<LadderReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_THAT(report->millrace.runs, SizeIs(2));
  EXPECT_THAT(report->one_command.runs, SizeIs(2));
  EXPECT_THAT(report->per_rendition.runs, SizeIs(2));
  ASSERT_THAT(report->renditions, SizeIs(1));
  EXPECT_DOUBLE_EQ(report->renditions[0].millrace.bits_per_second, 7.0);
  EXPECT_DOUBLE_EQ(report->renditions[0].ffmpeg.bits_per_second, 8.0);
  EXPECT_DOUBLE_EQ(report->renditions[0].ffmpeg.quality.ssim, 0.983);
  EXPECT_THAT(report->targets, SizeIs(9));
  EXPECT_EQ(report->latency_absence, "--no-server was given");
  EXPECT_THAT(report->millrace.commands[0], HasSubstr("transcode "));
  EXPECT_THAT(report->millrace.commands[0], HasSubstr(" -o OUT "));

  EXPECT_THAT(heard_, ::testing::StartsWith("environment 360p 0.8M 640x360; x264 veryfast"));
  std::size_t from = 0;
  for (const char* line :
       {"round 1 of 2, millrace: ", "round 1 of 2, ffmpeg, one command: ", "round 1 of 2, ffmpeg, a process",
        "picture quality of 360p", "round 2 of 2, millrace: ", "round 2 of 2, ffmpeg, a process"}) {
    from = heard_.find(line, from);
    EXPECT_NE(from, std::string::npos) << line << "\n" << heard_;
  }
  EXPECT_EQ(heard_.find("picture quality", heard_.find("round 2")), std::string::npos);
}

TEST_F(LadderBench, LeavesNothingInTheTemporaryFolder) {
  ASSERT_TRUE(run().ok());
  const std::string calls = scripts_.read("calls");
  const std::size_t at = calls.find(" -o ") + 4;
  const std::filesystem::path out = calls.substr(at, calls.find(' ', at) - at);
  EXPECT_THAT(out.string(), HasSubstr("millrace-bench-"));
  EXPECT_FALSE(std::filesystem::exists(out.parent_path()));
}

TEST_F(LadderBench, AWayThatFailsIsNamed) {
  scripts_.program("millrace", "[ \"$1\" = --version ] || { echo no room >&2; exit 1; }");
  const Result<LadderReport> report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.status().code(), Code::io_error);
  EXPECT_THAT(report.status().message(), HasSubstr("round 1 of 2, millrace: "));
  EXPECT_THAT(report.status().message(), HasSubstr("ended with code 1: no room"));
}

TEST_F(LadderBench, AWayThatLeavesNoRenditionIsAFailure) {
  scripts_.program("millrace", "echo millrace fake");
  const Result<LadderReport> report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.status().code(), Code::internal);
  EXPECT_THAT(report.status().message(), HasSubstr("abr/360p/init.mp4: no init segment there"));
}

TEST_F(LadderBench, AServerThatCannotBeMeasuredDoesNotThrowTheFiguresAway) {
  options_.with_server = true;  // the script is no server
  const Result<LadderReport> report = run();
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_FALSE(report->latency);
  EXPECT_THAT(report->latency_absence, HasSubstr("did not get ready"));
}

TEST_F(LadderBench, ASourceThatIsNotThereOrNoMediaIsRefused) {
  options_.source = scripts_.folder() / "absent.mp4";
  EXPECT_EQ(run().status().code(), Code::not_found);
  options_.source = scripts_.folder() / "in.mp4";
  scripts_.program("ffprobe", "echo moov atom not found >&2; exit 1");
  const Result<LadderReport> report = run();
  EXPECT_EQ(report.status().code(), Code::corrupt_input);
  EXPECT_THAT(report.status().message(), HasSubstr("in.mp4: cannot be read: "));
  EXPECT_THAT(report.status().message(), HasSubstr("moov atom not found"));
}

TEST_F(LadderBench, AStopEndsIt) {
  scripts_.program("millrace", "[ \"$1\" = --version ] && exit 0; kill -INT $PPID; exec sleep 1000");
  const StopOnSignals on_signals(stop_);
  EXPECT_EQ(run().status().code(), Code::cancelled);
}

TEST(LadderBenchNames, FfprobeLiesBesideFfmpeg) {
  EXPECT_EQ(ffprobe_beside("ffmpeg"), "ffprobe");
  EXPECT_EQ(ffprobe_beside("/opt/a/ffmpeg"), "/opt/a/ffprobe");
}

}  // namespace
}  // namespace millrace::bench
