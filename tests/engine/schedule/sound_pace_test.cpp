#include "engine/schedule/sound_pace.h"

#include <gtest/gtest.h>

#include <future>

namespace millrace::engine {
namespace {

TEST(SoundPace, ThreeSegmentsAheadNeedNoWait) {
  SoundPace pace;
  pace.wait(0, {});
  pace.pictures_have(1);
  pace.wait(4, {});
  pace.pictures_have(2);
  pace.wait(5, {});
}

TEST(SoundPace, WaitsWithItsFirstSegmentForThoseOfThePictures) {
  SoundPace pace;
  std::atomic<bool> begun{false};
  auto sound = std::async(std::launch::async, [&] {
    pace.wait(1, {});
    return begun.load();
  });
  pace.pictures_have(0);  // not enough
  begun = true;
  pace.pictures_have(1);
  EXPECT_TRUE(sound.get());
}

TEST(SoundPace, WaitsForThePicturesToFollow) {
  SoundPace pace;
  std::atomic<bool> followed{false};
  auto sound = std::async(std::launch::async, [&] {
    pace.wait(6, {});
    return followed.load();
  });
  pace.pictures_have(2);  // not enough
  followed = true;
  pace.pictures_have(3);
  EXPECT_TRUE(sound.get());
}

TEST(SoundPace, NobodyWaitsForPicturesThatHaveEnded) {
  SoundPace pace;
  auto sound = std::async(std::launch::async, [&] { pace.wait(100, {}); });
  pace.pictures_ended();
  sound.get();
  pace.wait(1'000, {});
}

TEST(SoundPace, AStopEndsTheWait) {
  SoundPace pace;
  std::stop_source stop;
  auto sound = std::async(std::launch::async, [&] { pace.wait(100, stop.get_token()); });
  stop.request_stop();
  sound.get();
}

}  // namespace
}  // namespace millrace::engine
