#include "engine/job/job_spec_json.h"

#include <nlohmann/json.hpp>

#include "tests/engine/job/spec_refusal.h"

namespace millrace::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kFull = R"({
  "input": {"url": "file:///media/in.mov",
            "subtitles": [{"url": "file:///media/in.srt", "language": "eng", "label": "English SDH"
},
                          {"url": "/in.vtt", "language": "de"}]
}
,
  "outputs": [
    {"name": "abr", "type": "adaptive",
     "ladder": [{"height": 720, "bitrate": "2.8M", "max_bitrate": "4M", "fps": 29.97, "codec": "vp9"},
                {"height": 360}, {"height": 240, "quality": 28, "max_bitrate": 500000, "codec": "av1"}],
     "package": ["dash"], "segment_seconds": 2.5, "gop_seconds": 1.25, "codec": "hevc", "preset": "fast",
     "hdr": "keep", "subtitles": true,
     "audio": {"bitrate": "96k", "surround": true, "loudness": "ebu-r128", "languages": ["eng", "de"]}},
    {"name": "web", "type": "file", "container": "mp4",
     "video": {"height": 720, "bitrate": 2000000, "max_bitrate": "3M", "fps": 30, "codec": "h264", "preset": "slow",
               "gop_seconds": 0.5, "hdr": "sdr"},
     "audio": {"codec": "aac", "bitrate": 64000}},
    {"name": "crf", "type": "file", "container": "webm", "video": {"quality": 33, "codec": "av1"}},
    {"name": "sound", "type": "audio", "container": "opus", "audio": {"bitrate": "64k", "languages": ["eng"]}},
    {"name": "stills", "type": "thumbnails", "at": [10, 1.5], "size": "320x180", "format": "png"},
    {"name": "steps", "type": "thumbnails", "every": 2.5, "height": 90},
    {"name": "scrub", "type": "sprites", "every": 10, "width": 120, "columns": 5, "format": "webp"}],
  "overlays": [{"image": {"url": "file:///media/logo.png"}, "anchor": "bottom_right", "x": 10, "y": "2.5%",
                "width": "15%", "height": 40, "opacity": 0.8, "from": 1, "to": 9.5},
               {"image": {"url": "/b.png"}, "anchor": "centre", "x": "-12.5%", "y": -3}],
  "trim": {"from": 0.5, "to": 30}, "on_damage": "accept", "real_time": true, "full_decode": true,
  "priority": 70, "tags": {"title": "x", "show": "ü = y"}, "device": "cpu", "cores": 3
})";

std::string input(const std::string& value) {
  return R"({"input": )" + value + R"(, "outputs": [{"name": "abr", "type": "adaptive"}]})";
}
std::string subtitles(const std::string& files) {
  return input(R"({"url": "/a.mov", "subtitles": )" + files + "}");
}
std::string named(const std::string& name) {
  return of_outputs(R"({"name": ")" + name + R"(", "type": "adaptive"})");
}
std::string two(const std::string& first, const std::string& second) {
  return of_outputs(first + ", " + second);
}

TEST(JobSpecJson, ReadsEveryFieldOfTheDocument) {
  const Result<JobSpec> spec = parse_job_spec(kFull);
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  EXPECT_EQ(spec->input_url, "file:///media/in.mov");
  ASSERT_EQ(spec->subtitles.size(), 2U);
  EXPECT_EQ(spec->subtitles[0].url, "file:///media/in.srt");
  EXPECT_EQ(spec->subtitles[0].language, "eng");
  EXPECT_EQ(spec->subtitles[0].label, "English SDH");
  EXPECT_EQ(spec->subtitles[1].label, "");
  EXPECT_EQ(spec->outputs.size(), 7U);
  EXPECT_EQ(spec->overlays.size(), 2U);
  EXPECT_EQ(spec->trim.from, 0.5);
  EXPECT_EQ(spec->trim.to, 30);
  EXPECT_EQ(spec->on_damage, OnDamage::accept);
  EXPECT_TRUE(spec->real_time);
  EXPECT_TRUE(spec->full_decode);
  EXPECT_EQ(spec->priority, 70);
  EXPECT_EQ(spec->tags.at("show"), "ü = y");
  EXPECT_EQ(spec->device.kind, DevicePreference::Kind::cpu);
  EXPECT_EQ(spec->cores, 3);
}

