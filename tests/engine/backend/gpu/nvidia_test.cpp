// On a machine with an NVIDIA card: NVDEC's pictures are the CPU's, a ladder scaled there is whole, and the
// CPU goes on where the card fails. Elsewhere skipped, with the driver's note.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "engine/backend/backend_set.h"
#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/picture_feed.h"
#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"
#include "engine/verify/likeness.h"
#include "tests/engine/pipeline/frames.h"
#include "tests/engine/pipeline/images.h"
#include "tests/engine/pipeline/run_range_case.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace millrace::engine {
namespace {

constexpr const char* kCard = "cuda:0";

struct Clip {
  const char* encoder;
  const char* file;
};
constexpr Clip kClips[] = {{"libx264", "a.mp4"}, {"libx265", "b.mp4"}, {"libvpx-vp9", "c.mkv"}};

// The card's own driver, which loses the card after so many launches.
struct FaultyDriver {
  static inline decltype(kernels::CudaDriver::launch) real = nullptr;
  static inline int launches_left = 0;

  static kernels::CudaDriver load(int launches) {
    constexpr kernels::CudaResult kLaunchFailed = 719;  // CUDA_ERROR_LAUNCH_FAILED
    kernels::CudaDriver driver = kernels::load_cuda_driver();
    real = driver.launch;
    launches_left = launches;
    driver.launch = [](kernels::CudaHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                       kernels::CudaHandle stream, void** parameters, void** extra) {
      return launches_left-- > 0 ? real(function, grid_x, grid_y, grid_z, block_x, block_y, block_z,
                                        shared_bytes, stream, parameters, extra)
                                 : kLaunchFailed;
    };
    return driver;
  }
};

class NvidiaCard : public RunRangeTest {
 protected:
  void SetUp() override {
    Plan there;
    there.decode_device = there.filter_device = kCard;
    auto opened = BackendSet::open(there);
    if (!opened.ok()) GTEST_SKIP() << opened.status().message();
    backends_ = std::move(*opened);
  }

  Plan clip(const Clip& clip) {
    test::SampleVideo video;
    video.encoder = clip.encoder;
    video.width = 320;
    video.height = 192;
    test::make_sample(folder_ / clip.file, video);
    Plan plan = inspected(folder_ / clip.file);
    plan.renditions[1].width = 160;
    plan.renditions[1].height = 96;
    return plan;
  }

  // The samples of every picture, luma, u and v behind one another, as this device decodes them.
  std::vector<std::vector<std::uint8_t>> decoded(const Plan& plan, const std::string& device) {
    CollectingSink out;
    SegmentTally tally;
    DamageLog damage(false);
    Backend& backend = backends_->of(device);
    auto feed = PictureFeed::open(plan, 0, backend, backend, tally, damage, out, {});
    EXPECT_TRUE(feed.ok()) << to_string(feed.status());
    while (feed.ok()) {
      const auto more = (*feed)->step();
      EXPECT_TRUE(more.ok()) << to_string(more.status());
      if (!more.ok() || !*more) break;
      // A decoder has few surfaces: none is kept.
      for (FramePtr& frame : out.frames) take(*frame);
      out.frames.clear();
    }
    for (FramePtr& frame : out.frames) take(*frame);
    return std::move(samples_);
  }

  void take(const AVFrame& frame) {
    const AVFrame* picture = &frame;
    const FramePtr down = make_frame();
    if (frame.hw_frames_ctx != nullptr) {
      ASSERT_GE(av_hwframe_transfer_data(down.get(), &frame, 0), 0);
      picture = down.get();
    }
    const bool interleaved = picture->format == AV_PIX_FMT_NV12;
    std::vector<std::uint8_t>& samples = samples_.emplace_back();
    for (int plane = 0; plane < 3; ++plane)
      for (int y = 0; y < (plane == 0 ? frame.height : frame.height / 2); ++y)
        for (int x = 0; x < (plane == 0 ? frame.width : frame.width / 2); ++x) {
          const bool second = interleaved && plane == 2;
          const int from = second ? 1 : plane;
          const int at = interleaved && plane > 0 ? 2 * x + (second ? 1 : 0) : x;
          samples.push_back(picture->data[from][y * picture->linesize[from] + at]);
        }
  }

