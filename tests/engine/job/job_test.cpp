#include "engine/job/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace millrace::engine {
namespace {

using S = JobState;
constexpr S kAll[] = {S::queued, S::running, S::paused, S::completed, S::failed, S::cancelled};

TEST(JobState, ChangesAreThoseOfTheTableAndNoOthers) {
  const std::set<std::pair<S, S>> allowed = {
      {S::queued, S::running},    {S::queued, S::paused},     {S::queued, S::cancelled},
      {S::queued, S::failed},     {S::running, S::completed}, {S::running, S::failed},
      {S::running, S::cancelled}, {S::running, S::queued},    {S::running, S::paused},
      {S::paused, S::queued},     {S::paused, S::cancelled},  {S::failed, S::queued},
      {S::cancelled, S::queued}};
  for (const S from : kAll)
    for (const S to : kAll)
      EXPECT_EQ(may_change(from, to), allowed.count({from, to}) == 1)
          << name_of(from) << " -> " << name_of(to);
}

TEST(JobState, FinalOnesAreCompletedFailedCancelled) {
  for (const S state : kAll)
    EXPECT_EQ(is_final(state), state == S::completed || state == S::failed || state == S::cancelled)
        << name_of(state);
}

TEST(JobState, NamesReadBack) {
  for (const S state : kAll) EXPECT_EQ(job_state_named(name_of(state)), state);
  EXPECT_EQ(name_of(S::cancelled), "cancelled");
  EXPECT_EQ(job_state_named("canceled"), std::nullopt);
  EXPECT_EQ(name_of(Phase::publishing), "publishing");
}

}  // namespace
}  // namespace millrace::engine
