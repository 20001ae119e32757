#include "kernels/colour_pixel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace millrace::kernels {
namespace {

using Row = std::array<double, 3>;
using Square = std::array<Row, 3>;

struct LumaWeights {
  double red, blue;
  double green() const { return 1 - red - blue; }
};

LumaWeights weights_of(Matrix matrix) {
  switch (matrix) {
    case Matrix::bt601:
      return {0.299, 0.114};
    case Matrix::bt709:
      return {0.2126, 0.0722};
    case Matrix::bt2020:
      break;
  }
  return {0.2627, 0.0593};
}

// x and y of red, green and blue; white is D65 in all of them.
std::array<double, 6> chromaticities(Primaries primaries) {
  switch (primaries) {
    case Primaries::bt601_525:
      return {0.630, 0.340, 0.310, 0.595, 0.155, 0.070};
    case Primaries::bt601_625:
      return {0.640, 0.330, 0.290, 0.600, 0.150, 0.060};
    case Primaries::bt709:
      return {0.640, 0.330, 0.300, 0.600, 0.150, 0.060};
    case Primaries::bt2020:
      break;
  }
  return {0.708, 0.292, 0.170, 0.797, 0.131, 0.046};
}

Square product(const Square& a, const Square& b) {
  Square result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) result[i][j] += a[i][k] * b[k][j];
  return result;
}

Square inverse(const Square& m) {
  Square result{};
  double determinant = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j)
      result[j][i] = m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3] -
                     m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3];
    determinant += m[0][i] * result[i][0];
  }
  for (Row& row : result)
    for (double& value : row) value /= determinant;
  return result;
}

// RGB to CIE XYZ with white at Y = 1 (SMPTE RP 177).
Square to_xyz(Primaries primaries) {
  constexpr double kWhiteX = 0.3127, kWhiteY = 0.3290;
  const std::array<double, 6> xy = chromaticities(primaries);
  Square columns{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double x = xy[2 * i], y = xy[2 * i + 1];
    columns[0][i] = x / y;
    columns[1][i] = 1;
    columns[2][i] = (1 - x - y) / y;
  }
  const Square inverted = inverse(columns);
  const Row white = {kWhiteX / kWhiteY, 1, (1 - kWhiteX - kWhiteY) / kWhiteY};
  for (std::size_t i = 0; i < 3; ++i) {
    const double share = inverted[i][0] * white[0] + inverted[i][1] * white[1] + inverted[i][2] * white[2];
    for (Row& row : columns) row[i] *= share;
  }
  return columns;
}

// The code of black, the codes from there to white, the codes of chroma from -0.5 to 0.5 and of no chroma.
struct Codes {
  double zero, span, chroma_span, chroma_zero;
};

Codes codes_of(Range range, std::int32_t depth) {
  const double unit = 1 << (depth - 8);
  const double neutral = 1 << (depth - 1);
  if (range == Range::full) return {0, unit * 256 - 1, unit * 256 - 1, neutral};
  return {16 * unit, 219 * unit, 224 * unit, neutral};
}

double pq(double nits) {
  const double y = std::pow(nits / 10000, 2610.0 / 16384);
  return std::pow((3424.0 / 4096 + 2413.0 / 128 * y) / (1 + 2392.0 / 128 * y), 2523.0 / 32);
}

}  // namespace

std::string refused(const Colour& source, const Colour& target, const ToneMap& tone) {
  const bool keeps_transfer = source.transfer == target.transfer;
  if (target.transfer != Transfer::sdr && (!keeps_transfer || source.primaries != target.primaries))
    return "HDR can be kept as it is or made SDR; nothing else is made HDR or given other HDR primaries";
  if (keeps_transfer || (tone.curve == ToneCurve::hable && tone.source_nits > 0 && tone.target_nits > 0))
    return {};
  if (!(tone.target_nits >= 1 && tone.source_nits >= tone.target_nits && tone.source_nits <= 10000))
    return fmt::format(
        "tone mapping from {} to {} nits: the source's peak lies between the target's white and 10000",
        tone.source_nits, tone.target_nits);
  return {};
}

ColourMap make_colour_map(const Colour& source, std::int32_t source_depth, const Colour& target,
                          std::int32_t target_depth, const ToneMap& tone) {
  ColourMap map;
  const auto as_float = [](double value) { return static_cast<float>(value); };
  const Codes from = codes_of(source.range, source_depth);
  map.luma_gain = as_float(1 / from.span);
  map.luma_offset = as_float(-from.zero / from.span);
  map.chroma_gain = as_float(1 / from.chroma_span);
  map.chroma_offset = as_float(-from.chroma_zero / from.chroma_span);
  const Codes to = codes_of(target.range, target_depth);
  map.luma_scale = as_float(to.span);
  map.luma_zero = as_float(to.zero);
  map.chroma_scale = as_float(to.chroma_span);
  map.chroma_zero = as_float(to.chroma_zero);
  const LumaWeights in = weights_of(source.matrix);
  map.red_of_cr = as_float(2 * (1 - in.red));
  map.blue_of_cb = as_float(2 * (1 - in.blue));
  map.green_of_cr = as_float(-2 * (1 - in.red) * in.red / in.green());
  map.green_of_cb = as_float(-2 * (1 - in.blue) * in.blue / in.green());
  const LumaWeights out = weights_of(target.matrix);
  map.red_weight = as_float(out.red);
  map.green_weight = as_float(out.green());
  map.blue_weight = as_float(out.blue);
  map.cb_of_blue = as_float(0.5 / (1 - out.blue));
  map.cr_of_red = as_float(0.5 / (1 - out.red));
  if (source.transfer == target.transfer && source.primaries == target.primaries) return map;

  const bool filmic = tone.curve == ToneCurve::hable;
  map.light = source.transfer == Transfer::sdr  ? ColourMap::Light::sdr
              : source.transfer == Transfer::pq ? ColourMap::Light::pq
              : filmic                          ? ColourMap::Light::hlg_each
                                                : ColourMap::Light::hlg;
  const Square xyz = to_xyz(source.primaries);
  const Square gamut = product(inverse(to_xyz(target.primaries)), xyz);
  for (std::size_t i = 0; i < 9; ++i) map.gamut[i] = as_float(gamut[i / 3][i % 3]);
  map.light_red = as_float(xyz[1][0]);
  map.light_green = as_float(xyz[1][1]);
  map.light_blue = as_float(xyz[1][2]);
  if (map.light == ColourMap::Light::sdr) return map;
  // BT.2100-2 table 5: the system gamma of a display that is not 1000 nits bright.
  // Hable's curve is for light as the display of BT.2100 shows it, whatever the picture's brightest.
  const double display = filmic ? 1000 : tone.source_nits;
  map.hlg_power = as_float(0.2 + 0.42 * std::log10(display / 1000));
  map.peak = as_float(display / 10000);
  const double peak_pq = pq(tone.source_nits);
  map.peak_pq = as_float(peak_pq);
  map.top = as_float(pq(tone.target_nits) / peak_pq);
  map.knee = as_float(std::max(0.0, 1.5 * pq(tone.target_nits) / peak_pq - 0.5));
  map.white_gain = as_float(10000 / tone.target_nits);
  if (filmic) {
    const float brightest = as_float(tone.source_nits / tone.target_nits);
    map.hable_gain = 1 / (filmic_gain(brightest) * brightest);
  }
  return map;
}

}  // namespace millrace::kernels
