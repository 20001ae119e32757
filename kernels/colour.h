// ColourMap: from the codes of one 4:2:0 surface to those of another: range, depth, matrix, primaries, and
// HDR to SDR. Formulas: BT.601-7, BT.709-6, BT.2020-2 (matrices, primaries), BT.1886 (SDR), BT.2100-2 (PQ,
// HLG), BT.2390-10 §5.4, J. Hable, "Uncharted 2: HDR Lighting" (GDC 2010).
#pragma once

#include <string>

#include "kernels/pixel.h"

namespace millrace::kernels {

enum class Matrix { bt601, bt709, bt2020 };  // non-constant luminance
enum class Primaries { bt601_525, bt601_625, bt709, bt2020 };
enum class Transfer { sdr, pq, hlg };  // sdr: shown as BT.1886 says, gamma 2.4
enum class Range { limited, full };

struct Colour {
  Matrix matrix = Matrix::bt709;
  Primaries primaries = Primaries::bt709;
  Transfer transfer = Transfer::sdr;
  Range range = Range::limited;
};

// How what is brighter than the target's white is brought below it.
enum class ToneCurve {
  bt2390,  // up to a knee nothing changes; by the brightest of the source's primaries
  // Filmic, all is changed; by the brightest of the target's primaries, HLG's system gamma of each component
  // by itself: what libavfilter's zscale and tonemap make.
  hable,
};

struct ToneMap {
  double source_nits = 1000;  // brightest of the source: mastering display, or 1000 where nobody says
  double target_nits = 100;   // white of the SDR picture (BT.2035)
  ToneCurve curve = ToneCurve::bt2390;
};

// How pixels are mapped, as numbers alone. Matrices are by rows.
struct ColourMap {
  // as_coded: no way through linear light. hlg_each: its system gamma is each component's own.
  enum class Light : std::int32_t { as_coded, sdr, pq, hlg, hlg_each };
  Light light = Light::as_coded;
  float luma_gain = 1, luma_offset = 0;      // code * gain + offset: 0..1
  float chroma_gain = 1, chroma_offset = 0;  // likewise -0.5..0.5
  float luma_scale = 1, luma_zero = 0;       // back: value * scale + zero is a code of the target
  float chroma_scale = 1, chroma_zero = 0;
  float red_of_cr = 0, green_of_cb = 0, green_of_cr = 0, blue_of_cb = 0;
  float red_weight = 0, green_weight = 0, blue_weight = 0;  // of the target's luma
  float cb_of_blue = 0, cr_of_red = 0;                      // (B - Y) times this is Cb
  float gamut[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};             // linear light, source to target primaries
  float light_red = 0, light_green = 0, light_blue = 0;     // luminance of the source's primaries
  float hlg_power = 0.2F;                                   // system gamma less 1
  float peak = 0.1F;                                        // brightest of the source, of 10000 nits
  float peak_pq = 1, knee = 1, top = 1;                     // PQ of the peak; the rest as shares of it
  float white_gain = 1;                                     // 10000 nits over the target's white
  float hable_gain = 0;                                     // one over the curve at the peak; 0: BT.2390
};

// One launch: every pixel of `source` mapped into `target`, which has its size.
struct Conversion {
  Surface source;
  Surface target;
  ColourMap map;
};

// Why it cannot be: empty where it can. HDR stays HDR (same transfer and primaries) or becomes SDR; SDR
// stays. Hable's curve takes any peak.
std::string refused(const Colour& source, const Colour& target, const ToneMap& tone);
// Of what is not refused. Depths of codes: 8 or 10.
ColourMap make_colour_map(const Colour& source, std::int32_t source_depth, const Colour& target,
                          std::int32_t target_depth, const ToneMap& tone = {});

}  // namespace millrace::kernels
