#include "engine/pipeline/filter_stage.h"

#include <fmt/format.h>

#include "engine/base/work_count.h"
#include "engine/pipeline/filter_ends.h"
#include "engine/pipeline/media_log.h"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
}

namespace millrace::engine {
namespace {

bool is_sound(const AVFrame& frame) { return frame.nb_samples > 0; }

std::string layout_text(const AVFrame& frame) {
  AVChannelLayout layout{};
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&layout, frame.ch_layout.nb_channels);
  else
    av_channel_layout_copy(&layout, &frame.ch_layout);
  char text[128] = {};
  av_channel_layout_describe(&layout, text, sizeof text);
  av_channel_layout_uninit(&layout);
  return text;
}

std::string source_arguments(const AVFrame& frame, AVRational time_base, AVRational frame_rate) {
  if (is_sound(frame))
    return fmt::format("time_base={}/{}:sample_rate={}:sample_fmt={}:channel_layout={}", time_base.num,
                       time_base.den, frame.sample_rate, frame.format, layout_text(frame));
  const AVRational aspect = frame.sample_aspect_ratio;
  std::string text =
      fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect={}/{}", frame.width, frame.height,
                  frame.format, time_base.num, time_base.den, aspect.num, aspect.den > 0 ? aspect.den : 1);
  if (frame_rate.num > 0) text += fmt::format(":frame_rate={}/{}", frame_rate.num, frame_rate.den);
  return text + buffer_colours(frame);
}

}  // namespace

FilterStage::FilterStage(Settings settings, Sink<FramePtr>& out)
    : settings_(std::move(settings)), out_(out) {}

bool FilterStage::fits(const AVFrame& frame) const {
  const AVFrame& shape = *shape_;
  if (frame.format != shape.format) return false;
  if (is_sound(frame))
    return frame.sample_rate == shape.sample_rate &&
           av_channel_layout_compare(&frame.ch_layout, &shape.ch_layout) == 0;
  const auto pool = [](const AVFrame& each) {
    return each.hw_frames_ctx == nullptr ? nullptr : each.hw_frames_ctx->data;
  };
  return pool(frame) == pool(shape) && frame.width == shape.width && frame.height == shape.height &&
         frame.colorspace == shape.colorspace && frame.color_range == shape.color_range &&
         frame.color_primaries == shape.color_primaries && frame.color_trc == shape.color_trc &&
         av_cmp_q(frame.sample_aspect_ratio, shape.sample_aspect_ratio) == 0;
}

Status FilterStage::failed(int error, const std::string& what) const {
  return settings_.failure ? settings_.failure(error) : av_status(error, what);
}

Status FilterStage::build(const AVFrame& frame) {
  const bool sound = is_sound(frame);
  graph_.reset(avfilter_graph_alloc());
  graph_->nb_threads = settings_.threads;
  const std::string arguments = source_arguments(frame, settings_.time_base, settings_.frame_rate);
  const std::string what = fmt::format("filter \"{}\" for {}", chain_, arguments);
  int error = frame.hw_frames_ctx != nullptr
                  ? add_device_source(*graph_, "in", *frame.hw_frames_ctx, arguments, source_)
                  : avfilter_graph_create_filter(&source_, avfilter_get_by_name(sound ? "abuffer" : "buffer"),
                                                 "in", arguments.c_str(), nullptr, graph_.get());
  if (error < 0) return failed(error, what);
  error = avfilter_graph_create_filter(&sink_, avfilter_get_by_name(sound ? "abuffersink" : "buffersink"),
                                       "out", nullptr, nullptr, graph_.get());
  if (error < 0) return failed(error, what);
  AVFilterInOut* outputs = open_end("in", source_).release();
  AVFilterInOut* inputs = open_end("out", sink_).release();
  error = avfilter_graph_parse_ptr(graph_.get(), chain_.c_str(), &inputs, &outputs, nullptr);
  avfilter_inout_free(&inputs);
  avfilter_inout_free(&outputs);
  if (error >= 0 && settings_.device)
    for (unsigned i = 0; i < graph_->nb_filters; ++i)
      graph_->filters[i]->hw_device_ctx = share(*settings_.device).release();
  if (error >= 0) error = avfilter_graph_config(graph_.get(), nullptr);
  return error < 0 ? failed(error, what) : Status();
}

void FilterStage::remember(const AVFrame& frame) {
  shape_ = make_frame();
  av_frame_copy_props(shape_.get(), &frame);
  if (frame.hw_frames_ctx != nullptr) shape_->hw_frames_ctx = share(*frame.hw_frames_ctx).release();
  shape_->format = frame.format;
  shape_->width = frame.width;
  shape_->height = frame.height;
  shape_->sample_rate = frame.sample_rate;
  av_channel_layout_copy(&shape_->ch_layout, &frame.ch_layout);
}

Status FilterStage::push(FramePtr frame) {
  if (settings_.failure) forget_media_words();
  if (shape_ == nullptr || !fits(*frame)) {
    if (Status status = flush(); !status.ok()) return status;
    graph_.reset();
    chain_ = settings_.chain_for ? settings_.chain_for(*frame) : settings_.chain;
    if (!chain_.empty())
      if (Status status = build(*frame); !status.ok()) return status;
    remember(*frame);
  }
  if (!graph_) return out_.push(std::move(frame));
  const int error = av_buffersrc_add_frame_flags(source_, frame.get(), AV_BUFFERSRC_FLAG_NO_CHECK_FORMAT);
  if (error < 0) return failed(error, fmt::format("filter \"{}\"", chain_));
  return drain();
}

Status FilterStage::drain() {
  const AVRational wanted = settings_.out_time_base.num > 0 ? settings_.out_time_base : settings_.time_base;
  while (true) {
    FramePtr frame = make_frame();
    const int error = av_buffersink_get_frame(sink_, frame.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return failed(error, fmt::format("filter \"{}\"", chain_));
    note_work();
    if (frame->pts != AV_NOPTS_VALUE)
      frame->pts = av_rescale_q(frame->pts, av_buffersink_get_time_base(sink_), wanted);
    frame->time_base = wanted;
    if (Status status = out_.push(std::move(frame)); !status.ok()) return status;
  }
}

Status FilterStage::flush() {
  if (!graph_) return {};
  const int error = av_buffersrc_add_frame_flags(source_, nullptr, 0);
  if (error < 0 && error != AVERROR_EOF) return failed(error, fmt::format("filter \"{}\"", chain_));
  return drain();
}

Status FilterStage::finish() {
  if (Status status = flush(); !status.ok()) return status;
  graph_.reset();
  return out_.finish();
}

Result<FramePtr> filter_one(FramePtr picture, const std::string& chain) {
  class Last final : public Sink<FramePtr> {
   public:
    Status push(FramePtr frame) override {
      kept = std::move(frame);
      return {};
    }
    Status finish() override { return {}; }
    FramePtr kept;
  };
  Last last;
  FilterStage::Settings settings;
  settings.chain = chain;
  FilterStage stage(std::move(settings), last);
  picture->pts = 0;
  Status status = stage.push(std::move(picture));
  if (status.ok()) status = stage.finish();
  if (!status.ok()) return status;
  if (!last.kept) return Status(Code::internal, fmt::format("filter \"{}\" lost the picture", chain));
  return std::move(last.kept);
}

}  // namespace millrace::engine
