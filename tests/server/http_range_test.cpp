#include "server/http/range.h"

#include <gtest/gtest.h>

namespace millrace::server {
namespace {

using Kind = RangeAnswer::Kind;

struct Case {
  const char* header;
  std::uint64_t size;
  Kind kind;
  std::uint64_t first, length;
};

class Ranges : public testing::TestWithParam<Case> {};
TEST_P(Ranges, AreReadAsTheStandardSays) {
  const Case& each = GetParam();
  const RangeAnswer answer = answer_range(each.header, each.size);
  EXPECT_EQ(answer.kind, each.kind) << each.header;
  EXPECT_EQ(answer.first, each.first) << each.header;
  EXPECT_EQ(answer.length, each.length) << each.header;
}
INSTANTIATE_TEST_SUITE_P(Range, Ranges,
                         testing::Values(Case{"", 10, Kind::whole, 0, 10},                  //
                                         Case{"bytes=0-0", 10, Kind::part, 0, 1},           //
                                         Case{"bytes=2-5", 10, Kind::part, 2, 4},           //
                                         Case{"Bytes= 2-5 ", 10, Kind::part, 2, 4},         //
                                         Case{"bytes=2-", 10, Kind::part, 2, 8},            //
                                         Case{"bytes=9-99", 10, Kind::part, 9, 1},          //
                                         Case{"bytes=-3", 10, Kind::part, 7, 3},            //
                                         Case{"bytes=-30", 10, Kind::part, 0, 10},          //
                                         Case{"bytes=-0", 10, Kind::unsatisfiable, 0, 0},   //
                                         Case{"bytes=10-", 10, Kind::unsatisfiable, 0, 0},  //
                                         Case{"bytes=0-", 0, Kind::unsatisfiable, 0, 0},    //
                                         Case{"bytes=-1", 0, Kind::unsatisfiable, 0, 0},    //
                                         Case{"bytes=99999999999999999999-", 10, Kind::unsatisfiable, 0, 0},
                                         Case{"bytes=0-99999999999999999999", 10, Kind::part, 0, 10},
                                         Case{"bytes=5-2", 10, Kind::whole, 0, 10},      //
                                         Case{"bytes=0-1,3-4", 10, Kind::whole, 0, 10},  //
                                         Case{"bytes=a-b", 10, Kind::whole, 0, 10},      //
                                         Case{"bytes=-", 10, Kind::whole, 0, 10},        //
                                         Case{"bytes=1--2", 10, Kind::whole, 0, 10},     //
                                         Case{"lines=1-2", 10, Kind::whole, 0, 10},      //
                                         Case{"bytes", 10, Kind::whole, 0, 10}));

}  // namespace
}  // namespace millrace::server
