#include "engine/job/job_spec_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFull = R"({
  "input": {"url": "file:///media/in.mov"},
  "outputs": [
    {"name": "abr", "type": "adaptive",
     "ladder": [{"height": 720, "bitrate": "2.8M", "fps": 29.97, "codec": "h264"}, {"height": 360}],
     "package": ["dash"], "segment_seconds": 2.5, "codec": "h264", "preset": "fast", "audio": {"bitrate": "96k"}},
    {"name": "web", "type": "file", "container": "mp4",
     "video": {"height": 720, "bitrate": 2000000, "fps": 30, "codec": "h264", "preset": "slow"},
     "audio": {"bitrate": 64000}}],
  "priority": 70, "tags": {"title": "x", "show": "ü = y"}, "device": "cpu", "cores": 3})";

// A spec with one adaptive output, into which `fields` are put.
std::string adaptive(const std::string& fields) {
  return R"({"input": {"url": "/a.mov"}, "outputs": [{"name": "abr", "type": "adaptive")" +
         (fields.empty() ? "" : ", " + fields) + "}]}";
}
std::string file(const std::string& fields) {
  return R"({"input": {"url": "/a.mov"}, "outputs": [{"name": "web", "type": "file", )" + fields + "}]}";
}
std::string document(const std::string& fields) {
  return R"({"input": {"url": "/a.mov"}, "outputs": [{"name": "abr", "type": "adaptive"}], )" + fields + "}";
}
std::string input(const std::string& value) {
  return R"({"input": )" + value + R"(, "outputs": [{"name": "abr", "type": "adaptive"}]})";
}
std::string named(const std::string& name) {
  return R"({"input": {"url": "/a.mov"}, "outputs": [{"name": ")" + name + R"(", "type": "adaptive"}]})";
}
std::string two(const std::string& first, const std::string& second) {
  return R"({"input": {"url": "/a.mov"}, "outputs": [)" + first + ", " + second + "]}";
}

