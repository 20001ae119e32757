#include "engine/pipeline/still_writer.h"

#include "engine/base/file.h"
#include "engine/base/sha256.h"

namespace millrace::engine {

Status write_and_tell(const std::filesystem::path& output_folder, std::string_view bytes,
                      FinishedSegment segment, TaskObserver& observer) {
  segment.bytes = static_cast<std::int64_t>(bytes.size());
  segment.sha256 = sha256_of(bytes);
  segment.opens_with_idr = true;
  if (Status status = write_file(output_folder / segment.file, bytes); !status.ok()) return status;
  return observer.segment_finished(segment);
}

}  // namespace millrace::engine
