#include "engine/pipeline/flv_end.h"

extern "C" {
#include <libavformat/avio.h>
}

namespace millrace::engine {
namespace {

constexpr int kSound = 8;
constexpr int kPicture = 9;
constexpr int kTagHeader = 11;
constexpr int kSizeBehind = 4;  // the tag's size stands behind it once more

}  // namespace

// A tag is its kind, the size of its data, its time in milliseconds (24 bits, then the upper 8), a stream
// number and its data (Adobe Flash Video File Format Specification 10.1, Annex E.4.1).
std::optional<double> last_flv_time(AVIOContext& io, std::int64_t size_bytes) {
  if ((io.seekable & AVIO_SEEKABLE_NORMAL) == 0 || size_bytes <= kTagHeader + kSizeBehind)
    return std::nullopt;
  const std::int64_t place = avio_tell(&io);
  const auto last = [&]() -> std::optional<double> {
    if (avio_seek(&io, size_bytes - kSizeBehind, SEEK_SET) < 0) return std::nullopt;
    const std::int64_t tag = avio_rb32(&io);
    if (tag <= kTagHeader || tag > size_bytes - kSizeBehind) return std::nullopt;
    if (avio_seek(&io, size_bytes - kSizeBehind - tag, SEEK_SET) < 0) return std::nullopt;
    const int kind = avio_r8(&io);
    const std::int64_t data = avio_rb24(&io);
    const std::int64_t low = avio_rb24(&io);
    const std::int64_t high = avio_r8(&io);
    if ((kind != kSound && kind != kPicture) || data + kTagHeader != tag) return std::nullopt;
    return static_cast<double>(high << 24 | low) / 1000;
  }();
  return avio_seek(&io, place, SEEK_SET) < 0 ? std::nullopt : last;
}

}  // namespace millrace::engine
