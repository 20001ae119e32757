// SegmentWriter makes the files of one track: init.mp4, and each segment after it was decoded again and found
// whole. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "engine/pipeline/run_task.h"
#include "engine/pipeline/segmenter.h"
#include "engine/verify/segment_check.h"

namespace millrace::engine {

struct TrackFiles {
  std::filesystem::path output_folder;
  std::string folder;  // of the track below it
  std::int64_t timescale = kTicksPerSecond;
  Rational frame_rate;  // pictures
  std::string language;
  int check_threads = 1;  // that decode a finished segment again
  // Source frames or samples that fell into a segment.
  std::function<std::int64_t(const CodedSegment&)> frames_in;
};

class SegmentWriter final : public TrackSink<CodedSegment> {
 public:
  SegmentWriter(TrackFiles files, TaskObserver& observer) : files_(std::move(files)), observer_(observer) {}

  // Makes the folder and init.mp4. internal when an init.mp4 of other headers lies there.
  Status begin(const EncodedTrack& track) override;
  // Checks, writes and reports. internal when what decodes is not what went in.
  Status push(CodedSegment segment) override;
  Status finish() override { return {}; }

 private:
  Status check(const CodedSegment& segment, const std::string& bytes, FinishedSegment& finished);
  std::filesystem::path folder() const { return files_.output_folder / files_.folder; }

  const TrackFiles files_;
  TaskObserver& observer_;
  ParametersPtr parameters_;
  CmafTrack track_;
  std::unique_ptr<SegmentCheck> check_;
};

}  // namespace millrace::engine
