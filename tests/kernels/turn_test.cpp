#include "kernels/turn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "kernels/reference.h"
#include "tests/kernels/pictures.h"

namespace millrace::kernels {
namespace {

using ::testing::ElementsAreArray;

constexpr Layout kLayouts[] = {Layout::nv12, Layout::p010, Layout::planar8, Layout::planar10};

Picture turned(Picture& source, Layout layout, int quarters, int mirrored) {
  const Surface from = source.surface();
  const bool swapped = quarters % 2 != 0;
  Picture target(swapped ? from.height : from.width, swapped ? from.width : from.height, layout);
  ReferenceKernels().turn({from, target.surface(), quarters, mirrored});
  EXPECT_TRUE(target.padding_is_untouched());
  return target;
}

void set_all(Picture& picture, Picture::Plane plane, const std::vector<int>& codes) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const int at = static_cast<int>(i), width = picture.width(plane);
    picture.set(plane, at % width, at / width, codes[i]);
  }
}

// 1 2 3 4
// 5 6 7 8   with chroma   1 2   and 40 more for v.
TEST(Turn, MovesEverySampleOfASmallPictureInAllEightWays) {
  const struct {
    int quarters, mirrored;
    std::vector<int> luma;
    std::vector<int> chroma;
  } rows[] = {
      {0, 0, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2}}, {1, 0, {5, 1, 6, 2, 7, 3, 8, 4}, {1, 2}},
      {2, 0, {8, 7, 6, 5, 4, 3, 2, 1}, {2, 1}}, {3, 0, {4, 8, 3, 7, 2, 6, 1, 5}, {2, 1}},
      {0, 1, {4, 3, 2, 1, 8, 7, 6, 5}, {2, 1}}, {1, 1, {1, 5, 2, 6, 3, 7, 4, 8}, {1, 2}},
      {2, 1, {5, 6, 7, 8, 1, 2, 3, 4}, {1, 2}}, {3, 1, {8, 4, 7, 3, 6, 2, 5, 1}, {2, 1}},
  };
  for (const Layout layout : kLayouts)
    for (const auto& row : rows) {
      SCOPED_TRACE(::testing::Message() << row.quarters << " quarters, mirrored: " << row.mirrored);
      Picture source(4, 2, layout);
      set_all(source, Picture::luma, {1, 2, 3, 4, 5, 6, 7, 8});
      set_all(source, Picture::u, {1, 2});
      set_all(source, Picture::v, {41, 42});
      Picture target = turned(source, layout, row.quarters, row.mirrored);
      EXPECT_THAT(target.codes(Picture::luma), ElementsAreArray(row.luma));
      EXPECT_THAT(target.codes(Picture::u), ElementsAreArray(row.chroma));
      EXPECT_THAT(target.codes(Picture::v), ElementsAreArray({row.chroma[0] + 40, row.chroma[1] + 40}));
    }
}

// The last column of chroma belongs to one column of luma alone, and comes to lie first all the same.
TEST(Turn, OfOddSidesTurnsEachPlaneByItself) {
  Picture source(3, 1, Layout::nv12);
  set_all(source, Picture::luma, {1, 2, 3});
  set_all(source, Picture::u, {11, 12});
  set_all(source, Picture::v, {21, 22});
  Picture back = turned(source, Layout::nv12, 2, 0);
  EXPECT_THAT(back.codes(Picture::luma), ElementsAreArray({3, 2, 1}));
  EXPECT_THAT(back.codes(Picture::u), ElementsAreArray({12, 11}));
  Picture up = turned(source, Layout::nv12, 3, 0);
  EXPECT_EQ(up.width(Picture::luma), 1);
  EXPECT_THAT(up.codes(Picture::luma), ElementsAreArray({3, 2, 1}));
  EXPECT_THAT(up.codes(Picture::v), ElementsAreArray({22, 21}));
}

TEST(Turn, BackAgainGivesThePictureItself) {
  for (const Layout layout : kLayouts)
    for (const auto& [width, height] : {std::pair{1, 1}, {33, 7}, {40, 24}, {1919, 107}})
      for (const int quarters : {0, 1, 2, 3})
        for (const int mirrored : {0, 1}) {
          Picture source(width, height, layout);
          source.fill(3);
          Picture there = turned(source, layout, quarters, mirrored);
          // A mirrored turn undoes itself: the mirror turns the way back round.
          Picture back = turned(there, layout, mirrored != 0 ? quarters : (4 - quarters) % 4, mirrored);
          ASSERT_EQ(back.bytes(), source.bytes())
              << width << "x" << height << " " << quarters << " quarters, mirrored: " << mirrored;
        }
}

TEST(Turn, ASmallerTargetLacksTheLastColumnsAndLinesOfTheTurnedPicture) {
  for (const int quarters : {0, 1, 2, 3})
    for (const int mirrored : {0, 1}) {
      Picture source(7, 5, Layout::planar8);
      source.fill(9);
      Picture whole = turned(source, Layout::planar8, quarters, mirrored);
      Picture part(whole.width(Picture::luma) - 1, whole.height(Picture::luma) - 1, Layout::nv12);
      ReferenceKernels().turn({source.surface(), part.surface(), quarters, mirrored});
      EXPECT_TRUE(part.padding_is_untouched());
      for (const auto plane : {Picture::luma, Picture::u, Picture::v})
        for (int y = 0; y < part.height(plane); ++y)
          for (int x = 0; x < part.width(plane); ++x)
            ASSERT_EQ(part.code(plane, x, y), whole.code(plane, x, y)) << quarters << " " << x << "," << y;
    }
}

TEST(Turn, MayChangeTheLayoutOfTheSameDepth) {
  for (const auto& [in, out] : {std::pair{Layout::planar10, Layout::p010},
                                {Layout::p010, Layout::planar10},
                                {Layout::planar8, Layout::nv12},
                                {Layout::nv12, Layout::planar8}}) {
    Picture source(33, 7, in);
    source.fill(4);
    Picture same = turned(source, in, 1, 1), other = turned(source, out, 1, 1);
    for (const auto plane : {Picture::luma, Picture::u, Picture::v})
      EXPECT_EQ(other.codes(plane), same.codes(plane));
  }
}

}  // namespace
}  // namespace millrace::kernels
