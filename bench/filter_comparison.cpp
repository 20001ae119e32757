#include "bench/filter_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "bench/ladder_frames.h"
#include "bench/seconds_since.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::NvidiaDevice;
using engine::Result;
using engine::Status;
using kernels::CudaAddress;
using kernels::kCudaSuccess;
using kernels::Ladder;
using kernels::LadderShape;
using kernels::Surface;
using Queue = std::function<Status(const Ladder& frame)>;

class Comparison {
 public:
  Comparison(const LadderCase& ladder, NvidiaDevice& device, const ComparisonOptions& options,
             const StopFlag& stop)
      : ladder_(ladder),
        device_(device),
        options_(options),
        stop_(stop),
        frames_(device.session(), ladder),
        compared_(planned_comparison(ladder)) {}

  Result<LadderComparison> run(const OpenFilterLadder& open_filters) {
    if (!frames_.has_room())
      return Status(
          Code::resource_exhausted,
          fmt::format("{} has no {} MB of free memory; end what else runs on it", name(), kRingBytes >> 20));
    open(open_filters);
    if (Status s = rounds(); !s.ok()) return s;
    const bool plain = ladder_.shape.source_depth == 8 && !ladder_.logo;
    if (plain)
      if (Status s = likeness(); !s.ok()) return s;
    return std::move(compared_);
  }

 private:
  const std::string& name() const { return device_.session().device_name(); }
  Status lost(const std::string& why) const {
    return {Code::device_lost, fmt::format("{}: {}: {}", name(), compared_.what, why)};
  }

  void open(const OpenFilterLadder& open_filters) {
    auto opened = open_filters(ladder_, device_, frames_.count());
    if (opened.ok())
      filters_ = std::move(*opened);
    else
      give_up(opened.status());
  }
  // Half a comparison is none.
  void give_up(const Status& why) {
    filters_.reset();
    compared_.filters.microseconds.clear();
    compared_.filters.queued_microseconds.clear();
    compared_.absence = why.message();
  }

  Status rounds() {
    // Until each side has been all around: the filters' memory grows until then.
    const auto warm_up = static_cast<int>(frames_.count()) + 1;
    for (int round = 0; round <= options_.rounds; ++round) {
      const int count = round == 0 ? warm_up : options_.frames;
      const bool counts = round > 0;
      const bool filters_first = round % 2 == 0;
      if (filters_first)
        if (Status s = filters(count, counts); !s.ok()) return s;
      if (Status s = fused(count, counts); !s.ok()) return s;
      if (!filters_first)
        if (Status s = filters(count, counts); !s.ok()) return s;
    }
    return {};
  }

  Status fused(int count, bool counts) {
    return batch(count, counts ? &compared_.fused : nullptr, [this](const Ladder& frame) {
      device_.kernels().ladder(frame);
      return Status();
    });
  }

  Status filters(int count, bool counts) {
    if (!filters_) return {};
    Status refused;
    const Status status = batch(count, counts ? &compared_.filters : nullptr, [&](const Ladder& frame) {
      refused = filters_->push(frame.source);
      return refused;
    });
    if (refused.ok()) return status;
    give_up(refused);
    return {};
  }

  // The device is waited for once, at the end.
  Status batch(int count, ComparisonSide* side, const Queue& queue) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      if (stop_.requested()) return {Code::cancelled, "stopped"};
      if (Status s = queue(frames_.frame(static_cast<std::size_t>(i))); !s.ok()) return s;
    }
    const double queued = seconds_since(begin);
    std::string trouble = device_.session().wait();
    if (trouble.empty()) trouble = device_.kernels().failure();
    if (!trouble.empty()) return lost(trouble);
    if (side != nullptr) {
      side->queued_microseconds.push_back(1e6 * queued / count);
      side->microseconds.push_back(1e6 * seconds_since(begin) / count);
    }
    return {};
  }

  // Both sides scale one picture that shows what aliases; what libswscale makes of it is the measure.
  Status likeness() {
    const LumaPlane plate = zone_plate(ladder_.shape.source);
    const Ladder& frame = frames_.frame(0);
    if (Status s = put(plate, frame.source); !s.ok()) return s;
    if (Status s = fused(1, false); !s.ok()) return s;
    if (Status s = filters(1, false); !s.ok()) return s;
    std::vector<LumaPlane> by_filters;
    if (filters_) {
      Result<std::vector<LumaPlane>> last = filters_->last();
      if (last.ok())
        by_filters = std::move(*last);
      else
        give_up(last.status());
    }
    for (std::size_t i = 0; i < ladder_.shape.rungs.size(); ++i) {
      const Result<LumaPlane> wanted = scaled_by_swscale(plate, ladder_.shape.rungs[i], ladder_.shape.filter);
      if (!wanted.ok()) return wanted.status();
      const Result<LumaPlane> ours = taken(frame.rungs[i].target);
      if (!ours.ok()) return ours.status();
      note(compared_.fused, decibels(*ours, *wanted));
      if (filters_) note(compared_.filters, decibels(by_filters[i], *wanted));
    }
    return {};
  }
  static void note(ComparisonSide& side, double decibels) {
    side.least_decibels = std::min(side.least_decibels.value_or(decibels), decibels);
  }

  Status put(const LumaPlane& plane, const Surface& surface) {
    const auto stride = static_cast<std::size_t>(surface.luma_stride);
    std::vector<std::uint8_t> rows(stride * static_cast<std::size_t>(surface.height));
    const auto width = static_cast<std::size_t>(surface.width);
    for (std::size_t y = 0; y < static_cast<std::size_t>(surface.height); ++y)
      std::memcpy(&rows[y * stride], &plane.samples[y * width], width);
    const auto to = reinterpret_cast<CudaAddress>(surface.luma);
    const auto result = device_.driver().copy_to_device(to, rows.data(), rows.size());
    return result == kCudaSuccess ? Status() : lost(device_.driver().text_of(result));
  }

  Result<LumaPlane> taken(const Surface& surface) {
    const auto stride = static_cast<std::size_t>(surface.luma_stride);
    std::vector<std::uint8_t> rows(stride * static_cast<std::size_t>(surface.height));
    const auto from = reinterpret_cast<CudaAddress>(surface.luma);
    const auto result = device_.driver().copy_to_host(rows.data(), from, rows.size());
    if (result != kCudaSuccess) return lost(device_.driver().text_of(result));
    LumaPlane plane{{surface.width, surface.height}, {}};
    for (auto row = rows.begin(); row != rows.end(); row += surface.luma_stride)
      plane.samples.insert(plane.samples.end(), row, row + surface.width);
    return plane;
  }

  const LadderCase& ladder_;
  NvidiaDevice& device_;
  const ComparisonOptions& options_;
  const StopFlag& stop_;
  LadderFrames frames_;
  std::unique_ptr<FilterLadder> filters_;  // null: see the absence
  LadderComparison compared_;
};

}  // namespace

Result<LadderComparison> compare_with_filters(const LadderCase& ladder, NvidiaDevice& device,
                                              const OpenFilterLadder& open_filters,
                                              const ComparisonOptions& options, const StopFlag& stop) {
  return Comparison(ladder, device, options, stop).run(open_filters);
}

}  // namespace millrace::bench
