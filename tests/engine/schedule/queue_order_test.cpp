#include "engine/schedule/queue_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/ulid.h"

namespace millrace::engine {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;

// Came in so many minutes after the first one could.
std::string job_at(int minute) {
  return ulid_at(std::chrono::system_clock::time_point(minutes(30'000'000 + minute)), "0123456789");
}

TEST(QueueOrder, APointOfPriorityIsWorthAMinute) {
  const std::string first = job_at(0);
  const std::string second = job_at(10);
  EXPECT_THAT(in_order({{first, 50}, {second, 50}}), ElementsAre(first, second));
  EXPECT_THAT(in_order({{first, 50}, {second, 59}}), ElementsAre(first, second));
  EXPECT_THAT(in_order({{first, 50}, {second, 60}}), ElementsAre(second, first));  // even: the larger one
  EXPECT_THAT(in_order({{first, 50}, {second, 61}}), ElementsAre(second, first));
}

TEST(QueueOrder, JobsOfOneMomentGoByPriorityThenByTheirIds) {
  const std::string a = job_at(0);
  std::string b = a;
  b.back() = 'Z';
  EXPECT_THAT(in_order({{b, 50}, {a, 50}}), ElementsAre(a, b));
  EXPECT_THAT(in_order({{a, 50}, {b, 51}}), ElementsAre(b, a));
}

TEST(QueueOrder, NothingStarvesBehindAStreamOfUrgentJobs) {
  const std::string patient = job_at(0);
  // An urgent job comes in every minute; the patient one goes before the hundredth.
  int ahead = 0;
  for (int minute = 1; minute <= 200; ++minute)
    if (in_order({{job_at(minute), 100}, {patient, 0}}).front() != patient) ++ahead;
  EXPECT_EQ(ahead, 100);
}

TEST(QueueOrder, OfNothingIsNothing) { EXPECT_THAT(in_order({}), ElementsAre()); }

}  // namespace
}  // namespace millrace::engine
