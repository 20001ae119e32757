#include "kernels/ladder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>

extern "C" {
#include <libswscale/swscale.h>
}

#include "kernels/reference.h"
#include "tests/kernels/pictures.h"

namespace millrace::kernels {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LadderShape shape_of(Picture& source, std::vector<Picture>& targets) {
  LadderShape shape;
  const Surface from = source.surface();
  shape.source = {from.width, from.height};
  shape.source_depth = from.depth;
  for (Picture& target : targets) {
    shape.rungs.push_back({target.surface().width, target.surface().height});
    shape.target_depth = target.surface().depth;
  }
  return shape;
}

void run(const LadderShape& shape, Picture& source, std::vector<Picture>& targets,
         const OverlayTables* overlay = nullptr) {
  ASSERT_EQ(refused(shape), "");
  const LadderTables tables(shape);
  Ladder ladder = tables.at(tables.bytes().data());
  ladder.source = source.surface();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    ladder.rungs[i].target = targets[i].surface();
    if (overlay != nullptr) ladder.rungs[i].overlay = overlay->at(overlay->bytes().data());
  }
  ReferenceKernels().ladder(ladder);
  for (const Picture& target : targets) EXPECT_TRUE(target.padding_is_untouched());
}

// Keys' cubic with a = -0.6, and Lanczos' window, straight from their definitions.
double height_at(Filter filter, double x) {
  x = std::abs(x);
  if (filter == Filter::bicubic) {
    constexpr double a = -0.6;
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }
  const auto sinc = [](double t) {
    return t == 0 ? 1 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t);
  };
  return x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

// One direction in double precision; what lies outside is the border's value.
std::vector<double> resampled(const std::vector<double>& from, int count, int size, int stride, int step,
                              int target, Filter filter, double ratio, double offset) {
  std::vector<double> to(static_cast<std::size_t>(count * target));
  const double wide = std::max(1.0, ratio);
  for (int i = 0; i < target; ++i) {
    const double centre = (i + 0.5) * ratio - 0.5 + offset;
    const int reach = static_cast<int>(std::ceil(3 * wide)) + 1;
    const int begin = static_cast<int>(centre) - reach;
    std::vector<double> weights;
    double sum = 0;
    for (int s = begin; s <= begin + 2 * reach + 1; ++s) {
      weights.push_back(height_at(filter, (s - centre) / wide));
      sum += weights.back();
    }
    for (int line = 0; line < count; ++line) {
      double value = 0;
      for (std::size_t k = 0; k < weights.size(); ++k) {
        if (weights[k] == 0) continue;
        const int s = std::clamp(begin + static_cast<int>(k), 0, size - 1);
        value += weights[k] * from[static_cast<std::size_t>(line * stride + s * step)];
      }
      to[static_cast<std::size_t>(line * target + i)] = value / sum;
    }
  }
  return to;
}

// A plane of `from` at the size of `to`'s, as columns of rows: result[x * height + y].
std::vector<double> expected(Picture& from, Picture& to, Picture::Plane plane, Filter filter,
                             ChromaSite site) {
  const std::vector<int> codes = from.codes(plane);
  const std::vector<double> values(codes.begin(), codes.end());
  const double across = static_cast<double>(from.width(Picture::luma)) / to.width(Picture::luma);
  const double down = static_cast<double>(from.height(Picture::luma)) / to.height(Picture::luma);
  const bool left = plane != Picture::luma && site == ChromaSite::left;
  const std::vector<double> lines =
      resampled(values, from.height(plane), from.width(plane), from.width(plane), 1, to.width(plane), filter,
                across, left ? 0.25 - 0.25 * across : 0);
  return resampled(lines, to.width(plane), from.height(plane), 1, to.width(plane), to.height(plane), filter,
                   down, 0);
}

struct Difference {
  double most = 0;
  double squares = 0;
  double count = 0;
  double decibels(double peak) const {
    return squares == 0 ? 200 : 10 * std::log10(peak * peak * count / squares);
  }
  void add(double a, double b) {
    most = std::max(most, std::abs(a - b));
    squares += (a - b) * (a - b);
    ++count;
  }
};

