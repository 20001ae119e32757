#include "engine/store/store_copies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

class StoreCopiesTest : public testing::Test {
 protected:
  // Opens the store, makes a job in it, closes it.
  std::string add_job() {
    const auto store = Store::open(store_);
    EXPECT_TRUE(store.ok()) << to_string(store.status());
    const Job job = new_job();
    EXPECT_TRUE((*store)->submit(job, "", "").ok());
    return job.id;
  }
  std::vector<std::string> jobs_in(const fs::path& folder) {
    const auto store = Store::open(folder);
    EXPECT_TRUE(store.ok()) << to_string(store.status());
    std::vector<std::string> ids;
    const auto queue = (*store)->queue();
    EXPECT_TRUE(queue.ok());
    for (const QueuedJob& each : *queue) ids.push_back(each.id);
    return ids;
  }
  std::vector<std::string> names_in_data() {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(folder_.path()))
      names.push_back(each.path().filename().native());
    return names;
  }

  TemporaryFolder folder_;
  const fs::path store_ = folder_.path() / "store";
  const fs::path backups_ = folder_.path() / "backups";
};

TEST_F(StoreCopiesTest, ACopyIsPutBackAndTheOldStoreIsKept) {
  const std::string first = add_job();
  const auto copy = back_up_store(store_, backups_, 0);
  ASSERT_TRUE(copy.ok()) << to_string(copy.status());
  EXPECT_EQ(copy->number, 1U);
  EXPECT_GT(copy->bytes, 0);
  const std::string second = add_job();
  const auto restored = restore_store(backups_, std::nullopt, store_);
  ASSERT_TRUE(restored.ok()) << to_string(restored.status());
  EXPECT_EQ(restored->jobs, 1);
  EXPECT_EQ(restored->found, 0);
  EXPECT_THAT(jobs_in(store_), ElementsAre(first));
  ASSERT_TRUE(restored->before);
  EXPECT_THAT(jobs_in(*restored->before), ElementsAre(first, second));
  EXPECT_THAT(names_in_data(),
              testing::UnorderedElementsAre("store", "backups", restored->before->filename().native()));
}

TEST_F(StoreCopiesTest, ACopyMakesAStoreWhereThereIsNone) {
  const std::string job = add_job();
  ASSERT_TRUE(back_up_store(store_, backups_, 0).ok());
  const fs::path elsewhere = folder_.path() / "other" / "store";
  const auto restored = restore_store(backups_, std::nullopt, elsewhere);
  ASSERT_TRUE(restored.ok()) << to_string(restored.status());
  EXPECT_FALSE(restored->before);
  EXPECT_THAT(jobs_in(elsewhere), ElementsAre(job));
}

TEST_F(StoreCopiesTest, AnyCopyCanBeChosenAndTheOldestGo) {
  std::vector<std::string> jobs;
  for (int i = 0; i < 3; ++i) {
    jobs.push_back(add_job());
    ASSERT_TRUE(back_up_store(store_, backups_, 2).ok());
  }
  const auto copies = store_copies(backups_);
  ASSERT_TRUE(copies.ok());
  ASSERT_EQ(copies->size(), 2U);
  EXPECT_EQ(copies->front().number, 2U);
  EXPECT_EQ(restore_store(backups_, 1, store_).status().code(), Code::not_found);
  ASSERT_TRUE(restore_store(backups_, 2, store_).ok());
  EXPECT_THAT(jobs_in(store_), ElementsAre(jobs[0], jobs[1]));
}

TEST_F(StoreCopiesTest, AHeldStoreIsNeitherCopiedNorReplaced) {
  add_job();
  ASSERT_TRUE(back_up_store(store_, backups_, 0).ok());
  const auto held = Store::open(store_);
  ASSERT_TRUE(held.ok());
  for (const Status& status : {back_up_store(store_, backups_, 0).status(),
                               restore_store(backups_, std::nullopt, store_).status()}) {
    EXPECT_EQ(status.code(), Code::already_exists);
    EXPECT_THAT(status.message(), HasSubstr("another daemon holds this store"));
  }
  EXPECT_EQ(names_in_data().size(), 2U);
}

TEST_F(StoreCopiesTest, AStoreIsCopiedWhileOthersWriteIntoIt) {
  std::vector<std::string> before;
  {
    const auto store = Store::open(store_);
    ASSERT_TRUE(store.ok()) << to_string(store.status());
    for (int i = 0; i < 3; ++i) {
      before.push_back(new_job().id);
      Job job = new_job();
      job.id = before.back();
      ASSERT_TRUE((*store)->submit(job, "", "").ok());
    }
    std::jthread writer([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) EXPECT_TRUE((*store)->submit(new_job(), "", "").ok());
    });
    for (const std::uint32_t number : {1U, 2U, 3U}) {
      const auto copy = (*store)->back_up(backups_, 2);
      ASSERT_TRUE(copy.ok()) << to_string(copy.status());
      EXPECT_EQ(copy->number, number);
    }
  }
  const auto copies = store_copies(backups_);
  ASSERT_TRUE(copies.ok());
  EXPECT_EQ(copies->size(), 2U) << "the youngest stay";
  const auto restored = restore_store(backups_, std::nullopt, store_);
  ASSERT_TRUE(restored.ok()) << to_string(restored.status());
  EXPECT_EQ(restored->found, 0) << "whole, as after a crash";
  const std::vector<std::string> jobs = jobs_in(store_);
  for (const std::string& id : before) EXPECT_THAT(jobs, testing::Contains(id));
}

TEST_F(StoreCopiesTest, ADamagedCopyLeavesTheStoreAsItWas) {
  const std::string job = add_job();
  ASSERT_TRUE(back_up_store(store_, backups_, 0).ok());
  for (const auto& each : fs::recursive_directory_iterator(backups_ / "shared_checksum")) {
    std::fstream file(each.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.put('\x7f');
  }
  const auto restored = restore_store(backups_, std::nullopt, store_);
  EXPECT_FALSE(restored.ok());
  EXPECT_THAT(restored.status().message(), HasSubstr("backup 1"));
  EXPECT_THAT(jobs_in(store_), ElementsAre(job));
  EXPECT_EQ(names_in_data().size(), 2U);
}

TEST_F(StoreCopiesTest, WhatIsNotThereIsNamedAndNothingIsMade) {
  EXPECT_EQ(back_up_store(store_, backups_, 0).status().code(), Code::not_found);
  EXPECT_EQ(restore_store(backups_, std::nullopt, store_).status().code(), Code::not_found);
  EXPECT_EQ(store_copies(backups_).status().code(), Code::not_found);
  EXPECT_THAT(names_in_data(), IsEmpty());
  add_job();
  EXPECT_EQ(back_up_store(store_, store_ / "backups", 0).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace millrace::engine
