#include "bench/filter_ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "engine/backend/device_failure.h"
#include "engine/pipeline/filter_ends.h"
#include "engine/pipeline/media_log.h"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/hwcontext.h>
}

namespace millrace::bench {
namespace {

using engine::BufferPtr;
using engine::FramePtr;
using engine::NvidiaDevice;
using engine::Result;
using engine::Status;
using kernels::LadderShape;
using kernels::Surface;

constexpr LadderShape::Size kLogoSize{kLogo.width, kLogo.height};

// Half grey, half seen.
int fill_logo(AVFrame& frame) {
  frame.format = AV_PIX_FMT_YUVA420P;
  frame.width = kLogo.width;
  frame.height = kLogo.height;
  if (const int error = av_frame_get_buffer(&frame, 0); error < 0) return error;
  for (int plane = 0; plane < 4; ++plane) {
    const bool chroma = plane == 1 || plane == 2;
    std::fill_n(frame.data[plane], frame.linesize[plane] * (chroma ? kLogo.height / 2 : kLogo.height),
                std::uint8_t{128});
  }
  return 0;
}

class AvFilterLadder final : public FilterLadder {
 public:
  AvFilterLadder(const LadderCase& ladder, NvidiaDevice& device, std::size_t held)
      : ladder_(ladder), device_(device), held_(held) {}

  Status open() {
    const Result<AVBufferRef*> device = device_.for_av(engine::Stage::filters);
    if (!device.ok()) return device.status();
    engine::forget_media_words();
    int error = build(**device);
    if (error >= 0 && ladder_.logo) error = push_logo();
    return error < 0 ? failed(error) : Status();
  }

  Status push(const Surface& source) override {
    engine::forget_media_words();
    const FramePtr frame = frame_over(source);
    int error = av_buffersrc_add_frame_flags(source_, frame.get(), AV_BUFFERSRC_FLAG_PUSH);
    for (std::size_t i = 0; error >= 0 && i < sinks_.size(); ++i) error = take(i);
    return error < 0 ? failed(error) : Status();
  }

  Result<std::vector<LumaPlane>> last() override {
    std::vector<LumaPlane> planes;
    for (const std::deque<FramePtr>& rung : rungs_) {
      if (rung.empty()) return failed(AVERROR(EAGAIN));
      const FramePtr down = engine::make_frame();
      if (const int error = av_hwframe_transfer_data(down.get(), rung.back().get(), 0); error < 0)
        return failed(error);
      LumaPlane plane{{rung.back()->width, rung.back()->height}, {}};
      for (int y = 0; y < plane.size.height; ++y) {
        const std::uint8_t* const row = down->data[0] + y * down->linesize[0];
        plane.samples.insert(plane.samples.end(), row, row + plane.size.width);
      }
      planes.push_back(std::move(plane));
    }
    return planes;
  }

 private:
  Status failed(int error) const {
    return engine::device_failure(engine::Stage::filters, device_.name(), error, engine::media_words());
  }

  int build(AVBufferRef& device) {
    graph_.reset(avfilter_graph_alloc());
    const bool wide = ladder_.shape.source_depth > 8;
    int error = make_pool(device, wide ? AV_PIX_FMT_P010 : AV_PIX_FMT_NV12, ladder_.shape.source, pool_);
    if (error >= 0) error = add_source("in", ladder_.shape.source, *pool_, source_);
    if (error >= 0 && ladder_.logo) error = make_pool(device, AV_PIX_FMT_YUVA420P, kLogoSize, logo_pool_);
    if (error >= 0 && ladder_.logo) error = add_source("logo", kLogoSize, *logo_pool_, logo_);
    for (std::size_t i = 0; error >= 0 && i < ladder_.shape.rungs.size(); ++i) error = add_sink(i);
    return error < 0 ? error : parse();
  }

  static int make_pool(AVBufferRef& device, AVPixelFormat format, LadderShape::Size size, BufferPtr& pool) {
    pool.reset(av_hwframe_ctx_alloc(&device));
    if (!pool) return AVERROR(ENOMEM);
    auto* const frames = reinterpret_cast<AVHWFramesContext*>(pool->data);
    frames->format = AV_PIX_FMT_CUDA;
    frames->sw_format = format;
    frames->width = size.width;
    frames->height = size.height;
    return av_hwframe_ctx_init(pool.get());
  }

