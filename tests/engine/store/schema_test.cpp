#include "engine/store/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "engine/job/job_json.h"
#include "engine/store/job_index.h"
#include "engine/store/keys.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<int> ran;

template <int kFrom>
Status note_run(Database&) {
  ran.push_back(kFrom);
  return {};
}
Status fail(Database&) { return {Code::io_error, "the disk went away"}; }

class SchemaTest : public testing::Test {
 protected:
  void SetUp() override {
    ran.clear();
    open();
  }
  void open() {
    database_.reset();
    auto database = Database::open(folder_.path());
    ASSERT_TRUE(database.ok()) << to_string(database.status());
    database_ = std::move(*database);
  }
  void put(Family family, const std::string& key, const std::string& value) {
    rocksdb::WriteBatch batch;
    database_->put(batch, family, key, value);
    ASSERT_TRUE(database_->write(batch).ok());
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(SchemaTest, ANewStoreHasTheNewestAndRunsNoStep) {
  EXPECT_EQ(*schema_of(*database_), kSchema);
  EXPECT_EQ(migrations().size(), static_cast<std::size_t>(kSchema - 1));
  for (std::size_t i = 0; i < migrations().size(); ++i)
    EXPECT_EQ(migrations()[i].from, static_cast<int>(i) + 1);
}

TEST_F(SchemaTest, OnlyTheStepsThatAreMissingRunInTheirOrder) {
  const std::array<Migration, 3> steps{
      {{1, "one", note_run<1>}, {2, "two", note_run<2>}, {3, "three", note_run<3>}}};
  ASSERT_TRUE(migrate(*database_, 2, steps).ok());
  EXPECT_THAT(ran, ElementsAre(2, 3));
}

TEST_F(SchemaTest, AStepThatFailsIsRunAgainTheNextTime) {
  const std::array<Migration, 2> broken{{{1, "one", note_run<1>}, {2, "two", fail}}};
  EXPECT_EQ(migrate(*database_, 1, broken).code(), Code::io_error);
  EXPECT_EQ(*schema_of(*database_), 2);  // the first one counts
  const std::array<Migration, 2> mended{{{1, "one", note_run<1>}, {2, "two", note_run<2>}}};
  ASSERT_TRUE(migrate(*database_, *schema_of(*database_), mended).ok());
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST_F(SchemaTest, PlansAndReceiptsOfSchema1MoveBesideTheirRecords) {
  Job job = new_job();
  job.plan = R"({"plan":1})";
  job.receipt = R"({"receipt":1})";
  job.state = JobState::completed;
  const Job bare = new_job();
  for (const Job* each : {&std::as_const(job), &bare}) {
    put(Family::jobs, each->id, stored_text(*each));
    for (const auto& [family, key] : index_of(*each)) put(family, key, {});
  }
  put(Family::jobs, new_ulid(), "{broken");
  put(Family::meta, "schema", "1");
  for (int time = 0; time < 2; ++time) {  // the second as after a step that was cut off
    open();
    EXPECT_EQ(*schema_of(*database_), kSchema);
    EXPECT_EQ(*(*database_->get(Family::documents, keys::plan(job.id))), job.plan);
    EXPECT_EQ(*(*database_->get(Family::documents, keys::receipt(job.id))), job.receipt);
    EXPECT_FALSE(database_->get(Family::documents, keys::plan(bare.id))->has_value());
    EXPECT_THAT(*(*database_->get(Family::jobs, job.id)), Not(HasSubstr("{\\\"plan")));
    put(Family::meta, "schema", "1");
  }
  database_.reset();
  const auto store = Store::open(folder_.path());
  ASSERT_TRUE(store.ok()) << to_string(store.status());
  const auto kept = (*store)->get(job.id);
  ASSERT_TRUE(kept.ok()) << to_string(kept.status());
  EXPECT_EQ(kept->plan, job.plan);
  EXPECT_EQ(kept->receipt, job.receipt);
  EXPECT_EQ(kept->spec, job.spec);
  EXPECT_EQ(kept->state, JobState::completed);
  EXPECT_TRUE((*store)->get(bare.id).ok());
}

TEST_F(SchemaTest, ADamagedNumberIsTold) {
  put(Family::meta, "schema", "2x");
  EXPECT_EQ(schema_of(*database_).status().code(), Code::internal);
  database_.reset();
  const auto store = Store::open(folder_.path());
  EXPECT_THAT(store.status().message(), HasSubstr("schema number is damaged ('2x')"));
}

}  // namespace
}  // namespace millrace::engine
