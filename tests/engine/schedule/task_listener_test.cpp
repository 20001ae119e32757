#include "engine/schedule/task_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/schedule/memory_ledger.h"
#include "tests/engine/store/store_fixture.h"

namespace millrace::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

// A ledger whose disk is full for what was lost.
class FullLedger final : public Ledger {
 public:
  Status commit(const FinishedSegment& segment) override { return memory.commit(segment); }
  Result<std::vector<FinishedSegment>> segments() override { return memory.segments(); }
  Status forget(const std::string& track, std::int64_t index) override { return memory.forget(track, index); }
  Status note_end(const std::string& track, std::int64_t end) override { return memory.note_end(track, end); }
  Result<std::map<std::string, std::int64_t>> ends() override { return memory.ends(); }
  Status note_lost(const std::string& track, const std::vector<std::string>& sentences) override {
    return full ? Status(Code::resource_exhausted, "the disk is full") : memory.note_lost(track, sentences);
  }
  Result<Losses> lost() override { return memory.lost(); }

  bool full = false;
  MemoryLedger memory;
};

class TaskListenerTest : public testing::Test {
 protected:
  FullLedger ledger_;
  JobBooks books_{ledger_};
  int booked_ = 0;
  double at_ = 0;
  TaskListener listener_{books_, {"a", "b"}, [this] { ++booked_; }, [this](double at) { at_ = at; }};
};

TEST_F(TaskListenerTest, BooksSegmentsAndPassesOnHowFarItIs) {
  EXPECT_TRUE(listener_.segment_finished(new_segment("b", 0)).ok());
  EXPECT_EQ(booked_, 1);
  EXPECT_THAT(books_.segments(), SizeIs(1));
  listener_.progress({4.5, 100});
  EXPECT_EQ(at_, 4.5);
}

TEST_F(TaskListenerTest, RefusesASegmentOfATrackThatTheTaskDoesNotMake) {
  const Status status = listener_.segment_finished(new_segment("c", 0));
  EXPECT_EQ(status.code(), Code::internal);
  EXPECT_EQ(booked_, 0);
}

TEST_F(TaskListenerTest, WhatIsLostIsBookedForEachOfTheTracks) {
  listener_.lost("at 1.000 s: damaged");
  EXPECT_THAT(books_.lost(), ElementsAre(Pair("a", SizeIs(1)), Pair("b", SizeIs(1))));
}

TEST_F(TaskListenerTest, NoSegmentCountsAfterALossThatCouldNotBeBooked) {
  ledger_.full = true;
  listener_.lost("at 1.000 s: damaged");
  EXPECT_THAT(listener_.segment_finished(new_segment("a", 0)).message(), HasSubstr("the disk is full"));
  EXPECT_EQ(booked_, 0);
}

}  // namespace
}  // namespace millrace::engine
