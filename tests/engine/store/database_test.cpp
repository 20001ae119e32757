#include "engine/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>

#include "engine/base/file.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using DatabaseTest = StoreTest;

// A disk that is full when the test says so.
class FillingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FillingFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FillingFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    const rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(inner), *this);
    return status;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* bytes, rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = FileSystemWrapper::GetFreeSpace(path, options, bytes, debug);
    if (full) *bytes = 4096;
    return status;
  }
  rocksdb::IOStatus refusal() {
    ++refusals;
    return rocksdb::IOStatus::NoSpace("/data/store/000004.log", "No space left on device");
  }

  std::atomic<bool> full{false};
  std::atomic<int> refusals{0};  // of writes to the disk

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& inner, FillingFileSystem& disk)
        : rocksdb::FSWritableFileOwnerWrapper(std::move(inner)), disk_(disk) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (disk_.full) return disk_.refusal();
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& info,
                             rocksdb::IODebugContext* debug) override {
      if (disk_.full) return disk_.refusal();
      return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    }

   private:
    FillingFileSystem& disk_;
  };
};

TEST(DatabaseOnAFullDisk, RefusesWritesAndTakesThemAgainOnceThereIsRoom) {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<FillingFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  StoreOptions options;
  options.env = env.get();
  std::vector<std::string> heard;
  std::string before;
  std::string after;
  {
    auto store = RocksStore::open(folder.path(), options);
    ASSERT_TRUE(store.ok()) << to_string(store.status());
    (*store)->set_listener([&](const Event& event) { heard.push_back(event.job_id); });
    before = (*store)->submit(new_job(), "", "")->job.id;
    disk->full = true;
    for (int i = 0; i < 2; ++i) {
      const auto refused = (*store)->submit(new_job(), "", "");
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.status().code(), Code::resource_exhausted) << to_string(refused.status());
      EXPECT_THAT(refused.status().message(), AllOf(HasSubstr("disk is full"), Not(HasSubstr("/data"))));
      EXPECT_EQ(disk->refusals, 1) << "nothing more is written to a disk that is known to be full";
    }
    disk->full = false;
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
