// millrace store, on stores that a test makes by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/base/ulid.h"
#include "engine/schedule/job_folders.h"
#include "engine/store/store.h"
#include "server/cli/cli.h"
#include "tests/support/temp_folder.h"

namespace millrace::server {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class StoreCommand : public testing::Test {
 protected:
  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), "store");
    words.insert(words.end(), {"--data", data_.native()});
    Console console{out_, err_, false, false};
    return run_command_line(words, "/nowhere/millrace", console);
  }
  std::unique_ptr<engine::Store> open() {
    auto store = engine::Store::open(engine::JobFolders(data_).store());
    EXPECT_TRUE(store.ok());
    return std::move(*store);
  }
  void add_job() {
    engine::Job job;
    job.id = engine::new_ulid();
    job.spec = "{}";
    EXPECT_TRUE(open()->submit(job, "", "").ok());
  }

  const test::TempFolder folder_;
  const std::filesystem::path data_ = folder_.path() / "data";
  const std::string backups_ = (folder_.path() / "backups").native();
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(StoreCommand, CheckOfASoundStore) {
  add_job();
  EXPECT_EQ(run({"check"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr(": 1 jobs, 0 segments, 1 events, 0 idempotency keys: nothing is wrong"));
  EXPECT_EQ(run({"check", "--json"}), 0);
  EXPECT_EQ(json::parse(out_.str())["jobs"], 1);
}

TEST_F(StoreCommand, NoStoreIsWrongUsageAndMakesNone) {
  EXPECT_EQ(run({"check"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("there is no store here"));
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(data_));
  EXPECT_EQ(run({"restore", backups_}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("there is no backup of a store here"));
}

TEST_F(StoreCommand, AHeldStoreIsRefused) {
  add_job();
  ASSERT_EQ(run({"backup", backups_}), 0) << err_.str();
  const auto held = open();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"check"}, {"compact"}, {"backup", backups_}, {"restore", backups_}}) {
    EXPECT_EQ(run(words), 1) << words.front();
    EXPECT_THAT(err_.str(), AllOf(StartsWith("millrace: "), HasSubstr("another daemon holds this store")));
    EXPECT_EQ(err_.str().find("POST /v1/backups makes it copy its store to " +
                              (data_ / "backups").native()) != std::string::npos,
              words.front() == "backup");
  }
}

TEST_F(StoreCommand, BackupListAndRestore) {
  add_job();
  ASSERT_EQ(run({"backup", backups_, "--json"}), 0) << err_.str();
  EXPECT_EQ(json::parse(out_.str())["backup"], 1);
  add_job();
  EXPECT_EQ(run({"compact"}), 0) << err_.str();
  ASSERT_EQ(run({"restore", backups_, "--list", "--json"}), 0);
  EXPECT_EQ(json::parse(out_.str())["backups"].size(), 1U);
  ASSERT_EQ(run({"restore", backups_, "--json"}), 0) << err_.str();
  const json document = json::parse(out_.str());
  EXPECT_EQ(document["jobs"], 1);
  EXPECT_TRUE(std::filesystem::exists(document["old_store"].get<std::string>()));
  EXPECT_EQ(open()->list({})->jobs.size(), 1U);
}

}  // namespace
}  // namespace millrace::server
