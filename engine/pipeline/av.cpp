#include "engine/pipeline/av.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstring>
#include <new>

namespace millrace::engine {
namespace {

// Whether this process could not get what a frame and its thread take: it has come to its limit.
bool memory_is_short() {
  constexpr std::size_t kSome = 64 << 20;
  void* const some = ::mmap(nullptr, kSome, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (some == MAP_FAILED) return true;
  ::munmap(some, kSome);
  return false;
}

}  // namespace

void AvDelete::operator()(AVFrame* frame) const { av_frame_free(&frame); }
void AvDelete::operator()(AVPacket* packet) const { av_packet_free(&packet); }
void AvDelete::operator()(AVFormatContext* input) const { avformat_close_input(&input); }
void AvDelete::operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
void AvDelete::operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
void AvDelete::operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
void AvDelete::operator()(AVBufferRef* reference) const { av_buffer_unref(&reference); }

FramePtr make_frame() {
  FramePtr frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

PacketPtr make_packet() {
  PacketPtr packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

FramePtr share(const AVFrame& frame) {
  FramePtr other(av_frame_clone(&frame));
  if (!other) throw std::bad_alloc();
  return other;
}

BufferPtr share(const AVBufferRef& reference) {
  BufferPtr other(av_buffer_ref(&reference));
  if (!other) throw std::bad_alloc();
  return other;
}

std::string av_error_text(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

Status av_status(int error, std::string_view what) {
  Code code = Code::internal;
  switch (error) {
    case AVERROR(ENOMEM):  // as std::bad_alloc does, it takes the worker along
      code = Code::out_of_memory;
      break;
    case AVERROR_EXTERNAL:  // x264's answer to everything, this too
      if (memory_is_short()) code = Code::out_of_memory;
      break;
    case AVERROR(ENOSPC):
    case AVERROR(EDQUOT):
      code = Code::resource_exhausted;
      break;
    case AVERROR_INVALIDDATA:
      code = Code::corrupt_input;
      break;
    case AVERROR_EXIT:
      code = Code::cancelled;
      break;
    case AVERROR(ENOSYS):
    case AVERROR_PATCHWELCOME:
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_FILTER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_PROTOCOL_NOT_FOUND:
      code = Code::unsupported;
      break;
    case AVERROR(ENOENT):
      code = Code::not_found;
      break;
    case AVERROR(EIO):
    case AVERROR(ESTALE):
    case AVERROR(EREMOTEIO):
    case AVERROR(ETIMEDOUT):
    case AVERROR(ECONNREFUSED):
    case AVERROR(ECONNRESET):
    case AVERROR(ECONNABORTED):
    case AVERROR(EHOSTUNREACH):
    case AVERROR(ENETUNREACH):
    case AVERROR(EPIPE):
      code = Code::io_error;
      break;
    case AVERROR(EACCES):
    case AVERROR(EPERM):
    case AVERROR(EROFS):
    case AVERROR(EISDIR):
      code = Code::invalid_argument;
      break;
    default:
      break;
  }
  return Status(code, fmt::format("{}: {}", what, av_error_text(error)));
}

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
std::int64_t duration_of(const AVFrame& frame) { return frame.duration; }
void set_duration(AVFrame& frame, std::int64_t duration) { frame.duration = duration; }
#else
std::int64_t duration_of(const AVFrame& frame) { return frame.pkt_duration; }
void set_duration(AVFrame& frame, std::int64_t duration) { frame.pkt_duration = duration; }
#endif

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
bool is_interlaced(const AVFrame& frame) { return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0; }
bool has_top_field_first(const AVFrame& frame) { return (frame.flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0; }
void set_progressive(AVFrame& frame) { frame.flags &= ~AV_FRAME_FLAG_INTERLACED; }
#else
bool is_interlaced(const AVFrame& frame) { return frame.interlaced_frame != 0; }
bool has_top_field_first(const AVFrame& frame) { return frame.top_field_first != 0; }
void set_progressive(AVFrame& frame) { frame.interlaced_frame = 0; }
#endif

#if LIBAVCODEC_VERSION_MAJOR < 60
void drop_decoders_number(AVFrame& frame) { frame.reordered_opaque = 0; }
#else
void drop_decoders_number(AVFrame& /*frame*/) {}
#endif

AVPixelFormat format_on_device(const AVFrame& frame) {
  return frame.hw_frames_ctx == nullptr
             ? AV_PIX_FMT_NONE
             : reinterpret_cast<const AVHWFramesContext*>(frame.hw_frames_ctx->data)->sw_format;
}

const std::int32_t* display_matrix_of(const AVStream& stream) {
  const std::string_view data = side_data_of(stream, AV_PKT_DATA_DISPLAYMATRIX);
  return data.size() < 9 * sizeof(std::int32_t) ? nullptr
                                                : reinterpret_cast<const std::int32_t*>(data.data());
}

#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
std::string_view side_data_of(const AVStream& stream, AVPacketSideDataType type) {
  const AVPacketSideData* data =
      av_packet_side_data_get(stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, type);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data->data), data->size};
}

void add_side_data(AVStream& stream, AVPacketSideDataType type, std::string_view bytes) {
  AVPacketSideData* data = av_packet_side_data_new(
      &stream.codecpar->coded_side_data, &stream.codecpar->nb_coded_side_data, type, bytes.size(), 0);
  if (data == nullptr) throw std::bad_alloc();
  std::memcpy(data->data, bytes.data(), bytes.size());
}
#else
std::string_view side_data_of(const AVStream& stream, AVPacketSideDataType type) {
  std::size_t size = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, type, &size);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data), size};
}

void add_side_data(AVStream& stream, AVPacketSideDataType type, std::string_view bytes) {
  std::uint8_t* data = av_stream_new_side_data(&stream, type, bytes.size());
  if (data == nullptr) throw std::bad_alloc();
  std::memcpy(data, bytes.data(), bytes.size());
}
#endif

std::string buffer_colours(const AVFrame& frame) {
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100)
  return fmt::format(":colorspace={}:range={}", static_cast<int>(frame.colorspace),
                     static_cast<int>(frame.color_range));
#else
  static_cast<void>(frame);
  return {};
#endif
}

}  // namespace millrace::engine
