#include <gmock/gmock.h>

#include <cmath>

#include "engine/base/file.h"
#include "engine/pipeline/av.h"
#include "tests/engine/pipeline/file_sample.h"

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Kind {
  AudioContainer container;
  AudioCodec codec;
  const char* decoder;
  bool exact;  // the container says which samples count
};

class AudioFileTest : public FileSampleTest {
 protected:
  PlannedOutput& audio(AudioContainer container, AudioCodec codec) {
    const std::string path = "sound." + std::string(name_of(container));
    PlannedOutput& output = add_output(path, PlannedOutput::Type::audio);
    output.audio_container = container;
    output.in_one_go->sound = plan_.sounds.at(0);
    output.in_one_go->sound->codec = codec;
    output.in_one_go->sound->bits_per_second = 128'000;
    output.in_one_go->sound->language = "fra";
    return output;
  }
  // 4 s of tone with a title.
  static test::SampleSound tone() {
    test::SampleSound sound;
    sound.encoder = "pcm_s16le";
    sound.seconds = 3.7;
    sound.title = "Ein Lied";
    return sound;
  }
};

class EveryAudioContainer : public AudioFileTest, public testing::WithParamInterface<Kind> {};

TEST_P(EveryAudioContainer, HoldsTheWholeSoundWithItsTags) {
  make_source("in.mov", std::nullopt, tone());
  audio(GetParam().container, GetParam().codec);
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_EQ(played[0].codec, GetParam().decoder);
  EXPECT_EQ(played[0].title, "Ein Lied");
  EXPECT_EQ(played[0].language, "fra");
  const auto samples = static_cast<double>(played[0].track.samples.size());
  EXPECT_NEAR(samples, 3.7 * 48'000, GetParam().exact ? 0 : 1024);
  // The tone runs from the first sample to the last.
  EXPECT_NEAR(test::loud_at(played[0].track) - played[0].track.first_sample_seconds, 0, 0.002);
  EXPECT_EQ(record_.timescale, 48'000);
  EXPECT_EQ(record_.frames_in, 177'600);
  EXPECT_EQ(record_.duration, 177'600);
}

INSTANTIATE_TEST_SUITE_P(Files, EveryAudioContainer,
                         testing::Values(Kind{AudioContainer::m4a, AudioCodec::aac, "aac", false},
                                         Kind{AudioContainer::mp3, AudioCodec::mp3, "mp3", true},
                                         Kind{AudioContainer::ogg, AudioCodec::vorbis, "vorbis", true},
                                         Kind{AudioContainer::opus, AudioCodec::opus, "opus", true},
                                         Kind{AudioContainer::flac, AudioCodec::flac, "flac", true},
                                         Kind{AudioContainer::wav, AudioCodec::pcm, "pcm_s16le", true}),
                         [](const auto& each) { return std::string(name_of(each.param.container)); });

TEST_F(AudioFileTest, SamplesOfLosslessFilesAreTheSources) {
  make_source("in.mov", std::nullopt, tone());
  audio(AudioContainer::flac, AudioCodec::flac);
  const auto flac = made();
  const auto source = test::play_file(folder_ / "in.mov");
  ASSERT_THAT(flac, SizeIs(1));
  EXPECT_EQ(flac[0].track.samples, source[0].track.samples);
}

TEST_F(AudioFileTest, TheSoundOfAFilmOutlastsItsPictures) {
  test::SampleVideo video;
  video.frames = 25;
  make_source("in.mp4", video, beeps());
  audio(AudioContainer::wav, AudioCodec::pcm);
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_NEAR(static_cast<double>(played[0].track.samples.size()), 4 * 48'000, 1024);
  EXPECT_NEAR(test::loud_at(played[0].track, 2), 3, 0.005);
}

TEST_F(AudioFileTest, TrimIsAccurateToTheSample) {
  make_source("in.mp4", flashes(), beeps());
  plan_.trim_from = kTicksPerSecond / 2;
  plan_.trim_to = 3 * kTicksPerSecond / 2;
  audio(AudioContainer::wav, AudioCodec::pcm);
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_THAT(played[0].track.samples, SizeIs(48'000));
  EXPECT_NEAR(test::loud_at(played[0].track), 0.5, 0.002);
}

TEST_F(AudioFileTest, LoudnessIsBroughtToR128) {
  make_source("in.mov", std::nullopt, tone());
  audio(AudioContainer::wav, AudioCodec::pcm).in_one_go->sound->normalise_loudness = true;
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  // A stereo sine of 1 kHz at -23 LUFS peaks at -23 dBFS (EBU Tech 3341, test 1).
  float peak = 0;
  for (const float each : played[0].track.samples) peak = std::max(peak, std::abs(each));
  EXPECT_NEAR(20 * std::log10(peak), -23, 0.2);
}

TEST_F(AudioFileTest, SurroundIsKeptWhereThePlanSaysSo) {
  test::SampleSound sound;
  sound.encoder = "ac3";
  sound.channels = 6;
  make_source("in.mkv", std::nullopt, sound);
  audio(AudioContainer::m4a, AudioCodec::aac).in_one_go->sound->channels = 6;
  const auto played = made();
  ASSERT_THAT(played, SizeIs(1));
  EXPECT_EQ(played[0].track.channels, 6);
}

TEST_F(AudioFileTest, WavMakesRoomForMoreThanFourGibibytes) {
  make_source("in.mov", std::nullopt, tone());
  audio(AudioContainer::wav, AudioCodec::pcm);
  made();
  // EBU Tech 3306: a JUNK chunk becomes ds64 when the file outgrows 32 bits.
  EXPECT_EQ(read_file(out_ / "sound.wav").value().substr(12, 4), "JUNK");
}

// Makes every coded picture of the file nonsense.
void spoil_pictures(const std::filesystem::path& file) {
  std::string bytes = read_file(file).value();
  AVFormatContext* opened = nullptr;
  ASSERT_GE(avformat_open_input(&opened, file.c_str(), nullptr, nullptr), 0);
  const InputPtr input(opened);
  const PacketPtr packet = make_packet();
  for (; av_read_frame(opened, packet.get()) >= 0; av_packet_unref(packet.get()))
    if (opened->streams[packet->stream_index]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
      bytes.replace(static_cast<std::size_t>(packet->pos), static_cast<std::size_t>(packet->size),
                    static_cast<std::size_t>(packet->size), static_cast<char>(0xff));
  ASSERT_TRUE(write_file(file, bytes).ok());
}

TEST_F(AudioFileTest, PicturesThatDoNotDecodeAreNoneOfItsBusiness) {
  make_source("in.mp4", flashes(), beeps());
  spoil_pictures(folder_ / "in.mp4");
  ASSERT_FALSE(run_range({plan_, 0, -1, out_, {}}, observer_, {}).ok());
  audio(AudioContainer::wav, AudioCodec::pcm);
  EXPECT_THAT(made(), SizeIs(1));
}

TEST_F(AudioFileTest, DamageIsRefusedOrToldWhereItIsAccepted) {
  test::SampleSound sound;
  sound.seconds = 4;
  make_source("in.mp4", std::nullopt, sound);
  std::string bytes = read_file(folder_ / "in.mp4").value();
  const std::size_t at = bytes.find("mdat") + 8000;
  for (std::size_t byte = at; byte < at + 3000; ++byte) bytes[byte] = static_cast<char>(0xff);
  ASSERT_TRUE(write_file(folder_ / "in.mp4", bytes).ok());
  audio(AudioContainer::wav, AudioCodec::pcm);
  const auto refused = run();
  EXPECT_EQ(refused.status().code(), Code::corrupt_input);
  EXPECT_THAT(refused.status().message(), HasSubstr("damaged sound"));
  EXPECT_FALSE(std::filesystem::exists(out_ / "sound.wav"));

  plan_.accept_damage = true;
  const auto accepted = run();
  ASSERT_TRUE(accepted.ok()) << to_string(accepted.status());
  EXPECT_FALSE(accepted->lost.empty());
  EXPECT_EQ(observer_.told_lost, accepted->lost);
  // What is lost is silent: the sound keeps its length.
  EXPECT_NEAR(static_cast<double>(test::play_file(out_ / "sound.wav")[0].track.samples.size()), 4 * 48'000,
              2048);
}

TEST_F(AudioFileTest, StopsOnRequest) {
  make_source("in.mov", std::nullopt, tone());
  audio(AudioContainer::mp3, AudioCodec::mp3);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run_output({plan_, 0, out_, {}}, observer_, stop.get_token()).status().code(), Code::cancelled);
  EXPECT_FALSE(std::filesystem::exists(out_ / "sound.mp3.tmp"));
}

}  // namespace
}  // namespace millrace::engine
