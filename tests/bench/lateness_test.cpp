// What decides about a capacity: the search and the arithmetic of lateness.
#include "bench/lateness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/capacity_search.h"

namespace millrace::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The rounds that a machine of that capacity is asked for.
std::vector<int> rounds_for(int capacity, int guess, int most = 256) {
  CapacitySearch search(most);
  std::vector<int> asked;
  while (const auto streams = search.next()) {
    asked.push_back(*streams);
    if (asked.size() == 1) search.guess(guess);
    search.add(*streams, *streams <= capacity);
    if (asked.size() > 64) ADD_FAILURE() << capacity << " with the guess " << guess << " does not end";
    if (asked.size() > 64) break;
  }
  EXPECT_EQ(search.holds(), std::min(capacity, most)) << "guess " << guess;
  EXPECT_EQ(search.fails().has_value(), capacity < most);
  EXPECT_EQ(search.fails().value_or(capacity + 1), capacity + 1);
  return asked;
}

TEST(CapacitySearch, AGoodGuessTakesThreeRounds) {
  EXPECT_THAT(rounds_for(7, 7), ElementsAre(1, 7, 8));
  EXPECT_THAT(rounds_for(7, 8), ElementsAre(1, 8, 7));
  EXPECT_THAT(rounds_for(2, 2), ElementsAre(1, 2, 3));
  EXPECT_THAT(rounds_for(1, 2), ElementsAre(1, 2));
}

TEST(CapacitySearch, ABadGuessIsLeftInGrowingSteps) {
  EXPECT_THAT(rounds_for(20, 10), ElementsAre(1, 10, 11, 13, 17, 25, 21, 19, 20));
  EXPECT_THAT(rounds_for(4, 10), ElementsAre(1, 10, 9, 7, 3, 5, 4));
}

TEST(CapacitySearch, WhereNotEvenOneHoldsTheCapacityIsNothing) {
  EXPECT_THAT(rounds_for(0, 5), ElementsAre(1));
}

