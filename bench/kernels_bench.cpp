#include "bench/kernels_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>

#include "hw/probe.h"
#include "hw/text_file.h"
#include "kernels/cuda_kernels.h"
#include "kernels/cuda_session.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using namespace kernels;  // what is measured

// What frames go round in: more than any device's cache holds, as the frames of many streams are.
constexpr std::size_t kRingBytes = std::size_t{512} << 20;
constexpr int kWarmUp = 20;

struct Size {
  int width, height;
};

class Event {
 public:
  explicit Event(const CudaDriver& driver) : driver_(driver) {
    if (driver.event_create(&event_, 0) != kCudaSuccess) event_ = nullptr;
  }
  ~Event() {
    if (event_ != nullptr) driver_.event_destroy(event_);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  CudaHandle get() const { return event_; }

 private:
  const CudaDriver& driver_;
  CudaHandle event_ = nullptr;
};

// NV12 or P010, rows of a multiple of 256 bytes as decoders make them. Owns nothing.
Surface surface_of(Size size, bool wide) {
  Surface surface;
  surface.width = size.width;
  surface.height = size.height;
  surface.depth = wide ? 10 : 8;
  surface.shift = wide ? 6 : 0;
  surface.chroma_step = 2;
  surface.luma_stride = (size.width * (wide ? 2 : 1) + 255) / 256 * 256;
  surface.chroma_stride = surface.luma_stride;
  return surface;
}

std::size_t room_of(const Surface& surface) {
  return static_cast<std::size_t>(surface.luma_stride) *
         static_cast<std::size_t>(surface.height + chroma_size(surface.height));
}

double samples_bytes(const Surface& surface) {
  return 1.5 * surface.width * surface.height * (surface.depth > 8 ? 2 : 1);
}

Surface at(Surface surface, std::byte* base) {
  surface.luma = base;
  surface.u = base + static_cast<std::int64_t>(surface.luma_stride) * surface.height;
  surface.v = surface.u + (surface.depth > 8 ? 2 : 1);
  return surface;
}

class KernelsRun {
 public:
  KernelsRun(const KernelsOptions& options, CudaSession& session, CudaKernels& kernels,
             const BenchListener& listener, const StopFlag& stop, KernelsReport& report)
      : options_(options),
        session_(session),
        driver_(session.driver()),
        kernels_(kernels),
        listener_(listener),
        stop_(stop),
        report_(report) {}

  Status run() {
    if (Status s = copies(); !s.ok()) return s;
    const Size hd{1920, 1080}, uhd{3840, 2160};
    const std::vector<Size> rungs = {{1920, 1080}, {1280, 720}, {854, 480}, {640, 360}};
    const std::vector<Size> uhd_rungs = {{3840, 2160}, {1920, 1080}, {1280, 720}, {854, 480}, {640, 360}};
    if (Status s = ladder(hd, rungs, false, false); !s.ok()) return s;
    if (Status s = ladder(hd, rungs, false, true); !s.ok()) return s;
    if (Status s = ladder(uhd, uhd_rungs, true, false); !s.ok()) return s;
    if (Status s = convert(uhd); !s.ok()) return s;
    return deinterlace(hd);
  }

 private:
  // Runs `frame` for each of so many frames, between two events each. The device is asked once, at the end.
  Status timed(KernelFigures figures, const std::function<void(std::size_t frame)>& frame) {
    const int count = options_.frames + kWarmUp;
    std::deque<Event> events;
    for (int i = 0; i < count + 1; ++i) {
      if (stop_.requested()) return Status(Code::cancelled, "stopped");
      events.emplace_back(driver_);
      driver_.event_record(events.back().get(), session_.stream());
      if (i < count) frame(static_cast<std::size_t>(i));
    }
    const std::string trouble = kernels_.failure().empty() ? session_.wait() : kernels_.failure();
    if (!trouble.empty())
      return Status(Code::device_lost, fmt::format("{}: {}: {}", report_.device, figures.what, trouble));
    for (std::size_t i = kWarmUp; i + 1 < events.size(); ++i) {
      float milliseconds = 0;
      if (driver_.event_milliseconds(&milliseconds, events[i].get(), events[i + 1].get()) != kCudaSuccess)
        return Status(Code::device_lost,
                      fmt::format("{}: {}: no time was taken", report_.device, figures.what));
      figures.microseconds.push_back(1000.0 * static_cast<double>(milliseconds));
    }
    listener_.progress(fmt::format("{}: {:.1f} microseconds a frame", figures.what, figures.spread().median));
    report_.figures.push_back(std::move(figures));
    return {};
  }

