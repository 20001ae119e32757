// The document's words about a job's spec against the reader of specs.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/job/job_spec_json.h"
#include "engine/job/names.h"
#include "server/api/openapi.h"

namespace millrace::server {
namespace {

using nlohmann::ordered_json;

const ordered_json& schemas() {
  static const ordered_json all = openapi_spec_schemas();
  return all;
}

std::set<std::string> keys_of(const ordered_json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

// What the reader allows where `place` stands, out of its refusal of a field that nobody has.
std::set<std::string> allowed_at(ordered_json spec, const std::string& place) {
  spec[ordered_json::json_pointer(place + "/zzz")] = 1;
  const auto read = engine::parse_job_spec(spec.dump());
  EXPECT_FALSE(read.ok()) << place;
  const std::string message = read.status().message();
  const auto list = message.find("allowed here: ");
  EXPECT_NE(list, std::string::npos) << message;
  std::set<std::string> names;
  std::istringstream words(message.substr(list + 14));
  for (std::string name; words >> name;) names.insert(name.substr(0, name.find(',')));
  return names;
}

TEST(OpenApiSpec, EveryExampleIsASpec) {
  int examples = 0;
  for (const ordered_json& example : schemas()["JobSpec"]["examples"]) {
    const auto spec = engine::parse_job_spec(example.dump());
    EXPECT_TRUE(spec.ok()) << spec.status().message();
    ++examples;
  }
  EXPECT_GE(examples, 3);
}

TEST(OpenApiSpec, NamesExactlyTheFieldsThatAreRead) {
  const ordered_json spec = ordered_json::parse(R"({
    "input": {"url": "/a.mov", "subtitles": [{"url": "/a.srt", "language": "eng"}]},
    "outputs": [{"name": "a", "type": "adaptive", "ladder": [{"height": 720}], "audio": {}},
                {"name": "b", "type": "file", "video": {}, "audio": {}}, {"name": "c", "type": "audio", "audio": {}},
                {"name": "d", "type": "thumbnails", "at": [1]}, {"name": "e", "type": "sprites"}],
    "overlays": [{"image": {"url": "/l.png"}}], "trim": {"from": 1}})");
  ASSERT_TRUE(engine::parse_job_spec(spec.dump()).ok());
  struct Place {
    const char* place;
    const char* schema;
  };
  const std::vector<Place> places = {{"", "/JobSpec"},
                                     {"/input", "/UrlInput"},
                                     {"/input/subtitles/0", "/SubtitleFile"},
                                     {"/outputs/0", "/AdaptiveOutput"},
                                     {"/outputs/0/ladder/0", "/Rung"},
                                     {"/outputs/0/audio", "/AdaptiveAudio"},
                                     {"/outputs/1", "/FileOutput"},
                                     {"/outputs/1/video", "/FileOutput/properties/video"},
                                     {"/outputs/1/audio", "/FileAudio"},
                                     {"/outputs/2", "/AudioOutput"},
                                     {"/outputs/2/audio", "/FileAudio"},
                                     {"/outputs/3", "/ThumbnailsOutput"},
                                     {"/outputs/4", "/SpritesOutput"},
                                     {"/overlays/0", "/Overlay"},
                                     {"/overlays/0/image", "/Overlay/properties/image"},
                                     {"/trim", "/Trim"}};
  for (const Place& each : places)
    EXPECT_EQ(keys_of(schemas()[ordered_json::json_pointer(each.schema)]["properties"]),
              allowed_at(spec, each.place))
        << each.place;
  ordered_json slides = spec;
  slides["input"] = {{"slides", {{{"text", "a"}}}}};
  ASSERT_TRUE(engine::parse_job_spec(slides.dump()).ok());
  EXPECT_EQ(keys_of(schemas()["SlidesInput"]["properties"]), allowed_at(slides, "/input"));
  EXPECT_EQ(keys_of(schemas()["Slide"]["properties"]), allowed_at(slides, "/input/slides/0"));
}

template <class Enum>
void expect_names(const char* schema) {
  std::string names;
  for (const auto& name : schemas()[ordered_json::json_pointer(schema)]["enum"])
    names += (names.empty() ? "" : ", ") + name.get<std::string>();
  EXPECT_EQ(names, engine::names_of<Enum>()) << schema;
}

TEST(OpenApiSpec, NamesExactlyTheValuesThatAreRead) {
  expect_names<engine::Container>("/FileOutput/properties/container");
  expect_names<engine::AudioContainer>("/AudioOutput/properties/container");
  expect_names<engine::StillFormat>("/StillFormat");
  expect_names<engine::Package>("/AdaptiveOutput/properties/package/items");
  expect_names<engine::Overlay::Anchor>("/Overlay/properties/anchor");
  expect_names<engine::OnDamage>("/JobSpec/properties/on_damage");
  for (const auto& preset : schemas()["Preset"]["enum"])
    EXPECT_TRUE(engine::is_preset(preset.get<std::string>()));
  EXPECT_EQ(schemas()["Preset"]["enum"].size(), 9U);
}

// A default in the document is what a spec that leaves the field out is written with.
TEST(OpenApiSpec, SaysTheDefaultsThatHold) {
  const auto spec = engine::parse_job_spec(
      R"({"input": {"url": "/a"}, "outputs": [{"name": "a", "type": "adaptive"}, {"name": "b", "type": "file"},
          {"name": "c", "type": "audio"}, {"name": "d", "type": "thumbnails", "every": 1}, {"name": "e", "type": "sprites"}]})");
  ASSERT_TRUE(spec.ok()) << spec.status().message();
  const ordered_json written = engine::to_json(*spec);
  const std::vector<const char*> kinds = {"AdaptiveOutput", "FileOutput", "AudioOutput", "ThumbnailsOutput",
                                          "SpritesOutput"};
  int compared = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    for (const auto& [field, schema] : schemas()[kinds[i]]["properties"].items()) {
      if (!schema.contains("default")) continue;
      EXPECT_EQ(written["outputs"][i][field], schema["default"]) << kinds[i] << " " << field;
      ++compared;
    }
  }
  EXPECT_EQ(written["on_damage"], schemas()["JobSpec"]["properties"]["on_damage"]["default"]);
  for (const char* name : {"real_time", "full_decode"})
    EXPECT_EQ(written[name], schemas()["JobSpec"]["properties"][name]["default"]);
  EXPECT_EQ(written["priority"], schemas()["JobSpec"]["properties"]["priority"]["default"]);
  EXPECT_GE(compared, 9);
  const auto slides = engine::parse_job_spec(
      R"({"input": {"slides": [{"text": "a"}]}, "outputs": [{"name": "a", "type": "adaptive"}]})");
  ASSERT_TRUE(slides.ok()) << slides.status().message();
  for (const char* field : {"seconds_each", "background"})
    EXPECT_EQ(engine::to_json(*slides)["input"][field],
              schemas()["SlidesInput"]["properties"][field]["default"]);
}

}  // namespace
}  // namespace millrace::server
