// Outputs as they are asked for: what each container takes, and what is refused.
#include "engine/job/output_json.h"

#include <nlohmann/json.hpp>

#include "tests/engine/job/spec_refusal.h"

namespace millrace::engine {
namespace {

template <class T>
T only_output(const std::string& text) {
  const Result<JobSpec> spec = parse_job_spec(text);
  EXPECT_TRUE(spec.ok()) << to_string(spec.status());
  return spec.ok() ? std::get<T>(spec->outputs.front()) : T();
}

TEST(OutputJson, AFileHasTheFirstCodecOfItsContainer) {
  const auto codec_in = [](const std::string& container) {
    return only_output<FileOutput>(file(R"("container": ")" + container + "\"")).codec;
  };
  EXPECT_EQ(codec_in("mp4"), VideoCodec::h264);
  EXPECT_EQ(codec_in("mov"), VideoCodec::h264);
  EXPECT_EQ(codec_in("mkv"), VideoCodec::h264);
  EXPECT_EQ(codec_in("ts"), VideoCodec::h264);
  EXPECT_EQ(codec_in("webm"), VideoCodec::vp9);
  EXPECT_EQ(codec_in("ogg"), VideoCodec::theora);
}

TEST(OutputJson, EveryCodecThatAContainerTakesIsTaken) {
  for (const Container container :
       {Container::mp4, Container::mkv, Container::webm, Container::ogg, Container::mov, Container::ts}) {
    for (const VideoCodec codec : video_codecs(container)) {
      const auto read = only_output<FileOutput>(
          file(R"("container": ")" + std::string(name_of(container)) + R"(", "video": {"codec": ")" +
               std::string(name_of(codec)) + R"("}, "audio": {"codec": ")" +
               std::string(name_of(audio_codec(container))) + "\"}"));
      EXPECT_EQ(read.codec, codec);
      EXPECT_FALSE(read.copy_audio);
    }
  }
}

TEST(OutputJson, CopiesAreAskedForPartByPart) {
  const auto both =
      only_output<FileOutput>(file(R"("video": {"codec": "copy"}, "audio": {"codec": "copy"})"));
  EXPECT_TRUE(both.copy_video);
  EXPECT_TRUE(both.copy_audio);
  const auto picture =
      only_output<FileOutput>(file(R"("video": {"codec": "copy"}, "audio": {"bitrate": "96k"})"));
  EXPECT_TRUE(picture.copy_video);
  EXPECT_FALSE(picture.copy_audio);
  EXPECT_TRUE(only_output<AudioOutput>(output("audio", R"("audio": {"codec": "copy"})")).copy);
}

TEST(OutputJson, HdrIsKeptByEveryCodecOfTenBits) {
  for (const char* codec : {"hevc", "av1", "vp9"})
    EXPECT_TRUE(
        only_output<AdaptiveOutput>(adaptive(R"("hdr": "keep", "codec": ")" + std::string(codec) + "\""))
            .keep_hdr);
  // The output's own codec is not used when every rung names one.
  EXPECT_TRUE(
      only_output<AdaptiveOutput>(adaptive(R"("hdr": "keep", "ladder": [{"height": 720, "codec": "hevc"}])"))
          .keep_hdr);
}

TEST(OutputJson, AFileAloneMayHaveAnyGop) {
  EXPECT_EQ(only_output<FileOutput>(file(R"("video": {"gop_seconds": 3})")).gop_seconds, 3);
  EXPECT_EQ(only_output<FileOutput>(file(R"("video": {"gop_seconds": 10})")).gop_seconds, 10);
  EXPECT_EQ(only_output<FileOutput>(file(R"("container": "ogg", "video": {"gop_seconds": 7})")).gop_seconds,
            7);
}

TEST(OutputJson, SubtitlesAreBurntInByLanguageOrTrack) {
  EXPECT_FALSE(only_output<AdaptiveOutput>(adaptive("")).burn);
  const auto by_language = only_output<AdaptiveOutput>(adaptive(R"("burn": "eng")"));
  ASSERT_TRUE(by_language.burn);
  EXPECT_EQ(by_language.burn->language, "eng");
  EXPECT_EQ(by_language.burn->stream, -1);
  const Result<JobSpec> by_track = parse_job_spec(file(R"("burn": 0)"));
  ASSERT_TRUE(by_track.ok()) << to_string(by_track.status());
  EXPECT_EQ(std::get<FileOutput>(by_track->outputs[0]).burn->stream, 0);
  EXPECT_EQ(to_json(*by_track)["outputs"][0]["burn"], 0);
}

