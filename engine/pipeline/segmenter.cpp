#include "engine/pipeline/segmenter.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/pipeline/decode_times.h"

extern "C" {
#include <libavutil/mathematics.h>
}

namespace millrace::engine {

std::int64_t Segmenter::shift_of(const EncodedTrack& track, const Rational& frame_rate) {
  if (track.parameters->codec_type == AVMEDIA_TYPE_AUDIO) return track.priming_samples;
  return reorder_shift(track.reorder_frames, frame_rate);
}

Status Segmenter::begin(const EncodedTrack& track) {
  shift_ = shift_of(track, settings_.frame_rate);
  return out_.begin(track);
}

std::int64_t Segmenter::segment_of(std::int64_t pts) const {
  return settings_.clock.segment_at(av_rescale(pts, kTicksPerSecond, settings_.timescale));
}

Status Segmenter::push(PacketPtr packet) {
  const std::int64_t segment = segment_of(packet->pts);
  if (!open_ || segment > open_->index) {
    if (open_)
      if (Status status = complete(packet->pts); !status.ok()) return status;
    open_ = CodedSegment{segment, packet->pts, 0, {}};
    if ((packet->flags & AV_PKT_FLAG_KEY) == 0)
      return Status(Code::internal, fmt::format("segment {} does not open with a key frame", segment));
  } else if (segment < open_->index) {
    return Status(Code::internal, fmt::format("a frame of segment {} came after segment {} had begun",
                                              segment, open_->index));
  }
  CmafSample sample;
  sample.data.assign(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
  sample.pts = packet->pts;
  sample.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
  last_end_ = std::max(last_end_, packet->pts + packet->duration);
  open_->samples.push_back(std::move(sample));
  return {};
}

Status Segmenter::complete(std::int64_t end) {
  std::vector<CmafSample>& samples = open_->samples;
  std::vector<std::int64_t> pts;
  pts.reserve(samples.size());
  for (const CmafSample& sample : samples) pts.push_back(sample.pts);
  // Sound is decoded in the order it is heard: its shift is in the pts already.
  const std::int64_t reorder = settings_.tally != nullptr ? shift_ : 0;
  const std::vector<std::int64_t> dts = decode_times(pts, reorder);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].dts = dts[i];
    samples[i].duration = (i + 1 < samples.size() ? dts[i + 1] : end - reorder) - dts[i];
  }
  open_->end = end;
  CodedSegment whole = std::move(*open_);
  open_.reset();
  return out_.push(std::move(whole));
}

Status Segmenter::finish() {
  if (open_) {
    const std::int64_t end = settings_.tally != nullptr ? settings_.tally->range_end() : last_end_;
    if (Status status = complete(end); !status.ok()) return status;
  }
  return out_.finish();
}

}  // namespace millrace::engine
