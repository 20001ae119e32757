#include "bench/served_books.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/ulid.h"
#include "engine/store/store.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Job;
using engine::JobState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServedBooksTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = engine::Store::open(scripts_.folder() / "store").value(); }

  Job add(const std::string& key, JobState state) {
    Job job;
    job.id = engine::new_ulid();
    job.spec = "{}";
    job.state = state;
    job.tags = {std::string(kKeyTag) + "=" + key};
    EXPECT_TRUE(store_->submit(job, "", "").ok());
    std::filesystem::create_directories(scripts_.folder() / "jobs" / job.id / "out");
    return job;
  }
  void book(const Job& job, const std::string& file) {
    engine::FinishedSegment segment;
    segment.track = std::filesystem::path(file).parent_path().string();
    segment.file = file;
    EXPECT_TRUE(store_->commit_segment(job.id, segment).ok());
  }
  ServedBooks books(const std::set<std::string>& acknowledged, const std::set<std::string>& sourceless = {}) {
    store_.reset();
    const auto read = read_served_books(scripts_.folder(), acknowledged, sourceless);
    EXPECT_TRUE(read.ok()) << read.status().message();
    return read.value_or({});
  }

  Scripts scripts_;
  std::unique_ptr<engine::Store> store_;
};

TEST_F(ServedBooksTest, AWholeSetHasNothingWrong) {
  const Job one = add("a", JobState::completed);
  const Job two = add("b", JobState::completed);
  for (const char* file :
       {"abr/360p/00001.m4s", "abr/240p/00001.m4s", "abr/360p/00002.m4s", "abr/audio/00001.m4s", "web.mp4"})
    book(one, file);
  const ServedBooks found = books({one.id, two.id});
  EXPECT_EQ(found.jobs, 2);
  EXPECT_EQ(found.completed, 2);
  EXPECT_EQ(found.segments, 3);
  EXPECT_EQ(found.segments_twice, 0);
  EXPECT_EQ(found.sounds_twice, 0);
  EXPECT_EQ(found.lost + found.doubled + found.stray_folders, 0);
  EXPECT_EQ(found.findings, 0);
  EXPECT_THAT(found.completed_ids, ::testing::UnorderedElementsAre(one.id, two.id));
  EXPECT_THAT(found.wrong, IsEmpty());
}

TEST_F(ServedBooksTest, EveryHarmIsCountedAndNamed) {
  const Job one = add("a", JobState::completed);
  const Job twin = add("a", JobState::completed);
  const Job failed = add("c", JobState::failed);
  const std::string lost = engine::new_ulid();
  const std::string stray = engine::new_ulid();
  std::filesystem::create_directories(scripts_.folder() / "jobs" / stray);
  for (int time = 0; time < 3; ++time) book(one, "abr/360p/00001.m4s");
  for (int time = 0; time < 2; ++time) book(one, "abr/audio/00001.m4s");
  for (int time = 0; time < 2; ++time) book(one, "web.mp4");
  const ServedBooks found = books({one.id, lost});
  EXPECT_EQ(found.jobs, 3);
  EXPECT_EQ(found.completed, 2);
  EXPECT_EQ(found.lost, 1);
  EXPECT_EQ(found.doubled, 1);
  EXPECT_EQ(found.segments, 3);
  EXPECT_EQ(found.segments_twice, 2);
  EXPECT_EQ(found.sounds_twice, 1);
  EXPECT_EQ(found.stray_folders, 1);
  EXPECT_THAT(found.wrong, Contains(HasSubstr("job " + lost + " was acknowledged")));
  EXPECT_THAT(found.wrong, Contains(HasSubstr("key a has more than one job")));
  EXPECT_THAT(found.wrong, Contains("job " + failed.id + " is failed: without an error"));
  EXPECT_THAT(found.wrong, Contains("jobs/" + stray + " belongs to no job"));
}

TEST_F(ServedBooksTest, OnlyAJobWhoseSourceWasTakenAwayMayFailAndOnlyOfThat) {
  Job gone = add("a", JobState::failed);
  gone.error = engine::JobError{engine::Code::not_found, "in.mp4: No such file or directory"};
  gone.attempts = {{1, 2, "waiting: disk: 1 MB is needed", {}},
                   {3, 4, "failed", {{3, "web.mp4", engine::Code::worker_killed, "worker 7 died", 0, ""}}}};
  Job other = add("b", JobState::failed);
  other.error = engine::JobError{engine::Code::corrupt_input, "in.mp4: damaged"};
  Job unharmed = add("c", JobState::failed);
  unharmed.error = gone.error;
  for (const Job* each : {&gone, &other, &unharmed}) EXPECT_TRUE(store_->update(*each, "", "").ok());
  const ServedBooks found = books({gone.id, other.id, unharmed.id}, {gone.id, other.id});
  EXPECT_EQ(found.failed_rightly, 1);
  EXPECT_EQ(found.wrong.size(), 2U);
  EXPECT_EQ(found.waits, 1);
  EXPECT_EQ(found.tasks_again, (std::map<std::string, int>{{"worker_killed", 1}}));
  EXPECT_EQ(judge(found, 0, 0)[2].verdict, Verdict::not_met);
}

}  // namespace
}  // namespace millrace::bench
