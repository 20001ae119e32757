#include "engine/store/rocks_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using RocksStoreTest = StoreTest;

std::vector<std::string> ids_of(const JobPage& page) {
  std::vector<std::string> ids;
  for (const Job& job : page.jobs) ids.push_back(job.id);
  return ids;
}

TEST_F(RocksStoreTest, KeepsAJobOverAReopen) {
  Job job = new_job();
  job.tags = {"title=x"};
  ASSERT_TRUE(store_->submit(job, "", "").ok());
  reopen();
  const auto kept = store_->get(job.id);
  ASSERT_TRUE(kept.ok()) << to_string(kept.status());
  EXPECT_EQ(kept->spec, job.spec);
  EXPECT_EQ(kept->state, JobState::queued);
  EXPECT_EQ(kept->created, job.created);
  EXPECT_THAT(kept->tags, ElementsAre("title=x"));
}

TEST_F(RocksStoreTest, NamesTheJobThatIsNotThere) {
  const std::string id = new_ulid();
  const auto missing = store_->get(id);
  EXPECT_EQ(missing.status().code(), Code::not_found);
  EXPECT_THAT(missing.status().message(), HasSubstr(id));
  EXPECT_EQ(store_->get("../../etc").status().code(), Code::not_found);
  EXPECT_EQ(store_->erase(id).code(), Code::not_found);
  EXPECT_EQ(store_->announce(id, "progress", "{}").code(), Code::not_found);
  EXPECT_EQ(store_->commit_segment(id, new_segment("abr/720p", 0)).code(), Code::not_found);
  EXPECT_EQ(store_->last_event(), 0U);
}

TEST_F(RocksStoreTest, RefusesASecondJobOfOneId) {
  const Job job = submitted();
  EXPECT_EQ(store_->submit(job, "", "").status().code(), Code::already_exists);
}

TEST_F(RocksStoreTest, QueuesByPriorityThenAge) {
  const Job plain = submitted(50);
  const Job low = submitted(10);
  const Job high = submitted(90);
  const Job plain_later = submitted(50);
  EXPECT_THAT(queued_ids(*store_), ElementsAre(high.id, plain.id, plain_later.id, low.id));
  reopen();
  EXPECT_THAT(queued_ids(*store_), ElementsAre(high.id, plain.id, plain_later.id, low.id));
}

TEST_F(RocksStoreTest, MovesAJobBetweenTheListsOfItsStates) {
  Job job = submitted();
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  EXPECT_THAT(*store_->queue(), IsEmpty());
  EXPECT_THAT(*store_->ids_in(JobState::queued), IsEmpty());
  EXPECT_THAT(*store_->ids_in(JobState::running), ElementsAre(job.id));
  ASSERT_TRUE(move_to(job, JobState::queued).ok());
  EXPECT_THAT(queued_ids(*store_), ElementsAre(job.id));
  EXPECT_THAT(*store_->ids_in(JobState::running), IsEmpty());
}

TEST_F(RocksStoreTest, RefusesAChangeThatTheStatesForbid) {
  Job job = submitted();
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  ASSERT_TRUE(move_to(job, JobState::completed).ok());
  const std::uint64_t before = store_->last_event();
  const Status refused = move_to(job, JobState::running);
  EXPECT_EQ(refused.code(), Code::invalid_argument);
  EXPECT_THAT(refused.message(), HasSubstr("completed"));
  EXPECT_EQ(store_->get(job.id)->state, JobState::completed);
  EXPECT_EQ(store_->last_event(), before);
}

TEST_F(RocksStoreTest, WritesARecordWithoutAnEvent) {
  Job job = submitted();
  const std::uint64_t before = store_->last_event();
  job.plan = "{}";
  ASSERT_TRUE(store_->update(job, "", "").ok());
  EXPECT_EQ(store_->get(job.id)->plan, "{}");
  EXPECT_EQ(store_->last_event(), before);
}

TEST_F(RocksStoreTest, PlanAndReceiptComeWithTheJobAndNotWithLists) {
  Job job = submitted();
  job.plan = "{1}";
  ASSERT_TRUE(move_to(job, JobState::running).ok());
  job.receipt = "{2}";
  ASSERT_TRUE(move_to(job, JobState::completed).ok());
  reopen();
  EXPECT_EQ(store_->get(job.id)->plan, "{1}");
  EXPECT_EQ(store_->get(job.id)->receipt, "{2}");
  for (const JobFilter& filter : {JobFilter(), JobFilter{JobState::completed, {}, {}, 50}}) {
    const auto page = store_->list(filter);
    ASSERT_EQ(page->jobs.size(), 1U);
    EXPECT_EQ(page->jobs.front().plan + page->jobs.front().receipt, "");
  }
  job.receipt.clear();
  ASSERT_TRUE(store_->update(job, "", "").ok());
  EXPECT_EQ(store_->get(job.id)->receipt, "");
  ASSERT_TRUE(store_->erase(job.id).ok());
  store_.reset();
  const auto database = Database::open(folder_.path());
  EXPECT_FALSE((*database)->scan(Family::documents).valid());
}

TEST_F(RocksStoreTest, ListsTheNewestFirstPageByPage) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert(ids.begin(), submitted().id);
  JobFilter filter;
  filter.limit = 2;
  std::vector<std::string> seen;
  std::vector<std::size_t> sizes;
  do {
    const auto page = store_->list(filter);
    ASSERT_TRUE(page.ok());
    for (const std::string& id : ids_of(*page)) seen.push_back(id);
    sizes.push_back(page->jobs.size());
    filter.cursor = page->next;
  } while (!filter.cursor.empty());
  EXPECT_EQ(seen, ids);
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
}

