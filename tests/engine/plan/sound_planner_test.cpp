#include "engine/plan/sound_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/sources.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Track {
  std::string language;
  int channels = 2;
  int sample_rate = 48'000;
  bool is_default = false;
};

Source with(const std::vector<Track>& tracks, int main = 0) {
  Source source = test::full_hd();
  source.audio.clear();
  for (const Track& each : tracks) {
    AudioTrack track;
    track.index = static_cast<int>(source.audio.size()) + 1;
    track.codec = "aac";
    track.language = each.language;
    track.channels = each.channels;
    track.sample_rate = each.sample_rate;
    track.is_default = each.is_default;
    source.audio.push_back(track);
  }
  source.chosen_audio = tracks.empty() ? -1 : main;
  return source;
}

SoundWishes adaptive() { return {{}, AudioCodec::aac, true, "abr/audio", "outputs[0].audio"}; }
SoundWishes file(AudioCodec codec = AudioCodec::aac) {
  return {{}, codec, false, ".parts/web.audio", "outputs[0].audio"};
}

std::vector<PlannedSound> sounds_of(const Source& source, const SoundWishes& wishes) {
  const auto sounds = plan_sounds(source, wishes);
  EXPECT_TRUE(sounds.ok()) << to_string(sounds.status());
  return sounds.value_or({});
}
std::vector<std::string> folders(const std::vector<PlannedSound>& sounds) {
  std::vector<std::string> all;
  for (const PlannedSound& each : sounds) all.push_back(each.folder);
  return all;
}

TEST(SoundPlanner, AnAdaptiveOutputHasEveryLanguageOnceAndTheMainOneFirst) {
  const auto sounds = sounds_of(with({{"eng"}, {"spa"}, {"en"}, {""}, {"spa"}, {"../etc"}}, 1), adaptive());
  EXPECT_THAT(folders(sounds), ElementsAre("abr/audio", "abr/audio-eng", "abr/audio-other"));
  EXPECT_EQ(sounds[0].source_track, 1);
  EXPECT_EQ(sounds[0].language, "spa");
  EXPECT_TRUE(sounds[0].is_default);
  EXPECT_EQ(sounds[1].source_track, 0);
  EXPECT_EQ(sounds[1].name, "audio-eng");
  EXPECT_FALSE(sounds[1].is_default);
  EXPECT_EQ(sounds[2].source_track, 3);
  EXPECT_EQ(sounds[2].language, "");
}

TEST(SoundPlanner, ATrackThatCannotBeDecodedIsNoLanguage) {
  EXPECT_THAT(folders(sounds_of(with({{"eng"}, {"spa", 0}, {"fra", 2, 0}}), adaptive())),
              ElementsAre("abr/audio"));
}

TEST(SoundPlanner, NamedLanguagesComeInTheirOrder) {
  SoundWishes wishes = adaptive();
  wishes.settings.languages = {"es", "en", "ENG"};
  const auto sounds = sounds_of(with({{"eng"}, {"fra"}, {"spa"}}), wishes);
  EXPECT_THAT(folders(sounds), ElementsAre("abr/audio", "abr/audio-eng"));
  EXPECT_EQ(sounds[0].source_track, 2);
  EXPECT_TRUE(sounds[0].is_default);
}

