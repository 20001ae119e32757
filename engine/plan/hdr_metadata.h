// HdrMetadata: the display an HDR10 picture was graded on and how bright it gets. Plain data; the numbers
// stand as x265 and most tools spell them.
#pragma once

#include <string>

namespace millrace::engine {

struct HdrMetadata {
  // SMPTE ST 2086: "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)": x and y in
  // 1/50000, most and least luminance in 1/10000 cd/m2. Empty: not said.
  std::string mastering_display;
  // CTA-861.3: "1000,400": the brightest pixel and the brightest average of a frame, in cd/m2. Empty: not
  // said.
  std::string content_light;
};

}  // namespace millrace::engine