TEST(Filter, WeightsOfAHalvedRowOfFourAreExact) {
  const AxisTable table = make_axis(Filter::bicubic, 4, 2, 2, 0);
  EXPECT_EQ(table.taps, 4);
  EXPECT_THAT(table.first, ElementsAre(0, 0));
  // Tap by tap, for both targets: what would be read left of the picture counts for its first sample.
  const std::vector<float> wanted = {0.5F,       -0.05625F,  0.4359375F, 0.1203125F,
                                     0.1203125F, 0.4359375F, -0.05625F,  0.5F};
  ASSERT_EQ(table.weights.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(table.weights[i], wanted[i], 1e-7) << i;
}

TEST(Filter, WidensWithTheRatioAndStaysInsideTheSource) {
  for (const Filter filter : {Filter::bicubic, Filter::lanczos3})
    for (const auto& [source, target] : {std::pair{1920, 640}, {640, 1920}, {1, 1}, {1, 9}, {9, 1}, {2, 3}}) {
      const double ratio = static_cast<double>(source) / target;
      const AxisTable table = make_axis(filter, source, target, ratio, 0);
      const double taps = 2 * filter_radius(filter) * std::max(1.0, ratio);
      EXPECT_EQ(table.taps, std::min(source, static_cast<int>(std::ceil(taps))));
      for (int i = 0; i < target; ++i) {
        EXPECT_GE(table.first[static_cast<std::size_t>(i)], 0);
        EXPECT_LE(table.first[static_cast<std::size_t>(i)] + table.taps, source);
        double sum = 0;
        for (int tap = 0; tap < table.taps; ++tap)
          sum += table.weights[static_cast<std::size_t>(tap * target + i)];
        EXPECT_NEAR(sum, 1, 1e-6);
      }
    }
}

TEST(Ladder, HalvesAFourByFourPictureExactly) {
  Picture source(4, 4, Layout::nv12);
  source.fill_flat(0, 90, 170);
  const std::array<int, 4> row = {10, 50, 90, 200};
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 4; ++x) source.set(Picture::luma, x, y, row[static_cast<std::size_t>(x)]);
  std::vector<Picture> targets{{2, 2, Layout::nv12}};
  run(shape_of(source, targets), source, targets);
  // 26.375 and 144.6875, by hand from the weights above.
  EXPECT_THAT(targets[0].codes(Picture::luma), ElementsAre(26, 145, 26, 145));
  EXPECT_THAT(targets[0].codes(Picture::u), ElementsAre(90));
  EXPECT_THAT(targets[0].codes(Picture::v), ElementsAre(170));
}

TEST(Ladder, TheSameSizeKeepsEveryCodeInEveryLayoutAndDepth) {
  for (const Layout in : {Layout::nv12, Layout::p010, Layout::planar8, Layout::planar10})
    for (const Layout out : {Layout::nv12, Layout::p010, Layout::planar8, Layout::planar10}) {
      Picture source(35, 7, in);
      source.fill(3);
      std::vector<Picture> targets{{35, 7, out}};
      LadderShape shape = shape_of(source, targets);
      run(shape, source, targets);
      for (const auto plane : {Picture::luma, Picture::u, Picture::v}) {
        std::vector<int> wanted = source.codes(plane);
        for (int& code : wanted) {
          if (shape.target_depth > shape.source_depth) code *= 4;
          if (shape.target_depth < shape.source_depth) code = std::min((code + 2) / 4, 255);
        }
        EXPECT_EQ(targets[0].codes(plane), wanted);
      }
    }
}

TEST(Ladder, FullRangeMapsWhiteToWhiteAndNeutralToNeutral) {
  Picture source(4, 4, Layout::p010);
  source.fill_flat(1023, 512, 512);
  std::vector<Picture> targets{{4, 4, Layout::nv12}};
  LadderShape shape = shape_of(source, targets);
  shape.range = Range::full;
  run(shape, source, targets);
  EXPECT_EQ(targets[0].code(Picture::luma, 1, 1), 255);
  EXPECT_EQ(targets[0].code(Picture::u, 1, 1), 128);
}