  std::unique_ptr<BackendSet> backends_;
  std::vector<std::vector<std::uint8_t>> samples_;
};

TEST_F(NvidiaCard, DecodesToTheSamplesOfTheCpu) {
  for (const Clip& each : kClips) {
    const Plan plan = clip(each);
    const auto there = decoded(plan, kCard);
    const auto here = decoded(plan, std::string(kCpu));
    ASSERT_EQ(there.size(), here.size()) << each.encoder;
    EXPECT_EQ(here.size(), 50U) << each.encoder;
    for (std::size_t i = 0; i < here.size(); ++i)
      EXPECT_TRUE(there[i] == here[i]) << each.encoder << " picture " << i;
  }
}

TEST_F(NvidiaCard, ALadderScaledThereAndEncodedOnTheCpuHasEveryPicture) {
  for (const Clip& each : kClips) {
    Plan plan = clip(each);
    plan.decode_device = plan.filter_device = kCard;
    const std::filesystem::path out = folder_ / (std::string(each.encoder) + ".out");
    // Two ranges by two tasks join without a seam.
    run(plan, out, 0, 1);
    run(plan, out, 1);
    for (const char* track : {"large", "small"})
      EXPECT_EQ(numbers(test::play(out / track)), counted(50)) << each.encoder << " " << track;
  }
}

// What the CPU makes of the same plan is the measure; a deinterlacer may think of the first picture what it
// likes, and the clip is brighter than an HDR one is.
TEST_F(NvidiaCard, StepsAndOverlaysMakeThePicturesOfTheCpu) {
  write_png(folder_ / "logo.png", 40, 30, {255, 40, 0, 180});
  const struct {
    const char* name;
    void (*ask)(VideoTrack& track);
    bool logo;
    double least;  // decibels
  } rows[] = {
      {"a logo", [](VideoTrack&) {}, true, 40},
      {"fields",
       [](VideoTrack& track) {
         track.interlaced = true;
         track.scan_note = "its lines are taken for fields";
       },
       false, 32},
      {"HDR10",
       [](VideoTrack& track) {
         track.color_range = "tv";
         track.color_matrix = "bt2020nc";
         track.color_primaries = "bt2020";
         track.color_transfer = "smpte2084";
       },
       false, 32},
      {"a phone held upright", [](VideoTrack& track) { track.rotation_degrees = 90; }, false, 40},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Plan plan = clip(kClips[0]);
    VideoTrack& track = plan.source.video[static_cast<std::size_t>(plan.source.chosen_video)];
    row.ask(track);
    plan.normalisations = normalise(track)->steps;
    // The frames say otherwise.
    if (is_hdr(track))
      plan.normalisations.insert(plan.normalisations.begin(),
                                 {"colours",
                                  "setparams=range=limited:colorspace=bt2020nc:color_primaries=bt2020:"
                                  "color_trc=smpte2084",
                                  "as the test has it"});
    if (row.logo) {
      PlannedOverlay overlay;
      overlay.url = folder_ / "logo.png";
      overlay.x = overlay.y = 0.1;
      overlay.opacity = 0.8;
      overlay.from = 10 * 3'600;
      plan.overlays.push_back(overlay);
    }
    for (PlannedRendition& each : plan.renditions) {
      each.bits_per_second = 4'000'000;
      if (track.rotation_degrees % 180 != 0) std::swap(each.width, each.height);
    }
    const std::filesystem::path here = folder_ / row.name / "cpu", there = folder_ / row.name / "card";
    run(plan, here);
    plan.decode_device = plan.filter_device = kCard;
    run(plan, there, 0, 1);
    run(plan, there, 1);
    for (const char* rendition : {"large", "small"}) {
      const auto likeness = compare_pictures(there / rendition, here / rendition, {});
      ASSERT_TRUE(likeness.ok()) << to_string(likeness.status());
      EXPECT_EQ(likeness->pictures, likeness->reference) << rendition;
      EXPECT_GE(likeness->least_decibels, row.least) << rendition << " picture " << likeness->worst_picture;
    }
  }
}

TEST_F(NvidiaCard, WhereALaunchFailsTheCpuGoesOnFromTheLastSegments) {
  Plan plan = clip(kClips[0]);
  const std::filesystem::path out = folder_ / "faulty.out";
  const auto open = [](const std::string& device) -> Result<std::unique_ptr<Backend>> {
    if (device == kCpu) return make_software_backend();
    auto opened = NvidiaDevice::open(FaultyDriver::load(40), 0);
    if (!opened.ok()) return opened.status();
    return make_nvidia_backend(std::move(*opened));
  };
  plan.decode_device = plan.filter_device = kCard;
  const Status lost = run_range_on(open, {plan, 0, -1, out, {}}, observer_, {}).status();
  EXPECT_EQ(lost.code(), Code::device_lost) << to_string(lost);
  EXPECT_EQ(blamed_stage(lost), Stage::filters) << to_string(lost);
  plan.decode_device = plan.filter_device = kCpu;
  const auto finished = [&](const char* track) {
    return static_cast<std::int64_t>(observer_.tracks[track].size());
  };
  const std::vector<std::int64_t> lacking = {finished("large"), finished("small")};
  const std::int64_t first = std::min(lacking[0], lacking[1]);
  const auto rest = run_range({plan, first, -1, out, lacking}, observer_, {});
  ASSERT_TRUE(rest.ok()) << to_string(rest.status());
  for (const char* track : {"large", "small"})
    EXPECT_EQ(numbers(test::play(out / track)), counted(50)) << track;
}

TEST_F(NvidiaCard, AJobOnTheCardEndsWithAReceiptThatHolds) {
  const char* build = std::getenv("MILLRACE_BUILD");
  if (build == nullptr) GTEST_SKIP() << "MILLRACE_BUILD names no build folder with the program";
  clip(kClips[0]);
  const std::string program = std::string(build) + "/millrace ";
  const std::string out = (folder_ / "job").native();
  const std::string job = program + "transcode " + (folder_ / "a.mp4").native() + " -o " + out +
                          " --device cuda --json >/dev/null";
  ASSERT_EQ(std::system(job.c_str()), 0) << job;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "job/receipt.json"));
  EXPECT_EQ(std::system((program + "verify " + out + " >/dev/null").c_str()), 0);
}

}  // namespace
}  // namespace millrace::engine
