#include "kernels/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "kernels/colour_pixel.h"
#include "tests/kernels/pictures.h"

namespace millrace::kernels {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Colour kHd{Matrix::bt709, Primaries::bt709, Transfer::sdr, Range::limited};
constexpr Colour kFull{Matrix::bt709, Primaries::bt709, Transfer::sdr, Range::full};
constexpr Colour kSd{Matrix::bt601, Primaries::bt601_525, Transfer::sdr, Range::limited};
constexpr Colour kHdr10{Matrix::bt2020, Primaries::bt2020, Transfer::pq, Range::limited};
constexpr ToneCurve kHable = ToneCurve::hable;
constexpr Colour kHlg{Matrix::bt2020, Primaries::bt2020, Transfer::hlg, Range::limited};

TEST(Power, IsCloseToTheOneOfTheLibrary) {
  for (const double exponent : {1 / 2.4, 2.4, 0.1593017578125, 78.84375, 0.0126833}) {
    for (double value = 1e-4; value < 1.2; value *= 1.013) {
      const float at = static_cast<float>(value);
      const double wanted = std::pow(static_cast<double>(at), exponent);
      if (wanted < 1e-20) continue;
      // What a float leaves off the logarithm of the result is the result's relative error.
      EXPECT_NEAR(power_of(at, static_cast<float>(exponent)) / wanted, 1,
                  5e-7 + 2e-7 * std::abs(std::log2(wanted)))
          << value;
    }
  }
  EXPECT_EQ(power_of(0, 2.4F), 0);
  EXPECT_EQ(power_of(1, 78.84375F), 1);
  EXPECT_EQ(exp2_of(0), 1);
  EXPECT_EQ(log2_of(8), 3);
}

// The same in double precision, after the standards.
struct Exact {
  static double light_of_pq(double v) {
    const double root = std::pow(v, 32.0 / 2523);
    return std::pow(std::max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root), 16384.0 / 2610);
  }
  static double pq_of_light(double l) {
    const double root = std::pow(l, 2610.0 / 16384);
    return std::pow((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root), 2523.0 / 32);
  }
  static double scene_of_hlg(double v) {
    const double a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * std::log(4 * a);
    return v <= 0.5 ? v * v / 3 : (std::exp((v - c) / a) + b) / 12;
  }
  static double rolled_off(const ToneMap& tone, double light) {
    const double peak = pq_of_light(tone.source_nits / 10000);
    const double top = pq_of_light(tone.target_nits / 10000) / peak;
    const double knee = 1.5 * top - 0.5, e = std::min(pq_of_light(light) / peak, 1.0);
    if (e < knee) return light;
    const double t = (e - knee) / (1 - knee);
    return light_of_pq(((2 * t * t * t - 3 * t * t + 1) * knee + (t * t * t - 2 * t * t + t) * (1 - knee) +
                        (-2 * t * t * t + 3 * t * t) * top) *
                       peak);
  }
  static double hable(double x) {
    return (x * (0.15 * x + 0.5 * 0.1) + 0.2 * 0.02) / (x * (0.15 * x + 0.5) + 0.2 * 0.3) - 0.02 / 0.3;
  }
  static std::array<double, 2> luma_weights(Matrix matrix) {
    if (matrix == Matrix::bt601) return {0.299, 0.114};
    if (matrix == Matrix::bt709) return {0.2126, 0.0722};
    return {0.2627, 0.0593};
  }

  Colour from, to;
  int from_depth, to_depth;
  ToneMap tone;

