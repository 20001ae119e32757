// FFmpeg's objects as owners, its errors as Status, and the few places where its versions differ.
// Plain functions; safe from any thread on objects of one's own.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
}

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/plan/segment_clock.h"

namespace millrace::engine {

struct AvDelete {
  void operator()(AVFrame* frame) const;
  void operator()(AVPacket* packet) const;
  void operator()(AVFormatContext* input) const;  // of an input
  void operator()(AVCodecContext* codec) const;
  void operator()(AVCodecParameters* parameters) const;
  void operator()(AVFilterGraph* graph) const;
  void operator()(AVBufferRef* reference) const;
};
using FramePtr = std::unique_ptr<AVFrame, AvDelete>;
using PacketPtr = std::unique_ptr<AVPacket, AvDelete>;
using InputPtr = std::unique_ptr<AVFormatContext, AvDelete>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvDelete>;
using ParametersPtr = std::unique_ptr<AVCodecParameters, AvDelete>;
using FilterGraphPtr = std::unique_ptr<AVFilterGraph, AvDelete>;
using BufferPtr = std::unique_ptr<AVBufferRef, AvDelete>;

// Empty objects. Memory that runs out ends the process, as it does for `new`.
FramePtr make_frame();
PacketPtr make_packet();

// A second reference to the same picture or sound, with properties of its own.
FramePtr share(const AVFrame& frame);
// A second reference to the same bytes, device or pool of surfaces.
BufferPtr share(const AVBufferRef& reference);

// "WHAT: FFmpeg's text". resource_exhausted for a full disk, out_of_memory, corrupt_input for invalid data,
// cancelled for an interrupted call, unsupported for what this FFmpeg lacks, not_found and invalid_argument
// for what is not there or may not be used, io_error for disks and connections that fail, else internal.
Status av_status(int error, std::string_view what);
std::string av_error_text(int error);

inline AVRational to_av(const Rational& value) {
  return {static_cast<int>(value.numerator), static_cast<int>(value.denominator)};
}
inline Rational from_av(AVRational value) { return {value.num, value.den}; }
// The largest picture that is decoded, 8192x8192: a header alone costs no memory beyond that.
constexpr std::int64_t kMostPixels = 67'108'864;
// Of the samples of a picture that lies on a device ("nv12"); none where it lies on the CPU.
AVPixelFormat format_on_device(const AVFrame& frame);
constexpr AVRational kTicks{1, static_cast<int>(kTicksPerSecond)};

// What FFmpeg 5 and 7 spell differently.
std::int64_t duration_of(const AVFrame& frame);
void set_duration(AVFrame& frame, std::int64_t duration);
bool is_interlaced(const AVFrame& frame);
bool has_top_field_first(const AVFrame& frame);
void set_progressive(AVFrame& frame);
// The number that a decoder hands on with a frame (before FFmpeg 6): its wrapper of x265 keeps a copy of
// each, and loses those of the frames that are still inside when it is closed early.
void drop_decoders_number(AVFrame& frame);
const std::int32_t* display_matrix_of(const AVStream& stream);  // nine numbers, or null
// The bytes that a container says once of a whole track; empty when there are none. They live as long as the
// stream.
std::string_view side_data_of(const AVStream& stream, AVPacketSideDataType type);
// Copies them onto a stream that is to be written. Memory that runs out ends the process.
void add_side_data(AVStream& stream, AVPacketSideDataType type, std::string_view bytes);
std::string buffer_colours(const AVFrame& frame);  // arguments for the buffer filter: "" or ":colorspace=..."

}  // namespace millrace::engine
