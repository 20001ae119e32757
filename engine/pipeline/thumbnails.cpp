#include "engine/pipeline/thumbnails.h"

#include <fmt/format.h>

#include "engine/pipeline/still_encoder.h"

namespace millrace::engine {

Thumbnails::Thumbnails(const PlannedOutput& output, std::filesystem::path output_folder,
                       TaskObserver& observer)
    : output_(output), output_folder_(std::move(output_folder)), observer_(observer) {}

Status Thumbnails::add(const Still& still, std::int64_t pts, FramePtr picture) {
  FinishedSegment made;
  made.track = output_.path;
  made.index = still.index;
  made.file = fmt::format("{}/{:04}.{}", output_.path, still.index + 1, name_of(output_.stills.format));
  made.start = still.time;
  made.last_pts = pts;
  made.frames_in = made.frames = 1;
  const Result<std::string> bytes = encode_still(*picture, output_.stills.format);
  if (!bytes.ok()) return bytes.status().under(made.file);
  if (Status status = write_and_tell(output_folder_, *bytes, made, observer_); !status.ok()) return status;
  ++files_;
  return {};
}

Status Thumbnails::finish(std::int64_t) { return {}; }

}  // namespace millrace::engine
