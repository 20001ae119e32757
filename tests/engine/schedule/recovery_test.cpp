#include "engine/schedule/recovery.h"

#include <gtest/gtest.h>

#include "engine/store/database.h"
#include "engine/store/keys.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using RecoveryTest = StoreTest;

// Else it would be `running` for good, and could be neither retried nor deleted.
TEST_F(RecoveryTest, AJobWithADamagedLedgerIsQueuedForItsRunToSayWhatIsWrong) {
  Job job = submitted();
  job.attempts = {{1, 0, ""}};
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  store_.reset();
  {
    auto database = Database::open(folder_.path());
    ASSERT_TRUE(database.ok()) << to_string(database.status());
    rocksdb::WriteBatch batch;
    (*database)->put(batch, Family::ledger, keys::segment(job.id, "abr/720p", 0), "broken");
    ASSERT_TRUE((*database)->write(batch).ok());
  }
  reopen();
  ASSERT_EQ(store_->segments(job.id).status().code(), Code::internal);
  JobRecords records(*store_);
  const TemporaryFolder data;
  ASSERT_TRUE(recover(*store_, records, JobFolders(data.path())).ok());
  const Job queued = *store_->get(job.id);
  EXPECT_EQ(queued.state, JobState::queued);
  EXPECT_EQ(queued.attempts.back().outcome, "interrupted");
}

}  // namespace
}  // namespace millrace::engine
