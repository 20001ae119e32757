#include "engine/job/profiles.h"

#include <gmock/gmock.h>

#include <set>

namespace millrace::engine {
namespace {

using ::testing::HasSubstr;

TEST(Profiles, EachIsASpecThatMillraceTakes) {
  std::set<std::string> names;
  for (const Profile& each : profiles()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_FALSE(each.text.empty());
    const Result<JobSpec> spec = profile_spec(each.name, "file:///media/in.mov");
    ASSERT_TRUE(spec.ok()) << each.name << ": " << spec.status().message();
    EXPECT_EQ(spec->input_url, "file:///media/in.mov");
    const auto* abr = std::get_if<AdaptiveOutput>(&spec->outputs.at(0));
    ASSERT_NE(abr, nullptr);
    EXPECT_THAT(each.name, HasSubstr(abr->preset));
  }
  EXPECT_TRUE(names.contains("ladder-h264-veryfast"));
}

TEST(Profiles, AnUnknownOneIsRefusedWithTheNames) {
  const auto spec = profile_spec("ladder", "/a");
  EXPECT_EQ(spec.status().code(), Code::invalid_argument);
  EXPECT_THAT(spec.status().message(),
              HasSubstr("there is no profile 'ladder'; there are ladder-h264-medium"));
}

}  // namespace
}  // namespace millrace::engine