TEST(CapacitySearch, NeverAsksForMoreThanItMay) {
  EXPECT_THAT(rounds_for(9, 40, 4), ElementsAre(1, 4));
  EXPECT_THAT(rounds_for(9, 2, 4), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(rounds_for(9, 2, 1), ElementsAre(1));
}

TEST(CapacitySearch, FindsEveryCapacityFromEveryGuess) {
  for (int capacity = 0; capacity <= 40; ++capacity)
    for (const int guess : {-1, 1, 2, 3, 10, 39, 40, 41, 1000}) rounds_for(capacity, guess, 40);
}

TEST(CapacitySearch, AnEndBeforeTheAnswerIsNoAnswer) {
  CapacitySearch search(10);
  EXPECT_FALSE(search.found());
  search.add(1, true);
  search.guess(4);
  search.add(4, true);
  EXPECT_EQ(search.holds(), 4);
  EXPECT_FALSE(search.found());
}

// Segments of two seconds of one track, booked `delay` (by index) after their last picture.
StreamTimes stream_of(const std::vector<double>& delays, const std::string& track = "abr/720p") {
  StreamTimes stream;
  for (std::size_t i = 0; i < delays.size(); ++i) {
    const double end = 2.0 * static_cast<double>(i + 1);
    stream.segments.push_back({track, end, end + delays[i]});
  }
  return stream;
}

RoundRules rules() { return {2, 2, {{"abr/720p", 0.5}}}; }

TEST(Lateness, UsualIsTheMedianOfWhatComesAfterTheWarmUp) {
  StreamTimes alone = stream_of({9, 0.4, 0.5, 0.9});
  const StreamTimes sound = stream_of({-4, -4, -4, -4}, "abr/audio");
  alone.segments.insert(alone.segments.end(), sound.segments.begin(), sound.segments.end());
  const Delays usual = usual_delays(alone, 2);
  ASSERT_EQ(usual.size(), 2U);
  EXPECT_NEAR(usual.at("abr/720p"), 0.5, 1e-9);
  EXPECT_EQ(usual.at("abr/audio"), 0) << "what comes early is not late when it comes less early";
}

TEST(Lateness, IsWhatGoesBeyondTheUsualAndNeverBelowNothing) {
  const Delays usual = {{"a", 0.5}};
  EXPECT_NEAR(lateness_of({"a", 4, 4.75}, usual), 0.25, 1e-9);
  EXPECT_EQ(lateness_of({"a", 4, 4.25}, usual), 0);
  EXPECT_NEAR(lateness_of({"b", 4, 4.75}, usual), 0.75, 1e-9) << "a track that nobody knows";
}

TEST(Lateness, StreamsInTimeHold) {
  const RoundVerdict verdict =
      judge_round({stream_of({3, 0.5, 0.6, 0.4, 0.5}), stream_of({0.5, 0.5, 0.6, 0.5, 0.5})}, rules());
  EXPECT_TRUE(verdict.holds) << verdict.reasons.front();
  EXPECT_EQ(verdict.lateness.count, 8U) << "the warm-up does not count";
  EXPECT_NEAR(verdict.lateness.most, 0.1, 1e-9);
  EXPECT_EQ(verdict.least_pace, 1);
}

TEST(Lateness, HalfASegmentIsLate) {
  // One constant delay: it does not fall behind, it is late all the same.
  EXPECT_TRUE(judge_round({stream_of({1.4, 1.4, 1.4, 1.4, 1.4})}, rules()).holds);
  const RoundVerdict late = judge_round({stream_of({1.6, 1.6, 1.6, 1.6, 1.6})}, rules());
  EXPECT_FALSE(late.holds);
  ASSERT_EQ(late.reasons.size(), 1U);
  EXPECT_THAT(late.reasons[0], HasSubstr("lateness p99 is 1.10 s, not under 1.00 s"));
}

TEST(Lateness, OneInAHundredMayBeLate) {
  std::vector<double> delays(202, 0.5);
  delays[100] = delays[101] = 4;
  EXPECT_TRUE(judge_round({stream_of(delays)}, rules()).holds) << "2 of 201";
  delays[102] = 4;
  EXPECT_FALSE(judge_round({stream_of(delays)}, rules()).holds) << "3 of 201";
}

TEST(Lateness, AStreamThatFallsBehindIsNamedBeforeItIsLate) {
  // Each segment comes a tenth of a second later than the one before: 2.1 s for 2 s of media.
  const RoundVerdict verdict =
      judge_round({stream_of({0.5, 0.5, 0.5}), stream_of({0.5, 0.5, 0.6, 0.7, 0.8, 0.9})}, rules());
  EXPECT_FALSE(verdict.holds);
  ASSERT_EQ(verdict.reasons.size(), 1U);
  EXPECT_THAT(verdict.reasons[0], HasSubstr("stream 2 fell behind by 0.40 s: 0.952 x real time"));
  EXPECT_NEAR(verdict.least_pace, 8 / 8.4, 1e-9);
  EXPECT_EQ(pace_of(stream_of({0.5, 0.9, 0.5, 0.4}), rules()), 1) << "one that catches up";
}

TEST(Lateness, AFailedStreamAndAnEmptyRoundDoNotHold) {
  StreamTimes failed = stream_of({0.5, 0.5, 0.5});
  failed.failure = "worker 7 died";
  EXPECT_THAT(judge_round({failed}, rules()).reasons, ElementsAre("stream 1: worker 7 died"));
  EXPECT_THAT(judge_round({stream_of({0.5})}, rules()).reasons,
              ElementsAre("no segment was finished after the warm-up"));
}

TEST(Lateness, ARoundIsLostOnceMoreThanOneInAHundredAreLate) {
  const std::vector<StreamTimes> two = {stream_of({0.5, 4, 0.5}), stream_of({9, 4})};
  EXPECT_FALSE(is_lost(two, rules(), 200)) << "2 of 200";
  EXPECT_TRUE(is_lost(two, rules(), 199));
  EXPECT_FALSE(is_lost({stream_of({9, 0.5})}, rules(), 10)) << "in the warm-up";
}

}  // namespace
}  // namespace millrace::bench
