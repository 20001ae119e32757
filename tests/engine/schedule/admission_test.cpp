#include "engine/schedule/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace millrace::engine {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

Waiting live(std::int64_t millicores) { return {millicores, 0}; }
Waiting batch(int most_cores = 0) { return {0, most_cores}; }

TEST(Admission, JobsThatStartTogetherShareTheCores) {
  EXPECT_THAT(admit(4000, 2, {batch(), batch(), batch()}, {}).millicores, ElementsAre(2000, 2000, 0));
  EXPECT_THAT(admit(4000, 2, {batch(1), batch()}, {}).millicores, ElementsAre(1000, 3000));
  EXPECT_THAT(admit(4000, 2, {batch(), batch()}, {{3000}}).millicores, ElementsAre(1000, 0));
}

TEST(Admission, LiveJobsComeFirstAndTheRestGetsWholeCores) {
  const Admission admission = admit(4000, 2, {batch(), live(700), live(600)}, {});
  EXPECT_THAT(admission.millicores, ElementsAre(2000, 700, 600));
  EXPECT_THAT(admission.yield, IsEmpty());
}

TEST(Admission, LiveJobsAreNotCountedAmongTheJobsAtATime) {
  EXPECT_THAT(admit(4000, 1, {live(500), live(500), live(500)}, {{1000}}).millicores,
              ElementsAre(500, 500, 500));
}

TEST(Admission, TheYoungestYieldsAndNobodyTakesWhatBecomesFree) {
  const Admission admission = admit(4000, 3, {live(1500), batch()}, {{2000}, {2000}});
  EXPECT_THAT(admission.millicores, Each(0));
  EXPECT_THAT(admission.yield, ElementsAre(1));
  const Admission later = admit(4000, 3, {live(1500), batch()}, {{2000}, {2000, false, true}});
  EXPECT_THAT(later.millicores, Each(0));
  EXPECT_THAT(later.yield, IsEmpty()) << "one was asked already";
  EXPECT_THAT(admit(4000, 3, {live(1500), batch()}, {{1000}, {2000}}).millicores, Each(0))
      << "the core that is free is kept for the live one";
  EXPECT_THAT(admit(4000, 3, {live(1500), batch()}, {{2000}}).millicores, ElementsAre(1500, 0))
      << "less than a core is left";
}

TEST(Admission, LiveJobsThatWaitForEachOtherHoldNobodyBack) {
  const Admission admission = admit(4000, 2, {live(1500), batch()}, {{3000, true}});
  EXPECT_THAT(admission.millicores, ElementsAre(0, 1000));
  EXPECT_THAT(admission.yield, IsEmpty());
}

TEST(Admission, ALiveJobThatWantsMoreThanThereIsGetsAllOfIt) {
  EXPECT_THAT(admit(2000, 2, {live(5000)}, {}).millicores, ElementsAre(2000));
  EXPECT_THAT(admit(2000, 2, {live(5000)}, {{1000}}).yield, ElementsAre(0));
}

// Twice the capacity, on a simulated clock: a tick is a second, batch yields at the next one (its edge).
// Every stream that runs has what it needs, no core is given twice, and in the end all is done.
TEST(Admission, TwiceTheCapacityLiveHoldsBatchWaitsAndNothingFails) {
  constexpr std::int64_t kTotal = 4000;
  struct Sim {
    Waiting wants;
    std::int64_t left;  // live: seconds; batch: core seconds, in thousandths
    std::int64_t holds = 0;
    int started = -1;
    bool yields = false;
    std::int64_t arrives = 0;
  };
  std::vector<Sim> jobs;
  for (int i = 0; i < 4; ++i) jobs.push_back({batch(), 60'000});
  for (int i = 0; i < 10; ++i) jobs.push_back({live(800), 30, 0, -1, false, 5});  // 8 of 4 cores
  int number = 0;
  int most_live = 0;
  std::int64_t now = 0;
  const auto done = [&] {
    return std::all_of(jobs.begin(), jobs.end(), [](const Sim& job) { return job.left <= 0; });
  };
  for (; !done() && now < 1000; ++now) {
    for (Sim& job : jobs) {
      if (job.holds == 0) continue;
      job.left -= job.wants.live_millicores > 0 ? 1 : job.holds;
      if (job.left <= 0 || job.yields) job.holds = 0, job.yields = false;
    }
    std::vector<Sim*> running, queue;
    for (Sim& job : jobs) {
      if (job.holds > 0) running.push_back(&job);
      if (job.holds == 0 && job.left > 0 && job.arrives <= now) queue.push_back(&job);
    }
    std::sort(running.begin(), running.end(),
              [](const Sim* a, const Sim* b) { return a->started < b->started; });
    std::vector<Waiting> waiting;
    std::vector<Running> held;
    for (const Sim* job : queue) waiting.push_back(job->wants);
    for (const Sim* job : running) held.push_back({job->holds, job->wants.live_millicores > 0, job->yields});
    const Admission admission = admit(kTotal, 2, waiting, held);
    for (std::size_t i = 0; i < queue.size(); ++i) {
      queue[i]->holds = admission.millicores[i];
      if (admission.millicores[i] > 0) queue[i]->started = number++;
    }
    for (const std::size_t each : admission.yield) {
      EXPECT_EQ(running[each]->wants.live_millicores, 0) << "live work is never asked to yield";
      running[each]->yields = true;
    }
    std::int64_t given = 0;
    int live_now = 0;
    for (const Sim& job : jobs) {
      given += job.holds;
      if (job.holds == 0 || job.wants.live_millicores == 0) continue;
      EXPECT_EQ(job.holds, job.wants.live_millicores);
      ++live_now;
    }
    ASSERT_LE(given, kTotal) << "at " << now;
    most_live = std::max(most_live, live_now);
    EXPECT_TRUE(now != 7 || live_now == 5) << "two seconds after they came, all that fit run";
  }
  EXPECT_TRUE(done());
  EXPECT_EQ(most_live, 5);
  EXPECT_LT(now, 60 + 5 + 70) << "two rounds of live work and what batch takes beside and after it";
}

}  // namespace
}  // namespace millrace::engine