TEST(JobSpecJson, ReadsSlidesAndWritesThemBack) {
  const Result<JobSpec> spec = parse_job_spec(input(R"({"slides": [{"image": "file:///a.png", "seconds": 1.5},
      {"text": "Two\nlines"}], "seconds_each": 2, "background": "#102030", "size": "640x360", "audio": "/a.m4a"})"));
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  EXPECT_EQ(spec->input_url, "");
  ASSERT_TRUE(spec->slides.has_value());
  ASSERT_EQ(spec->slides->slides.size(), 2U);
  EXPECT_EQ(spec->slides->slides[0].image, "file:///a.png");
  EXPECT_EQ(spec->slides->slides[0].seconds, 1.5);
  EXPECT_EQ(spec->slides->slides[1].text, "Two\nlines");
  EXPECT_EQ(spec->slides->seconds_each, 2);
  EXPECT_EQ(spec->slides->background, "#102030");
  EXPECT_EQ(spec->slides->width, 640);
  EXPECT_EQ(spec->slides->height, 360);
  EXPECT_EQ(spec->slides->audio, "/a.m4a");
  const Result<JobSpec> again = parse_job_spec(to_json(*spec).dump());
  ASSERT_TRUE(again.ok()) << to_string(again.status());
  EXPECT_EQ(to_json(*again), to_json(*spec));
}

TEST(JobSpecJson, AnInputAlone) {
  EXPECT_EQ(parse_job_input(R"({"url": "/a.mov"})")->input_url, "/a.mov");
  EXPECT_EQ(parse_job_input(R"({"slides": [{"text": "a"}]})")->slides->slides[0].text, "a");
  EXPECT_EQ(parse_job_input("{}").status().field(), "url");
  EXPECT_EQ(parse_job_input(R"({"url": "/a.mov", "outputs": []})").status().field(), "outputs");
  EXPECT_EQ(parse_job_input(R"({"url": "slides:{}"})").status().code(), Code::invalid_argument);
}

