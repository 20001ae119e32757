#include "engine/schedule/input_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "engine/base/file.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class InputPolicyTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_directories(root()).ok());
    ASSERT_TRUE(write_file(root() / "in file.mov", "media").ok());
    ASSERT_TRUE(write_file(folder_.path() / "secret.mov", "media").ok());
  }
  fs::path root() const { return folder_.path() / "media"; }
  Status check(const std::string& url) const { return InputPolicy({root()}).check(url); }
  Status check_path(const std::string& path) const {
    return check("file://" + folder_.path().native() + path);
  }

  TemporaryFolder folder_;
};

TEST_F(InputPolicyTest, TakesAFileInAMediaRoot) {
  const Status status = check_path("/media/in%20file.mov");
  EXPECT_TRUE(status.ok()) << to_string(status);
}

TEST_F(InputPolicyTest, RefusesWhatLiesOutsideWithTheSameWordsWhetherItExistsOrNot) {
  const Status there = check_path("/secret.mov");
  const Status missing = check_path("/missing.mov");
  for (const Status* each : {&there, &missing}) {
    EXPECT_EQ(each->code(), Code::invalid_argument);
    EXPECT_EQ(each->field(), "input.url");
    EXPECT_THAT(each->message(), HasSubstr("not inside a media root"));
    EXPECT_THAT(each->message(), Not(HasSubstr(root().native())));
  }
  EXPECT_FALSE(check_path("/media/../secret.mov").ok());
  EXPECT_FALSE(check_path("/media-2/x.mov").ok());
}

TEST_F(InputPolicyTest, RefusesALinkThatLeadsOutside) {
  fs::create_symlink(folder_.path() / "secret.mov", root() / "link.mov");
  fs::create_directory_symlink(folder_.path(), root() / "up");
  EXPECT_THAT(check_path("/media/link.mov").message(), HasSubstr("not inside a media root"));
  EXPECT_THAT(check_path("/media/up/secret.mov").message(), HasSubstr("not inside a media root"));
  fs::create_symlink(root() / "in file.mov", root() / "inside.mov");
  EXPECT_TRUE(check_path("/media/inside.mov").ok());
}

TEST_F(InputPolicyTest, ALackOfDescriptorsSaysNothingAgainstTheSource) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Status status = check_path("/media/in%20file.mov");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(status.code(), Code::resource_exhausted) << to_string(status);
  EXPECT_EQ(status.field(), "input.url");
}

TEST_F(InputPolicyTest, SaysWhatIsWrongInside) {
  EXPECT_THAT(check_path("/media/none.mov").message(), HasSubstr("no such file"));
  EXPECT_THAT(check_path("/media").message(), HasSubstr("not a file"));
  ASSERT_EQ(::mkfifo((root() / "pipe.mov").c_str(), 0600), 0);
  EXPECT_THAT(check_path("/media/pipe.mov").message(), HasSubstr("not a file"));
}

TEST_F(InputPolicyTest, RefusesOtherKindsOfUrl) {
  for (const char* url :
       {"ftp://example.org/a.mov", "in.mov", "/media/in.mov", "file://host/in.mov", "file:media/in.mov"}) {
    const Status status = check(url);
    EXPECT_FALSE(status.ok()) << url;
    EXPECT_EQ(status.field(), "input.url") << url;
  }
}

TEST_F(InputPolicyTest, TakesPublicAddressesAndThoseThatTheOperatorNames) {
  EXPECT_TRUE(check("https://example.org/a.mov?key=1").ok());
  for (const char* url :
       {"http://127.0.0.1:8080/v1/jobs", "http://localhost/a.mov", "http://[::1]/a.mov",
        "http://169.254.169.254/latest/meta-data", "http://2130706433/a", "http://10.0.0.1/a"}) {
    const Status status = check(url);
    EXPECT_EQ(status.code(), Code::invalid_argument) << url;
    EXPECT_EQ(status.field(), "input.url");
    EXPECT_THAT(status.message(), HasSubstr("--allow-source")) << url;
  }
  EXPECT_FALSE(check("http://user:word@example.org/a.mov").ok());
  const InputPolicy open({}, *AddressRules::of({"10.0.0.0/8", "nas"}));
  EXPECT_TRUE(open.check("http://10.0.0.1/a").ok());
  EXPECT_TRUE(open.check("http://NAS/a").ok());
  EXPECT_FALSE(open.check("http://192.168.0.1/a").ok());
}

TEST_F(InputPolicyTest, WithoutAMediaRootSaysHowToAddOne) {
  const Status status = InputPolicy({}).check("file:///media/in.mov");
  EXPECT_THAT(status.message(), HasSubstr("--media-root"));
  EXPECT_EQ(status.field(), "input.url");
}

TEST_F(InputPolicyTest, EveryFileThatAJobReadsMustLieInAMediaRoot) {
  const std::string inside = "file://" + root().native() + "/in%20file.mov";
  const std::string outside = "file://" + folder_.path().native() + "/secret.mov";
  JobSpec spec;
  spec.input_url = inside;
  spec.overlays.resize(2);
  spec.overlays[0].url = spec.overlays[1].url = inside;
  spec.subtitles = {{inside, "eng", ""}};
  const InputPolicy policy({root()});
  EXPECT_TRUE(policy.check(spec).ok()) << to_string(policy.check(spec));
  spec.overlays[1].url = outside;
  EXPECT_EQ(policy.check(spec).field(), "overlays[1].image.url");
  EXPECT_THAT(policy.check(spec).message(), HasSubstr("not inside a media root"));
  spec.subtitles[0].url = outside;
  spec.overlays[1].url = inside;
  EXPECT_EQ(policy.check(spec).field(), "input.subtitles[0].url");
  spec.input_url = outside;
  EXPECT_EQ(policy.check(spec).field(), "input.url");
}

}  // namespace
}  // namespace millrace::engine