TEST_F(RocksStoreTest, AFullLastPageNamesNoNext) {
  submitted();
  submitted();
  JobFilter filter;
  filter.limit = 2;
  EXPECT_EQ(store_->list(filter)->next, "");
}

TEST_F(RocksStoreTest, ListsByStateAndTag) {
  std::vector<Job> jobs;
  for (const char* tag : {"show=a", "show=ab", "show=a", "show=a"}) {
    Job job = new_job();
    job.tags = {tag, "all=1"};
    ASSERT_TRUE(store_->submit(job, "", "").ok());
    jobs.push_back(job);
  }
  ASSERT_TRUE(move_to(jobs[2], JobState::running).ok());
  JobFilter filter;
  filter.tag = "show=a";
  EXPECT_THAT(ids_of(*store_->list(filter)), ElementsAre(jobs[3].id, jobs[2].id, jobs[0].id));
  filter.state = JobState::queued;
  EXPECT_THAT(ids_of(*store_->list(filter)), ElementsAre(jobs[3].id, jobs[0].id));
  filter.limit = 1;
  filter.cursor = store_->list(filter)->next;
  EXPECT_THAT(ids_of(*store_->list(filter)), ElementsAre(jobs[0].id));
  JobFilter running;
  running.state = JobState::running;
  EXPECT_THAT(ids_of(*store_->list(running)), ElementsAre(jobs[2].id));
}

TEST_F(RocksStoreTest, RefusesACursorThatIsNone) {
  JobFilter filter;
  filter.cursor = "abc";
  const auto page = store_->list(filter);
  EXPECT_EQ(page.status().code(), Code::invalid_argument);
  EXPECT_EQ(page.status().field(), "cursor");
}

TEST_F(RocksStoreTest, ErasesAFinalJobWithAllThatBelongsToIt) {
  Job job = new_job();
  job.tags = {"a=1"};
  ASSERT_TRUE(store_->submit(job, "", "").ok());
  const Job other = submitted();
  ASSERT_TRUE(store_->commit_segment(job.id, new_segment("abr/720p", 0)).ok());
  ASSERT_TRUE(store_->note_end(job.id, "abr/720p", 1).ok());
  ASSERT_TRUE(store_->commit_segment(other.id, new_segment("abr/720p", 0)).ok());
  EXPECT_EQ(store_->erase(job.id).code(), Code::invalid_argument);  // it is queued
  ASSERT_TRUE(move_to(job, JobState::cancelled).ok());
  ASSERT_TRUE(store_->erase(job.id).ok());

  EXPECT_EQ(store_->get(job.id).status().code(), Code::not_found);
  EXPECT_THAT(*store_->ids_in(JobState::cancelled), IsEmpty());
  EXPECT_THAT(*store_->segments(job.id), IsEmpty());
  EXPECT_THAT(*store_->ended_tracks(job.id), IsEmpty());
  EXPECT_EQ(store_->segments(other.id)->size(), 1U);
  JobFilter filter;
  filter.tag = "a=1";
  EXPECT_THAT(store_->list(filter)->jobs, IsEmpty());
  const auto events = store_->events_after(0, job.id, 100);
  ASSERT_EQ(events->size(), 1U);
  EXPECT_EQ(events->front().type, "deleted");
}

TEST_F(RocksStoreTest, KeepsSmallValuesByFamily) {
  EXPECT_EQ(store_->get_value("tokens", "a").status().code(), Code::not_found);
  ASSERT_TRUE(store_->put_value("tokens", "a", "1").ok());
  ASSERT_TRUE(store_->put_value("tokens", "b", "2").ok());
  ASSERT_TRUE(store_->put_value("tokens2", "c", "3").ok());
  reopen();
  EXPECT_EQ(*store_->get_value("tokens", "b"), "2");
  EXPECT_THAT(*store_->values("tokens"), ElementsAre(testing::Pair("a", "1"), testing::Pair("b", "2")));
  ASSERT_TRUE(store_->erase_value("tokens", "a").ok());
  EXPECT_THAT(*store_->values("tokens"), ElementsAre(testing::Pair("b", "2")));
}

TEST_F(RocksStoreTest, TakesJobsFromManyThreadsAtOnce) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  std::vector<std::uint64_t> heard;
  store_->set_listener([&](const Event& event) { heard.push_back(event.number); });
  std::mutex mutex;
  std::set<std::string> ids;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const Job job = new_job();
        EXPECT_TRUE(store_->submit(job, "", "").ok());
        EXPECT_TRUE(store_->commit_segment(job.id, new_segment("abr/720p", 0)).ok());
        const std::lock_guard lock(mutex);
        ids.insert(job.id);
      }
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(store_->queue()->size(), ids.size());
  ASSERT_EQ(heard.size(), 2 * ids.size());
  for (std::size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i], i + 1);
}

TEST_F(RocksStoreTest, ChangesOfOneJobByManyThreadsKeepTheTableOfStates) {
  const Job job = submitted();
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (const JobState state : {JobState::running, JobState::cancelled, JobState::failed, JobState::paused})
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&, state] {
        Job mine = job;
        mine.state = state;
        if (store_->update(mine, "", "").ok()) ++won;
      });
  for (std::thread& each : threads) each.join();
  EXPECT_GE(won.load(), 1);
  std::size_t listed = 0;
  for (const JobState state : {JobState::queued, JobState::running, JobState::paused, JobState::completed,
                               JobState::failed, JobState::cancelled}) {
    const auto ids = store_->ids_in(state);
    if (!ids->empty()) {
      EXPECT_EQ(store_->get(job.id)->state, state);
    }
    listed += ids->size();
  }
  EXPECT_EQ(listed, 1U);
}

}  // namespace
}  // namespace millrace::engine
