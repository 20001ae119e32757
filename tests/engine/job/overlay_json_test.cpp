// Overlays as they are asked for.
#include "engine/job/overlay.h"

#include "engine/job/names.h"
#include "tests/engine/job/spec_refusal.h"

namespace millrace::engine {
namespace {

std::string overlay(const std::string& fields) {
  return document(R"("overlays": [{"image": {"url": "/l.png"}, )" + fields + "}]");
}
std::string over(const std::string& output) {
  return of_outputs(output, R"("overlays": [{"image": {"url": "/l.png"}}])");
}

TEST(OverlayJson, ANumberIsPixelsAndATextAShare) {
  const Result<JobSpec> spec =
      parse_job_spec(overlay(R"("x": 1.5, "y": "12.5%", "width": 2, "height": "100%")"));
  ASSERT_TRUE(spec.ok()) << to_string(spec.status());
  const Overlay& read = spec->overlays[0];
  EXPECT_EQ(read.x.value, 1.5);
  EXPECT_FALSE(read.x.percent);
  EXPECT_EQ(read.y.value, 12.5);
  EXPECT_TRUE(read.y.percent);
  EXPECT_FALSE(read.width->percent);
  EXPECT_EQ(read.height->value, 100);
}

TEST(OverlayJson, EveryAnchorHasItsName) {
  for (int i = 0; i < 9; ++i) {
    const auto anchor = static_cast<Overlay::Anchor>(i);
    const Result<JobSpec> spec =
        parse_job_spec(overlay(R"("anchor": ")" + std::string(name_of(anchor)) + "\""));
    ASSERT_TRUE(spec.ok()) << to_string(spec.status());
    EXPECT_EQ(spec->overlays[0].anchor, anchor);
  }
}

TEST(OverlayJson, FromAMiddleAxisLengthsGoBothWays) {
  for (const char* fields : {R"("anchor": "centre", "x": -5, "y": "-50%")", R"("anchor": "top", "x": -5)",
                             R"("anchor": "left", "y": -5)"}) {
    const Result<JobSpec> spec = parse_job_spec(overlay(fields));
    EXPECT_TRUE(spec.ok()) << to_string(spec.status());
  }
}

TEST(OverlayJson, SeventeenAreOneTooMany) {
  std::string list;
  for (int i = 0; i < 17; ++i) list += std::string(i == 0 ? "" : ", ") + R"({"image": {"url": "/l.png"}})";
  expect_refused({"", document("\"overlays\": [" + list + "]"), kBad, "overlays", "more than 16"});
}

class OverlayRefusal : public ::testing::TestWithParam<Refusal> {};
TEST_P(OverlayRefusal, NamesTheFieldAndWhatIsAllowed) { expect_refused(GetParam()); }

const std::vector<Refusal> kRefusals = {
    {"NoList", document(R"("overlays": {})"), kBad, "overlays", "a list is expected"},
    {"NoImage", document(R"("overlays": [{"x": 1}])"), kBad, "overlays[0].image", "missing"},
    {"ImageText", document(R"("overlays": [{"image": "/l.png"}])"), kBad, "overlays[0].image",
     "an object is expected"},
    {"NoUrl", document(R"("overlays": [{"image": {}}])"), kBad, "overlays[0].image.url", "missing"},
    {"UrlElsewhere", document(R"("overlays": [{"image": {"url": "s3://x/l.png"}}])"), kNotBuilt,
     "overlays[0].image.url", "not built yet"},
    {"UrlHost", document(R"("overlays": [{"image": {"url": "file://server/l.png"}}])"), kBad,
     "overlays[0].image.url", "no host"},
    {"Text", document(R"("overlays": [{"image": {"text": "x"}}])"), kBad, "overlays[0].image.text",
     "allowed here: url"},
    {"Second", document(R"("overlays": [{"image": {"url": "/l.png"}}, {"image": {"url": ""}}])"), kBad,
     "overlays[1].image.url", "empty"},
    {"Unknown", overlay(R"("scale": 1)"), kBad, "overlays[0].scale", "allowed here: image, anchor, x, y"},
    {"Anchor", overlay(R"("anchor": "middle")"), kBad, "overlays[0].anchor", "top_left, top, top_right"},
    {"Length", overlay(R"("x": "10px")"), kBad, "overlays[0].x", "such as 15%"},
    {"LengthList", overlay(R"("x": [1])"), kBad, "overlays[0].x", "a number of pixels or a text"},
    {"Negative", overlay(R"("x": -1)"), kBad, "overlays[0].x",
     "-1 pixels is out of range; allowed: 0 pixels"},
    {"NegativeDown", overlay(R"("anchor": "top", "y": "-1%")"), kBad, "overlays[0].y", "allowed: 0% to 100%"},
    {"Beyond", overlay(R"("y": "101%")"), kBad, "overlays[0].y", "0% to 100%"},
    {"BeyondTheMiddle", overlay(R"("anchor": "centre", "x": "51%")"), kBad, "overlays[0].x", "-50% to 50%"},
    {"Flat", overlay(R"("height": 0)"), kBad, "overlays[0].height", "1 pixels to"},
    {"Wide", overlay(R"("width": "101%")"), kBad, "overlays[0].width", "0.1% to 100%"},
    {"Opacity", overlay(R"("opacity": 1.1)"), kBad, "overlays[0].opacity", "0 to 1"},
    {"Backwards", overlay(R"("from": 5, "to": 5)"), kBad, "overlays[0].to", "not after from"},
    {"EndsAtZero", overlay(R"("to": 0)"), kBad, "overlays[0].to", "above 0"},
    {"BeforeTheStart", overlay(R"("from": -0.5)"), kBad, "overlays[0].from", "0 to"},
    {"OverACopy",
     over(R"({"name": "a", "type": "adaptive"}, {"name": "w", "type": "file", "video": {"codec": "copy"}})"),
     kBad, "overlays", "'w' copies"},
    {"OverSoundAndStills",
     over(R"({"name": "a", "type": "audio"}, {"name": "t", "type": "thumbnails", "at": [1]})"), kBad,
     "overlays", "no output takes them"},
};

INSTANTIATE_TEST_SUITE_P(All, OverlayRefusal, ::testing::ValuesIn(kRefusals),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace millrace::engine
