#include "engine/pipeline/damage_log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace millrace::engine {
namespace {

using testing::ElementsAre;

TEST(DamageLog, KeepsEachSentenceOnceInOrderAndTellsItAtOnce) {
  std::vector<std::string> told;
  DamageLog log(true, [&](const std::string& sentence) { told.push_back(sentence); });
  for (const char* each : {"at 1 s", "at 2 s", "at 1 s"}) log.add(each);
  EXPECT_TRUE(log.accepts());
  EXPECT_THAT(log.sentences(), ElementsAre("at 1 s", "at 2 s"));
  EXPECT_EQ(told, log.sentences());
}

TEST(DamageLog, CountsWhatItDoesNotKeep) {
  DamageLog log(true);
  for (int i = 0; i < 250; ++i) log.add(fmt::format("at {} s", i));
  const auto sentences = log.sentences();
  ASSERT_EQ(sentences.size(), DamageLog::kMost);
  EXPECT_EQ(sentences[98], "at 98 s");
  EXPECT_EQ(sentences[99], "damaged places in all: 250");
}

}  // namespace
}  // namespace millrace::engine
