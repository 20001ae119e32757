#include "engine/schedule/error_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

struct Row {
  Code code;
  ErrorClass error_class;
};
constexpr Row kRows[] = {
    {Code::cancelled, ErrorClass::stopped},       {Code::invalid_argument, ErrorClass::bad_input},
    {Code::not_found, ErrorClass::bad_input},     {Code::already_exists, ErrorClass::bad_input},
    {Code::unsupported, ErrorClass::bad_input},   {Code::corrupt_input, ErrorClass::bad_input},
    {Code::io_error, ErrorClass::transient},      {Code::device_lost, ErrorClass::lost},
    {Code::worker_killed, ErrorClass::killed},    {Code::resource_exhausted, ErrorClass::no_capacity},
    {Code::out_of_memory, ErrorClass::no_memory}, {Code::internal, ErrorClass::bug},
};

TEST(ErrorClass, EveryCodeHasOne) {
  for (const Row& row : kRows) EXPECT_EQ(class_of(row.code), row.error_class) << name_of(row.code);
}

TEST(ErrorClass, OnlyWhatMayWorkNextTimeIsTriedAgain) {
  for (const ErrorClass each :
       {ErrorClass::stopped, ErrorClass::bad_input, ErrorClass::transient, ErrorClass::lost,
        ErrorClass::killed, ErrorClass::no_memory, ErrorClass::no_capacity, ErrorClass::bug}) {
    const Treatment& treatment = treatment_of(each);
    EXPECT_EQ(treatment.error_class, each) << name_of(each);
    const bool careful = each == ErrorClass::lost || each == ErrorClass::no_memory;
    const bool again = careful || each == ErrorClass::transient || each == ErrorClass::killed;
    EXPECT_EQ(treatment.most_in_a_row > 1, again) << name_of(each);
    EXPECT_EQ(treatment.careful_from > 0, careful) << name_of(each);
  }
}

TEST(ErrorClass, TransientFailuresWaitTwiceAsLongEachTimeUpToTheLongest) {
  const Treatment& transient = treatment_of(ErrorClass::transient);
  std::vector<std::int64_t> waits;
  for (int in_a_row : {0, 1, 2, 3, 4, 7, 1000}) waits.push_back(wait_after(transient, in_a_row).count());
  EXPECT_THAT(waits, ElementsAre(1'000, 1'000, 2'000, 4'000, 8'000, 60'000, 60'000));
  EXPECT_EQ(wait_after(treatment_of(ErrorClass::lost), 2), milliseconds(0));
}

}  // namespace
}  // namespace millrace::engine
