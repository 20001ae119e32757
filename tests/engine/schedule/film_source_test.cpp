// The drawn film as sources that filters have work with, made here by FFmpeg's encoders themselves, and what
// kernels make of them.
#include "engine/schedule/film_source.h"

#include <gmock/gmock.h>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/device_fit.h"
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
  Result<TaskEnd> run_film(const FilmTask& task, std::stop_token stop) override {
    return engine::run_film(task, std::move(stop));
  }
  Result<Likeness> compare(const std::filesystem::path&, const std::filesystem::path&,
                           std::stop_token) override {
    return unused();
  }
  std::vector<int> process_ids() const override { return {}; }

 private:
  static Status unused() { return {Code::internal, "no film needs it"}; }
};

class DressedFilm : public OnTheFake, public testing::WithParamInterface<FilmLook> {
 protected:
  Result<Source> made(FilmLook look, VideoCodec codec) {
    WorkersHere workers;
    const hw::Inventory machine;
    const FilmMakers makers{workers, machine, 1, folder_.path()};
    const auto file = make_film_source({320, 180, 20, codec, 1'000'000, look, 8}, makers, {});
    if (!file.ok()) return file.status();
    return workers.inspect(file->native(), false, {});
  }

  // Of what a device decodes most likely.
  static VideoCodec codec_for(FilmLook look) {
    VideoTrack track;
    dress(track, look);
    return track.bits_per_component > 8 ? VideoCodec::hevc : VideoCodec::h264;
  }

  const test::TempFolder folder_;
};

// What the canary asks for is 38 dB behind encoders.
TEST_P(DressedFilm, IsMadeTheSameByTheKernelsAndTheCpu) {
  const auto source = made(GetParam(), codec_for(GetParam()));
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

TEST_P(DressedFilm, IsSeenAsItWasDressed) {
  const auto source = made(GetParam(), codec_for(GetParam()));
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  const VideoTrack& video = *source->main_video();
  VideoTrack said = video;
  dress(said, GetParam());
  EXPECT_EQ(video.codec, name_of(codec_for(GetParam())));
  EXPECT_EQ(video.width, 320);
  EXPECT_EQ(pixel_form_of(video.pixel_format)->bits, said.bits_per_component);
  EXPECT_EQ(video.bits_per_component, said.bits_per_component);
  EXPECT_EQ(is_full_range(video), is_full_range(said));
  EXPECT_EQ(video.color_matrix, said.color_matrix);
  EXPECT_EQ(video.color_primaries, said.color_primaries);
  EXPECT_EQ(video.color_transfer, said.color_transfer);
  EXPECT_EQ(video.hdr.mastering_display, said.hdr.mastering_display);
}

INSTANTIATE_TEST_SUITE_P(Looks, DressedFilm,
                         testing::Values(FilmLook::smooth, FilmLook::full_range, FilmLook::wide,
                                         FilmLook::deep, FilmLook::hdr10, FilmLook::hlg),
                         [](const auto& look) { return std::string(name_of(look.param)); });

TEST_F(DressedFilm, OfTenBitsIsMadeInWhatHasThem) {
  for (const VideoCodec codec : {VideoCodec::vp9, VideoCodec::av1}) {
    const auto source = made(FilmLook::deep, codec);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_EQ(source->main_video()->codec, name_of(codec));
    EXPECT_EQ(source->main_video()->pixel_format, "yuv420p10le");
  }
  EXPECT_EQ(made(FilmLook::deep, VideoCodec::h264).status().code(), Code::unsupported);
}

}  // namespace
}  // namespace millrace::engine