  // Codes, not rounded. `gamut` is held against published matrices elsewhere.
  std::array<double, 3> operator()(int luma, int u, int v) const {
    const double in = 1 << (from_depth - 8), out = 1 << (to_depth - 8);
    const bool full = from.range == Range::full;
    const double y = full ? luma / (256 * in - 1) : (luma - 16 * in) / (219 * in);
    const double span = full ? 256 * in - 1 : 224 * in;
    const double cb = (u - 128 * in) / span, cr = (v - 128 * in) / span;
    const auto [kr, kb] = luma_weights(from.matrix);
    std::array<double, 3> rgb = {y + 2 * (1 - kr) * cr, 0, y + 2 * (1 - kb) * cb};
    rgb[1] = (y - kr * rgb[0] - kb * rgb[2]) / (1 - kr - kb);
    if (from.transfer != to.transfer || from.primaries != to.primaries) {
      const ColourMap map = make_colour_map(from, from_depth, to, to_depth, tone);
      std::array<double, 3> light = rgb;
      const bool filmic = from.transfer != Transfer::sdr && tone.curve == ToneCurve::hable;
      for (double& each : light) {
        each = std::clamp(each, 0.0, filmic ? 1.75 : 1.0);
        each = from.transfer == Transfer::sdr  ? std::pow(each, 2.4)
               : from.transfer == Transfer::pq ? light_of_pq(each)
                                               : scene_of_hlg(each);
      }
      if (from.transfer == Transfer::hlg) {
        const double luminance = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
        for (double& each : light)
          each = tone.curve == ToneCurve::hable ? 0.1 * std::pow(each, 1.2)
                                                : each * tone.source_nits / 10000 * std::pow(luminance, 0.2);
      }
      if (from.transfer != Transfer::sdr && tone.curve == ToneCurve::hable)
        for (double& each : light) each *= 10000 / tone.target_nits;
      if (from.transfer != Transfer::sdr && tone.curve == ToneCurve::bt2390) {
        const double most = std::max({light[0], light[1], light[2]});
        const double gain = most > 0 ? rolled_off(tone, most) / most * 10000 / tone.target_nits : 0;
        for (double& each : light) each *= gain;
      }
      for (std::size_t i = 0; i < 3; ++i)
        rgb[i] =
            map.gamut[3 * i] * light[0] + map.gamut[3 * i + 1] * light[1] + map.gamut[3 * i + 2] * light[2];
      if (from.transfer != Transfer::sdr && tone.curve == ToneCurve::hable) {
        const double most = std::max({rgb[0], rgb[1], rgb[2], 1e-6});
        for (double& each : rgb) each *= hable(most) / most / hable(tone.source_nits / tone.target_nits);
      }
      for (double& each : rgb) each = std::pow(std::clamp(each, 0.0, filmic ? 100.0 : 1.0), 1 / 2.4);
    }
    const auto [kr2, kb2] = luma_weights(to.matrix);
    const double luma_out = kr2 * rgb[0] + (1 - kr2 - kb2) * rgb[1] + kb2 * rgb[2];
    const double cb_out = (rgb[2] - luma_out) / (2 * (1 - kb2)),
                 cr_out = (rgb[0] - luma_out) / (2 * (1 - kr2));
    if (to.range == Range::full) {
      const double most = 256 * out - 1;
      return {luma_out * most, cb_out * most + 128 * out, cr_out * most + 128 * out};
    }
    return {(luma_out * 219 + 16) * out, (cb_out * 224 + 128) * out, (cr_out * 224 + 128) * out};
  }
};

void convert(Picture& source, Picture& target, const Colour& from, const Colour& to,
             const ToneMap& tone = {}) {
  ASSERT_EQ(refused(from, to, tone), "");
  ReferenceKernels().convert(
      {source.surface(), target.surface(),
       make_colour_map(from, source.surface().depth, to, target.surface().depth, tone)});
  EXPECT_TRUE(target.padding_is_untouched());
}

// One colour all over, in and out.
std::array<int, 3> converted(std::array<int, 3> codes, Layout in, Layout out, const Colour& from,
                             const Colour& to, const ToneMap& tone = {}) {
  Picture source(4, 4, in), target(4, 4, out);
  source.fill_flat(codes[0], codes[1], codes[2]);
  convert(source, target, from, to, tone);
  EXPECT_THAT(target.codes(Picture::luma), Each(target.code(Picture::luma, 0, 0)));
  return {target.code(Picture::luma, 0, 0), target.code(Picture::u, 1, 1), target.code(Picture::v, 1, 1)};
}

