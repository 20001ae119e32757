#include "tests/engine/plan/run_filter.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/frame.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
}

#include <fmt/format.h>

#include <cstring>
#include <memory>

namespace millrace::engine::test {
namespace {

struct FrameDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct GraphDeleter {
  void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
};
using Frame = std::unique_ptr<AVFrame, FrameDeleter>;

// -1 of a name that is "unknown": FFmpeg's "unspecified" is 2 for all but the range, where it is 0.
template <class Value>
Value named(int found, Value unspecified) {
  return found < 0 ? unspecified : static_cast<Value>(found);
}

Frame frame_of(const VideoTrack& track, int level) {
  Frame frame(av_frame_alloc());
  frame->format = av_get_pix_fmt(track.pixel_format.c_str());
  frame->width = track.width;
  frame->height = track.height;
  frame->pts = 0;
  frame->sample_aspect_ratio = {static_cast<int>(track.sample_aspect.numerator),
                                static_cast<int>(track.sample_aspect.denominator)};
  frame->color_range = named(av_color_range_from_name(track.color_range.c_str()), AVCOL_RANGE_UNSPECIFIED);
  frame->colorspace = named(av_color_space_from_name(track.color_matrix.c_str()), AVCOL_SPC_UNSPECIFIED);
  frame->color_primaries =
      named(av_color_primaries_from_name(track.color_primaries.c_str()), AVCOL_PRI_UNSPECIFIED);
  frame->color_trc = named(av_color_transfer_from_name(track.color_transfer.c_str()), AVCOL_TRC_UNSPECIFIED);
  if (av_frame_get_buffer(frame.get(), 0) < 0) return nullptr;
  for (const AVBufferRef* buffer : frame->buf)
    if (buffer != nullptr) std::memset(buffer->data, level, buffer->size);
  if (frame->data[3] != nullptr)
    std::memset(frame->data[3], 0,
                static_cast<std::size_t>(frame->linesize[3]) * static_cast<std::size_t>(frame->height));
  return frame;
}

std::string text(const char* name) { return name == nullptr ? "unknown" : name; }

}  // namespace

FilteredFrame run_filter(const std::string& chain, const VideoTrack& track, int level) {
  FilteredFrame out;
  const Frame frame = frame_of(track, level);
  if (frame == nullptr) {
    out.error = "no such frame";
    return out;
  }
  const std::unique_ptr<AVFilterGraph, GraphDeleter> graph(avfilter_graph_alloc());
  graph->nb_threads = 1;
  AVFilterContext* source = avfilter_graph_alloc_filter(graph.get(), avfilter_get_by_name("buffer"), "in");
  AVFilterContext* sink = avfilter_graph_alloc_filter(graph.get(), avfilter_get_by_name("buffersink"), "out");
  AVBufferSrcParameters* parameters = av_buffersrc_parameters_alloc();
  parameters->format = frame->format;
  parameters->width = frame->width;
  parameters->height = frame->height;
  parameters->time_base = {1, 90'000};
  parameters->sample_aspect_ratio = frame->sample_aspect_ratio;
#if LIBAVFILTER_VERSION_MAJOR >= 10
  parameters->color_space = frame->colorspace;
  parameters->color_range = frame->color_range;
#endif
  int error = av_buffersrc_parameters_set(source, parameters);
  av_free(parameters);
  if (error >= 0) error = avfilter_init_str(source, nullptr);
  if (error >= 0) error = avfilter_init_str(sink, nullptr);
  AVFilterInOut* opens = avfilter_inout_alloc();
  AVFilterInOut* ends = avfilter_inout_alloc();
  *opens = {av_strdup("in"), source, 0, nullptr};
  *ends = {av_strdup("out"), sink, 0, nullptr};
  if (error >= 0) error = avfilter_graph_parse_ptr(graph.get(), chain.c_str(), &ends, &opens, nullptr);
  avfilter_inout_free(&opens);
  avfilter_inout_free(&ends);
  if (error >= 0) error = avfilter_graph_config(graph.get(), nullptr);
  if (error >= 0) error = av_buffersrc_add_frame(source, frame.get());
  if (error >= 0) error = av_buffersrc_add_frame(source, nullptr);
  const Frame got(av_frame_alloc());
  while (error >= 0 && (error = av_buffersink_get_frame(sink, got.get())) >= 0) {
    ++out.frames;
    out.width = got->width;
    out.height = got->height;
    out.pixel_format = text(av_get_pix_fmt_name(static_cast<AVPixelFormat>(got->format)));
    out.sample_aspect = {got->sample_aspect_ratio.num, got->sample_aspect_ratio.den};
    out.color_range = text(av_color_range_name(got->color_range));
    out.color_matrix = text(av_color_space_name(got->colorspace));
    out.color_primaries = text(av_color_primaries_name(got->color_primaries));
    out.color_transfer = text(av_color_transfer_name(got->color_trc));
    out.first_luma = got->data[0][0];
    av_frame_unref(got.get());
  }
  if (error != AVERROR_EOF) {
    char buffer[AV_ERROR_MAX_STRING_SIZE] = {};
    out.error = fmt::format("{}: {}", chain, av_make_error_string(buffer, sizeof buffer, error));
  }
  return out;
}

}  // namespace millrace::engine::test