TEST(JobSpecJson, ReadsEveryFieldOfTheContract) {
  const Result<JobSpec> spec = parse_job_spec(kFull);
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  EXPECT_EQ(spec->input_url, "file:///media/in.mov");
  ASSERT_EQ(spec->outputs.size(), 2U);
  const auto& abr = std::get<AdaptiveOutput>(spec->outputs[0]);
  EXPECT_EQ(abr.name, "abr");
  ASSERT_EQ(abr.ladder.size(), 2U);
  EXPECT_EQ(abr.ladder[0].height, 720);
  EXPECT_EQ(abr.ladder[0].bits_per_second, 2'800'000);
  EXPECT_EQ(abr.ladder[0].max_frame_rate, (Rational{30000, 1001}));
  EXPECT_EQ(abr.ladder[0].codec, VideoCodec::h264);
  EXPECT_EQ(abr.ladder[1].bits_per_second, 0);
  EXPECT_FALSE(abr.ladder[1].max_frame_rate.known());
  EXPECT_EQ(abr.packages, std::vector<Package>{Package::dash});
  EXPECT_EQ(abr.segment_seconds, 2.5);
  EXPECT_EQ(abr.preset, "fast");
  EXPECT_EQ(abr.audio.bits_per_second, 96'000);
  const auto& web = std::get<FileOutput>(spec->outputs[1]);
  EXPECT_EQ(web.height, 720);
  EXPECT_EQ(web.bits_per_second, 2'000'000);
  EXPECT_EQ(web.max_frame_rate, (Rational{30, 1}));
  EXPECT_EQ(web.preset, "slow");
  EXPECT_EQ(web.audio.bits_per_second, 64'000);
  EXPECT_EQ(spec->priority, 70);
  EXPECT_EQ(spec->tags.at("show"), "ü = y");
  EXPECT_EQ(spec->device.kind, DevicePreference::Kind::cpu);
  EXPECT_EQ(spec->cores, 3);
}

TEST(JobSpecJson, WritesEveryDefaultOut) {
  const Result<JobSpec> spec =
      parse_job_spec(two(R"({"name": "abr", "type": "adaptive"})", R"({"name": "web", "type": "file"})"));
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  EXPECT_EQ(to_json(*spec), nlohmann::ordered_json::parse(R"({
    "input": {"url": "/a.mov"},
    "outputs": [
      {"name": "abr", "type": "adaptive", "ladder": "auto", "package": ["hls", "dash"], "segment_seconds": 4.0,
       "codec": "h264", "preset": "veryfast", "audio": {"bitrate": 128000}},
      {"name": "web", "type": "file", "container": "mp4", "video": {"codec": "h264", "preset": "veryfast"},
       "audio": {"bitrate": 128000}}],
    "priority": 50, "tags": {}, "device": "auto"})"));
}

TEST(JobSpecJson, TheWrittenSpecReadsAsTheSameSpec) {
  for (const std::string& text : {std::string(kFull), adaptive(""), file(R"("audio": {"bitrate": "1M"})"),
                                  adaptive(R"("ladder": [{"height": 96, "fps": "24000/1001"}])"),
                                  document(R"("device": "vaapi:/dev/dri/renderD128")")}) {
    const Result<JobSpec> first = parse_job_spec(text);
    if (!first.ok()) {
      EXPECT_THAT(first.status().field(), "outputs[0].audio.bitrate") << first.status().message();
      continue;
    }
    const std::string written = to_json(*first).dump();
    const Result<JobSpec> second = parse_job_spec(written);
    ASSERT_TRUE(second.ok()) << to_string(second.status());
    EXPECT_EQ(to_json(*second).dump(), written);
  }
}

struct Refusal {
  std::string name;
  std::string spec;
  Code code;
  std::string field;
  std::string says;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

class JobSpecRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(JobSpecRefusal, NamesTheFieldAndWhatIsAllowed) {
  const Result<JobSpec> spec = parse_job_spec(GetParam().spec);
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(name_of(spec.status().code()), name_of(GetParam().code)) << spec.status().message();
  EXPECT_EQ(spec.status().field(), GetParam().field) << spec.status().message();
  EXPECT_THAT(spec.status().message(), HasSubstr(GetParam().field));
  EXPECT_THAT(spec.status().message(), HasSubstr(GetParam().says));
}

constexpr Code kBad = Code::invalid_argument;
constexpr Code kNotBuilt = Code::unsupported;

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
    {"UnknownField", document(R"("colour": 1)"), kBad, "colour",
     "unknown field; allowed here: input, outputs, priority, tags, device, cores"},
    {"UnknownInOutput", adaptive(R"("bitrate": 1)"), kBad, "outputs[0].bitrate",
     "allowed here: name, type, ladder"},
    {"UnknownInRung", adaptive(R"("ladder": [{"height": 720}, {"height": 360, "width": 1}])"), kBad,
     "outputs[0].ladder[1].width", "allowed here: height, bitrate, fps, codec"},
    {"UnknownInVideo", file(R"("video": {"width": 1})"), kBad, "outputs[0].video.width",
     "allowed here: height"},
    {"UnknownInAudio", file(R"("audio": {"codec": "aac"})"), kBad, "outputs[0].audio.codec", "bitrate"},
    {"InputText", input(R"("/a.mov")"), kBad, "input", "an object is expected, not a text"},
    {"InputEmpty", input(R"({"url": ""})"), kBad, "input.url", "empty"},
    {"InputHost", input(R"({"url": "file://server/a"})"), kBad, "input.url", "no host"},
    {"InputRelative", input(R"({"url": "file:a.mov"})"), kBad, "input.url", "full path"},
    {"InputNul", input(R"({"url": "/a\u0000b"})"), kBad, "input.url", "control character"},
    {"InputHiddenNul", input(R"({"url": "file:///a%00b"})"), kBad, "input.url", "control character"},
    {"InputScheme", input(R"({"url": "gopher://x/a"})"), kBad, "input.url", "allowed: file:"},
    {"InputHttp", input(R"({"url": "https://x/a"})"), kNotBuilt, "input.url", "not built yet"},
    {"InputUpload", input(R"({"url": "upload:01J"})"), kNotBuilt, "input.url", "not built yet"},
    {"Slides", input(R"({"slides": [], "seconds_each": 3})"), kNotBuilt, "input.slides", "not built yet"},
    {"Overlays", document(R"("overlays": [])"), kNotBuilt, "overlays", "not built yet"},
    {"Trim", document(R"("trim": {"from": 0})"), kNotBuilt, "trim", "not built yet"},
    {"Notify", document(R"("notify": [])"), kNotBuilt, "notify", "not built yet"},
    {"Thumbnails",
     two(R"({"name": "a", "type": "adaptive"})", R"({"name": "s", "type": "thumbnails", "at": [1]})"),
     kNotBuilt, "outputs[1].type", "not built yet"},
    {"Sound", two(R"({"name": "a", "type": "audio"})", "{}"), kNotBuilt, "outputs[0].type", "not built yet"},
    {"Sprites", two(R"({"name": "a", "type": "sprites"})", "{}"), kNotBuilt, "outputs[0].type",
     "not built yet"},
    {"TypeUnknown", two(R"({"name": "a", "type": "hologram"})", "{}"), kBad, "outputs[0].type",
     "adaptive, file"},
    {"TypeMissing", two(R"({"name": "a"})", "{}"), kBad, "outputs[0].type", "missing"},
    {"Hevc", adaptive(R"("codec": "hevc")"), kNotBuilt, "outputs[0].codec",
     "hevc is not built yet; use h264"},
    {"RungVp9", adaptive(R"("ladder": [{"height": 720, "codec": "vp9"}])"), kNotBuilt,
     "outputs[0].ladder[0].codec", "not built yet"},
    {"CodecUnknown", adaptive(R"("codec": "h265")"), kBad, "outputs[0].codec", "h264, hevc, av1, vp9"},
    {"Mkv", file(R"("container": "mkv")"), kNotBuilt, "outputs[0].container", "use mp4"},
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
    {"TwoGrids",
     two(R"({"name": "a", "type": "adaptive"})",
         R"({"name": "b", "type": "adaptive", "segment_seconds": 6})"),
     kNotBuilt, "outputs[1].segment_seconds", "6 differs from the 4 of 'a'"},
    {"PackageNone", adaptive(R"("package": [])"), kBad, "outputs[0].package", "hls, dash"},
    {"PackageTwice", adaptive(R"("package": ["hls", "hls"])"), kBad, "outputs[0].package", "twice"},
    {"PackageUnknown", adaptive(R"("package": ["hls", "smooth"])"), kBad, "outputs[0].package[1]",
     "hls, dash"},
    {"NameEmpty", named(""), kBad, "outputs[0].name", "1 to 64 letters"},
    {"NameUp", named("../up"), kBad, "outputs[0].name", "letters, digits"},
    {"NameDotted", named("a.mp4"), kBad, "outputs[0].name", "letters, digits"},
    {"NameLong", named(std::string(65, 'a')), kBad, "outputs[0].name", "1 to 64"},
    {"NameOfTheReceipt", named("Receipt"), kBad, "outputs[0].name", "receipt.json"},
    {"NameTwice", two(R"({"name": "Abr", "type": "adaptive"})", R"({"name": "aBR", "type": "file"})"), kBad,
     "outputs[1].name", "stands twice"},
    {"PriorityHigh", document(R"("priority": 101)"), kBad, "priority", "0 to 100"},
    {"PriorityText", document(R"("priority": "high")"), kBad, "priority", "a whole number"},
    {"TagNumber", document(R"("tags": {"a": 1})"), kBad, "tags.a", "a text is expected"},
    {"TagKey", document(R"("tags": {"a=b": "c"})"), kBad, "tags", "is no tag"},
    {"TagLong", document(R"("tags": {"a": ")" + std::string(257, 'x') + "\"}"), kBad, "tags.a", "256 bytes"},
    {"DeviceUnknown", document(R"("device": "tpu")"), kBad, "device", "auto, cpu, cuda"},
    {"DeviceNumber", document(R"("device": "cuda:x")"), kBad, "device", "cuda:N"},
    {"CoresNone", document(R"("cores": 0)"), kBad, "cores", "1 to 1024"},
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

TEST(JobSpecText, BitRates) {
  EXPECT_EQ(parse_bit_rate("2.8M").value_or(0), 2'800'000);
  EXPECT_EQ(parse_bit_rate("128k").value_or(0), 128'000);
  EXPECT_EQ(parse_bit_rate("5000000").value_or(0), 5'000'000);
  EXPECT_EQ(parse_bit_rate("0.8m").value_or(0), 800'000);
  for (const char* text : {"", "M", "-1M", "1e6", "2,8M", "1/2M", "2.8 M", "0", "999999999999M", "0x10"})
    EXPECT_FALSE(parse_bit_rate(text).ok()) << text;
}

TEST(JobSpecText, Ladders) {
  EXPECT_TRUE(parse_ladder("auto")->empty());
  const Result<std::vector<Rung>> ladder = parse_ladder("1080p,720p");
  ASSERT_TRUE(ladder.ok());
  ASSERT_EQ(ladder->size(), 2U);
  EXPECT_EQ((*ladder)[0].height, 1080);
  EXPECT_EQ((*ladder)[1].height, 720);
  EXPECT_EQ((*ladder)[1].bits_per_second, 0);
  for (const char* text : {"", "1080", "1080p,", "p", "1080p;720p", "-720p", "99999p"})
    EXPECT_FALSE(parse_ladder(text).ok()) << text;
}

TEST(JobSpecText, PackagesCodecsAndDevices) {
  EXPECT_EQ(parse_packages("dash,hls").value_or({}), (std::vector<Package>{Package::dash, Package::hls}));
  EXPECT_FALSE(parse_packages("hls,").ok());
  EXPECT_EQ(parse_video_codec("av1").value_or(VideoCodec::h264), VideoCodec::av1);
  EXPECT_FALSE(parse_video_codec("H264").ok());
  for (const char* text : {"auto", "cpu", "cuda", "cuda:1", "vaapi", "vaapi:/dev/dri/renderD128"}) {
    const Result<DevicePreference> device = parse_device(text);
    ASSERT_TRUE(device.ok()) << text;
    EXPECT_EQ(to_string(*device), text);
  }
  for (const char* text : {"", "gpu", "cuda:", "cuda:-1", "cuda:1234", "vaapi:renderD128", "cpu:0", "auto:1"})
    EXPECT_FALSE(parse_device(text).ok()) << text;
}

}  // namespace
}  // namespace millrace::engine