TEST(Convert, RangesMapBlackNeutralAndWhiteExactly) {
  EXPECT_THAT(converted({0, 128, 128}, Layout::nv12, Layout::nv12, kFull, kHd), ElementsAre(16, 128, 128));
  EXPECT_THAT(converted({255, 128, 128}, Layout::nv12, Layout::nv12, kFull, kHd), ElementsAre(235, 128, 128));
  EXPECT_THAT(converted({235, 128, 128}, Layout::nv12, Layout::p010, kHd, kFull),
              ElementsAre(1023, 512, 512));
  EXPECT_THAT(converted({940, 512, 512}, Layout::p010, Layout::planar8, kHd, kHd),
              ElementsAre(235, 128, 128));
}

TEST(Convert, RedOfBt709IsRedOfBt601) {
  constexpr Colour sd_matrix{Matrix::bt601, Primaries::bt709, Transfer::sdr, Range::limited};
  // 8-bit limited codes of (1, 0, 0) as both standards give them.
  EXPECT_THAT(converted({63, 102, 240}, Layout::nv12, Layout::nv12, kHd, sd_matrix),
              ElementsAre(82, 90, 240));
}

TEST(Convert, GamutMatrixIsThePublishedOne) {
  constexpr Colour wide{Matrix::bt2020, Primaries::bt2020, Transfer::sdr, Range::limited};
  const ColourMap map = make_colour_map(wide, 10, kHd, 8);
  // BT.2407-0 §2.1, 2020 to 709.
  const double published[] = {1.6605, -0.5876, -0.0728, -0.1246, 1.1329, -0.0083, -0.0182, -0.1006, 1.1187};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(map.gamut[i], published[i], 1e-4) << i;
  EXPECT_NEAR(map.light_green, 0.6780, 1e-4);
}

TEST(Convert, IsAtMostOneCodeFromDoublePrecision) {
  struct Case {
    const char* name;
    Layout in, out;
    Colour from, to;
    ToneMap tone;
  };
  const Case cases[] = {{"range", Layout::nv12, Layout::planar8, kFull, kHd, {}},
                        {"matrix and primaries", Layout::nv12, Layout::nv12, kSd, kHd, {}},
                        {"to 10 bits", Layout::planar8, Layout::p010, kSd, kFull, {}},
                        {"HDR10", Layout::p010, Layout::nv12, kHdr10, kHd, {}},
                        {"HDR10 of 4000 nits", Layout::p010, Layout::p010, kHdr10, kHd, {4000, 203}},
                        {"HLG", Layout::planar10, Layout::nv12, kHlg, kHd, {}},
                        {"HDR10, filmic", Layout::p010, Layout::p010, kHdr10, kHd, {4000, 100, kHable}},
                        {"HLG, filmic", Layout::p010, Layout::nv12, kHlg, kHd, {1000, 100, kHable}},
                        {"HDR10 kept", Layout::p010, Layout::p010, kHdr10, kHdr10, {}}};
  for (const Case& c : cases)
    for (const auto& [width, height] : {std::pair{1, 1}, {33, 7}, {131, 61}}) {
      SCOPED_TRACE(c.name);
      Picture source(width, height, c.in), target(width, height, c.out);
      source.fill(11);
      convert(source, target, c.from, c.to, c.tone);
      const Exact exact{c.from, c.to, source.surface().depth, target.surface().depth, c.tone};
      const double peak = largest_code(target.surface().depth);
      double most = 0, squares = 0, count = 0;
      const auto hold = [&](int code, double wanted) {
        const double difference = std::abs(code - std::floor(std::clamp(wanted, 0.0, peak) + 0.5));
        most = std::max(most, difference);
        squares += difference * difference;
        ++count;
      };
      for (int y = 0; y < target.height(Picture::u); ++y)
        for (int x = 0; x < target.width(Picture::u); ++x) {
          double u = 0, v = 0;
          int pixels = 0;
          for (int row = 2 * y; row < std::min(2 * y + 2, height); ++row)
            for (int column = 2 * x; column < std::min(2 * x + 2, width); ++column, ++pixels) {
              const auto wanted = exact(source.code(Picture::luma, column, row),
                                        source.code(Picture::u, x, y), source.code(Picture::v, x, y));
              hold(target.code(Picture::luma, column, row), wanted[0]);
              u += wanted[1];
              v += wanted[2];
            }
          hold(target.code(Picture::u, x, y), u / pixels);
          hold(target.code(Picture::v, x, y), v / pixels);
        }
      EXPECT_LE(most, 1);
      if (count > 100) {
        EXPECT_GE(peak * peak * count, 1e8 * squares);  // 80 dB
      }
    }
}