TEST(JobSpecJson, ReadsEveryFieldOfEveryOutput) {
  const Result<JobSpec> spec = parse_job_spec(kFull);
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  const auto& abr = std::get<AdaptiveOutput>(spec->outputs[0]);
  EXPECT_EQ(abr.name, "abr");
  ASSERT_EQ(abr.ladder.size(), 3U);
  EXPECT_EQ(abr.ladder[0].height, 720);
  EXPECT_EQ(abr.ladder[0].bits_per_second, 2'800'000);
  EXPECT_EQ(abr.ladder[0].max_bits_per_second, 4'000'000);
  EXPECT_EQ(abr.ladder[0].max_frame_rate, (Rational{30000, 1001}));
  EXPECT_EQ(abr.ladder[0].codec, VideoCodec::vp9);
  EXPECT_FALSE(abr.ladder[0].quality.has_value());
  EXPECT_EQ(abr.ladder[1].bits_per_second, 0);
  EXPECT_FALSE(abr.ladder[1].max_frame_rate.known());
  EXPECT_EQ(abr.ladder[2].quality, 28);
  EXPECT_EQ(abr.ladder[2].max_bits_per_second, 500'000);
  EXPECT_THAT(abr.packages, ElementsAre(Package::dash));
  EXPECT_EQ(abr.segment_seconds, 2.5);
  EXPECT_EQ(abr.gop_seconds, 1.25);
  EXPECT_EQ(abr.codec, VideoCodec::hevc);
  EXPECT_EQ(abr.preset, "fast");
  EXPECT_TRUE(abr.keep_hdr);
  EXPECT_TRUE(abr.subtitles);
  EXPECT_EQ(abr.audio.bits_per_second, 96'000);
  EXPECT_TRUE(abr.audio.surround);
  EXPECT_TRUE(abr.audio.normalise_loudness);
  EXPECT_THAT(abr.audio.languages, ElementsAre("eng", "de"));
  const auto& web = std::get<FileOutput>(spec->outputs[1]);
  EXPECT_EQ(web.height, 720);
  EXPECT_EQ(web.bits_per_second, 2'000'000);
  EXPECT_EQ(web.max_bits_per_second, 3'000'000);
  EXPECT_EQ(web.max_frame_rate, (Rational{30, 1}));
  EXPECT_EQ(web.preset, "slow");
  EXPECT_EQ(web.gop_seconds, 0.5);
  EXPECT_FALSE(web.keep_hdr);
  EXPECT_FALSE(web.copy_video);
  EXPECT_FALSE(web.copy_audio);
  EXPECT_EQ(web.audio.bits_per_second, 64'000);
  const auto& crf = std::get<FileOutput>(spec->outputs[2]);
  EXPECT_EQ(crf.container, Container::webm);
  EXPECT_EQ(crf.codec, VideoCodec::av1);
  EXPECT_EQ(crf.quality, 33);
  const auto& sound = std::get<AudioOutput>(spec->outputs[3]);
  EXPECT_EQ(sound.container, AudioContainer::opus);
  EXPECT_EQ(sound.audio.bits_per_second, 64'000);
  const auto& stills = std::get<ThumbnailsOutput>(spec->outputs[4]);
  EXPECT_THAT(stills.at, ElementsAre(10, 1.5));
  EXPECT_EQ(stills.every, 0);
  EXPECT_EQ(stills.width, 320);
  EXPECT_EQ(stills.height, 180);
  EXPECT_EQ(stills.format, StillFormat::png);
  const auto& steps = std::get<ThumbnailsOutput>(spec->outputs[5]);
  EXPECT_EQ(steps.every, 2.5);
  EXPECT_EQ(steps.width, 0);
  EXPECT_EQ(steps.height, 90);
  const auto& scrub = std::get<SpritesOutput>(spec->outputs[6]);
  EXPECT_EQ(scrub.every, 10);
  EXPECT_EQ(scrub.width, 120);
  EXPECT_EQ(scrub.columns, 5);
  EXPECT_EQ(scrub.format, StillFormat::webp);
}

TEST(JobSpecJson, ReadsEveryFieldOfAnOverlay) {
  const Result<JobSpec> spec = parse_job_spec(kFull);
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  const Overlay& logo = spec->overlays[0];
  EXPECT_EQ(logo.url, "file:///media/logo.png");
  EXPECT_EQ(logo.anchor, Overlay::Anchor::bottom_right);
  EXPECT_EQ(logo.x.value, 10);
  EXPECT_FALSE(logo.x.percent);
  EXPECT_EQ(logo.y.value, 2.5);
  EXPECT_TRUE(logo.y.percent);
  ASSERT_TRUE(logo.width.has_value() && logo.height.has_value());
  EXPECT_EQ(logo.width->value, 15);
  EXPECT_TRUE(logo.width->percent);
  EXPECT_EQ(logo.height->value, 40);
  EXPECT_FALSE(logo.height->percent);
  EXPECT_EQ(logo.opacity, 0.8);
  EXPECT_EQ(logo.from, 1);
  EXPECT_EQ(logo.to, 9.5);
  const Overlay& other = spec->overlays[1];
  EXPECT_EQ(other.anchor, Overlay::Anchor::centre);
  EXPECT_EQ(other.x.value, -12.5);
  EXPECT_EQ(other.y.value, -3);
  EXPECT_FALSE(other.width.has_value());
  EXPECT_EQ(other.opacity, 1);
  EXPECT_EQ(other.to, 0);
}

TEST(JobSpecJson, WritesEveryDefaultOut) {
  const Result<JobSpec> spec = parse_job_spec(of_outputs(
      R"({"name": "abr", "type": "adaptive"}, {"name": "web", "type": "file"}, {"name": "sound", "type": "audio"},
         {"name": "stills", "type": "thumbnails", "at": [1]}, {"name": "scrub", "type": "sprites"})"));
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  EXPECT_EQ(to_json(*spec), nlohmann::ordered_json::parse(R"({
    "input": {"url": "/a.mov"},
    "outputs": [
      {"name": "abr", "type": "adaptive", "ladder": "auto", "package": ["hls", "dash"], "segment_seconds": 4.0,
       "codec": "h264", "preset": "veryfast", "hdr": "sdr", "subtitles": true,
       "audio": {"bitrate": 128000, "surround": false, "loudness": "none"}},
      {"name": "web", "type": "file", "container": "mp4",
       "video": {"codec": "h264", "preset": "veryfast", "hdr": "sdr"},
       "audio": {"codec": "aac", "bitrate": 128000, "surround": false, "loudness": "none"}},
      {"name": "sound", "type": "audio", "container": "m4a",
       "audio": {"codec": "aac", "bitrate": 128000, "surround": false, "loudness": "none"}},
      {"name": "stills", "type": "thumbnails", "at": [1.0], "format": "jpg"},
      {"name": "scrub", "type": "sprites", "every": 5.0, "width": 160, "columns": 10, "format": "jpg"}],
    "on_damage": "refuse", "real_time": false, "full_decode": false, "priority": 50, "tags": {}, "device": "auto"})"));
}

TEST(JobSpecJson, TheWrittenSpecReadsAsTheSameSpec) {
  for (
      const std::string& text :
      {std::string(kFull), adaptive(""), adaptive(R"("ladder": [{"height": 96, "fps": "24000/1001"}])"),
       adaptive(R"("hdr": "keep", "ladder": [{"height": 720, "codec": "av1", "quality": 20}])"),
       adaptive(R"("subtitles": false)"), document(R"("device": "vaapi:/dev/dri/renderD128")"),
       file(R"("video": {"codec": "copy"}, "audio": {"codec": "copy", "languages": ["fr"]})"),
       file(R"("container": "ogg")"),
       file(R"("container": "ts", "video": {"codec": "hevc", "quality": 23.5})"),
       output("audio", R"("container": "flac", "audio": {"surround": true})"),
       output("audio", R"("container": "mp3", "audio": {"codec": "copy"})"),
       output("thumbnails", R"("every": 0.1, "width": 77, "format": "webp")"),
       document(R"("trim": {"from": 3.000001})"), document(R"("trim": {"to": 1})"),
       document(
           R"("overlays": [{"image": {"url": "/l.png"}, "x": "0.00001%", "width": "33.333333333333336%"}])")}) {
    const Result<JobSpec> first = parse_job_spec(text);
    ASSERT_TRUE(first.ok()) << to_string(first.status());
    const std::string written = to_json(*first).dump();
    const Result<JobSpec> second = parse_job_spec(written);
    ASSERT_TRUE(second.ok()) << to_string(second.status()) << written;
    EXPECT_EQ(to_json(*second).dump(), written);
  }
}

class JobSpecRefusal : public ::testing::TestWithParam<Refusal> {};
TEST_P(JobSpecRefusal, NamesTheFieldAndWhatIsAllowed) { expect_refused(GetParam()); }

const std::vector<Refusal> kRefusals = {
    {"NoJson", "{", kBad, "", "not valid JSON at byte"},
    {"Empty", "", kBad, "", "not valid JSON"},
    {"TwoDocuments", adaptive("") + "{}", kBad, "", "not valid JSON"},
    {"AList", "[]", kBad, "", "an object is expected, not a list"},
    {"NotUtf8", "{\"\xff\": 1}", kBad, "", "not valid JSON"},
    {"DoubledField", adaptive(R"("codec": "h264", "codec": "h264")"), kBad, "outputs[0].codec", "twice"},
    {"TooDeep", document("\"tags\": " + std::string(40, '[') + std::string(40, ']')), kBad, "tags[0]",
     "32 levels"},
    {"NoInput", R"({"outputs": []})", kBad, "input", "missing"},
    {"NoOutputs", R"({"input": {"url": "/a"}})", kBad, "outputs", "missing"},
    {"EmptyOutputs", R"({"input": {"url": "/a"}, "outputs": []})", kBad, "outputs", "at least one"},
    {"OutputsText", R"({"input": {"url": "/a"}, "outputs": "x"})", kBad, "outputs",
     "a list is expected, not a text"},
    {"InputText", input(R"("/a.mov")"), kBad, "input", "an object is expected, not a text"},
    {"InputEmpty", input(R"({"url": ""})"), kBad, "input.url", "empty"},
    {"InputHost", input(R"({"url": "file://server/a"})"), kBad, "input.url", "no host"},
    {"InputRelative", input(R"({"url": "file:a.mov"})"), kBad, "input.url", "full path"},
    {"InputNul", input(R"({"url": "/a\u0000b"})"), kBad, "input.url", "control character"},
    {"InputHiddenNul", input(R"({"url": "file:///a%00b"})"), kBad, "input.url", "control character"},
    {"InputScheme", input(R"({"url": "gopher://x/a"})"), kBad, "input.url", "allowed: file:"},
    {"InputHttpWithoutHost", input(R"({"url": "https:/a"})"), kBad, "input.url", "has a host"},
    {"InputUpload", input(R"({"url": "upload:01J"})"), kNotBuilt, "input.url", "not built yet"},
    {"SlidesNone", input(R"({"slides": [], "seconds_each": 3})"), kBad, "input.slides", "at least one"},
    {"SlidesText", input(R"({"slides": "a.png"})"), kBad, "input.slides", "a list is expected"},
    {"SlidesAndUrl", input(R"({"slides": [{"text": "a"}], "url": "/a.mov"})"), kBad, "input.url",
     "allowed here: slides, seconds_each, background, size, audio, subtitles"},
    {"SlideEmpty", input(R"({"slides": [{"seconds": 1}]})"), kBad, "input.slides[0]", "an image or a text"},
    {"SlideBoth", input(R"({"slides": [{"image": "/a.png", "text": "a"}]})"), kBad, "input.slides[0]",
     "an image or a text"},
    {"SlideUnknown", input(R"({"slides": [{"text": "a", "size": 3}]})"), kBad, "input.slides[0].size",
     "allowed here: image, text, seconds"},
    {"SlideImage", input(R"({"slides": [{"text": "a"}, {"image": "gopher://x/a.png"}]})"), kBad,
     "input.slides[1].image", "allowed: file:"},
    {"SlideSeconds", input(R"({"slides": [{"text": "a", "seconds": 0.01}]})"), kBad,
     "input.slides[0].seconds", "0.04 to 3600"},
    {"SlideNoSeconds", input(R"({"slides": [{"text": "a", "seconds": 0}]})"), kBad, "input.slides[0].seconds",
     "0"},
    {"SlideBlank", input(R"({"slides": [{"text": " \n "}]})"), kBad, "input.slides[0].text", "shows nothing"},
    {"SlideLines", input(R"({"slides": [{"text": "a\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nb"}]})"), kBad,
     "input.slides[0].text", "more than 20 lines"},
    {"SlidesSecondsEach", input(R"({"slides": [{"text": "a"}], "seconds_each": 4000})"), kBad,
     "input.seconds_each", "0.04 to 3600"},
    {"SlidesColour", input(R"({"slides": [{"text": "a"}], "background": "#12345g"})"), kBad,
     "input.background", "#rrggbb"},
    {"SlidesSize", input(R"({"slides": [{"text": "a"}], "size": "641x360"})"), kBad, "input.size",
     "even sides"},
    {"SlidesAudio", input(R"({"slides": [{"text": "a"}], "audio": ""})"), kBad, "input.audio", "empty"},
    {"SlidesCopied",
     R"({"input": {"slides": [{"text": "a"}]}, "outputs": [{"name": "a", "type": "file", "audio": {"codec": "copy"}}]})",
     kBad, "outputs[0].audio.codec", "nothing coded"},
    {"Notify", document(R"("notify": [])"), kNotBuilt, "notify", "not built yet"},
    {"NameEmpty", named(""), kBad, "outputs[0].name", "1 to 64 letters"},
    {"NameUp", named("../up"), kBad, "outputs[0].name", "letters, digits"},
    {"NameDotted", named("a.mp4"), kBad, "outputs[0].name", "letters, digits"},
    {"NameLong", named(std::string(65, 'a')), kBad, "outputs[0].name", "1 to 64"},
    {"NameOfTheReceipt", named("Receipt"), kBad, "outputs[0].name", "receipt.json"},
    {"NameTwice", two(R"({"name": "Abr", "type": "adaptive"})", R"({"name": "aBR", "type": "file"})"), kBad,
     "outputs[1].name", "stands twice"},
    {"TwoGrids",
     two(R"({"name": "a", "type": "adaptive"})",
         R"({"name": "b", "type": "adaptive", "segment_seconds": 6})"),
     kNotBuilt, "outputs[1].segment_seconds", "6 differs from the 4 of 'a'"},
    {"PriorityHigh", document(R"("priority": 101)"), kBad, "priority", "0 to 100"},
    {"PriorityText", document(R"("priority": "high")"), kBad, "priority", "a whole number"},
    {"TagNumber", document(R"("tags": {"a": 1})"), kBad, "tags.a", "a text is expected"},
    {"TagKey", document(R"("tags": {"a=b": "c"})"), kBad, "tags", "is no tag"},
    {"TagLong", document(R"("tags": {"a": ")" + std::string(257, 'x') + "\"}"), kBad, "tags.a", "256 bytes"},
    {"DeviceUnknown", document(R"("device": "tpu")"), kBad, "device", "auto, cpu, cuda"},
    {"DeviceNumber", document(R"("device": "cuda:x")"), kBad, "device", "cuda:N"},
    {"CoresNone", document(R"("cores": 0)"), kBad, "cores", "1 to 1024"},
    {"UnknownField", document(R"("colour": 1)"), kBad, "colour",
     "allowed here: input, outputs, overlays, trim, on_damage, real_time, full_decode, priority, tags, "
     "device, cores"},
    {"TrimUnknown", document(R"("trim": {"start": 0})"), kBad, "trim.start", "allowed here: from, to"},
    {"TrimBackwards", document(R"("trim": {"from": 3, "to": 2})"), kBad, "trim.to",
     "2 is not after from, which is 3"},
    {"TrimEmpty", document(R"("trim": {"from": 0, "to": 0})"), kBad, "trim.to", "above 0"},
    {"TrimNegative", document(R"("trim": {"from": -1})"), kBad, "trim.from", "0 to 10000000"},
    {"TrimText", document(R"("trim": {"from": "1"})"), kBad, "trim.from", "a number is expected, not a text"},
    {"TrimOfACopy",
     of_outputs(R"({"name": "w", "type": "file", "audio": {"codec": "copy"}})", R"("trim": {"to": 2})"), kBad,
     "trim", "'w' is a copy"},
    {"DamageUnknown", document(R"("on_damage": "ignore")"), kBad, "on_damage", "refuse, accept"},
    {"DamageTruth", document(R"("on_damage": true)"), kBad, "on_damage", "a text is expected"},
    {"PaceText", document(R"("real_time": "yes")"), kBad, "real_time", "true or false"},
    {"SubtitlesText", subtitles(R"("/a.srt")"), kBad, "input.subtitles", "a list is expected"},
    {"SubtitleNoLanguage", subtitles(R"([{"url": "/a.srt"}])"), kBad, "input.subtitles[0].language",
     "ISO 639"},
    {"SubtitleLanguage", subtitles(R"([{"url": "/a.srt", "language": "English"}])"), kBad,
     "input.subtitles[0].language", "such as eng"},
    {"SubtitleNoUrl", subtitles(R"([{"language": "eng"}])"), kBad, "input.subtitles[0].url", "missing"},
    {"SubtitleHttp", subtitles(R"([{"url": "s3://x/a.srt", "language": "eng"}])"), kNotBuilt,
     "input.subtitles[0].url", "not built yet"},
    {"SubtitleQuote", subtitles(R"([{"url": "/a", "language": "eng", "label": "\"x\""}])"), kBad,
     "input.subtitles[0].label", "double quote"},
    {"SubtitleLabelLong",
     subtitles(R"([{"url": "/a", "language": "eng", "label": ")" + std::string(65, 'x') + "\"}]"), kBad,
     "input.subtitles[0].label", "64 bytes"},
    {"SubtitleUnknown", subtitles(R"([{"url": "/a", "lang": "eng"}])"), kBad, "input.subtitles[0].lang",
     "allowed here: url, language, label"},
    {"SubtitlesForNobody",
     R"({"input": {"url": "/a", "subtitles": [{"url": "/b", "language": "eng"}]}, "outputs": [{"name": "w", "type": "file"}]})",
     kBad, "input.subtitles", "adaptive output with subtitles"},
};

INSTANTIATE_TEST_SUITE_P(All, JobSpecRefusal, ::testing::ValuesIn(kRefusals),
                         [](const auto& test) { return test.param.name; });

TEST(JobSpecJson, AThousandFieldsInOneObjectAreEnough) {
  std::string fields;
  for (int i = 0; i < 1001; ++i) fields += (i == 0 ? "\"k" : ", \"k") + std::to_string(i) + "\": 1";
  const Result<JobSpec> spec = parse_job_spec(document("\"tags\": {" + fields + "}"));
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.status().field(), "tags");
  EXPECT_THAT(spec.status().message(), HasSubstr("more than 1000 fields"));
}

TEST(JobSpecJson, AThirtyThirdTagIsOneTooMany) {
  std::string tags;
  for (int i = 0; i < 33; ++i) tags += (i == 0 ? "\"k" : ", \"k") + std::to_string(i) + "\": \"v\"";
  const Result<JobSpec> spec = parse_job_spec(document("\"tags\": {" + tags + "}"));
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.status().field(), "tags");
}

TEST(JobSpecJson, PathsAndFileUrlsAreInputs) {
  for (const char* url :
       {"/a.mov", "a b.mov", "./a:b.mov", "file:///a%20b.mov", "file:/a", "file://localhost/a", "1:2.mov"}) {
    JobSpec spec = *parse_job_spec(adaptive(""));
    spec.input_url = url;
    EXPECT_TRUE(validate(spec).ok()) << url << ": " << validate(spec).message();
  }
  JobSpec spec = *parse_job_spec(adaptive(""));
  spec.input_url = "/caf\xe9.mov";
  EXPECT_THAT(validate(spec).message(), HasSubstr("not UTF-8"));
}

}  // namespace
}  // namespace millrace::engine
