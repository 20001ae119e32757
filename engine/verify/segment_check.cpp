#include "engine/verify/segment_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/base/work_count.h"
#include "engine/package/idr.h"
#include "engine/package/segment_reader.h"
#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

Status broken(std::string text) { return {Code::internal, std::move(text)}; }

// FFmpeg's own decoder of Opus holds samples back where the coding mode changes; the library does not.
const AVCodec* decoder_of(AVCodecID id) {
  if (id == AV_CODEC_ID_OPUS)
    if (const AVCodec* library = avcodec_find_decoder_by_name("libopus")) return library;
  return avcodec_find_decoder(id);
}

class DecodingCheck final : public SegmentCheck {
 public:
  DecodingCheck(SegmentReader reader, CodecPtr decoder)
      : reader_(std::move(reader)),
        decoder_(std::move(decoder)),
        packet_(make_packet()),
        frame_(make_frame()) {}

  Result<SegmentFacts> check(std::string_view segment, DecodeDepth depth) override {
    const Result<std::vector<SampleView>> samples = reader_.samples(segment);
    if (!samples.ok()) return samples.status();
    const std::vector<std::int64_t> stored = times_of(*samples);
    if (std::adjacent_find(stored.begin(), stored.end()) != stored.end())
      return broken("two frames have the same time");
    SegmentFacts facts;
    const Status decoded =
        has_pictures() && depth == DecodeDepth::key_frames ? decode_keys(*samples) : decode(*samples);
    avcodec_flush_buffers(decoder_.get());
    if (!decoded.ok()) return decoded;

    facts.frames = has_pictures() ? static_cast<std::int64_t>(stored.size()) : shown_samples_;
    facts.first_pts = stored.front();
    facts.last_pts = stored.back();
    const SampleView& first = samples->front();
    facts.opens_with_idr = first.key && first.pts == stored.front() &&
                           opens_with_idr(reader_.parameters(), first.data, first.key);
    return facts;
  }

 private:
  bool has_pictures() const { return decoder_->codec_type == AVMEDIA_TYPE_VIDEO; }

  static std::vector<std::int64_t> times_of(const std::vector<SampleView>& samples) {
    std::vector<std::int64_t> times;
    times.reserve(samples.size());
    for (const SampleView& each : samples) times.push_back(each.pts);
    std::sort(times.begin(), times.end());
    return times;
  }

  Status decode_keys(std::vector<SampleView> samples) {
    std::erase_if(samples, [](const SampleView& each) { return !each.key; });
    return decode(samples);
  }

  // All of them come out, each at its time.
  Status decode(const std::vector<SampleView>& samples) {
    shown_.clear();
    shown_samples_ = 0;
    if (Status status = feed(samples); !status.ok()) return status;
    std::sort(shown_.begin(), shown_.end());
    if (shown_.size() != samples.size())
      return broken(fmt::format("{} frames decode of {} that are stored", shown_.size(), samples.size()));
    if (shown_ != times_of(samples)) return broken("frames decode with other times than are stored");
    return {};
  }

  Status feed(const std::vector<SampleView>& samples) {
    for (const SampleView& sample : samples) {
      // A packet without a buffer is copied, with its padding, by avcodec_send_packet.
      av_packet_unref(packet_.get());
      packet_->data = reinterpret_cast<std::uint8_t*>(const_cast<char*>(sample.data.data()));
      packet_->size = static_cast<int>(sample.data.size());
      packet_->pts = sample.pts;
      packet_->dts = sample.dts;
      packet_->duration = sample.duration;
      packet_->flags = sample.key ? AV_PKT_FLAG_KEY : 0;
      if (Status status = step(packet_.get(), sample.pts); !status.ok()) return status;
    }
    return samples.empty() ? Status() : step(nullptr, samples.back().pts);
  }

  // One packet in (null: the end), every finished frame out.
  Status step(const AVPacket* packet, std::int64_t pts) {
    int error = avcodec_send_packet(decoder_.get(), packet);
    while (error >= 0) {
      error = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (error < 0) break;
      if ((frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame_->decode_error_flags != 0)
        return broken(fmt::format("the frame at {} is damaged", place(frame_->pts)));
      note_work();
      shown_.push_back(frame_->pts);
      shown_samples_ += frame_->nb_samples;
    }
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    return broken(fmt::format("does not decode at {}: {}", place(pts), av_error_text(error)));
  }

  std::string place(std::int64_t pts) const {
    return fmt::format("{:.3f} s", static_cast<double>(pts) / static_cast<double>(reader_.timescale()));
  }

  SegmentReader reader_;
  CodecPtr decoder_;
  PacketPtr packet_;
  FramePtr frame_;
  std::vector<std::int64_t> shown_;  // times of the frames that came out
  std::int64_t shown_samples_ = 0;   // of sound
};

}  // namespace

Result<std::unique_ptr<SegmentCheck>> SegmentCheck::open(std::string_view init, int threads) {
  Result<SegmentReader> reader = SegmentReader::open(init);
  if (!reader.ok()) return reader.status();
  const AVCodecParameters& parameters = reader->parameters();
  const AVCodec* codec = decoder_of(parameters.codec_id);
  if (codec == nullptr)
    return Status(Code::unsupported,
                  fmt::format("no decoder for {} to check it with", avcodec_get_name(parameters.codec_id)));
  CodecPtr decoder(avcodec_alloc_context3(codec));
  if (!decoder || avcodec_parameters_to_context(decoder.get(), &parameters) < 0)
    return Status(Code::out_of_memory, "no memory for a decoder");
  decoder->thread_count = std::max(threads, 1);
  decoder->pkt_timebase = {1, static_cast<int>(reader->timescale())};
  decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  // Every sample counts, the primed ones too.
  decoder->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;
  // The loop filter reads no bits: without it every bit is still parsed, at about half the cost. (AV1's and
  // VP9's decoders have no such switch.)
  if (parameters.codec_id == AV_CODEC_ID_H264 || parameters.codec_id == AV_CODEC_ID_HEVC)
    decoder->skip_loop_filter = AVDISCARD_ALL;
  if (const int error = avcodec_open2(decoder.get(), codec, nullptr); error < 0)
    return broken(fmt::format("init segment: the decoder refuses it: {}", av_error_text(error)));
  return std::unique_ptr<SegmentCheck>(
      std::make_unique<DecodingCheck>(std::move(reader).value(), std::move(decoder)));
}

}  // namespace millrace::engine