TEST(ToneMap, KeepsBlackAndShadowsAndBringsThePeakToWhite) {
  const auto grey = [](double nits) {
    const int code = static_cast<int>(std::lround(64 + 876 * Exact::pq_of_light(nits / 10000)));
    return converted({code, 512, 512}, Layout::p010, Layout::nv12, kHdr10, kHd, {1000, 100})[0];
  };
  EXPECT_EQ(grey(0), 16);
  EXPECT_NEAR(grey(10), 16 + 219 * std::pow(0.1, 1 / 2.4), 1);  // below the knee: as bright as it was
  EXPECT_EQ(grey(1000), 235);
  EXPECT_EQ(grey(4000), 235);
  int before = 0;
  for (double nits = 1; nits < 1000; nits *= 1.5) {
    const int code = grey(nits);
    EXPECT_GE(code, before);
    before = code;
  }
}

TEST(ToneMap, HlgAtThreeQuartersIsAsBrightAsTwoHundredNits) {
  // BT.2408-7 table 1: HDR reference white is 203 nits, 75 % of HLG and 58 % of PQ.
  const auto hlg = converted({64 + 657, 512, 512}, Layout::p010, Layout::nv12, kHlg, kHd);
  const auto pq = converted({64 + 509, 512, 512}, Layout::p010, Layout::nv12, kHdr10, kHd);
  EXPECT_NEAR(hlg[0], pq[0], 1);
}

TEST(ToneMap, TableOfRefusals) {
  EXPECT_THAT(refused(kHd, kHdr10, {}), HasSubstr("nothing else is made HDR"));
  EXPECT_THAT(refused(kHlg, kHdr10, {}), HasSubstr("nothing else is made HDR"));
  EXPECT_THAT(refused(kHdr10, kHd, {90, 100}), HasSubstr("from 90 to 100 nits"));
  EXPECT_THAT(refused(kHdr10, kHd, {20000, 100}), HasSubstr("20000"));
  EXPECT_EQ(refused(kHdr10, kHdr10, {}), "");
  EXPECT_EQ(refused(kHdr10, kHd, {90, 100, kHable}), "");
  EXPECT_THAT(refused(kHdr10, kHd, {0, 100, kHable}), HasSubstr("from 0 to 100 nits"));
}

struct Interlaced {
  Picture previous, current, next, target;
  explicit Interlaced(int width = 4, int height = 8, Layout layout = Layout::nv12)
      : previous(width, height, layout),
        current(width, height, layout),
        next(width, height, layout),
        target(width, height, layout) {}
  void lines(Picture& picture, int parity, int code) {
    for (int y = parity; y < picture.height(Picture::luma); y += 2)
      for (int x = 0; x < picture.width(Picture::luma); ++x) picture.set(Picture::luma, x, y, code);
  }
  void run(int kept, int second) {
    ReferenceKernels().deinterlace(
        {previous.surface(), current.surface(), next.surface(), target.surface(), kept, second});
    EXPECT_TRUE(target.padding_is_untouched());
  }
};

TEST(Deinterlace, WhatStandsStillStaysAsItIs) {
  for (const Layout layout : {Layout::nv12, Layout::p010, Layout::planar8})
    for (const auto& [width, height] : {std::pair{33, 17}, {4, 2}, {1, 1}, {5, 3}})
      for (const int kept : {0, 1})
        for (const int second : {0, 1}) {
          Interlaced clip(width, height, layout);
          for (Picture* picture : {&clip.previous, &clip.current, &clip.next}) picture->fill(2);
          clip.run(kept, second);
          for (const auto plane : {Picture::luma, Picture::u, Picture::v})
            EXPECT_EQ(clip.target.codes(plane), clip.current.codes(plane)) << width << "x" << height;
        }
}

