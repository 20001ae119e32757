// SegmentWriter makes the files of one track: its init segment, and each segment after it was decoded again
// and found whole. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
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
  int check_threads = 1;               // that decode a finished segment again
  std::int64_t full_decode_every = 1;  // of so many segments one in full, of the others the key frames
  // Init segments that the track may have, by as many encoders. More than one: the first that writes has
  // init.mp4, another init-2.mp4; see init_file_name().
  int most_headers = 1;
  std::string encode_device = "cpu";  // is blamed for an init segment too many
  // Source frames or samples that fell into a segment.
  std::function<std::int64_t(const CodedSegment&)> frames_in;
};

class SegmentWriter final : public TrackSink<CodedSegment> {
 public:
  SegmentWriter(TrackFiles files, TaskObserver& observer) : files_(std::move(files)), observer_(observer) {}

  // Makes the folder. internal when init segments of other headers lie there, and no more are allowed;
  // unsupported, blamed_on() encoding, where a device made one more.
  Status begin(const EncodedTrack& track) override;
  // Checks, writes and reports. The init segment comes with the first segment: an encoder that fails before
  // leaves none. Beside init segments of others, key frames bring their parameter sets along (H.264, HEVC):
  // some players (FFmpeg's) read the first init segment of a playlist alone. internal when what decodes is
  // not what went in.
  Status push(CodedSegment segment) override;
  Status finish() override { return {}; }

 private:
  // Which init segment is ours, and whether others lie there. Where none is ours yet, a free name is taken
  // when `write`.
  Status find_headers(bool write);
  Status check(const CodedSegment& segment, const std::string& bytes, FinishedSegment& finished);
  std::filesystem::path folder() const { return files_.output_folder / files_.folder; }

  const TrackFiles files_;
  TaskObserver& observer_;
  ParametersPtr parameters_;
  CmafTrack track_;
  std::string init_;
  std::optional<int> headers_;  // once it is known to lie there
  bool has_others_ = false;
  std::string parameter_sets_;
  std::unique_ptr<SegmentCheck> check_;
};

}  // namespace millrace::engine
