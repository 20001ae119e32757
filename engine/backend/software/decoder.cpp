#include "engine/backend/software/decoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/backend/device_failure.h"
#include "engine/base/work_count.h"
#include "engine/pipeline/data_status.h"
#include "engine/pipeline/media_log.h"

namespace millrace::engine {
namespace {

bool drives(const AVCodec& decoder, AVPixelFormat format) {
  for (int i = 0; const AVCodecHWConfig* config = avcodec_get_hw_config(&decoder, i); ++i)
    if (config->pix_fmt == format && (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) != 0)
      return true;
  return false;
}

// The one that FFmpeg prefers, or the first that drives such a device: of AV1 these are two.
const AVCodec* decoder_of(AVCodecID id, AVPixelFormat device_format) {
  if (device_format == AV_PIX_FMT_NONE) return avcodec_find_decoder(id);
  void* state = nullptr;
  while (const AVCodec* each = av_codec_iterate(&state))
    if (each->id == id && av_codec_is_decoder(each) != 0 && drives(*each, device_format)) return each;
  return nullptr;
}

}  // namespace

SoftwareDecoder::SoftwareDecoder(const DecoderSettings& settings, DeviceDecode device, CodecPtr codec,
                                 Sink<FramePtr>& out)
    : settings_(settings),
      device_(std::move(device)),
      codec_(std::move(codec)),
      out_(out),
      strict_from_pts_(settings.strict_from_pts),
      last_pts_(settings.origin_pts) {
  codec_->opaque = this;  // for choose_format
}

// Asked again, without the device's format, where its engine could not be opened.
AVPixelFormat SoftwareDecoder::choose_format(AVCodecContext* codec, const AVPixelFormat* offered) {
  auto* self = static_cast<SoftwareDecoder*>(codec->opaque);
  for (const AVPixelFormat* each = offered; *each != AV_PIX_FMT_NONE; ++each)
    if (*each == self->device_.format) return *each;
  self->device_refused_ = true;
  return AV_PIX_FMT_NONE;
}

Status SoftwareDecoder::device_failed(int error) const {
  if (!on_device()) return {};
  if (device_refused_) return device_failure(Stage::decode, device_.name, AVERROR(ENOSYS), media_words());
  if (error == AVERROR_INVALIDDATA) return {};
  return device_failure(Stage::decode, device_.name, error, media_words());
}

Result<std::unique_ptr<SoftwareDecoder>> SoftwareDecoder::open(const DecoderSettings& settings,
                                                               Sink<FramePtr>& out) {
  return open(settings, DeviceDecode(), out);
}

Result<std::unique_ptr<SoftwareDecoder>> SoftwareDecoder::open(const DecoderSettings& settings,
                                                               const DeviceDecode& device,
                                                               Sink<FramePtr>& out) {
  const AVCodecID id = settings.parameters->codec_id;
  const AVCodec* decoder = decoder_of(id, device.format);
  if (decoder == nullptr && device.format != AV_PIX_FMT_NONE)
    return blamed_on(Stage::decode, {Code::unsupported, fmt::format("this FFmpeg does not decode {} on {}",
                                                                    avcodec_get_name(id), device.name)});
  if (decoder == nullptr)
    return Status(Code::unsupported,
                  fmt::format("{}: no decoder for {} in this FFmpeg; convert the file first", settings.path,
                              avcodec_get_name(id)));
  CodecPtr codec(avcodec_alloc_context3(decoder));
  int error = avcodec_parameters_to_context(codec.get(), settings.parameters);
  codec->pkt_timebase = settings.time_base;
  // Where damage is let pass, one thread: with more, a picture may leave before its marks of damage are set.
  codec->thread_count = settings.on_damage ? 1 : std::max(settings.threads, 1);
  codec->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
  codec->max_pixels = kMostPixels;
  codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  if (!settings.on_damage) codec->err_recognition |= AV_EF_EXPLODE;
  if (device.device != nullptr) {
    codec->hw_device_ctx = share(*device.device).release();
    codec->get_format = choose_format;
    codec->extra_hw_frames = device.extra_surfaces;
    codec->thread_count = 1;  // each further one holds surfaces of its own
  }
  if (error >= 0) error = avcodec_open2(codec.get(), decoder, nullptr);
  if (error < 0)
    return data_status(error,
                       fmt::format("{}: cannot open the {} decoder", settings.path, avcodec_get_name(id)));
  return std::unique_ptr<SoftwareDecoder>(new SoftwareDecoder(settings, device, std::move(codec), out));
}

Status SoftwareDecoder::damaged(std::int64_t pts, const std::string& what) const {
  const std::int64_t at = pts == AV_NOPTS_VALUE ? last_pts_ : pts;
  const double seconds =
      std::max(0.0, static_cast<double>(at - settings_.origin_pts) * av_q2d(settings_.time_base));
  const char* kind = codec_->codec_type == AVMEDIA_TYPE_AUDIO ? "sound" : "picture";
  const std::string sentence = fmt::format("at {:.3f} s: damaged {} ({})", seconds, kind, what);
  if (settings_.on_damage) {
    settings_.on_damage(sentence);
    return {};
  }
  return Status(Code::corrupt_input,
                fmt::format("{}: {}; upload or record the file again", settings_.path, sentence));
}

Status SoftwareDecoder::push(PacketPtr packet) {
  // A stream may start in the middle of a group of pictures; nothing can be shown before its first key
  // packet.
  if (codec_->codec_type == AVMEDIA_TYPE_VIDEO && !found_key_) {
    if ((packet->flags & AV_PKT_FLAG_KEY) == 0) return {};
    found_key_ = true;
  }
  const std::int64_t at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
  fed_ = true;
  if (on_device()) forget_media_words();
  const int error = avcodec_send_packet(codec_.get(), packet.get());
  if (error < 0)
    if (Status status = device_failed(error); !status.ok()) return status;
  if (error == AVERROR(ENOMEM)) return av_status(error, settings_.path + ": decoding");
  const bool strict = at == AV_NOPTS_VALUE || at >= strict_from_pts_;
  if (error < 0 && strict)
    if (Status status = damaged(at, av_error_text(error)); !status.ok()) return status;
  return drain();
}

Status SoftwareDecoder::drain() {
  while (true) {
    FramePtr frame = make_frame();
    const int error = avcodec_receive_frame(codec_.get(), frame.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0)
      if (Status status = device_failed(error); !status.ok()) return status;
    if (error == AVERROR(ENOMEM)) return av_status(error, settings_.path + ": decoding");
    if (error < 0) {
      if (last_pts_ >= strict_from_pts_ || strict_from_pts_ == INT64_MIN)
        if (Status status = damaged(AV_NOPTS_VALUE, av_error_text(error)); !status.ok()) return status;
      continue;
    }
    const std::int64_t at = frame->best_effort_timestamp;
    if (at != AV_NOPTS_VALUE) last_pts_ = at;
    const bool damage = (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0;
    if (damage && last_pts_ >= strict_from_pts_)
      if (Status status = damaged(at, "it decodes only in part"); !status.ok()) return status;
    gave_frame_ = true;
    if (settings_.sample_aspect.num > 0) frame->sample_aspect_ratio = settings_.sample_aspect;
    note_work();
    if (Status status = out_.push(std::move(frame)); !status.ok()) return status;
  }
}

Status SoftwareDecoder::end() {
  const int error = avcodec_send_packet(codec_.get(), nullptr);
  if (error < 0 && error != AVERROR_EOF)
    if (Status status = device_failed(error); !status.ok()) return status;
  if (error < 0 && error != AVERROR_EOF)
    if (Status status = damaged(AV_NOPTS_VALUE, av_error_text(error)); !status.ok()) return status;
  return drain();
}

Status SoftwareDecoder::restart(std::int64_t strict_from_pts) {
  if (fed_)
    if (Status status = end(); !status.ok()) return status;
  avcodec_flush_buffers(codec_.get());
  strict_from_pts_ = strict_from_pts;
  last_pts_ = settings_.origin_pts;
  fed_ = false;
  found_key_ = false;
  return {};
}

void SoftwareDecoder::leave_out_unreferenced(bool on) {
  const AVCodecID id = codec_->codec_id;
  const bool exact = id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_MPEG1VIDEO || id == AV_CODEC_ID_MPEG2VIDEO;
  codec_->skip_frame = on && exact ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

Status SoftwareDecoder::finish() {
  if (Status status = end(); !status.ok()) return status;
  if (!gave_frame_ && on_device())
    return blamed_on(Stage::decode, {Code::unsupported, fmt::format("{} gave no picture", device_.name)});
  if (!gave_frame_)
    return Status(Code::corrupt_input,
                  fmt::format("{}: nothing in its {} track could be decoded", settings_.path,
                              codec_->codec_type == AVMEDIA_TYPE_AUDIO ? "sound" : "picture"));
  return out_.finish();
}

}  // namespace millrace::engine
