#include "bench/kernels_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>

#include "bench/filter_comparison.h"
#include "bench/ladder_frames.h"
#include "hw/probe.h"
#include "hw/text_file.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using namespace kernels;  // what is measured

constexpr int kWarmUp = 20;

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

class KernelsRun {
 public:
  KernelsRun(const KernelsOptions& options, engine::NvidiaDevice& device, const BenchListener& listener,
             const StopFlag& stop, KernelsReport& report)
      : options_(options),
        session_(device.session()),
        driver_(device.driver()),
        kernels_(device.kernels()),
        listener_(listener),
        stop_(stop),
        report_(report) {}

  Status run() {
    if (Status s = copies(); !s.ok()) return s;
    const LadderCase& hd = first_with_a_logo(8);
    if (Status s = ladder(hd, false); !s.ok()) return s;
    if (Status s = ladder(hd, true); !s.ok()) return s;
    if (Status s = ladder(first_with_a_logo(10), false); !s.ok()) return s;
    if (Status s = convert({3840, 2160}); !s.ok()) return s;
    return deinterlace({1920, 1080});
  }

 private:
  static const LadderCase& first_with_a_logo(std::int32_t depth) {
    return *std::find_if(compared_ladders().begin(), compared_ladders().end(), [&](const LadderCase& each) {
      return each.logo && each.shape.source_depth == depth;
    });
  }

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

  Status ladder(const LadderCase& work, bool launch_each) {
    const LadderFrames frames(session_, work);
    if (!frames.has_room()) return no_room(kRingBytes);
    const auto rungs = static_cast<int>(work.shape.rungs.size());
    KernelFigures figures;
    figures.bytes = frames.bytes();
    figures.launches = launch_each ? rungs : 1;
    figures.large = work.shape.source_depth > 8;
    figures.what = name_of(work) + (launch_each ? ", a launch each" : ", one launch");
    return timed(figures, [&](std::size_t number) {
      const Ladder& frame = frames.frame(number);
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

  Status convert(LadderShape::Size size) {
    constexpr Colour kHdr{Matrix::bt2020, Primaries::bt2020, Transfer::pq, Range::limited};
    const CudaMemory ring(session_, kRingBytes), targets(session_, kRingBytes);
    if (ring.address() == nullptr || targets.address() == nullptr) return no_room(2 * kRingBytes);
    const std::vector<Surface> in = surfaces_in(ring, decoded_surface(size, 10));
    const std::vector<Surface> out = surfaces_in(targets, decoded_surface(size, 8));
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

  Status deinterlace(LadderShape::Size size) {
    const CudaMemory ring(session_, kRingBytes), targets(session_, kRingBytes);
    if (ring.address() == nullptr || targets.address() == nullptr) return no_room(2 * kRingBytes);
    const std::vector<Surface> in = surfaces_in(ring, decoded_surface(size, 8));
    const std::vector<Surface> out = surfaces_in(targets, decoded_surface(size, 8));
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
  const CudaSession& session_;
  const CudaDriver& driver_;
  CudaKernels& kernels_;
  const BenchListener& listener_;
  const StopFlag& stop_;
  KernelsReport& report_;
};

}  // namespace

Result<KernelsReport> run_kernels_bench(const KernelsOptions& options, const CudaDriver& driver,
                                        std::span<const KernelImage> images,
                                        const OpenFilterLadder& open_filters, const BenchListener& listener,
                                        const StopFlag& stop) {
  const auto opened = engine::NvidiaDevice::open(driver, options.device, images);
  if (!opened.ok())
    return Status(Code::resource_exhausted, "no GPU to measure: " + opened.status().message());
  engine::NvidiaDevice& device = **opened;
  KernelsReport report;
  report.environment = environment_of(hw::probe(), hw::read_line("/proc/loadavg").value_or(""));
  report.device = device.session().device_name();
  report.image = device.kernels().image();
  driver.driver_version(&report.cuda);
  report.environment.workload = fmt::format(
      "{} frames of each operation after {}, on {}; {} rounds of as many against FFmpeg's filters",
      options.frames, kWarmUp, report.device, options.rounds);
  listener.environment(report.environment);
  if (Status s = KernelsRun(options, device, listener, stop, report).run(); !s.ok()) return s;
  for (const LadderCase& each : compared_ladders()) {
    listener.progress(name_of(each) + ", by one launch and by FFmpeg's filters");
    Result<LadderComparison> compared =
        compare_with_filters(each, device, open_filters, {options.rounds, options.frames}, stop);
    if (!compared.ok()) return compared.status();
    report.comparisons.push_back(std::move(*compared));
  }
  report.targets = judge(report);
  return report;
}

}  // namespace millrace::bench