TEST(SoundPlanner, OfTwoTracksInALanguageTheDefaultOneIsTaken) {
  SoundWishes wishes = file();
  wishes.settings.languages = {"spa"};
  EXPECT_EQ(sounds_of(with({{"eng"}, {"spa"}, {"spa", 2, 48'000, true}}), wishes)[0].source_track, 2);
  EXPECT_EQ(sounds_of(with({{"eng"}, {"spa"}, {"spa"}}), wishes)[0].source_track, 1);
  EXPECT_EQ(sounds_of(with({{"spa"}, {"spa", 2, 48'000, true}}, 0), wishes)[0].source_track, 0);
}

TEST(SoundPlanner, ALanguageThatTheSourceHasNotIsRefused) {
  SoundWishes wishes = adaptive();
  wishes.settings.languages = {"eng", "fra"};
  Status status = plan_sounds(with({{"eng"}, {"spa"}, {""}}), wishes).status();
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_EQ(status.field(), "outputs[0].audio.languages");
  EXPECT_THAT(status.message(), HasSubstr("no sound in 'fra'; it has eng, spa"));
  status = plan_sounds(with({}), wishes).status();
  EXPECT_THAT(status.message(), HasSubstr("no sound in 'eng'; it has none"));
  EXPECT_THAT(plan_sounds(with({{""}}), wishes).status().message(), HasSubstr("no track with a language"));
}

TEST(SoundPlanner, AFileHasTheMainTrackAlone) {
  const auto sounds = sounds_of(with({{"eng"}, {"spa"}}, 1), file());
  EXPECT_THAT(folders(sounds), ElementsAre(".parts/web.audio"));
  EXPECT_EQ(sounds[0].source_track, 1);
}

TEST(SoundPlanner, AFileHasTheLanguagesThatWereNamed) {
  SoundWishes wishes = file();
  wishes.settings.languages = {"eng", "spa"};
  EXPECT_THAT(folders(sounds_of(with({{"eng"}, {"spa"}}), wishes)),
              ElementsAre(".parts/web.audio", ".parts/web.audio-spa"));
}

TEST(SoundPlanner, SurroundStandsBesideStereoInAnAdaptiveOutput) {
  SoundWishes wishes = adaptive();
  wishes.settings.surround = true;
  const auto sounds = sounds_of(with({{"eng", 6}, {"spa", 8}, {"fra", 2}}), wishes);
  EXPECT_THAT(folders(sounds), ElementsAre("abr/audio", "abr/audio-surround", "abr/audio-spa",
                                           "abr/audio-spa-surround", "abr/audio-fra"));
  EXPECT_EQ(sounds[0].channels, 2);
  EXPECT_EQ(sounds[1].channels, 6);
  EXPECT_EQ(sounds[1].bits_per_second, 384'000);
  EXPECT_EQ(sounds[1].source_track, 0);
  EXPECT_TRUE(sounds[1].is_default);
  EXPECT_FALSE(sounds[3].is_default);
}

TEST(SoundPlanner, SurroundStandsInsteadOfStereoInAFile) {
  SoundWishes wishes = file(AudioCodec::opus);
  wishes.settings.surround = true;
  EXPECT_EQ(sounds_of(with({{"eng", 6}}), wishes).at(0).channels, 6);
  EXPECT_EQ(sounds_of(with({{"eng", 5}}), wishes).at(0).channels, 6) << "5.0";
  EXPECT_EQ(sounds_of(with({{"eng", 4}}), wishes).at(0).channels, 2);
  EXPECT_EQ(sounds_of(with({{"eng", 1}}), wishes).at(0).channels, 1);
  wishes.codec = AudioCodec::mp3;
  EXPECT_EQ(sounds_of(with({{"eng", 6}}), wishes).at(0).channels, 2);
}

struct RateCase {
  AudioCodec codec;
  int source, planned;
};

TEST(SoundPlanner, EveryCodecGetsARateItHolds) {
  for (const RateCase& each : {RateCase{AudioCodec::aac, 48'000, 48'000},
                               {AudioCodec::aac, 44'100, 44'100},
                               {AudioCodec::aac, 22'050, 44'100},
                               {AudioCodec::aac, 11'025, 44'100},
                               {AudioCodec::aac, 88'200, 44'100},
                               {AudioCodec::aac, 8'000, 48'000},
                               {AudioCodec::aac, 16'000, 48'000},
                               {AudioCodec::aac, 96'000, 48'000},
                               {AudioCodec::mp3, 44'100, 44'100},
                               {AudioCodec::vorbis, 32'000, 48'000},
                               {AudioCodec::opus, 44'100, 48'000},
                               {AudioCodec::opus, 48'000, 48'000},
                               {AudioCodec::flac, 96'000, 96'000},
                               {AudioCodec::flac, 8'000, 8'000},
                               {AudioCodec::pcm, 44'100, 44'100},
                               {AudioCodec::pcm, 384'000, 48'000},
                               {AudioCodec::pcm, 352'800, 44'100}})
    EXPECT_EQ(sounds_of(with({{"eng", 2, each.source}}), file(each.codec)).at(0).sample_rate, each.planned)
        << name_of(each.codec) << " " << each.source;
}

struct BitsCase {
  AudioCodec codec;
  int channels;
  std::int64_t asked, planned;
};

TEST(SoundPlanner, BitsAreWhatTheEncoderTakes) {
  for (const BitsCase& each : {BitsCase{AudioCodec::aac, 2, 128'000, 128'000},
                               {AudioCodec::aac, 1, 512'000, 288'000},
                               {AudioCodec::aac, 6, 512'000, 1'536'000},
                               {AudioCodec::opus, 1, 510'000, 255'000},
                               {AudioCodec::opus, 2, 510'000, 510'000},
                               {AudioCodec::opus, 6, 128'000, 384'000},
                               {AudioCodec::vorbis, 1, 500'000, 240'000},
                               {AudioCodec::vorbis, 6, 48'000, 200'000},
                               {AudioCodec::pcm, 2, 128'000, 1'536'000}}) {
    SoundWishes wishes = file(each.codec);
    wishes.settings.surround = true;
    wishes.settings.bits_per_second = each.asked;
    EXPECT_EQ(sounds_of(with({{"eng", each.channels}}), wishes).at(0).bits_per_second, each.planned)
        << name_of(each.codec) << " " << each.channels;
  }
}

TEST(SoundPlanner, ASourceWithoutSoundHasNone) {
  EXPECT_THAT(sounds_of(with({}), adaptive()), IsEmpty());
  EXPECT_THAT(sounds_of(with({}), file()), IsEmpty());
}

TEST(SoundPlanner, SoundsAreAlikeWhenOneServesBoth) {
  const PlannedSound one = sounds_of(with({{"eng", 6}}), adaptive()).at(0);
  PlannedSound other = one;
  other.folder = ".parts/web.audio";
  other.is_default = false;
  EXPECT_TRUE(are_coded_alike(one, other));
  for (const auto& change : std::vector<std::function<void(PlannedSound&)>>{
           [](PlannedSound& s) { s.source_track = 1; }, [](PlannedSound& s) { s.channels = 6; },
           [](PlannedSound& s) { s.codec = AudioCodec::opus; },
           [](PlannedSound& s) { s.sample_rate = 44'100; },
           [](PlannedSound& s) { s.bits_per_second = 64'000; },
           [](PlannedSound& s) { s.normalise_loudness = true; }}) {
    other = one;
    change(other);
    EXPECT_FALSE(are_coded_alike(one, other));
  }
}

TEST(SoundPlanner, DecisionsSayWhatBecomesOfATrack) {
  const Source source = with({{"eng", 6, 44'100}});
  SoundWishes wishes = file(AudioCodec::opus);
  wishes.settings.normalise_loudness = true;
  const Decision decision = sound_decision(source, sounds_of(source, wishes).at(0), "sound");
  EXPECT_EQ(decision.choice, "opus stereo, 48000 Hz, 128 kb/s");
  EXPECT_EQ(decision.reason,
            "stream 1, eng; 6 channels are mixed down to stereo; 44100 Hz is resampled; made as loud as EBU "
            "R128 asks "
            "(-23 LUFS)");
}

// A sound of `channels`, of which nothing says what they are.
Source without_layout(int channels) {
  Source source = with({{"eng", channels}});
  source.audio[0].channel_layout = std::to_string(channels) + " channels";
  return source;
}

TEST(SoundPlanner, ADecisionSaysWhatChannelsWithoutALayoutAreTakenFor) {
  const auto reason = [](int channels) {
    const Source source = without_layout(channels);
    return sound_decision(source, sounds_of(source, adaptive()).at(0), "sound").reason;
  };
  EXPECT_EQ(reason(1), "stream 1, eng");
  EXPECT_EQ(reason(2), "stream 1, eng");
  EXPECT_EQ(reason(3),
            "stream 1, eng; no layout that can be mixed says what its 3 channels are: they are taken for "
            "2.1; 3 channels are mixed "
            "down to stereo");
  EXPECT_THAT(reason(4), HasSubstr("taken for 4.0;"));
  EXPECT_THAT(reason(7), HasSubstr("taken for 6.1;"));
  EXPECT_EQ(reason(10),
            "stream 1, eng; no layout that can be mixed says what its 10 channels are: the first two are "
            "taken for left and right, "
            "the other 8 are left out");
}

TEST(SoundPlanner, NoSurroundIsMadeOfChannelsThatNothingNames) {
  SoundWishes wishes = adaptive();
  wishes.settings.surround = true;
  EXPECT_EQ(sounds_of(without_layout(6), wishes).size(), 2U) << "six are 5.1 by custom";
  const auto sounds = sounds_of(without_layout(12), wishes);
  ASSERT_EQ(sounds.size(), 1U);
  EXPECT_EQ(sounds[0].channels, 2);
  wishes = file();
  wishes.settings.surround = true;
  EXPECT_EQ(sounds_of(without_layout(12), wishes).at(0).channels, 2);
}

TEST(SoundPlanner, TracksThatNobodyUsesAreNamed) {
  const auto decisions = unused_sounds(with({{"eng"}, {"spa"}, {"en"}, {"fra", 0}}), {0});
  ASSERT_EQ(decisions.size(), 3U);
  EXPECT_EQ(decisions[0].choice, "stream 2 (aac, spa) is left out");
  EXPECT_EQ(decisions[0].reason, "no output takes it");
  EXPECT_EQ(decisions[1].reason, "stream 1 has the same language");
  EXPECT_EQ(decisions[2].reason, "it says no channels or no sample rate");
}

}  // namespace
}  // namespace millrace::engine