  int add_source(const char* name, LadderShape::Size size, AVBufferRef& pool, AVFilterContext*& source) {
    return engine::add_device_source(
        *graph_, name, pool,
        fmt::format("video_size={}x{}:pix_fmt=cuda:time_base=1/25:pixel_aspect=1/1", size.width, size.height),
        source);
  }

  int add_sink(std::size_t rung) {
    AVFilterContext* sink = nullptr;
    const int error =
        avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"),
                                     fmt::format("out{}", rung).c_str(), nullptr, nullptr, graph_.get());
    sinks_.push_back(sink);
    rungs_.emplace_back();
    return error;
  }

  int parse() {
    engine::InOutPtr outputs = engine::open_end("in", source_);
    if (ladder_.logo) outputs = engine::open_end("logo", logo_, std::move(outputs));
    engine::InOutPtr inputs;
    for (std::size_t i = 0; i < sinks_.size(); ++i)
      inputs = engine::open_end(fmt::format("out{}", i), sinks_[i], std::move(inputs));
    AVFilterInOut* open_inputs = inputs.release();
    AVFilterInOut* open_outputs = outputs.release();
    const int error = avfilter_graph_parse_ptr(graph_.get(), filter_graph(ladder_).c_str(), &open_inputs,
                                               &open_outputs, nullptr);
    avfilter_inout_free(&open_inputs);
    avfilter_inout_free(&open_outputs);
    return error < 0 ? error : avfilter_graph_config(graph_.get(), nullptr);
  }

  // One picture and the end: overlay_cuda lays the last picture over all that follow.
  int push_logo() {
    const FramePtr here = engine::make_frame(), there = engine::make_frame();
    int error = fill_logo(*here);
    if (error >= 0) error = av_hwframe_get_buffer(logo_pool_.get(), there.get(), 0);
    if (error >= 0) error = av_hwframe_transfer_data(there.get(), here.get(), 0);
    there->pts = 0;
    if (error >= 0) error = av_buffersrc_add_frame(logo_, there.get());
    return error < 0 ? error : av_buffersrc_close(logo_, 1, 0);
  }

  FramePtr frame_over(const Surface& surface) {
    FramePtr frame = engine::make_frame();
    frame->format = AV_PIX_FMT_CUDA;
    frame->width = surface.width;
    frame->height = surface.height;
    frame->data[0] = reinterpret_cast<std::uint8_t*>(surface.luma);
    frame->data[1] = reinterpret_cast<std::uint8_t*>(surface.u);
    frame->linesize[0] = surface.luma_stride;
    frame->linesize[1] = surface.chroma_stride;
    frame->pts = next_pts_++;
    frame->sample_aspect_ratio = {1, 1};
    frame->hw_frames_ctx = engine::share(*pool_).release();
    // The ring owns the memory; libav only wants to count who reads it.
    frame->buf[0] = av_buffer_create(
        frame->data[0], 1, [](void*, std::uint8_t*) {}, nullptr, AV_BUFFER_FLAG_READONLY);
    return frame;
  }

  // What has come out of a rung; 0, or libav's error.
  int take(std::size_t rung) {
    while (true) {
      FramePtr frame = engine::make_frame();
      const int error = av_buffersink_get_frame(sinks_[rung], frame.get());
      if (error == AVERROR(EAGAIN)) return 0;
      if (error < 0) return error;
      rungs_[rung].push_back(std::move(frame));
      if (rungs_[rung].size() > held_) rungs_[rung].pop_front();
    }
  }

  const LadderCase ladder_;
  NvidiaDevice& device_;
  const std::size_t held_;
  std::int64_t next_pts_ = 0;
  BufferPtr pool_, logo_pool_;
  engine::FilterGraphPtr graph_;
  AVFilterContext* source_ = nullptr;
  AVFilterContext* logo_ = nullptr;
  std::vector<AVFilterContext*> sinks_;
  std::vector<std::deque<FramePtr>> rungs_;
};

}  // namespace

Result<std::unique_ptr<FilterLadder>> open_filter_ladder(const LadderCase& ladder, NvidiaDevice& device,
                                                         std::size_t held) {
  auto opened = std::make_unique<AvFilterLadder>(ladder, device, held);
  if (Status s = opened->open(); !s.ok()) return s;
  return std::unique_ptr<FilterLadder>(std::move(opened));
}

}  // namespace millrace::bench
