#include "engine/package/sound_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

AdaptiveTrack sound(const std::string& id, int source_track, int channels, const std::string& language = "",
                    const std::string& label = "") {
  AdaptiveTrack track;
  track.id = track.folder = id;
  track.sound = true;
  track.source_track = source_track;
  track.channels = channels;
  track.language = language;
  track.label = label;
  track.codecs = "mp4a.40.2";
  return track;
}

std::vector<std::string> ids(const SoundGroup& group) {
  std::vector<std::string> ids;
  for (const auto& member : group.members) ids.push_back(member.track->id);
  return ids;
}

std::vector<std::string> names(const SoundGroup& group) {
  std::vector<std::string> names;
  for (const auto& member : group.members) names.push_back(member.name);
  return names;
}

TEST(SoundGroups, PicturesAloneHaveNone) { EXPECT_THAT(sound_groups({AdaptiveTrack()}), SizeIs(0)); }

TEST(SoundGroups, SurroundIsAGroupWithTheSameMembers) {
  const std::vector<AdaptiveTrack> tracks{AdaptiveTrack(), sound("en", 0, 2), sound("en-6", 0, 6),
                                          sound("es", 1, 2)};
  const auto groups = sound_groups(tracks);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(groups[0].id, "audio");
  EXPECT_THAT(ids(groups[0]), ElementsAre("en", "es"));
  EXPECT_EQ(groups[1].id, "surround");
  EXPECT_THAT(ids(groups[1]), ElementsAre("en-6", "es"));
  EXPECT_EQ(names(groups[0]), names(groups[1]));
}

TEST(SoundGroups, TheDefaultIsThePlansAndElseTheFirst) {
  std::vector<AdaptiveTrack> tracks{sound("en", 0, 2, "en"), sound("es", 1, 2, "es")};
  EXPECT_EQ(sound_groups(tracks)[0].main().id, "en");
  tracks[1].is_default = true;
  EXPECT_EQ(sound_groups(tracks)[0].main().id, "es");
  EXPECT_FALSE(sound_groups(tracks)[0].members[0].is_default);
}

TEST(SoundGroups, OneOfALanguageIsChosenByItself) {
  std::vector<AdaptiveTrack> tracks{sound("comment", 0, 2, "en"), sound("en", 1, 2, "en"),
                                    sound("es", 2, 2, "es"), sound("es-2", 3, 2, "es")};
  tracks[1].is_default = true;
  const auto groups = sound_groups(tracks);
  std::vector<bool> automatic;
  for (const auto& member : groups[0].members) automatic.push_back(member.autoselect);
  EXPECT_THAT(automatic, ElementsAre(false, true, true, false));
}

TEST(SoundGroups, NamesAreUnique) {
  const std::vector<AdaptiveTrack> tracks{sound("a", 0, 2, "en", "English"),
                                          sound("b", 1, 2, "en", "English"), sound("c", 2, 2),
                                          sound("d", 3, 2, "en", "English")};
  EXPECT_THAT(names(sound_groups(tracks)[0]), ElementsAre("English", "English 2", "c", "English 3"));
}

TEST(SoundGroups, CodecsAreNamedOnceAndTheFullestMemberCounts) {
  std::vector<AdaptiveTrack> tracks{sound("a", 0, 2), sound("b", 1, 2), sound("c", 2, 2)};
  tracks[1].codecs = "opus";
  tracks[0].planned_bits_per_second = 100;
  tracks[1].planned_bits_per_second = 300;
  const auto groups = sound_groups(tracks);
  EXPECT_EQ(groups[0].codecs(), "mp4a.40.2,opus");
  EXPECT_EQ(groups[0].bandwidth(4).peak, 300);
}

}  // namespace
}  // namespace millrace::engine