  Status no_room(std::size_t bytes) const {
    return Status(
        Code::resource_exhausted,
        fmt::format("{} has no {} MB of free memory; end what else runs on it", report_.device, bytes >> 20));
  }

  Status copies() {
    const CudaMemory memory(session_, kRingBytes);
    if (memory.address() == nullptr) return no_room(kRingBytes);
    const auto from = reinterpret_cast<CudaAddress>(memory.address());
    KernelFigures figures;
    figures.what = "copy on the device";
    figures.bytes = static_cast<double>(kRingBytes);  // half of it read, half written
    Status status = timed(figures, [&](std::size_t) {
      driver_.copy_on_device(from + kRingBytes / 2, from, kRingBytes / 2, session_.stream());
    });
    if (!status.ok()) return status;
    report_.copy_bytes_per_second = report_.figures.back().bytes_per_second();
    report_.figures.clear();
    return {};
  }

  Status ladder(Size from, const std::vector<Size>& sizes, bool wide, bool launch_each) {
    LadderShape shape;
    shape.source = {from.width, from.height};
    shape.source_depth = wide ? 10 : 8;
    for (const Size& size : sizes) shape.rungs.push_back({size.width, size.height});
    const LadderTables tables(shape);
    const std::vector<Blend> blends(std::size_t{160} * 90, {64U << 16U, 1U << 15U});
    const OverlayPlane chroma{{16, 16, 80, 45}, {blends.begin(), blends.begin() + std::ptrdiff_t{80} * 45}};
    const OverlayTables overlay({{{{32, 32, 160, 90}, blends}, chroma, chroma}});
    const CudaMemory tables_there(session_, tables.bytes()), overlay_there(session_, overlay.bytes());
    Ladder plain = tables.at(tables_there.address());
    plain.source = surface_of(from, wide);
    KernelFigures figures;
    std::size_t room = room_of(plain.source);
    figures.bytes = samples_bytes(plain.source);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      plain.rungs[i].target = surface_of(sizes[i], false);
      plain.rungs[i].overlay = overlay.at(overlay_there.address());
      room += room_of(plain.rungs[i].target);
      figures.bytes += samples_bytes(plain.rungs[i].target);
    }
    const CudaMemory ring(session_, kRingBytes);
    if (ring.address() == nullptr || tables_there.address() == nullptr || overlay_there.address() == nullptr)
      return no_room(kRingBytes);
    std::vector<Ladder> frames;
    for (std::size_t begin = 0; begin + room <= kRingBytes; begin += room) {
      Ladder frame = plain;
      std::byte* base = ring.address() + begin;
      frame.source = at(frame.source, base);
      base += room_of(frame.source);
      for (std::int32_t i = 0; i < frame.count; ++i) {
        frame.rungs[i].target = at(frame.rungs[i].target, base);
        base += room_of(frame.rungs[i].target);
      }
      frames.push_back(frame);
    }
    figures.launches = launch_each ? static_cast<int>(sizes.size()) : 1;
    figures.large = wide;
    figures.what =
        fmt::format("ladder of {}x{} {} into {} rungs with an overlay, {}", from.width, from.height,
                    wide ? "P010" : "NV12", sizes.size(), launch_each ? "a launch each" : "one launch");
    return timed(figures, [&](std::size_t number) {
      const Ladder& frame = frames[number % frames.size()];
      if (!launch_each) return kernels_.ladder(frame);
      for (std::int32_t i = 0; i < frame.count; ++i) {
        Ladder one;
        one.source = frame.source;
        one.count = 1;
        one.rungs[0] = frame.rungs[i];
        kernels_.ladder(one);
      }
    });
  }

