// The drawn film as a source in HDR10, made here by libx265 itself, and what kernels make of it.
#include "engine/schedule/film_source.h"

#include <gmock/gmock.h>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"
#include "engine/work/worker_pool.h"
#include "tests/engine/backend/nvidia_case.h"
#include "tests/engine/pipeline/decoded_pictures.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

// Works in this process.
class WorkersHere final : public WorkerPool {
 public:
  Result<Source> inspect(const std::string& url, bool accept_damage, std::stop_token stop) override {
    return engine::inspect(url, std::move(stop), accept_damage);
  }
  Result<TaskEnd> run_range(const RangeTask& task, TaskObserver& observer, std::stop_token stop) override {
    return engine::run_range(task, observer, std::move(stop));
  }
  Result<TaskEnd> run_sound(const SoundTask&, TaskObserver&, std::stop_token) override { return unused(); }
  Result<TaskEnd> run_output(const OutputTask&, TaskObserver&, std::stop_token) override { return unused(); }
  Result<Likeness> compare(const std::filesystem::path&, const std::filesystem::path&,
                           std::stop_token) override {
    return unused();
  }
  std::vector<int> process_ids() const override { return {}; }

 private:
  static Status unused() { return {Code::internal, "no film needs it"}; }
};

class HdrFilm : public OnTheFake {
 protected:
  Result<Source> made() {
    WorkersHere workers;
    const hw::Inventory machine;
    const FilmMakers makers{workers, machine, 1, folder_.path()};
    const auto file = make_hdr_film_source({320, 180, 8, VideoCodec::h264, 1'000'000}, makers, {});
    if (!file.ok()) return file.status();
    return workers.inspect(file->native(), false, {});
  }

  const test::TempFolder folder_;
};

// What the canary asks for is 38 dB behind encoders.
TEST_F(HdrFilm, IsMadeTheSameByTheKernelsAndTheCpu) {
  const auto source = made();
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  const auto raw = decoded_pictures(*source);
  ASSERT_EQ(raw.size(), 8U);
  for (const bool interlaced : {false, true}) {
    SCOPED_TRACE(interlaced);
    Plan plan = plan_of({{320, 180}});
    plan.source = *source;
    if (interlaced) {
      plan.source.video[0].interlaced = true;
      plan.source.video[0].scan_note = "its lines are taken for fields";
    }
    plan.normalisations = normalise(plan.source.video[0])->steps;
    std::vector<FramePtr> for_cpu, for_card;
    for (const FramePtr& each : raw) {
      for_cpu.push_back(share(*each));
      for_card.push_back(on_card(*each));
    }
    CollectingSink here, there;
    ASSERT_TRUE(filter(*make_software_backend(), plan, std::move(for_cpu), here).ok());
    ASSERT_TRUE(open().ok());
    const auto card = make_nvidia_backend(std::move(device_));
    ASSERT_TRUE(filter(*card, plan, std::move(for_card), there).ok());
    ASSERT_EQ(there.pts, here.pts);
    // A deinterlacer may think of the first picture what it likes.
    for (std::size_t i = interlaced ? 1 : 0; i < raw.size(); ++i)
      for (int plane = 0; plane < 3; ++plane)
        EXPECT_GE(decibels(*there.frames[i], *here.frames[i], plane), 43) << i << " plane " << plane;
  }
}

TEST_F(HdrFilm, IsWhatAnHdrJobTakes) {
  const auto source = made();
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  const VideoTrack& video = *source->main_video();
  EXPECT_EQ(video.codec, "hevc");
  EXPECT_EQ(video.pixel_format, "yuv420p10le");
  EXPECT_EQ(video.width, 320);
  EXPECT_TRUE(is_hdr(video));
  const auto steps = normalise(video);
  ASSERT_TRUE(steps.ok());
  EXPECT_THAT(steps->steps, testing::Contains(testing::Field(&Normalisation::name, "tone_map")));
}

}  // namespace
}  // namespace millrace::engine
