#include "engine/pipeline/segment_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/package/parameter_sets.h"
#include "engine/package/segment_reader.h"
#include "engine/plan/stage.h"

namespace millrace::engine {

Status SegmentWriter::begin(const EncodedTrack& track) {
  parameters_.reset(avcodec_parameters_alloc());
  if (!parameters_) throw std::bad_alloc();
  if (const int error = avcodec_parameters_copy(parameters_.get(), track.parameters); error < 0)
    return av_status(error, files_.folder);
  track_ = {parameters_.get(), files_.timescale, Segmenter::shift_of(track, files_.frame_rate),
            files_.language, track.hdr};

  if (Status status = make_directories(folder()); !status.ok()) return status;
  auto init = cmaf_init_segment(track_);
  if (!init.ok()) return init.status().under(files_.folder);
  init_ = std::move(*init);
  auto check = SegmentCheck::open(init_, files_.check_threads);
  if (!check.ok()) return check.status().under(files_.folder);
  check_ = std::move(*check);
  const auto reader = SegmentReader::open(init_);
  if (!reader.ok()) return reader.status().under(files_.folder);
  auto sets = stored_parameter_sets(reader->parameters());
  if (!sets.ok()) return sets.status().under(files_.folder);
  parameter_sets_ = std::move(*sets);
  return find_headers(/*write=*/false);
}

// Other workers may be at the same names: one that is taken meanwhile is looked at again.
Status SegmentWriter::find_headers(bool write) {
  has_others_ = false;
  std::optional<int> free;
  for (int number = 0; number < files_.most_headers; ++number) {
    const auto present = read_file(folder() / init_file_name(number));
    if (!present.ok() && present.status().code() != Code::not_found) return present.status();
    if (!present.ok()) {
      free = free.value_or(number);
    } else if (*present == init_) {
      headers_ = number;
    } else {
      has_others_ = true;
    }
  }
  if (headers_ || (free && !write)) return {};
  if (free) {
    const Status written = write_new_file(folder() / init_file_name(*free), init_);
    if (written.ok()) headers_ = free;
    return written.code() == Code::already_exists ? find_headers(write) : written;
  }
  if (files_.encode_device != kCpu)
    return blamed_on(Stage::encode,
                     {Code::unsupported,
                      fmt::format("encode on {}: its headers are others every time", files_.encode_device)});
  return {Code::internal,
          fmt::format("{}: holds other headers than this plan makes; remove {} and run the job again",
                      (folder() / init_file_name(files_.most_headers - 1)).native(), folder().native())};
}

Status SegmentWriter::push(CodedSegment segment) {
  FinishedSegment finished;
  finished.track = files_.folder;
  finished.index = segment.index;
  finished.file = files_.folder + "/" + segment_file_name(segment.index);
  finished.timescale = files_.timescale;
  finished.start = std::max<std::int64_t>(segment.start, 0);
  finished.duration = segment.end - finished.start;
  finished.frames_in = files_.frames_in(segment);

  if (!headers_ || files_.most_headers > 1)
    if (Status status = find_headers(/*write=*/false); !status.ok()) return status;
  if (has_others_)
    for (CmafSample& sample : segment.samples)
      if (sample.key) sample.data.insert(0, parameter_sets_);
  const std::string bytes = cmaf_media_segment(track_, segment.index + 1, segment.samples);
  if (Status status = check(segment, bytes, finished); !status.ok()) return status.under(finished.file);
  if (!headers_)
    if (Status status = find_headers(/*write=*/true); !status.ok()) return status;
  finished.headers = *headers_;
  finished.bytes = static_cast<std::int64_t>(bytes.size());
  finished.sha256 = sha256_of(bytes);
  if (Status status = write_file(files_.output_folder / finished.file, bytes); !status.ok()) return status;
  return observer_.segment_finished(finished);
}

Status SegmentWriter::check(const CodedSegment& segment, const std::string& bytes,
                            FinishedSegment& finished) {
  const DecodeDepth depth = depth_of_check(segment.index, files_.full_decode_every);
  finished.key_frames_only = depth == DecodeDepth::key_frames;
  const auto facts = check_->check(bytes, depth);
  if (!facts.ok()) return facts.status();
  std::int64_t first = segment.samples.front().pts;
  std::int64_t last = first;
  for (const CmafSample& sample : segment.samples) {
    first = std::min(first, sample.pts);
    last = std::max(last, sample.pts);
  }
  const bool sound = parameters_->codec_type == AVMEDIA_TYPE_AUDIO;
  const auto count = static_cast<std::int64_t>(segment.samples.size());
  const std::int64_t expected = sound ? count * parameters_->frame_size : count;
  if (facts->frames != expected || facts->first_pts != first || facts->last_pts != last)
    return Status(Code::internal,
                  fmt::format("{} frames from {} to {} went in, {} frames from {} to {} decode", expected,
                              first, last, facts->frames, facts->first_pts, facts->last_pts));
  if (first != segment.start || (!sound && !facts->opens_with_idr))
    return Status(Code::internal, "it does not open with an IDR on the grid");
  finished.opens_with_idr = facts->opens_with_idr || sound;
  finished.last_pts = last;
  finished.frames = sound ? finished.duration : facts->frames;
  return {};
}

}  // namespace millrace::engine
