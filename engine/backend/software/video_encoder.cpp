#include "engine/backend/software/video_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/backend/device_failure.h"
#include "engine/backend/software/ordinary_priority.h"
#include "engine/base/work_count.h"
#include "engine/pipeline/media_log.h"

namespace millrace::engine {
namespace {

// Puts `bytes` in the place of what the packet holds.
void replace_data(AVPacket& packet, std::string_view bytes) {
  AVBufferRef* buffer = av_buffer_alloc(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE);
  if (buffer == nullptr) throw std::bad_alloc();
  std::memcpy(buffer->data, bytes.data(), bytes.size());
  std::memset(buffer->data + bytes.size(), 0, AV_INPUT_BUFFER_PADDING_SIZE);
  av_buffer_unref(&packet.buf);
  packet.buf = buffer;
  packet.data = buffer->data;
  packet.size = static_cast<int>(bytes.size());
}

std::string_view view(const std::uint8_t* data, int size) {
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

// Which of libavcodec's wrappers write what a frame says of HDR depends on its version and on the driver.
// What the track says goes into the stream, and once.
void drop_own_hdr(AVFrame& frame) {
  av_frame_remove_side_data(&frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
  av_frame_remove_side_data(&frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
}

// The frame's properties without its pixels.
FramePtr shape_of(const AVFrame& frame) {
  FramePtr shape = make_frame();
  shape->width = frame.width;
  shape->height = frame.height;
  shape->format = frame.format;
  shape->color_range = frame.color_range;
  shape->colorspace = frame.colorspace;
  shape->color_primaries = frame.color_primaries;
  shape->color_trc = frame.color_trc;
  shape->chroma_location = frame.chroma_location;
  if (frame.hw_frames_ctx != nullptr) shape->hw_frames_ctx = share(*frame.hw_frames_ctx).release();
  return shape;
}

}  // namespace

bool VideoEncoder::opens_gop(std::int64_t pts) {
  const std::int64_t segment = settings_.clock.segment_at(pts);
  const std::int64_t gop =
      settings_.gop_ticks > 0 ? (pts - settings_.clock.start_of(segment)) / settings_.gop_ticks : 0;
  const bool opens = segment != segment_ || gop != gop_;
  segment_ = segment;
  gop_ = gop;
  return opens;
}

Status VideoEncoder::failed(int error, const std::string& what) const {
  return on_device() ? device_failure(Stage::encode, dialect_.device, error, media_words())
                     : av_status(error, what);
}

Status VideoEncoder::open() {
  const AVCodec* encoder = avcodec_find_encoder_by_name(dialect_.encoder);
  if (encoder == nullptr && on_device())
    return blamed_on(Stage::encode,
                     {Code::unsupported, fmt::format("this FFmpeg has no {} encoder", dialect_.encoder)});
  if (encoder == nullptr)
    return Status(Code::unsupported,
                  fmt::format("this FFmpeg has no {0} encoder; install one that has it, as Debian's does",
                              dialect_.encoder));
  CodecPtr codec(avcodec_alloc_context3(encoder));
  if (!codec) throw std::bad_alloc();
  codec->width = shape_->width;
  codec->height = shape_->height;
  codec->pix_fmt = static_cast<AVPixelFormat>(shape_->format);
  if (shape_->hw_frames_ctx != nullptr) codec->hw_frames_ctx = share(*shape_->hw_frames_ctx).release();
  codec->framerate = settings_.frame_rate.known() ? to_av(settings_.frame_rate) : AVRational{25, 1};
  codec->time_base = dialect_.counts_frames ? av_inv_q(codec->framerate) : kTicks;
  codec->sample_aspect_ratio = {1, 1};
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  codec->color_range = shape_->color_range;
  codec->colorspace = shape_->colorspace;
  codec->color_primaries = shape_->color_primaries;
  codec->color_trc = shape_->color_trc;
  codec->chroma_sample_location = shape_->chroma_location;

  EncoderOptions options;
  if (Status status = dialect_.configure(settings_, *codec, options); !status.ok())
    return on_device() ? blamed_on(Stage::encode, std::move(status)) : status;
  AVDictionary* dictionary = nullptr;
  for (const auto& [name, value] : options) av_dict_set(&dictionary, name.c_str(), value.c_str(), 0);
  const int error = [&] {
    const OrdinaryPriority kept;
    return avcodec_open2(codec.get(), encoder, &dictionary);
  }();
  const AVDictionaryEntry* unknown = av_dict_get(dictionary, "", nullptr, AV_DICT_IGNORE_SUFFIX);
  const std::string left = unknown != nullptr ? unknown->key : "";
  av_dict_free(&dictionary);
  if (error < 0)
    return failed(
        error, fmt::format("cannot open {} for {}x{} at {} bit/s, preset {}", dialect_.encoder, codec->width,
                           codec->height, settings_.bits_per_second, settings_.preset));
  if (!left.empty())
    return Status(Code::internal, fmt::format("{} knows no option {}", dialect_.encoder, left));
  codec_ = std::move(codec);
  times_.clear();
  next_number_ = 0;
  return announce();
}

Status VideoEncoder::announce() {
  const std::string_view headers = view(codec_->extradata, codec_->extradata_size);
  if (announced_) {
    if (headers == headers_) return {};
    return Status(Code::internal, fmt::format("{} made other headers for a later GOP", dialect_.encoder));
  }
  if (on_device() && headers.empty())
    return blamed_on(Stage::encode, {Code::unsupported, fmt::format("{} on {} gives no headers ahead",
                                                                    dialect_.encoder, dialect_.device)});
  const int reordered = dialect_.reorder_frames(*codec_);
  if (on_device() && reordered > settings_.least_reorder_frames)
    return blamed_on(
        Stage::encode,
        {Code::unsupported,
         fmt::format("{} on {} reorders {} frames, the CPU's encoder {}: one edit list would not "
                     "fit both",
                     dialect_.encoder, dialect_.device, reordered, settings_.least_reorder_frames)});
  announced_ = true;
  headers_ = headers;
  ParametersPtr parameters(avcodec_parameters_alloc());
  if (!parameters) throw std::bad_alloc();
  if (const int error = avcodec_parameters_from_context(parameters.get(), codec_.get()); error < 0)
    return av_status(error, fmt::format("{}'s parameters", dialect_.encoder));
  return out_.begin(
      {parameters.get(), std::max(reordered, settings_.least_reorder_frames), 0, settings_.hdr});
}

Status VideoEncoder::push(FramePtr frame) {
  if (!shape_) shape_ = shape_of(*frame);
  if (frame->width != shape_->width || frame->height != shape_->height || frame->format != shape_->format)
    return Status(Code::internal,
                  fmt::format("{} was opened for {}x{} and got a picture of {}x{} or another format",
                              dialect_.encoder, shape_->width, shape_->height, frame->width, frame->height));
  if (on_device()) forget_media_words();
  const bool opens = opens_gop(frame->pts);
  if (opens && dialect_.one_gop)
    if (Status status = close(); !status.ok()) return status;
  if (!codec_)
    if (Status status = open(); !status.ok()) return status;
  drop_decoders_number(*frame);
  if (dialect_.with_hdr != nullptr) drop_own_hdr(*frame);
  frame->pict_type = opens ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  if (dialect_.counts_frames) {
    times_.push_back({frame->pts, duration_of(*frame)});
    frame->pts = next_number_++;
    set_duration(*frame, 1);
  }
  const int error = avcodec_send_frame(codec_.get(), frame.get());
  if (error < 0) return failed(error, dialect_.encoder);
  return drain();
}

Status VideoEncoder::drain() {
  while (true) {
    PacketPtr packet = make_packet();
    const int error = avcodec_receive_packet(codec_.get(), packet.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return failed(error, dialect_.encoder);
    note_work();
    if (Status status = passes_on(std::move(packet)); !status.ok()) return status;
  }
}

Status VideoEncoder::passes_on(PacketPtr packet) {
  if (dialect_.stored != nullptr) {
    Result<std::string> bytes = dialect_.stored(view(packet->data, packet->size));
    if (dialect_.with_hdr != nullptr && (packet->flags & AV_PKT_FLAG_KEY) != 0)
      bytes = dialect_.with_hdr(*bytes, settings_.hdr);
    if (!bytes.ok()) return bytes.status().under(dialect_.encoder);
    replace_data(*packet, *bytes);
  }
  if (dialect_.counts_frames) {
    if (times_.empty())
      return Status(Code::internal, fmt::format("{} gave more packets than frames", dialect_.encoder));
    packet->pts = packet->dts = times_.front().pts;
    packet->duration = times_.front().duration;
    times_.pop_front();
  }
  return out_.push(std::move(packet));
}

Status VideoEncoder::close() {
  if (!codec_) return {};
  if (const int error = avcodec_send_frame(codec_.get(), nullptr); error < 0)
    return failed(error, dialect_.encoder);
  Status status = drain();
  codec_.reset();
  return status;
}

Status VideoEncoder::finish() {
  if (Status status = close(); !status.ok()) return status;
  return out_.finish();
}

}  // namespace millrace::engine
