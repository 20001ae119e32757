#include "engine/store/store_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/store/keys.h"
#include "engine/store/schema.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class StoreCheckTest : public StoreTest {
 protected:
  // Changes a closed store behind its back.
  void damage(const std::function<void(Database&, rocksdb::WriteBatch&)>& change) {
    store_.reset();
    auto database = Database::open(folder_.path());
    ASSERT_TRUE(database.ok());
    rocksdb::WriteBatch batch;
    change(**database, batch);
    ASSERT_TRUE((*database)->write(batch).ok());
  }
  StoreCheck check(bool repair = false) {
    store_.reset();
    const auto result = check_store(folder_.path(), repair);
    EXPECT_TRUE(result.ok()) << to_string(result.status());
    return result.ok() ? *result : StoreCheck{};
  }
};

TEST_F(StoreCheckTest, CountsWhatASoundStoreHoldsAndFindsNothing) {
  Job job = submitted();
  ASSERT_TRUE(store_->submit(new_job(), "key", "body").ok());
  job.tags = {"title=x"};
  job.plan = "{}";
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  ASSERT_TRUE(store_->commit_segment(job.id, new_segment("abr/720p", 0)).ok());
  ASSERT_TRUE(store_->note_end(job.id, "abr/720p", 1).ok());
  ASSERT_TRUE(store_->note_lost(job.id, "abr/720p", {"a frame"}).ok());
  const Job gone = submitted();
  Job cancelled = gone;
  ASSERT_TRUE(move_to(cancelled, JobState::cancelled).ok());
  ASSERT_TRUE(store_->erase(gone.id).ok());
  const StoreCheck found = check();
  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_EQ(found.found, 0);
  EXPECT_EQ(found.schema, kSchema);
  EXPECT_EQ(found.jobs, 2);
  EXPECT_EQ(found.segments, 1);
  EXPECT_EQ(found.events, 5);  // queued twice, running, segment, deleted
  EXPECT_EQ(found.keys, 1);
}

TEST_F(StoreCheckTest, ListsAreMendedAndStraysTakenOut) {
  const Job job = submitted();
  const std::string stranger = new_ulid();
  damage([&](Database& database, rocksdb::WriteBatch& batch) {
    database.erase(batch, Family::queue, keys::queue(job.priority, job.id));
    database.put(batch, Family::states, keys::state(JobState::running, job.id), {});
    database.put(batch, Family::tags, keys::tag("a=b", stranger), {});
    database.put(batch, Family::documents, keys::plan(stranger), "{}");
    database.put(batch, Family::ledger, keys::end(stranger, "abr/720p"), "3");
    database.put(batch, Family::events, keys::number(99), job.id + "\nprogress\n{}");
    database.put(batch, Family::job_events, keys::job_event(job.id, 77), {});
    database.put(batch, Family::idempotency, "key", "nonsense");
  });
  const StoreCheck found = check();
  EXPECT_EQ(found.found, 8);
  EXPECT_EQ(found.mended, 0);
  EXPECT_THAT(found.findings, Contains(AllOf(HasSubstr(job.id), HasSubstr("missing in the list 'queue'"))));
  EXPECT_THAT(found.findings, Contains(HasSubstr("stands in the list 'states' where it does not belong")));
  EXPECT_THAT(found.findings, Contains("the list 'tags' names job " + stranger + ", which is not there"));
  EXPECT_THAT(found.findings, Contains("a document belongs to job " + stranger + ", which is not there"));
  EXPECT_THAT(found.findings, Contains("the ledger has entries of job " + stranger + ", which is not there"));
  EXPECT_THAT(found.findings, Contains("event 99 is missing in the list of job " + job.id));
  EXPECT_THAT(found.findings, Contains(HasSubstr("name number 77, which is not there")));
  EXPECT_THAT(found.findings, Contains(HasSubstr("idempotency key is damaged")));

  const StoreCheck mended = check(true);
  EXPECT_EQ(mended.found, 8);
  EXPECT_EQ(mended.mended, 8);
  EXPECT_EQ(check().found, 0);
  reopen();
  ASSERT_EQ(store_->queue()->size(), 1U);
  EXPECT_EQ(store_->queue()->front().id, job.id);
  EXPECT_THAT(*store_->ids_in(JobState::running), IsEmpty());
}

TEST_F(StoreCheckTest, DamagedRecordsAreNamedAndLeftToAPerson) {
  const Job job = submitted();
  const Job other = submitted();
  ASSERT_TRUE(store_->commit_segment(other.id, new_segment("abr/720p", 0)).ok());
  damage([&](Database& database, rocksdb::WriteBatch& batch) {
    database.put(batch, Family::jobs, job.id, "{broken");
    database.put(batch, Family::ledger, keys::segment(other.id, "abr/720p", 0), "{}");
    database.put(batch, Family::documents, keys::receipt(other.id), "{broken");
  });
  const StoreCheck found = check(true);
  EXPECT_EQ(found.found, 3);
  EXPECT_EQ(found.mended, 0);
  EXPECT_THAT(found.findings, Contains(AllOf(HasSubstr(job.id), HasSubstr("delete the job"))));
  EXPECT_THAT(found.findings, Contains(AllOf(HasSubstr(other.id), HasSubstr("its receipt is not JSON"))));
  EXPECT_EQ(check().found, 3);
}

TEST_F(StoreCheckTest, AFlippedByteInAFileIsFound) {
  for (int i = 0; i < 20; ++i) submitted();
  store_.reset();
  ASSERT_TRUE(compact_store(folder_.path()).ok());  // into table files
  std::filesystem::path largest;
  for (const auto& each : std::filesystem::directory_iterator(folder_.path()))
    if (each.path().extension() == ".sst" && (largest.empty() || each.file_size() > file_size(largest)))
      largest = each.path();
  ASSERT_FALSE(largest.empty());
  {
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40);
    file.put('\x7f');
  }
  const auto result = check_store(folder_.path(), false);
  // Either a finding, or the scan that meets it.
  const std::string told =
      result.ok() && !result->findings.empty() ? result->findings.front() : result.status().message();
  EXPECT_THAT(told, HasSubstr("the store is damaged"));
}

TEST_F(StoreCheckTest, AHeldStoreAndAnAbsentOneAreRefusedAndNothingIsMade) {
  EXPECT_EQ(check_store(folder_.path(), false).status().code(), Code::already_exists);
  EXPECT_EQ(compact_store(folder_.path()).status().code(), Code::already_exists);
  const auto absent = folder_.path() / "absent";
  EXPECT_EQ(check_store(absent, true).status().code(), Code::not_found);
  EXPECT_FALSE(std::filesystem::exists(absent));
}

TEST_F(StoreCheckTest, CompactingGivesBackWhatErasedJobsTook) {
  Job job = new_job();
  job.plan = std::string(3'000'000, 'x');
  for (std::size_t i = 0; i < job.plan.size(); ++i)  // that compression leaves something of it
    job.plan[i] = static_cast<char>('!' + (i * i / 7) % 90);
  ASSERT_TRUE(store_->submit(job, "", "").ok());
  const Job kept = submitted();
  ASSERT_TRUE(move_to(job, JobState::cancelled).ok());
  ASSERT_TRUE(store_->erase(job.id).ok());
  store_.reset();
  const auto compacted = compact_store(folder_.path());
  ASSERT_TRUE(compacted.ok()) << to_string(compacted.status());
  EXPECT_LT(compacted->bytes_after, compacted->bytes_before);
  reopen();
  EXPECT_TRUE(store_->get(kept.id).ok());
}

}  // namespace
}  // namespace millrace::engine
