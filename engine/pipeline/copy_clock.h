// CopyClock puts a source's coded packets on the clock of the file they are copied into, and fills in what
// they do not say. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {

class CopyClock {
 public:
  struct Settings {
    AVRational time_base{1, 90'000};
    std::int64_t zero = 0;      // what the file's clock calls 0, in time_base
    int reorder_frames = 0;     // by how many a picture may be coded before its turn
    std::int64_t duration = 0;  // of a packet that does not say it, in time_base
    std::string path;           // of the source, for messages
  };
  explicit CopyClock(Settings settings) : settings_(std::move(settings)) {}

  // Sets pts, dts and duration; decode times rise and never pass a packet's pts. Packets come in decode
  // order. unsupported, with the place, for those whose times are missing or contradict each other.
  Status stamp(AVPacket& packet);

 private:
  Status check_pts(AVPacket& packet) const;
  std::int64_t made_dts(std::int64_t pts, std::int64_t duration);
  Status unusable(std::int64_t at, const std::string& what) const;

  const Settings settings_;
  bool makes_dts_ = false;  // the source says none (Matroska)
  std::int64_t packets_ = 0;
  std::int64_t last_dts_ = 0;
  std::int64_t next_ = 0;  // where the last packet ends
  std::vector<std::int64_t>
      earliest_;  // of the pts so far, the last ones that are not yet decode times; sorted
};

}  // namespace millrace::engine
