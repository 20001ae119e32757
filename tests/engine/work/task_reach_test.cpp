#include "engine/work/task_reach.h"

#include <gmock/gmock.h>

#include "engine/job/slide_show.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kGiB = 1LL << 30;

RangeTask range() {
  RangeTask task;
  task.plan.source.url = "file:///media/a%20b.mov";
  task.plan.source.duration_seconds = 10;
  task.plan.renditions.resize(3);
  task.output_folder = "/data/jobs/1/out";
  return task;
}

TEST(TaskReach, ALookReadsItsSource) {
  const TaskReach reach = reach_of(InspectTask{"file:///media/a.mov"}, 64 * kGiB);
  EXPECT_THAT(reach.reads, ElementsAre("/media/a.mov"));
  EXPECT_THAT(reach.writes, IsEmpty());
  EXPECT_FALSE(reach.network);
  EXPECT_EQ(reach.memory_bytes, 4 * kGiB);
  EXPECT_EQ(reach_of(InspectTask{"a.mov"}, 2 * kGiB).memory_bytes, 3 * kGiB / 2);
  EXPECT_EQ(reach_of(InspectTask{"a.mov"}, 0).memory_bytes, 4 * kGiB);
  const TaskReach compared = reach_of(CompareTask{"/made", "/known"}, 0);
  EXPECT_THAT(compared.reads, ElementsAre("/made", "/known"));
  EXPECT_THAT(compared.writes, IsEmpty());
  const TaskReach filmed = reach_of(FilmTask{range().plan, "mpeg4", "/data/canary/mpeg4", "mpeg4.mkv"}, 0);
  EXPECT_THAT(filmed.reads, ElementsAre("/media/a b.mov"));
  EXPECT_THAT(filmed.writes, ElementsAre("/data/canary/mpeg4"));
  EXPECT_THAT(filmed.devices, IsEmpty());
  EXPECT_GT(reach.cpu_seconds, 0);
}

TEST(TaskReach, ARangeReadsAllThatItsPlanNamesAndWritesItsFolder) {
  RangeTask task = range();
  task.plan.overlays.resize(1);
  task.plan.overlays[0].url = "file:///media/logo.png";
  task.plan.subtitles.resize(2);  // the second lies in the source
  task.plan.subtitles[0].url = "/media/a.srt";
  const TaskReach reach = reach_of(task, 8 * kGiB);
  EXPECT_THAT(reach.reads, ElementsAre("/media/a b.mov", "/media/logo.png", "/media/a.srt"));
  EXPECT_THAT(reach.writes, ElementsAre("/data/jobs/1/out"));
  EXPECT_EQ(reach.memory_bytes, 4 * kGiB);
  EXPECT_EQ(reach_of(task, 4 * kGiB).memory_bytes, 3 * kGiB);
  EXPECT_EQ(reach.cpu_seconds, 3600 + 10 * 400 * 3);
}

TEST(TaskReach, ARangeReachesTheDevicesOfItsPictures) {
  RangeTask task = range();
  EXPECT_THAT(reach_of(task, 0).devices, IsEmpty());
  task.plan.decode_device = task.plan.filter_device = "vaapi:/dev/dri/renderD129";
  EXPECT_THAT(reach_of(task, 0).devices, ElementsAre("/dev/dri/renderD129"));
  task.plan.decode_device = task.plan.filter_device = task.plan.renditions[1].encode_device = "cuda:1";
  EXPECT_THAT(reach_of(task, 0).devices,
              testing::IsSupersetOf({"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia1"}));
  EXPECT_THAT(reach_of(task, 0).devices, testing::SizeIs(20));
  // Sound is made on the CPU alone.
  EXPECT_THAT(reach_of(SoundTask{task.plan, 0, "/out"}, 0).devices, IsEmpty());
}

TEST(TaskReach, NoLimitWhereNothingIsKnown) {
  RangeTask task = range();
  task.plan.source.duration_seconds = 0;
  const TaskReach reach = reach_of(task, 0);
  EXPECT_EQ(reach.cpu_seconds, 0);
  EXPECT_EQ(reach.memory_bytes, 4 * kGiB);
  task.plan.source.duration_seconds = 10;
  EXPECT_GT(reach_of(task, 0).cpu_seconds, 0);
  task.plan.source.length_promised = true;
  EXPECT_EQ(reach_of(task, 0).cpu_seconds, 0);
}

TEST(TaskReach, ASlideShowIsManyFilesAndAPlaylistItsFolder) {
  SlideShow show;
  show.slides.resize(2);
  show.slides[0].image = "file:///media/1.jpg";
  show.slides[1].text = "the end";
  show.audio = "file:///media/song.mp3";
  EXPECT_THAT(reach_of(InspectTask{slides_url(show)}, 0).reads,
              ElementsAre("/media/1.jpg", "/media/song.mp3"));
  EXPECT_THAT(reach_of(InspectTask{"file:///media/show/a.m3u8"}, 0).reads,
              ElementsAre("/media/show/a.m3u8", "/media/show"));
}

TEST(TaskReach, OnlyRemoteInputsHaveTheNetwork) {
  RangeTask task = range();
  EXPECT_FALSE(reach_of(task, 0).network);
  task.plan.overlays.resize(1);
  task.plan.overlays[0].url = "https://example.org/logo.png";
  EXPECT_TRUE(reach_of(task, 0).network);
  EXPECT_TRUE(reach_of(InspectTask{"http://example.org/a.mov"}, 0).network);
  EXPECT_THAT(reach_of(InspectTask{"http://example.org/a.mov"}, 0).reads, IsEmpty());
  EXPECT_FALSE(reach_of(InspectTask{"/media/http:/a.mov"}, 0).network);
}

}  // namespace
}  // namespace millrace::engine
