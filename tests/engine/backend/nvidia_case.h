// What tests of the NVIDIA backend share: plans, decoded pictures and a card of fakes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/backend/nvidia/nvidia_device.h"
#include "engine/backend/nvidia/slab.h"
#include "engine/pipeline/overlay.h"
#include "engine/plan/plan.h"
#include "engine/plan/stage.h"
#include "kernels/pixel.h"
#include "tests/engine/backend/fake_cuda.h"
#include "tests/engine/pipeline/frames.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace millrace::engine {

// A plan whose pictures are decoded and filtered on a card, with renditions of these sizes.
inline Plan plan_of(const std::vector<SlabPicture>& sizes) {
  Plan plan;
  plan.source.video.resize(1);
  plan.source.chosen_video = 0;
  plan.decode_device = plan.filter_device = "cuda:0";
  for (const SlabPicture& each : sizes) {
    PlannedRendition rendition;
    rendition.width = each.width;
    rendition.height = each.height;
    rendition.ten_bit = each.ten_bit;
    plan.renditions.push_back(rendition);
  }
  return plan;
}

// As NVDEC gives it, but that it lies where the fake's device is: on the host.
inline FramePtr decoded(std::int64_t pts, int width, int height, AVPixelFormat format = AV_PIX_FMT_NV12) {
  FramePtr frame = make_frame();
  frame->format = format;
  frame->width = width;
  frame->height = height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 2; ++plane)
    for (int i = 0; i < frame->linesize[plane] * (plane == 0 ? height : height / 2); ++i)
      frame->data[plane][i] = static_cast<std::uint8_t>(16 + (i * 7 + pts) % 200);
  const BufferPtr device(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_CUDA));
  frame->hw_frames_ctx = av_hwframe_ctx_alloc(device.get());
  reinterpret_cast<AVHWFramesContext*>(frame->hw_frames_ctx->data)->sw_format = format;
  frame->format = AV_PIX_FMT_CUDA;
  frame->pts = pts;
  frame->colorspace = AVCOL_SPC_BT709;
  frame->sample_aspect_ratio = {4, 3};
  return frame;
}

// The code of a sample: of plane 0, 1 or 2 (luma, u, v) of picture `number`.
using Drawing = std::function<int(int number, int plane, int x, int y)>;

// A picture of the CPU (yuv420p, or yuv420p10le) and the same samples as the card has them (NV12, or P010).
inline FramePtr drawn(const Drawing& code, int number, int width, int height, bool ten_bit) {
  FramePtr frame = picture(number * 3'600, width, height);
  if (ten_bit) {
    frame = make_frame();
    frame->format = AV_PIX_FMT_YUV420P10LE;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
    frame->pts = number * 3'600;
    frame->time_base = kTicks;
  }
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? height : kernels::chroma_size(height)); ++y)
      for (int x = 0; x < (plane == 0 ? width : kernels::chroma_size(width)); ++x) {
        std::uint8_t* row = frame->data[plane] + y * frame->linesize[plane];
        const int value = code(number, plane, x, y);
        if (ten_bit)
          reinterpret_cast<std::uint16_t*>(row)[x] = static_cast<std::uint16_t>(value);
        else
          row[x] = static_cast<std::uint8_t>(value);
      }
  return frame;
}
inline FramePtr on_card(const AVFrame& from) {
  const bool ten_bit = from.format == AV_PIX_FMT_YUV420P10LE;
  FramePtr frame = decoded(from.pts, from.width, from.height, ten_bit ? AV_PIX_FMT_P010LE : AV_PIX_FMT_NV12);
  if (av_frame_copy_props(frame.get(), &from) < 0) throw std::bad_alloc();
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? from.height : kernels::chroma_size(from.height)); ++y)
      for (int x = 0; x < (plane == 0 ? from.width : kernels::chroma_size(from.width)); ++x) {
        const std::uint8_t* row = from.data[plane] + y * from.linesize[plane];
        const int there = plane == 0 ? 0 : 1, at = plane == 0 ? x : 2 * x + plane - 1;
        std::uint8_t* to = frame->data[there] + y * frame->linesize[there];
        if (ten_bit)
          reinterpret_cast<std::uint16_t*>(to)[at] =
              static_cast<std::uint16_t>(reinterpret_cast<const std::uint16_t*>(row)[x] << 6);
        else
          to[at] = row[x];
      }
  return frame;
}

