#include "engine/pipeline/file_staging.h"

#include <algorithm>
#include <system_error>

#include "engine/base/file.h"
#include "engine/base/sha256.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

bool is_lossless(AVCodecID codec) {
  const AVCodecDescriptor* facts = avcodec_descriptor_get(codec);
  return facts != nullptr && (facts->props & AV_CODEC_PROP_LOSSLESS) != 0 &&
         (facts->props & AV_CODEC_PROP_LOSSY) == 0;
}

// The tracks in the figures of a record: the pictures' if there are any.
FinishedSegment record_of(const std::vector<WrittenTrack>& written, const DecodedFile& decoded) {
  const auto pictures =
      std::find_if(written.begin(), written.end(), [](const WrittenTrack& each) { return !each.sound; });
  const WrittenTrack& main = pictures != written.end() ? *pictures : written.front();
  const AVRational clock{1, main.sound ? main.sample_rate : static_cast<int>(kTicksPerSecond)};
  const auto ticks = [&](std::int64_t pts) { return av_rescale_q(pts, main.time_base, clock); };
  FinishedSegment record;
  record.timescale = clock.den;
  record.duration = ticks(main.end) - ticks(main.first_pts);
  record.last_pts = ticks(main.last_pts) - ticks(main.first_pts);
  record.frames_in = main.sound ? main.samples() : main.packets;
  record.frames = main.sound ? decoded.samples.front() : decoded.pictures.front();
  record.opens_with_idr = true;
  return record;
}

}  // namespace

ExpectedTrack expected_of(const WrittenTrack& track) {
  ExpectedTrack expected;
  expected.sound = track.sound;
  expected.first_seconds = track.seconds(track.first_pts);
  expected.last_seconds = track.seconds(track.last_pts);
  expected.count = track.sound ? track.samples() : track.packets;
  std::int64_t slack = 0;
  if (track.sound && !is_lossless(track.codec)) {
    slack = 2 * std::max(track.frame_samples, 1024) + track.priming_samples;
    expected.priming_seconds = static_cast<double>(track.priming_samples) / track.sample_rate;
  }
  expected.least = expected.count - slack;
  expected.most = expected.count + slack;
  return expected;
}

StagedFile::StagedFile(const fs::path& output_folder, std::string path)
    : folder_(output_folder), path_(std::move(path)), staging_((output_folder / path_).native() + ".tmp") {}

StagedFile::~StagedFile() {
  std::error_code ignored;
  fs::remove(staging_, ignored);
}

Status StagedFile::prepare() {
  if (Status status = make_directories(staging_.parent_path()); !status.ok()) return status;
  return remove_tree(staging_);
}

Result<FinishedSegment> StagedFile::finish(const std::vector<WrittenTrack>& written,
                                           const std::vector<ExpectedTrack>& expected,
                                           const DecodeSettings& settings, std::stop_token stop) {
  const Result<DecodedFile> decoded = decode_file(staging_, settings, std::move(stop));
  if (!decoded.ok()) return decoded.status();
  if (Status status = compare_tracks(expected, *decoded); !status.ok()) return status.under(path_);

  FinishedSegment record = record_of(written, *decoded);
  record.track = record.file = path_;
  const Result<std::string> digest = sha256_of_file(staging_);
  if (!digest.ok()) return digest.status();
  record.sha256 = *digest;
  std::error_code error;
  record.bytes = static_cast<std::int64_t>(fs::file_size(staging_, error));
  if (error) return errno_status(error.value(), "cannot ask for its size", staging_.native());
  if (Status status = publish_file(staging_, folder_ / path_); !status.ok()) return status;
  return record;
}

}  // namespace millrace::engine