TEST(Ladder, IsAtMostOneCodeFromDoublePrecision) {
  struct Case {
    int width, height;
    std::vector<LadderShape::Size> rungs;
  };
  const Case cases[] = {{1, 1, {{1, 1}, {5, 3}}},
                        {33, 17, {{33, 17}, {16, 9}, {7, 5}, {67, 35}, {1, 1}}},
                        {1919, 1079, {{640, 360}}},
                        {4096, 24, {{2048, 13}, {1366, 8}}},
                        {64, 48, {{4096, 10}}}};
  for (const Case& c : cases)
    for (const Filter filter : {Filter::bicubic, Filter::lanczos3})
      for (const bool wide : {false, true}) {
        if (c.height > 1000 && (wide || filter == Filter::lanczos3)) continue;  // long under a sanitizer
        Picture source(c.width, c.height, wide ? Layout::p010 : Layout::nv12);
        source.fill(7);
        std::vector<Picture> targets;
        for (const auto& size : c.rungs)
          targets.emplace_back(size.width, size.height, wide ? Layout::planar10 : Layout::nv12);
        LadderShape shape = shape_of(source, targets);
        shape.filter = filter;
        run(shape, source, targets);
        const double peak = wide ? 1023 : 255;
        for (Picture& target : targets) {
          Difference all;
          for (const auto plane : {Picture::luma, Picture::u, Picture::v}) {
            const std::vector<double> wanted = expected(source, target, plane, filter, ChromaSite::left);
            for (int y = 0; y < target.height(plane); ++y)
              for (int x = 0; x < target.width(plane); ++x) {
                const double held =
                    std::clamp(wanted[static_cast<std::size_t>(x * target.height(plane) + y)], 0.0, peak);
                all.add(target.code(plane, x, y), std::floor(held + 0.5));
              }
          }
          SCOPED_TRACE(::testing::Message()
                       << c.width << "x" << c.height << " to " << target.width(Picture::luma) << "x"
                       << target.height(Picture::luma) << (wide ? ", 10 bits" : ""));
          EXPECT_LE(all.most, 1);
          EXPECT_GE(all.decibels(peak), 80);
        }
      }
}

TEST(Ladder, IsCloseToLibswscale) {
  constexpr int kFlags =
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT;
  for (const auto& [width, height] : {std::pair{320, 180}, {214, 120}, {160, 90}}) {
    Picture source(640, 360, Layout::planar8);
    source.fill(5);
    // What goes beyond white between its two passes libswscale cuts off: codes that never do.
    for (const auto plane : {Picture::luma, Picture::u, Picture::v})
      for (int y = 0; y < source.height(plane); ++y)
        for (int x = 0; x < source.width(plane); ++x)
          source.set(plane, x, y, 64 + source.code(plane, x, y) / 2);
    std::vector<Picture> targets{{width, height, Layout::planar8}};
    LadderShape shape = shape_of(source, targets);
    shape.site = ChromaSite::centre;  // what libswscale takes where nobody says
    run(shape, source, targets);
    Picture theirs(width, height, Layout::planar8);
    SwsContext* scaler = sws_getContext(640, 360, AV_PIX_FMT_YUV420P, width, height, AV_PIX_FMT_YUV420P,
                                        kFlags, nullptr, nullptr, nullptr);
    ASSERT_NE(scaler, nullptr);
    const auto planes = [](const Surface& s) {
      return std::array<std::uint8_t*, 4>{reinterpret_cast<std::uint8_t*>(s.luma),
                                          reinterpret_cast<std::uint8_t*>(s.u),
                                          reinterpret_cast<std::uint8_t*>(s.v), nullptr};
    };
    const auto strides = [](const Surface& s) {
      return std::array<int, 4>{s.luma_stride, s.chroma_stride, s.chroma_stride, 0};
    };
    const Surface from = source.surface(), to = theirs.surface();
    sws_scale(scaler, planes(from).data(), strides(from).data(), 0, 360, planes(to).data(),
              strides(to).data());
    sws_freeContext(scaler);
    for (const auto plane : {Picture::luma, Picture::u, Picture::v}) {
      Difference difference;
      const std::vector<int> a = targets[0].codes(plane), b = theirs.codes(plane);
      for (std::size_t i = 0; i < a.size(); ++i) difference.add(a[i], b[i]);
      EXPECT_GE(difference.decibels(255), 65) << width << " plane " << plane;
    }
  }
}

// One code all over a part of each plane, luma's with even sides.
OverlayPlanes flat_overlay(int x, int y, int width, int height, std::array<int, 3> codes, double alpha) {
  OverlayPlanes planes;
  for (std::size_t i = 0; i < 3; ++i) {
    const int step = i == 0 ? 1 : 2;
    planes[i].part = {x / step, y / step, width / step, height / step};
    const Blend blend{static_cast<std::uint32_t>(std::lround(codes[i] * alpha * 65536)),
                      65536 - static_cast<std::uint32_t>(std::lround(alpha * 65536))};
    planes[i].blends.assign(static_cast<std::size_t>(width / step * (height / step)), blend);
  }
  return planes;
}

TEST(Overlay, BlendingIsExactRounding) {
  for (int alpha = 0; alpha < 256; ++alpha)
    for (int over = 0; over < 1024; over += 33)
      for (int under = 0; under < 1024; under += 31) {
        const double share = alpha / 255.0, wanted = share * over + (1 - share) * under;
        const Blend blend = flat_overlay(0, 0, 2, 2, {over, 0, 0}, share)[0].blends[0];
        ASSERT_LE(std::abs(laid(blend, under) - wanted), 0.5 + 0.02) << alpha << " " << over << " " << under;
        if (alpha == 0) {
          ASSERT_EQ(laid(blend, under), under);
        }
        if (alpha == 255) {
          ASSERT_EQ(laid(blend, under), over);
        }
      }
}