// The code of a sample of a planar picture of the CPU.
inline int code_of(const AVFrame& frame, int plane, int x, int y) {
  const std::uint8_t* row = frame.data[plane] + y * frame.linesize[plane];
  return frame.format == AV_PIX_FMT_YUV420P10LE ? reinterpret_cast<const std::uint16_t*>(row)[x] : row[x];
}

// How much alike two planar pictures of a size and depth are in a plane; 200 for equal ones.
inline double decibels(const AVFrame& one, const AVFrame& other, int plane) {
  const int width = plane == 0 ? one.width : one.width / 2, height = plane == 0 ? one.height : one.height / 2;
  double squares = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      squares += std::pow(code_of(one, plane, x, y) - code_of(other, plane, x, y), 2);
  const double most = one.format == AV_PIX_FMT_YUV420P10LE ? 1023 : 255;
  return squares > 0 ? 10 * std::log10(most * most * width * height / squares) : 200;
}

// Copies of what a backend makes of pictures up to a rendition's encoder on the CPU, but for overlays that
// the CPU lays.
inline Status filter(Backend& backend, const Plan& plan, std::vector<FramePtr> pictures, CollectingSink& out,
                     std::size_t rendition = 0, const OverlaySet& overlays = {}) {
  const PlannedRendition& each = plan.renditions[rendition];
  Sink<FramePtr>* next = &out;
  std::unique_ptr<Sink<FramePtr>> download, ladder, normaliser;
  if (Status s = put_before(next, backend.make_download(each.ten_bit, *next), download); !s.ok()) return s;
  const auto scaler = backend.make_scaler({each.width, each.height, each.ten_bit, rendition}, *next);
  next = scaler.get();
  if (Status s = put_before(next, backend.make_ladder(plan, overlays, *next), ladder); !s.ok()) return s;
  if (Status s = put_before(next, backend.make_normaliser(plan, *next), normaliser); !s.ok()) return s;
  for (FramePtr& picture : pictures)
    if (Status s = next->push(std::move(picture)); !s.ok()) return s;
  Status status = next->finish();
  // What lies in slabs goes back before their ladder ends.
  for (FramePtr& frame : out.frames) {
    FramePtr copy = make_frame();
    copy->format = frame->format;
    copy->width = frame->width;
    copy->height = frame->height;
    if (av_frame_get_buffer(copy.get(), 0) < 0 || av_frame_copy(copy.get(), frame.get()) < 0 ||
        av_frame_copy_props(copy.get(), frame.get()) < 0)
      throw std::bad_alloc();
    frame = std::move(copy);
  }
  return status;
}

class OnTheFake : public ::testing::Test {
 protected:
  Status open() {
    auto opened = NvidiaDevice::open(fake_.driver(), 0, images_);
    if (!opened.ok()) return opened.status();
    device_ = std::move(*opened);
    return {};
  }
  void expect_all_closed() {
    EXPECT_THAT((std::vector<int>{fake_.contexts, fake_.streams, fake_.modules, fake_.events, fake_.memory,
                                  fake_.pinned}),
                ::testing::Each(0));
  }

  // A step of the filters whose memory, or whose launch of `kernel`, fails: what `push` gives, in a stage
  // that it makes on the device.
  void expect_failures_of_filters(const std::string& kernel, const std::function<Status()>& push) {
    const struct {
      const char* call;
      kernels::CudaResult error;
      Code code;
      std::string why;
    } rows[] = {{"MemAlloc", 2, Code::resource_exhausted, "cuMemAlloc of a picture"},
                {"LaunchKernel", 700, Code::device_lost, kernel + " was not launched"}};
    for (const auto& row : rows) {
      fake_.fails.clear();
      ASSERT_TRUE(open().ok());
      fake_.fails = {{row.call, row.error}};
      const Status status = push();
      EXPECT_EQ(status.code(), row.code) << status.message();
      EXPECT_EQ(blamed_stage(status), Stage::filters);
      EXPECT_THAT(status.message(), ::testing::HasSubstr(row.why));
    }
  }

  test::FakeCuda fake_;
  const std::vector<kernels::KernelImage> images_ = test::FakeCuda::images();
  std::unique_ptr<NvidiaDevice> device_;
};

}  // namespace millrace::engine