TEST(Deinterlace, WhereAllMovesTheMissingLinesComeFromTheirNeighbours) {
  Interlaced clip;
  for (Picture* picture : {&clip.previous, &clip.current, &clip.next}) picture->fill_flat(0, 128, 128);
  clip.lines(clip.current, 0, 100);
  clip.lines(clip.previous, 1, 200);
  clip.run(0, 0);
  // Between lines of 100, before 200, after 0: the mean is 100 and may move by 100; so does space.
  EXPECT_THAT(clip.target.codes(Picture::luma), Each(100));
}

TEST(Deinterlace, TheFieldsBesideInTimeAreTheRightOnes) {
  for (const int kept : {0, 1})
    for (const int second : {0, 1}) {
      Interlaced clip;
      for (Picture* picture : {&clip.previous, &clip.current, &clip.next}) clip.lines(*picture, kept, 100);
      // The other lines: 40 in both fields beside the kept one, 240 in the frame that is not beside it.
      clip.lines(clip.current, 1 - kept, 40);
      clip.lines(clip.previous, 1 - kept, second == 0 ? 40 : 240);
      clip.lines(clip.next, 1 - kept, second == 0 ? 240 : 40);
      clip.run(kept, second);
      for (int y = 0; y < 8; ++y) EXPECT_EQ(clip.target.code(Picture::luma, 2, y), y % 2 == kept ? 100 : 40);
    }
}

// A missing sample as the header defines it, a line at a time.
int between_fields(Interlaced& clip, Picture::Plane plane, int x, int y, int kept, bool second) {
  const auto at = [&](Picture& picture, int row) { return picture.code(plane, x, row); };
  const int height = clip.current.height(plane);
  if (y % 2 == kept || height == 1) return at(clip.current, y);
  const auto is_inside = [&](int row) { return row >= 0 && row < height; };
  const int above = is_inside(y - 1) ? y - 1 : y + 1, below = is_inside(y + 1) ? y + 1 : y - 1;
  const int far_above = is_inside(y - 3) ? y - 3 : above, far_below = is_inside(y + 3) ? y + 3 : below;
  const int space = static_cast<int>(std::floor((9.0 * (at(clip.current, above) + at(clip.current, below)) -
                                                 at(clip.current, far_above) - at(clip.current, far_below)) /
                                                    16 +
                                                0.5));
  const int before = at(second ? clip.current : clip.previous, y);
  const int after = at(second ? clip.next : clip.current, y);
  const int time = (before + after + 1) / 2;
  int motion = std::abs(before - after) / 2;
  for (Picture* other : {&clip.previous, &clip.next})
    motion = std::max(motion, (std::abs(at(*other, above) - at(clip.current, above)) +
                               std::abs(at(*other, below) - at(clip.current, below))) /
                                  2);
  return std::clamp(space, std::max(time - motion, 0), std::min(time + motion, 255));
}

TEST(Deinterlace, IsItsDefinitionOnEverySampleOfAnythingThatMoves) {
  for (const auto& [width, height] : {std::pair{16, 24}, {3, 9}, {2, 3}})
    for (const int kept : {0, 1})
      for (const int second : {0, 1}) {
        Interlaced clip(width, height);
        clip.previous.fill(1);
        clip.current.fill(2);
        clip.next.fill(3);
        // A field that is nearly still: there the motion around a sample decides.
        for (int y = 0; y < height; ++y)
          for (int x = 0; x < width / 2; ++x) {
            const int code = clip.current.code(Picture::luma, x, y);
            clip.previous.set(Picture::luma, x, y, std::min(code + x, 255));
            clip.next.set(Picture::luma, x, y, std::max(code - y % 3, 0));
          }
        clip.run(kept, second);
        for (const auto plane : {Picture::luma, Picture::u, Picture::v})
          for (int y = 0; y < clip.target.height(plane); ++y)
            for (int x = 0; x < clip.target.width(plane); ++x)
              ASSERT_EQ(clip.target.code(plane, x, y), between_fields(clip, plane, x, y, kept, second != 0))
                  << width << "x" << height << " plane " << plane << " " << x << "," << y;
      }
}

}  // namespace
}  // namespace millrace::kernels