TEST(Overlay, LiesWhereItIsPutAndNowhereElse) {
  const OverlayTables overlay(flat_overlay(2, 2, 4, 2, {235, 102, 240}, 0.5));
  for (const Layout in : {Layout::planar8, Layout::nv12}) {
    Picture source(8, 6, in);
    source.fill_flat(100, 90, 60);
    std::vector<Picture> targets{{8, 6, Layout::nv12}};
    run(shape_of(source, targets), source, targets, &overlay);
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 8; ++x) {
        const bool under = x >= 2 && x < 6 && y >= 2 && y < 4;
        EXPECT_EQ(targets[0].code(Picture::luma, x, y), under ? 168 : 100) << x << "," << y;
        EXPECT_EQ(targets[0].code(Picture::u, x / 2, y / 2), under ? 96 : 90) << x << "," << y;
        EXPECT_EQ(targets[0].code(Picture::v, x / 2, y / 2), under ? 150 : 60) << x << "," << y;
      }
  }
}

TEST(Overlay, MayReachOverEveryBorder) {
  for (const int at : {-14, -2, 6, 30}) {
    const OverlayTables overlay(flat_overlay(at, at, 16, 16, {940, 512, 512}, 1));
    Picture source(8, 8, Layout::p010);
    source.fill_flat(64, 512, 512);
    std::vector<Picture> targets{{8, 8, Layout::p010}};
    run(shape_of(source, targets), source, targets, &overlay);
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(targets[0].code(Picture::luma, i, i), i >= at && i < at + 16 ? 940 : 64) << at;
  }
}

TEST(Overlay, TwoAsOneAreAtMostACodeFromOneAfterTheOther) {
  for (const double first : {0.0, 0.2, 0.5, 0.9, 1.0})
    for (const double second : {0.0, 0.1, 0.7, 1.0})
      for (const int most : {255, 1023}) {
        const OverlayPlanes below = flat_overlay(0, 0, 4, 4, {most, 77, most / 2}, first);
        const OverlayPlanes above = flat_overlay(2, 2, 4, 4, {most / 3, most, 0}, second);
        const OverlayPlanes both = laid_over(below, above);
        EXPECT_EQ(both[0].part.width, 6);
        EXPECT_EQ(both[2].part.height, 3);
        const auto at = [](const OverlayPlane& plane, int x, int y) {
          const std::int32_t place = place_in(plane.part, x, y);
          return place < 0 ? Blend() : plane.blends[static_cast<std::size_t>(place)];
        };
        for (std::size_t plane = 0; plane < 3; ++plane)
          for (int i = 0; i < 6; ++i)
            for (int code = 0; code <= most; code += 5) {
              const int wanted = laid(at(above[plane], i, i), laid(at(below[plane], i, i), code));
              const int got = laid(at(both[plane], i, i), code);
              ASSERT_LE(std::abs(got - wanted), 1) << first << " " << second << " " << code;
              ASSERT_LE(got, most);
              if (i >= 4) {
                ASSERT_EQ(got, plane == 0 ? wanted : code) << "where one lies alone";
              }
            }
      }
  const OverlayPlanes one = flat_overlay(0, 0, 2, 2, {9, 9, 9}, 0.5);
  EXPECT_EQ(laid_over({}, one)[0].part.width, 2);
  EXPECT_EQ(laid_over(one, {})[0].part.width, 2);
}

TEST(LadderShape, TableOfRefusals) {
  LadderShape good;
  good.source = {1920, 1080};
  good.rungs = {{1280, 720}};
  EXPECT_EQ(refused(good), "");
  LadderShape shape = good;
  shape.rungs.assign(9, {64, 36});
  EXPECT_THAT(refused(shape), HasSubstr("9 rungs"));
  shape.rungs.clear();
  EXPECT_THAT(refused(shape), HasSubstr("0 rungs"));
  shape = good;
  shape.rungs[0].height = 0;
  EXPECT_THAT(refused(shape), HasSubstr("1280x0"));
  shape = good;
  shape.source.width = kLargestSide + 1;
  EXPECT_THAT(refused(shape), HasSubstr("16385x1080"));
  shape = good;
  shape.target_depth = 12;
  EXPECT_THAT(refused(shape), HasSubstr("12 bits"));
}

}  // namespace
}  // namespace millrace::kernels
