// BitmapSubtitles decodes one subtitle track that is made of pictures: PGS, DVB, DVD, XSUB. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/ladder.h"
#include "engine/pipeline/av.h"
#include "engine/pipeline/subtitle_picture.h"

namespace millrace::engine {

// What the track shows from a time on; without bitmaps: nothing.
struct ShownBitmaps {
  struct Bitmap {
    int x = 0;  // on the canvas
    int y = 0;
    PictureSize size;
    std::vector<std::uint8_t> indices;      // row by row, without padding
    std::array<std::uint32_t, 256> argb{};  // not multiplied by alpha
  };
  static constexpr std::int64_t kOpen = INT64_MAX;

  std::int64_t start = 0;    // ticks of the source's clock
  std::int64_t end = kOpen;  // kOpen: until the next one
  PictureSize canvas;
  std::vector<Bitmap> bitmaps;

  std::size_t bytes() const;
};

class BitmapSubtitles {
 public:
  // Of these, no bitmaps of one time may hold more.
  static constexpr std::int64_t kMostSamples = 16'777'216;

  // `canvas` where the track does not say its own. unsupported for text and for what this FFmpeg cannot
  // decode.
  static Result<BitmapSubtitles> open(const AVStream& stream, const std::string& path, PictureSize canvas);

  // Nothing when the packet completes nothing. corrupt_input for one that is damaged; the next one can be
  // tried.
  Result<std::optional<ShownBitmaps>> decode(const AVPacket& packet);

 private:
  BitmapSubtitles() = default;
  Result<std::optional<ShownBitmaps>> taken_from(const AVSubtitle& subtitle, const AVPacket& packet) const;

  CodecPtr codec_;
  AVRational time_base_{1, 1000};
  PictureSize canvas_;
  std::int64_t last_pts_ = AV_NOPTS_VALUE;
};

// Its bitmaps on a picture; never null.
std::shared_ptr<const SubtitlePicture> picture_of(const ShownBitmaps& shown, PictureSize coded,
                                                  PictureSize picture);

}  // namespace millrace::engine