class OutputRefusal : public ::testing::TestWithParam<Refusal> {};
TEST_P(OutputRefusal, NamesTheFieldAndWhatIsAllowed) { expect_refused(GetParam()); }

const std::vector<Refusal> kRefusals = {
    {"UnknownInOutput", adaptive(R"("bitrate": 1)"), kBad, "outputs[0].bitrate",
     "allowed here: name, type, ladder"},
    {"BurnKind", adaptive(R"("burn": true)"), kBad, "outputs[0].burn", "the number of a subtitle track"},
    {"BurnNumber", file(R"("burn": -1)"), kBad, "outputs[0].burn", "numbered from 0"},
    {"BurnLanguage", file(R"("burn": "English")"), kBad, "outputs[0].burn", "ISO 639"},
    {"BurnIntoACopy", file(R"("burn": 3, "video": {"codec": "copy"})"), kBad, "outputs[0].burn",
     "a copy keeps"},
    {"TypeMissing", of_outputs(R"({"name": "a"})"), kBad, "outputs[0].type", "missing"},
    {"CodecUnknown", adaptive(R"("codec": "h265")"), kBad, "outputs[0].codec", "h264, hevc, av1, vp9"},
    {"ContainerUnknown", file(R"("container": "avi")"), kBad, "outputs[0].container", "mp4, mkv, webm"},
    {"Preset", adaptive(R"("preset": "fastest")"), kBad, "outputs[0].preset", "ultrafast, superfast"},
    {"HeightOdd", adaptive(R"("ladder": [{"height": 720}, {"height": 721}])"), kBad,
     "outputs[0].ladder[1].height", "even number of lines from 96 to 4320"},
    {"HeightSmall", adaptive(R"("ladder": [{"height": 94}])"), kBad, "outputs[0].ladder[0].height", "96"},
    {"HeightLarge", file(R"("video": {"height": 4322})"), kBad, "outputs[0].video.height", "4320"},
    {"HeightText", adaptive(R"("ladder": [{"height": "720"}])"), kBad, "outputs[0].ladder[0].height",
     "a whole number is expected, not a text"},
    {"HeightDecimals", adaptive(R"("ladder": [{"height": 720.5}])"), kBad, "outputs[0].ladder[0].height",
     "a whole number is expected, not a number with decimals"},
    {"HeightHuge", adaptive(R"("ladder": [{"height": 9000000000}])"), kBad, "outputs[0].ladder[0].height",
     "range"},
    {"HeightMissing", adaptive(R"("ladder": [{"bitrate": "1M"}])"), kBad, "outputs[0].ladder[0].height",
     "missing"},
    {"HeightTwice", adaptive(R"("ladder": [{"height": 720}, {"height": 720}])"), kBad,
     "outputs[0].ladder[1].height", "twice"},
    {"LadderEmpty", adaptive(R"("ladder": [])"), kBad, "outputs[0].ladder", "at least one rung"},
    {"LadderNumber", adaptive(R"("ladder": 3)"), kBad, "outputs[0].ladder", "a list of rungs is expected"},
    {"BitrateText", adaptive(R"("ladder": [{"height": 720, "bitrate": "fast"}])"), kBad,
     "outputs[0].ladder[0].bitrate", "2.8M, 128k"},
    {"BitrateNegative", adaptive(R"("ladder": [{"height": 720, "bitrate": -5}])"), kBad,
     "outputs[0].ladder[0].bitrate", "no bitrate"},
    {"BitrateZero", adaptive(R"("ladder": [{"height": 720, "bitrate": 0}])"), kBad,
     "outputs[0].ladder[0].bitrate", "no bitrate"},
    {"BitrateHuge", file(R"("video": {"bitrate": "900M"})"), kBad, "outputs[0].video.bitrate",
     "10000 to 200000000"},
    {"BitrateList", file(R"("audio": {"bitrate": []})"), kBad, "outputs[0].audio.bitrate", "not a list"},
    {"SoundTooThick", file(R"("audio": {"bitrate": "1M"})"), kBad, "outputs[0].audio.bitrate",
     "16000 to 512000"},
    {"RateZero", file(R"("video": {"fps": 0})"), kBad, "outputs[0].video.fps", "no frame rate"},
    {"RateHigh", file(R"("video": {"fps": 1000})"), kBad, "outputs[0].video.fps", "1 to 240"},
    {"RateNegative", file(R"("video": {"fps": -30})"), kBad, "outputs[0].video.fps", "no frame rate"},
    {"SegmentsShort", adaptive(R"("segment_seconds": 0.5)"), kBad, "outputs[0].segment_seconds", "1 to 10"},
    {"SegmentsLong", adaptive(R"("segment_seconds": 11)"), kBad, "outputs[0].segment_seconds", "1 to 10"},
    {"PackageNone", adaptive(R"("package": [])"), kBad, "outputs[0].package", "hls, dash"},
    {"PackageUnknown", adaptive(R"("package": ["hls", "smooth"])"), kBad, "outputs[0].package[1]",
     "hls, dash"},
    {"TypeUnknown", output("hologram", ""), kBad, "outputs[0].type",
     "adaptive, file, audio, thumbnails, sprites"},
    {"UnknownInRung", adaptive(R"("ladder": [{"height": 720}, {"height": 360, "width": 1}])"), kBad,
     "outputs[0].ladder[1].width", "allowed here: height, bitrate, quality, max_bitrate, fps, codec"},
    {"UnknownInVideo", file(R"("video": {"width": 1})"), kBad, "outputs[0].video.width",
     "allowed here: height, bitrate, quality, max_bitrate, fps, codec, preset, gop_seconds, hdr"},
    {"UnknownInAudio", adaptive(R"("audio": {"codec": "aac"})"), kBad, "outputs[0].audio.codec",
     "allowed here: bitrate, surround, loudness, languages"},
    {"PackageTwice", adaptive(R"("package": ["hls", "hls"])"), kBad, "outputs[0].package[1]", "twice"},

    {"TheoraInAdaptive", adaptive(R"("codec": "theora")"), kBad, "outputs[0].codec",
     "allowed: h264, hevc, av1, vp9"},
    {"TheoraInRung", adaptive(R"("ladder": [{"height": 720, "codec": "theora"}])"), kBad,
     "outputs[0].ladder[0].codec", "allowed: h264, hevc, av1, vp9"},
    {"CopyInAdaptive", adaptive(R"("codec": "copy")"), kBad, "outputs[0].codec", "h264, hevc, av1, vp9"},
    {"TheoraInMp4", file(R"("video": {"codec": "theora"})"), kBad, "outputs[0].video.codec",
     "theora does not go into mp4; allowed: h264, hevc, av1, vp9"},
    {"Vp9InTs", file(R"("container": "ts", "video": {"codec": "vp9"})"), kBad, "outputs[0].video.codec",
     "allowed: h264, hevc"},
    {"Av1InMov", file(R"("container": "mov", "video": {"codec": "av1"})"), kBad, "outputs[0].video.codec",
     "allowed: h264, hevc"},
    {"H264InWebm", file(R"("container": "webm", "video": {"codec": "h264"})"), kBad, "outputs[0].video.codec",
     "allowed: vp9, av1"},
    {"H264InOgg", file(R"("container": "ogg", "video": {"codec": "h264"})"), kBad, "outputs[0].video.codec",
     "allowed: theora"},
    {"AacInWebm", file(R"("container": "webm", "audio": {"codec": "aac"})"), kBad, "outputs[0].audio.codec",
     "allowed: opus, copy"},

    {"QualityLow", adaptive(R"("ladder": [{"height": 720, "quality": 0}])"), kBad,
     "outputs[0].ladder[0].quality", "no rate factor of h264; allowed: 1 (best) to 51"},
    {"QualityHigh", file(R"("video": {"quality": 51.5, "codec": "hevc"})"), kBad, "outputs[0].video.quality",
     "hevc; allowed: 1 (best) to 51"},
    {"QualityOfAv1", file(R"("video": {"quality": 64, "codec": "av1"})"), kBad, "outputs[0].video.quality",
     "whole numbers from 1 (best) to 63"},
    {"QualityParts", file(R"("video": {"quality": 30.5, "codec": "vp9"})"), kBad, "outputs[0].video.quality",
     "30.5 is no rate factor of vp9"},
    {"QualityOfTheora", file(R"("container": "ogg", "video": {"quality": 7})"), kBad,
     "outputs[0].video.quality", "theora has no constant quality"},
    {"QualityText", file(R"("video": {"quality": "good"})"), kBad, "outputs[0].video.quality",
     "a number is expected"},
    {"QualityAndBits", adaptive(R"("ladder": [{"height": 720, "quality": 23, "bitrate": "1M"}])"), kBad,
     "outputs[0].ladder[0].quality", "beside bitrate"},
    {"PeakBelowAverage", file(R"("video": {"bitrate": "2M", "max_bitrate": "1M"})"), kBad,
     "outputs[0].video.max_bitrate", "below the bitrate, which is 2000000"},
    {"PeakHuge", file(R"("video": {"max_bitrate": "900M"})"), kBad, "outputs[0].video.max_bitrate",
     "10000 to 200000000"},
    {"PeakOfTheora", file(R"("container": "ogg", "video": {"max_bitrate": "2M"})"), kBad,
     "outputs[0].video.max_bitrate", "average alone"},

    {"GopBesideTheGrid", adaptive(R"("gop_seconds": 3)"), kBad, "outputs[0].gop_seconds",
     "3 does not divide the segments of 4 s; allowed: 4, 2, 1"},
    {"GopLongerThanTheGrid", adaptive(R"("gop_seconds": 8)"), kBad, "outputs[0].gop_seconds",
     "does not divide"},
    {"GopZero", adaptive(R"("gop_seconds": 0)"), kBad, "outputs[0].gop_seconds", "above 0"},
    {"GopShort", file(R"("video": {"gop_seconds": 0.01})"), kBad, "outputs[0].video.gop_seconds",
     "0.1 to 10"},
    {"GopOfTheFileBesideTheGrid",
     of_outputs(
         R"({"name": "w", "type": "file", "video": {"gop_seconds": 3}}, {"name": "a", "type": "adaptive"})"),
     kBad, "outputs[0].video.gop_seconds", "does not divide"},
    {"TwoGops", of_outputs(R"({"name": "v", "type": "file", "video": {"gop_seconds": 2}},
                   {"name": "w", "type": "file", "video": {"gop_seconds": 3}})"),
     kBad, "outputs[1].video.gop_seconds", "does not divide the segments of 4 s"},

    {"HdrWithH264", adaptive(R"("hdr": "keep")"), kBad, "outputs[0].hdr", "use hevc, av1 or vp9"},
    {"HdrWithAnH264Rung",
     adaptive(R"("hdr": "keep", "codec": "hevc", "ladder": [{"height": 720, "codec": "h264"}])"), kBad,
     "outputs[0].ladder[0].codec", "carries SDR alone"},
    {"HdrFileWithH264", file(R"("video": {"hdr": "keep"})"), kBad, "outputs[0].video.hdr",
     "use hevc, av1 or vp9"},
    {"HdrTheora", file(R"("container": "ogg", "video": {"hdr": "keep"})"), kBad, "outputs[0].video.hdr",
     "SDR alone"},
    {"HdrUnknown", adaptive(R"("hdr": "hdr10")"), kBad, "outputs[0].hdr", "allowed: sdr, keep"},
    {"SubtitlesText", adaptive(R"("subtitles": "yes")"), kBad, "outputs[0].subtitles",
     "true or false is expected"},

    {"CopyWithHeight", file(R"("video": {"codec": "copy", "height": 720})"), kBad, "outputs[0].video.height",
     "a copy keeps"},
    {"CopyWithPreset", file(R"("video": {"codec": "copy", "preset": "veryfast"})"), kBad,
     "outputs[0].video.preset", "a copy keeps"},
    {"CopyWithHdr", file(R"("video": {"codec": "copy", "hdr": "sdr"})"), kBad, "outputs[0].video.hdr",
     "a copy keeps"},
    {"CopyWithQuality", file(R"("video": {"codec": "copy", "quality": 20})"), kBad,
     "outputs[0].video.quality", "a copy keeps"},
    {"SoundCopyWithBits", file(R"("audio": {"codec": "copy", "bitrate": "64k"})"), kBad,
     "outputs[0].audio.bitrate", "a copy keeps"},
    {"SoundCopyLouder", output("audio", R"("audio": {"codec": "copy", "loudness": "none"})"), kBad,
     "outputs[0].audio.loudness", "a copy keeps"},

    {"Loudness", adaptive(R"("audio": {"loudness": "-23"})"), kBad, "outputs[0].audio.loudness",
     "none, ebu-r128"},
    {"SurroundText", adaptive(R"("audio": {"surround": 1})"), kBad, "outputs[0].audio.surround",
     "true or false"},
    {"LanguageLong", adaptive(R"("audio": {"languages": ["eng", "english"]})"), kBad,
     "outputs[0].audio.languages[1]", "ISO 639"},
    {"LanguageCapital", adaptive(R"("audio": {"languages": ["EN"]})"), kBad, "outputs[0].audio.languages[0]",
     "small letters"},
    {"LanguageTwice", adaptive(R"("audio": {"languages": ["en", "fr", "en"]})"), kBad,
     "outputs[0].audio.languages[2]", "twice"},
    {"LanguageNumber", adaptive(R"("audio": {"languages": [1]})"), kBad, "outputs[0].audio.languages[0]",
     "a text is expected"},
    {"LanguagesText", adaptive(R"("audio": {"languages": "en"})"), kBad, "outputs[0].audio.languages",
     "a list of texts is expected"},

    {"SoundContainer", output("audio", R"("container": "mp4")"), kBad, "outputs[0].container",
     "m4a, mp3, ogg, opus, flac, wav"},
    {"SoundVideo", output("audio", R"("video": {})"), kBad, "outputs[0].video",
     "allowed here: name, type, container"},
    {"FlacBits", output("audio", R"("container": "flac", "audio": {"bitrate": "128k"})"), kBad,
     "outputs[0].audio.bitrate", "keeps every sample"},
    {"Mp3Bits", output("audio", R"("container": "mp3", "audio": {"bitrate": "500k"})"), kBad,
     "outputs[0].audio.bitrate", "32000 to 320000"},
    {"VorbisBits", output("audio", R"("container": "ogg", "audio": {"bitrate": "32k"})"), kBad,
     "outputs[0].audio.bitrate", "48000 to 500000"},
    {"Mp3Surround", output("audio", R"("container": "mp3", "audio": {"surround": true})"), kBad,
     "outputs[0].audio.surround", "two channels"},
    {"SoundOfTwoLanguages", output("audio", R"("audio": {"languages": ["eng", "fra"]})"), kBad,
     "outputs[0].audio.languages[1]", "one sound a file"},

    {"StillsWhen", output("thumbnails", ""), kBad, "outputs[0].at", "[1.5, 10], or every"},
    {"StillsBoth", output("thumbnails", R"("at": [1], "every": 2)"), kBad, "outputs[0].at", "one of the two"},
    {"StillNegative", output("thumbnails", R"("at": [1, -2])"), kBad, "outputs[0].at[1]", "0 to"},
    {"StillText", output("thumbnails", R"("at": ["1"])"), kBad, "outputs[0].at[0]", "a number is expected"},
    {"StillTwice", output("thumbnails", R"("at": [1, 2, 1.0])"), kBad, "outputs[0].at[2]", "twice"},
    {"StillsNever", output("thumbnails", R"("every": 0)"), kBad, "outputs[0].every", "above 0"},
    {"StillsTooOften", output("thumbnails", R"("every": 0.001)"), kBad, "outputs[0].every", "0.01 to"},
    {"StillsSize", output("thumbnails", R"("every": 1, "size": "320")"), kBad, "outputs[0].size", "320x180"},
    {"StillsSmall", output("thumbnails", R"("every": 1, "size": "320x8")"), kBad, "outputs[0].size",
     "16 to 8192"},
    {"StillsLarge", output("thumbnails", R"("every": 1, "width": 9000)"), kBad, "outputs[0].width",
     "16 to 8192"},
    {"StillsSizeAndWidth", output("thumbnails", R"("every": 1, "size": "32x32", "width": 32)"), kBad,
     "outputs[0].width", "beside size"},
    {"StillsFormat", output("thumbnails", R"("every": 1, "format": "gif")"), kBad, "outputs[0].format",
     "jpg, png, webp"},
    {"SpritesWide", output("sprites", R"("width": 1000, "columns": 17)"), kBad, "outputs[0].columns",
     "give at most 16"},
    {"SpritesColumns", output("sprites", R"("columns": 0)"), kBad, "outputs[0].columns", "1 to 100"},
    {"SpritesWidth", output("sprites", R"("width": 8)"), kBad, "outputs[0].width", "16 to 1024"},
    {"SpritesAt", output("sprites", R"("at": [1])"), kBad, "outputs[0].at",
     "allowed here: name, type, every"},
};

INSTANTIATE_TEST_SUITE_P(All, OutputRefusal, ::testing::ValuesIn(kRefusals),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace millrace::engine
