#include "server/cli/config_file.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "engine/base/file.h"

namespace millrace::server {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class ConfigFile : public testing::Test {
 protected:
  ConfigFile() {
    std::string name = (fs::temp_directory_path() / "millrace-config-XXXXXX").string();
    here_ = ::mkdtemp(name.data());
    command_.add_option("--listen", listen_);
    command_.add_option("--root", roots_);
    command_.add_flag("--open", open_);
    command_.add_option("--jobs", jobs_)->check(CLI::Range(1, 9));
  }
  ~ConfigFile() override { EXPECT_TRUE(engine::remove_tree(here_).ok()); }

  engine::Status read(const std::string& text, std::vector<std::string> arguments = {}) {
    EXPECT_TRUE(engine::write_file(here_ / "config", text).ok());
    command_.parse(arguments);
    return read_config(command_, here_ / "config");
  }

  fs::path here_;
  CLI::App command_{"", "serve"};
  std::string listen_ = "default";
  std::vector<std::string> roots_;
  bool open_ = false;
  int jobs_ = 2;
};

TEST_F(ConfigFile, GivesFlagsTheirValues) {
  ASSERT_TRUE(read("# ours\nlisten = \"0.0.0.0:80\"\nroot = [\"/a\", \"/b c\"]\nopen = true\njobs=3\n").ok());
  EXPECT_EQ(listen_, "0.0.0.0:80");
  EXPECT_THAT(roots_, ElementsAre("/a", "/b c"));
  EXPECT_TRUE(open_);
  EXPECT_EQ(jobs_, 3);
}

TEST_F(ConfigFile, TakesWhatStandsBehindTheSignAsItIs) {
  ASSERT_TRUE(read("  root = /a  \n\njobs = 4\nlisten = [::1]:0\nroot = /b #1 c\nopen\n").ok());
  EXPECT_THAT(roots_, ElementsAre("/a", "/b #1 c"));
  EXPECT_EQ(listen_, "[::1]:0");
  EXPECT_EQ(jobs_, 4);
  EXPECT_TRUE(open_);
}

TEST_F(ConfigFile, CommandLineWins) {
  ASSERT_TRUE(read("listen = file\njobs = 3\n", {"here", "--listen"}).ok());
  EXPECT_EQ(listen_, "here");
  EXPECT_EQ(jobs_, 3);
}

TEST_F(ConfigFile, RefusesWhatIsNoFlagAndWhatIsNoValue) {
  EXPECT_THAT(read("lisen = x\n").message(), HasSubstr("lisen"));
  EXPECT_THAT(read("[other]\nlisten = x\n").message(), HasSubstr("other"));
  EXPECT_FALSE(read("jobs = 10\n").ok());
  EXPECT_FALSE(read("jobs = many\n").ok());
  EXPECT_THAT(read("jobs = 3\njobs = 4\n").message(), HasSubstr("'jobs' stands twice"));
}

TEST_F(ConfigFile, MissingFileIsNamedAndNoFileIsNoFailure) {
  EXPECT_TRUE(read_config(command_, "").ok());
  EXPECT_THAT(read_config(command_, "/nowhere/config").message(), HasSubstr("/nowhere/config"));
}

}  // namespace
}  // namespace millrace::server
