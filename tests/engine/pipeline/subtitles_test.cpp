#include "engine/pipeline/subtitles.h"

#include <gmock/gmock.h>

#include <fstream>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/pipeline/av.h"
#include "tests/engine/pipeline/tasks.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"

namespace millrace::engine {
namespace {

struct CodedCue {
  std::int64_t start = 0;  // milliseconds
  std::int64_t duration = 0;
  std::string text;
};

// A file with this text track alone.
void make_text_track(const std::filesystem::path& file, AVCodecID codec, const std::vector<CodedCue>& cues,
                     const std::string& header = "") {
  AVFormatContext* muxer = nullptr;
  avformat_alloc_output_context2(&muxer, nullptr, nullptr, file.c_str());
  AVStream* stream = avformat_new_stream(muxer, nullptr);
  stream->codecpar->codec_type = AVMEDIA_TYPE_SUBTITLE;
  stream->codecpar->codec_id = codec;
  stream->time_base = {1, 1000};
  stream->codecpar->extradata =
      static_cast<std::uint8_t*>(av_mallocz(header.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  std::copy(header.begin(), header.end(), stream->codecpar->extradata);
  stream->codecpar->extradata_size = static_cast<int>(header.size());
  bool good =
      avio_open(&muxer->pb, file.c_str(), AVIO_FLAG_WRITE) >= 0 && avformat_write_header(muxer, nullptr) >= 0;
  for (const CodedCue& cue : cues) {
    const PacketPtr packet = make_packet();
    good = good && av_new_packet(packet.get(), static_cast<int>(cue.text.size())) >= 0;
    std::copy(cue.text.begin(), cue.text.end(), packet->data);
    packet->pts = packet->dts = cue.start;
    packet->duration = cue.duration;
    av_packet_rescale_ts(packet.get(), {1, 1000}, stream->time_base);
    good = good && av_interleaved_write_frame(muxer, packet.get()) >= 0;
  }
  good = good && av_write_trailer(muxer) >= 0;
  avio_closep(&muxer->pb);
  avformat_free_context(muxer);
  if (!good) throw std::runtime_error("cannot make " + file.native());
}

// 3GPP TS 26.245 §5.17: the length goes before the text.
std::string mov_text(const std::string& text) {
  return std::string({static_cast<char>(text.size() >> 8), static_cast<char>(text.size())}) + text;
}

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SubtitlesTest : public testing::Test {
 protected:
  // A job of ten seconds with a file beside its source.
  Plan plan_for_file(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    Plan plan;
    plan.source.url = folder_ / "in.mp4";
    VideoTrack video;
    video.duration_seconds = 10;
    plan.source.video.push_back(video);
    plan.source.chosen_video = 0;
    PlannedSubtitle subtitle;
    subtitle.folder = "abr/subtitles-eng";
    subtitle.url = folder_ / name;
    plan.subtitles.push_back(subtitle);
    return plan;
  }
  // A job of ten seconds whose source has this text track; its first picture is shown at half a second.
  Plan plan_for_track(const std::string& name) {
    Plan plan = plan_for_file("unused.srt", "");
    plan.source.url = folder_ / name;
    plan.source.video[0].time_base = {1, 1000};
    plan.source.video[0].first_pts = 500;
    plan.subtitles[0].url.clear();
    plan.subtitles[0].source_stream = 0;
    return plan;
  }
  // The first text track of a clip.
  Plan plan_for_clip(const std::filesystem::path& clip) {
    const auto source = inspect(clip);
    if (!source.ok()) throw std::runtime_error(to_string(source.status()));
    Plan plan;
    plan.source = *source;
    PlannedSubtitle subtitle;
    subtitle.folder = "abr/subtitles-eng";
    for (const OtherTrack& track : source->other)
      if (track.kind == "subtitle" && subtitle.source_stream < 0) subtitle.source_stream = track.index;
    plan.subtitles.push_back(subtitle);
    return plan;
  }
  Result<TaskEnd> run(const Plan& plan) {
    return run_subtitles({plan, plan.outputs.size(), folder_ / "out", {}}, observer_, {});
  }
  std::string made(const Plan& plan) {
    const auto end = run(plan);
    EXPECT_TRUE(end.ok()) << to_string(end.status());
    return read_file(folder_ / "out/abr/subtitles-eng/subtitles.vtt").value_or("no file");
  }
  Status refusal(const Plan& plan) {
    const auto end = run(plan);
    return end.ok() ? Status() : end.status();
  }

  const test::TempFolder folder_;
  RememberingObserver observer_;
};

TEST_F(SubtitlesTest, SrtBecomesWebvtt) {
  EXPECT_EQ(
      made(plan_for_file(
          "a.srt",
          "1\r\n00:00:01,000 --> 00:00:02,500\r\n<font color=\"#f00\"><i>Hello</i></font> & {laughs}\r\n"
          "\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}<b>two\r\nlines</b>\r\n")),
      "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<i>Hello</i> &amp; {laughs}\n"
      "\n00:00:03.000 --> 00:00:04.000 line:0\n<b>two\nlines</b>\n");
}

TEST_F(SubtitlesTest, AFileThatIsNotThePlannedOneIsRefused) {
  const std::string text = "1\n00:00:01,000 --> 00:00:02,500\nHello\n";
  Plan plan = plan_for_file("a.srt", text);
  plan.subtitles[0].sha256 = sha256_of(text);
  EXPECT_TRUE(refusal(plan).ok());
  plan.subtitles[0].sha256 = sha256_of(text + " ");
  EXPECT_EQ(refusal(plan).code(), Code::corrupt_input);
  EXPECT_THAT(refusal(plan).message(), HasSubstr("has changed since the job was planned"));
}

TEST_F(SubtitlesTest, AssBecomesWebvtt) {
  EXPECT_EQ(made(plan_for_file(
                "a.ass",
                "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: "
                "Default,Arial\n\n"
                "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
                "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\an7\\pos(1,2)}second{comment}, too\n"
                "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\b1}first{\\b0}\\Nline\n")),
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<b>first</b>\nline\n"
            "\n00:00:03.000 --> 00:00:04.000 line:0 position:0% align:start\nsecond, too\n");
}

TEST_F(SubtitlesTest, WebvttKeepsItsOwnMarkup) {
  EXPECT_EQ(made(plan_for_file(
                "a.vtt",
                "\xEF\xBB\xBFWEBVTT - title\n\nNOTE nothing\n\nid\n00:01.000 --> 00:02.000 line:0 region:x\n"
                "<v Bob>Hi &amp; <00:01.500>bye</v>\n")),
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\n<v Bob>Hi &amp; bye</v>\n");
}

TEST_F(SubtitlesTest, SrtInMatroskaIsOnTheJobsClock) {
  make_text_track(folder_ / "a.mkv", AV_CODEC_ID_SUBRIP,
                  {{0, 400, "before"}, {1500, 1000, "<i>one</i>"}, {2000, 1000, "over\r\nlap"}});
  Plan plan = plan_for_track("a.mkv");
  EXPECT_EQ(
      made(plan),
      "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<i>one</i>\n\n00:00:01.500 --> 00:00:02.500\nover\nlap\n");
  plan.trim_from = kTicksPerSecond * 3 / 2;
  EXPECT_EQ(
      made(plan),
      "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\n<i>one</i>\n\n00:00:00.000 --> 00:00:01.000\nover\nlap\n");
}

TEST_F(SubtitlesTest, AssInMatroska) {
  make_text_track(folder_ / "a.mkv", AV_CODEC_ID_ASS,
                  {{1500, 1000, "0,0,Default,,0,0,0,,{\\u1}one{\\u0}{note}, two"}},
                  "[Script Info]\nScriptType: v4.00+\n[Events]\n");
  EXPECT_EQ(made(plan_for_track("a.mkv")), "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<u>one</u>, two\n");
}

TEST_F(SubtitlesTest, MovTextInMp4) {
  make_text_track(folder_ / "a.mp4", AV_CODEC_ID_MOV_TEXT,
                  {{0, 1500, mov_text("")}, {1500, 1000, mov_text("one\n{two}")}, {2500, 500, mov_text("")}});
  EXPECT_EQ(made(plan_for_track("a.mp4")), "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\none\n{two}\n");
}

TEST_F(SubtitlesTest, ATrackWithoutCuesGivesAValidFile) {
  make_text_track(folder_ / "a.mp4", AV_CODEC_ID_MOV_TEXT, {{0, 1500, mov_text("")}});
  EXPECT_EQ(made(plan_for_track("a.mp4")), "WEBVTT\n");
}

TEST_F(SubtitlesTest, ATrackThatIsNotUtf8IsRefusedOrLost) {
  make_text_track(folder_ / "a.mkv", AV_CODEC_ID_SUBRIP,
                  {{1500, 1000,
                    "fa\xE7"
                    "ade"},
                   {3500, 1000, "well"}});
  Plan plan = plan_for_track("a.mkv");
  const Status status = refusal(plan);
  EXPECT_EQ(status.code(), Code::corrupt_input);
  EXPECT_THAT(status.message(),
              HasSubstr("a.mkv: subtitle at 1.000 s: line 1 is not UTF-8 but seems to be Latin-1"));
  plan.accept_damage = true;
  const auto end = run(plan);
  ASSERT_TRUE(end.ok());
  ASSERT_EQ(end->lost.size(), 1u);
  EXPECT_THAT(end->lost[0], HasSubstr("subtitle at 1.000 s"));
}

TEST_F(SubtitlesTest, OddTimesAreHandled) {
  const std::string text = made(plan_for_file("a.srt",
                                              "1\n00:00:05,000 --> 00:00:06,000\nlate\n\n"
                                              "2\n00:00:01,000 --> 00:00:05,500\nlong\n\n"
                                              "3\n00:00:02,000 --> 00:00:01,000\nbackwards\n\n"
                                              "4\n00:00:09,000 --> 00:01:00,000\ntoo long\n\n"
                                              "5\n00:00:30,000 --> 00:00:31,000\nafter the end\n"));
  EXPECT_THAT(text, HasSubstr("00:00:01.000 --> 00:00:05.500\nlong\n"));
  EXPECT_THAT(text, HasSubstr("00:00:05.000 --> 00:00:06.000\nlate\n"));
  EXPECT_THAT(text, HasSubstr("00:00:09.000 --> 00:00:10.000\ntoo long\n"));
  EXPECT_THAT(text, Not(HasSubstr("after the end")));
  EXPECT_LT(text.find("long"), text.find("late"));
}

TEST_F(SubtitlesTest, TheTrimMovesAFilesCues) {
  Plan plan =
      plan_for_file("a.srt", "1\n00:00:01,000 --> 00:00:03,000\na\n\n2\n00:00:04,000 --> 00:00:09,000\nb\n");
  plan.trim_from = 2 * kTicksPerSecond;
  plan.trim_to = 6 * kTicksPerSecond;
  EXPECT_EQ(made(plan), "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na\n\n00:00:02.000 --> 00:00:04.000\nb\n");
}

TEST_F(SubtitlesTest, NoCueGivesAValidFile) {
  for (const auto& [name, content] : {std::pair<const char*, const char*>{"a.srt", ""},
                                      {"b.vtt", "WEBVTT\n"},
                                      {"c.srt", "1\n00:01:00,000 --> 00:01:01,000\nafter the end\n"}})
    EXPECT_EQ(made(plan_for_file(name, content)), "WEBVTT\n") << name;
}

TEST_F(SubtitlesTest, Latin1IsRefusedByName) {
  const Status status = refusal(plan_for_file("a.srt",
                                              "1\n00:00:01,000 --> 00:00:02,000\nfa\xE7"
                                              "ade\n"));
  EXPECT_EQ(status.code(), Code::invalid_argument);
  EXPECT_THAT(status.message(),
              HasSubstr("a.srt: line 3 is not UTF-8 but seems to be Latin-1 (ISO 8859-1); convert it"));
}

TEST_F(SubtitlesTest, WhatIsNoSubtitleFileIsRefused) {
  EXPECT_THAT(refusal(plan_for_file("a.srt", "no subtitles at all\n")).message(),
              HasSubstr("give an SRT, WebVTT or ASS file"));
  EXPECT_THAT(refusal(plan_for_file("a.srt", std::string((16u << 20) + 1, 'x'))).message(),
              HasSubstr("at most 16 MiB"));
  Plan plan = plan_for_file("a.srt", "");
  plan.subtitles[0].url = folder_ / "absent.srt";
  EXPECT_EQ(refusal(plan).code(), Code::not_found);
}

TEST_F(SubtitlesTest, TellsTheFileWithItsDigest) {
  const auto end = run(plan_for_file("a.srt", "1\n00:00:01,000 --> 00:00:02,000\na\n"));
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->end_segment, 1);
  const auto& told = observer_.tracks["abr/subtitles-eng"];
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].file, "abr/subtitles-eng/subtitles.vtt");
  EXPECT_EQ(told[0].frames, 1);
  EXPECT_EQ(told[0].duration, 900'000);
  EXPECT_EQ(told[0].sha256, *sha256_of_file(folder_ / "out" / told[0].file));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out/abr/subtitles-eng"))
    files += entry.exists();
  EXPECT_EQ(files, 1u);
}

struct Clip {
  const char* name;
  const char* beginning;
};
class SubtitleClips : public SubtitlesTest, public testing::WithParamInterface<Clip> {};

TEST_P(SubtitleClips, BecomeWebvtt) {
  const auto clip = test::real_clip(GetParam().name);
  if (!clip) GTEST_SKIP() << GetParam().name << " is not here; set MILLRACE_MEDIA";
  EXPECT_THAT(made(plan_for_clip(*clip)), StartsWith(GetParam().beginning));
}

INSTANTIATE_TEST_SUITE_P(
    Real, SubtitleClips,
    testing::Values(
        Clip{"odd/multivideo_multiaudio_movtext_nasa.mp4",
             "WEBVTT\n\n00:00:00.210 --> 00:00:04.260\nNAR: This is the optical and science segment of the "
             "Webb\n"},
        Clip{"odd/subs_ass.mkv", "WEBVTT\n\n00:00:00.000 --> 00:00:00.433\nThis is the first subtitle.\n"},
        Clip{"odd/two_audio_langs_srt_derived.mkv",
             "WEBVTT\n\n00:00:00.500 --> 00:00:03.000\nCrystal: first caption\n\n00:00:04.000 --> "
             "00:00:06.500\nSecond <i>caption</i> \xE2\x80\x94"}),
    [](const auto& clip) { return "Clip" + std::to_string(clip.index); });

TEST_F(SubtitlesTest, BitmapsAreRefused) {
  const auto clip = test::real_clip("odd/subs_pgs.mkv");
  if (!clip) GTEST_SKIP() << "odd/subs_pgs.mkv is not here; set MILLRACE_MEDIA";
  const Status status = refusal(plan_for_clip(*clip));
  EXPECT_EQ(status.code(), Code::unsupported);
  EXPECT_THAT(status.message(), HasSubstr("hdmv_pgs_subtitle, which is no text"));
}

TEST_F(SubtitlesTest, AStyledSrtOfTheWorld) {
  const auto clip = test::real_clip("odd/external_subtitles_styled.srt");
  if (!clip) GTEST_SKIP() << "odd/external_subtitles_styled.srt is not here; set MILLRACE_MEDIA";
  Plan plan = plan_for_file("a.srt", *read_file(*clip));
  plan.source.video[0].duration_seconds = 800;
  const std::string text = made(plan);
  EXPECT_THAT(text, HasSubstr("\n00:00:17.985 --> 00:00:20.521\n<b>[instrumental music]</b>\n"));
  EXPECT_THAT(text, HasSubstr("\n<b><u>[dog barking]</u></b>\n"));
  EXPECT_THAT(text, HasSubstr("\n<i>Unterminated styles</i>\n"));
  EXPECT_THAT(text, HasSubstr("\nDo no fall to the next item\n"));
}

}  // namespace
}  // namespace millrace::engine