  // Surfaces of one size, one behind the other, as many as the ring holds.
  static std::vector<Surface> surfaces_in(const CudaMemory& ring, const Surface& shape) {
    std::vector<Surface> surfaces;
    for (std::size_t begin = 0; begin + room_of(shape) <= kRingBytes; begin += room_of(shape))
      surfaces.push_back(at(shape, ring.address() + begin));
    return surfaces;
  }

  Status convert(Size size) {
    constexpr Colour kHdr{Matrix::bt2020, Primaries::bt2020, Transfer::pq, Range::limited};
    const CudaMemory ring(session_, kRingBytes), targets(session_, kRingBytes);
    if (ring.address() == nullptr || targets.address() == nullptr) return no_room(2 * kRingBytes);
    const std::vector<Surface> in = surfaces_in(ring, surface_of(size, true));
    const std::vector<Surface> out = surfaces_in(targets, surface_of(size, false));
    KernelFigures figures;
    figures.what = fmt::format("HDR10 to SDR, {}x{} P010 to NV12", size.width, size.height);
    figures.launches = 1;
    figures.large = true;
    figures.bytes = samples_bytes(in[0]) + samples_bytes(out[0]);
    const ColourMap map = make_colour_map(kHdr, 10, Colour{}, 8);
    return timed(figures, [&](std::size_t frame) {
      kernels_.convert({in[frame % in.size()], out[frame % out.size()], map});
    });
  }

  Status deinterlace(Size size) {
    const CudaMemory ring(session_, kRingBytes), targets(session_, kRingBytes);
    if (ring.address() == nullptr || targets.address() == nullptr) return no_room(2 * kRingBytes);
    const std::vector<Surface> in = surfaces_in(ring, surface_of(size, false));
    const std::vector<Surface> out = surfaces_in(targets, surface_of(size, false));
    KernelFigures figures;
    figures.what = fmt::format("deinterlace, {}x{} NV12", size.width, size.height);
    figures.launches = 1;
    figures.bytes = 4 * samples_bytes(in[0]);
    return timed(figures, [&](std::size_t frame) {
      const auto source = [&](std::size_t number) { return in[number % in.size()]; };
      kernels_.deinterlace(
          {source(frame), source(frame + 1), source(frame + 2), out[frame % out.size()], 0, 0});
    });
  }

  const KernelsOptions& options_;
  CudaSession& session_;
  const CudaDriver& driver_;
  CudaKernels& kernels_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  KernelsReport& report_;
};

}  // namespace

Result<KernelsReport> run_kernels_bench(const KernelsOptions& options, const CudaDriver& driver,
                                        std::span<const KernelImage> images, const BenchListener& listener,
                                        const StopFlag& stop) {
  const auto opened = CudaSession::open(driver, options.device);
  if (opened.session == nullptr) return Status(Code::resource_exhausted, "no GPU to measure: " + opened.note);
  const auto made = CudaKernels::make(driver, opened.session->stream(), images);
  if (made.kernels == nullptr)
    return Status(Code::resource_exhausted, opened.session->device_name() + ": " + made.note);
  KernelsReport report;
  report.environment = environment_of(hw::probe(), hw::read_line("/proc/loadavg").value_or(""));
  report.device = opened.session->device_name();
  report.image = made.kernels->image();
  driver.driver_version(&report.cuda);
  report.environment.workload =
      fmt::format("{} frames of each operation after {}, on {}", options.frames, kWarmUp, report.device);
  listener.environment(report.environment);
  const Status status = KernelsRun(options, *opened.session, *made.kernels, listener, stop, report).run();
  if (!status.ok()) return status;
  report.targets = judge(report);
  return report;
}

}  // namespace millrace::bench
