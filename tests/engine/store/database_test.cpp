#include "engine/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "engine/base/file.h"
#include "tests/engine/store/filling_disk.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using DatabaseTest = StoreTest;

TEST(DatabaseOnAFullDisk, RefusesWritesAndTakesThemAgainOnceThereIsRoom) {
  const TemporaryFolder folder;
  const FillingDisk disk;
  StoreOptions options;
  options.env = disk.env.get();
  std::vector<std::string> heard;
  std::string before;
  std::string after;
  {
    auto store = RocksStore::open(folder.path(), options);
    ASSERT_TRUE(store.ok()) << to_string(store.status());
    (*store)->set_listener([&](const Event& event) { heard.push_back(event.job_id); });
    before = (*store)->submit(new_job(), "", "")->job.id;
    disk.files->full = true;
    for (int i = 0; i < 2; ++i) {
      const auto refused = (*store)->submit(new_job(), "", "");
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.status().code(), Code::resource_exhausted) << to_string(refused.status());
      EXPECT_THAT(refused.status().message(), AllOf(HasSubstr("disk is full"), Not(HasSubstr("/data"))));
      EXPECT_EQ(disk.files->refusals, 1) << "nothing more is written to a disk that is known to be full";
    }
    disk.files->full = false;
    const auto taken = (*store)->submit(new_job(), "", "");
    ASSERT_TRUE(taken.ok()) << to_string(taken.status());
    after = taken->job.id;
    EXPECT_THAT(heard, ElementsAre(before, after));
    EXPECT_THAT(queued_ids(**store), ElementsAre(before, after));
  }
  auto store = RocksStore::open(folder.path(), options);
  ASSERT_TRUE(store.ok()) << to_string(store.status());
  EXPECT_THAT(queued_ids(**store), ElementsAre(before, after));
}

TEST(DatabaseOnAFullDisk, BeginsNoCopy) {
  const TemporaryFolder folder;
  const FillingDisk disk;
  StoreOptions options;
  options.env = disk.env.get();
  auto store = RocksStore::open(folder.path() / "store", options);
  ASSERT_TRUE(store.ok()) << to_string(store.status());
  ASSERT_TRUE((*store)->submit(new_job(), "", "").ok());
  disk.files->full = true;
  const auto copy = (*store)->back_up(folder.path() / "backups", 7);
  EXPECT_EQ(copy.status().code(), Code::resource_exhausted) << to_string(copy.status());
  EXPECT_EQ(disk.files->refusals, 0) << "what lies in memory stays there";
  disk.files->full = false;
  EXPECT_TRUE((*store)->back_up(folder.path() / "backups", 7).ok());
}

TEST(DatabaseStatus, TellsNoPathOfTheServer) {
  const Status status =
      status_of(rocksdb::Status::IOError("While appending to file: /data/store/000012.log", "EIO"));
  EXPECT_EQ(status.code(), Code::io_error);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("While appending"), Not(HasSubstr("/data"))));
  EXPECT_EQ(status_of(rocksdb::Status::Corruption("bad block")).code(), Code::internal);
}

TEST_F(DatabaseTest, RefusesASecondOpenerInTheSameProcess) {
  const auto second = Store::open(folder_.path());
  EXPECT_EQ(second.status().code(), Code::already_exists);
  EXPECT_THAT(second.status().message(),
              AllOf(HasSubstr(folder_.path().native()), HasSubstr("another daemon holds this store (LOCK)")));
}

TEST_F(DatabaseTest, RefusesANewerSchemaAndLeavesItAsItIs) {
  store_.reset();
  {
    auto database = Database::open(folder_.path(), nullptr);
    ASSERT_TRUE(database.ok());
    rocksdb::WriteBatch batch;
    (*database)->put(batch, Family::meta, "schema", "3");
    ASSERT_TRUE((*database)->write(batch).ok());
  }
  const auto store = Store::open(folder_.path());
  EXPECT_EQ(store.status().code(), Code::unsupported);
  EXPECT_THAT(store.status().message(), HasSubstr("schema 3"));
}

TEST_F(DatabaseTest, ADamagedRecordIsAnErrorThatNamesTheJob) {
  const Job sound = submitted();
  const Job job = submitted();
  store_.reset();
  {
    auto database = Database::open(folder_.path(), nullptr);
    ASSERT_TRUE(database.ok());
    rocksdb::WriteBatch batch;
    (*database)->put(batch, Family::jobs, job.id, "{\"id\": 17, broken");
    ASSERT_TRUE((*database)->write(batch).ok());
  }
  reopen();
  const auto read = store_->get(job.id);
  EXPECT_EQ(read.status().code(), Code::internal);
  EXPECT_THAT(read.status().message(), HasSubstr(job.id));
  EXPECT_EQ(store_->list({}).status().code(), Code::internal);
  EXPECT_TRUE(store_->get(sound.id).ok());
  // It can be deleted, and then all is well.
  ASSERT_TRUE(store_->erase(job.id).ok());
  EXPECT_EQ(store_->list({})->jobs.size(), 1U);
  EXPECT_THAT(queued_ids(*store_), ElementsAre(sound.id));
}

TEST_F(DatabaseTest, ADamagedStoreIsToldWithWhatHelps) {
  submitted();
  store_.reset();
  ASSERT_TRUE(write_file(folder_.path() / "CURRENT", "nonsense").ok());
  const auto store = Store::open(folder_.path());
  EXPECT_EQ(store.status().code(), Code::internal);
  EXPECT_THAT(store.status().message(),
              AllOf(HasSubstr(folder_.path().native()), HasSubstr("millrace store restore")));
}

TEST(DatabaseOpen, SaysWhereItCannotOpen) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "file";
  ASSERT_TRUE(write_file(path, "x").ok());
  const auto store = Store::open(path / "store");
  EXPECT_FALSE(store.ok());
  EXPECT_THAT(store.status().message(), HasSubstr(path.native()));
}

}  // namespace
}  // namespace millrace::engine
