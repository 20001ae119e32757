// The drawn film as sources that filters have work with, made here by FFmpeg's encoders themselves, and what
// kernels make of them.
#include "engine/schedule/film_source.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "engine/backend/nvidia/nvidia_backend.h"
#include "engine/backend/software/software_backend.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/run_task.h"
#include "engine/plan/device_fit.h"
#include "engine/plan/device_path.h"
#include "engine/plan/dynamic_range.h"
#include "engine/plan/normalise.h"
#include "engine/work/worker_pool.h"
#include "tests/engine/backend/nvidia_case.h"
#include "tests/engine/pipeline/decoded_pictures.h"
#include "tests/support/temp_folder.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

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
  Result<Source> made(FilmLook look, const std::string& codec) {
    WorkersHere workers;
    const hw::Inventory machine;
    const FilmMakers makers{workers, machine, 1, folder_.path()};
    const auto file = make_film_source({320, 180, 20, codec, 1'000'000, look, 8}, makers, {});
    if (!file.ok()) return file.status();
    return workers.inspect(file->native(), false, {});
  }

  void expect_the_same_of_kernels_and_cpu(const Source& source);

  // Of what a device decodes most likely.
  static std::string codec_for(FilmLook look) {
    VideoTrack track;
    dress(track, look);
    return track.bits_per_component > 8 ? "hevc" : "h264";
  }

  const test::TempFolder folder_;
};

// What the canary asks for is 38 dB behind encoders.
void DressedFilm::expect_the_same_of_kernels_and_cpu(const Source& source) {
  const auto raw = decoded_pictures(source);
  ASSERT_EQ(raw.size(), 8U);
  for (const bool interlaced : {false, true}) {
    SCOPED_TRACE(interlaced);
    Plan plan = plan_of({{320, 180}});
    plan.source = source;
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

TEST_P(DressedFilm, IsMadeTheSameByTheKernelsAndTheCpu) {
  const auto source = made(GetParam(), codec_for(GetParam()));
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  expect_the_same_of_kernels_and_cpu(*source);
}

TEST_P(DressedFilm, IsSeenAsItWasDressed) {
  const auto source = made(GetParam(), codec_for(GetParam()));
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  const VideoTrack& video = *source->main_video();
  VideoTrack said = video;
  dress(said, GetParam());
  EXPECT_EQ(video.codec, codec_for(GetParam()));
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
  for (const char* codec : {"vp9", "av1"}) {
    const auto source = made(FilmLook::deep, codec);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_EQ(source->main_video()->codec, codec);
    EXPECT_EQ(source->main_video()->pixel_format, "yuv420p10le");
  }
  for (const char* codec : {"h264", "mpeg2video"})
    EXPECT_EQ(made(FilmLook::deep, codec).status().code(), Code::unsupported) << codec;
}

// What sources are in and no output can be.
class FilmInAnOtherCodec : public DressedFilm {};

TEST_F(FilmInAnOtherCodec, IsWhatADeviceIsAskedFor) {
  for (const char* codec : {"mpeg1video", "mpeg2video", "mpeg4", "vp8"}) {
    SCOPED_TRACE(codec);
    const auto source = made(FilmLook::plain, codec);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_EQ(std::filesystem::path(source->url).filename(), fmt::format("{}.mkv", codec));
    const VideoTrack& video = *source->main_video();
    EXPECT_EQ(video.codec, codec);
    EXPECT_EQ(decode_path(video), codec);
    EXPECT_EQ(video.frame_rate, (Rational{25, 1}));
    EXPECT_FALSE(video.interlaced);
    EXPECT_THAT(normalise(video)->steps, testing::IsEmpty());
    const std::vector<FramePtr> pictures = decoded_pictures(*source);
    ASSERT_EQ(pictures.size(), 8U);
    EXPECT_EQ(video.color_matrix, av_color_space_name(pictures[0]->colorspace));
  }
}

// So its filters make its range limited.
TEST_F(FilmInAnOtherCodec, HasFullRangeInJpeg) {
  const auto source = made(FilmLook::full_range, "mjpeg");
  ASSERT_TRUE(source.ok()) << to_string(source.status());
  const VideoTrack& video = *source->main_video();
  EXPECT_EQ(decode_path(video), "mjpeg");
  EXPECT_TRUE(is_full_range(video));
  EXPECT_FALSE(is_hdr(video));
  Plan plan = plan_of({{320, 180}});
  plan.source = *source;
  plan.normalisations = normalise(video)->steps;
  EXPECT_THAT(filter_paths(plan), testing::ElementsAre(FilterPath::range));
  const std::vector<FramePtr> pictures = decoded_pictures(*source);
  ASSERT_EQ(pictures.size(), 8U);
  EXPECT_EQ(video.color_matrix, av_color_space_name(pictures[0]->colorspace));
  expect_the_same_of_kernels_and_cpu(*source);
}

TEST_F(FilmInAnOtherCodec, ShowsWhatWasDrawn) {
  for (const char* codec : {"mpeg1video", "mpeg2video", "mpeg4", "vp8"}) {
    const auto source = made(FilmLook::plain, codec);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    const auto known = inspect((folder_.path() / kDrawnFilm).native(), {}, false);
    ASSERT_TRUE(known.ok()) << to_string(known.status());
    const std::vector<FramePtr> seen = decoded_pictures(*source), drawn = decoded_pictures(*known, 8);
    ASSERT_EQ(seen.size(), drawn.size());
    for (std::size_t i = 0; i < seen.size(); ++i)
      for (int plane = 0; plane < 3; ++plane)
        EXPECT_GE(decibels(*seen[i], *drawn[i], plane), 38) << codec << " " << i << " plane " << plane;
  }
}

// Broadcasts are, and pictures that come in another order than they are shown are easily lost.
TEST_F(FilmInAnOtherCodec, HasBPicturesInMpeg) {
  for (const char* codec : {"mpeg1video", "mpeg2video", "mpeg4"}) {
    const auto source = made(FilmLook::plain, codec);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    const std::vector<FramePtr> pictures = decoded_pictures(*source);
    const auto is_b = [](const FramePtr& each) { return each->pict_type == AV_PICTURE_TYPE_B; };
    EXPECT_GE(std::count_if(pictures.begin(), pictures.end(), is_b), 2) << codec;
  }
}

TEST_F(FilmInAnOtherCodec, IsNotMadeWhereFfmpegHasNoEncoder) {
  const Status status = made(FilmLook::plain, "vc1").status();
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_EQ(status.message(), "the program makes no film in vc1");
}

}  // namespace
}  // namespace millrace::engine
