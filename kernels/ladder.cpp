#include "kernels/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace millrace::kernels {
namespace {

bool is_possible(const LadderShape::Size& size) {
  return size.width >= 1 && size.height >= 1 && size.width <= kLargestSide && size.height <= kLargestSide;
}

}  // namespace

std::string refused(const LadderShape& shape) {
  if (shape.rungs.empty() || shape.rungs.size() > kMostRungs)
    return fmt::format("a ladder of {} rungs: 1 to {} fit in one launch; make several of more",
                       shape.rungs.size(), kMostRungs);
  for (const std::int32_t depth : {shape.source_depth, shape.target_depth})
    if (depth != 8 && depth != 10) return fmt::format("{} bits a sample: 8 or 10", depth);
  std::vector<LadderShape::Size> sizes = shape.rungs;
  sizes.push_back(shape.source);
  for (const LadderShape::Size& size : sizes)
    if (!is_possible(size))
      return fmt::format("a surface of {}x{}: each side is 1 to {}", size.width, size.height, kLargestSide);
  return {};
}

LadderTables::LadderTables(const LadderShape& shape) : shape_(shape) {
  const auto axis = [&](std::int32_t source, std::int32_t target, double ratio, double offset) {
    return add(make_axis(shape.filter, source, target, ratio, offset));
  };
  for (const LadderShape::Size& rung : shape.rungs) {
    const double across = static_cast<double>(shape.source.width) / rung.width;
    const double down = static_cast<double>(shape.source.height) / rung.height;
    // Chroma keeps its place beside luma, at odd sizes too: the ratio is luma's.
    const double site = shape.site == ChromaSite::left ? 0.25 * (1 - across) : 0;
    axes_.push_back({axis(shape.source.width, rung.width, across, 0),
                     axis(shape.source.height, rung.height, down, 0),
                     axis(chroma_size(shape.source.width), chroma_size(rung.width), across, site),
                     axis(chroma_size(shape.source.height), chroma_size(rung.height), down, 0)});
  }
}

LadderTables::Axis LadderTables::add(const AxisTable& table) {
  const auto append = [&](const auto& values) {
    const std::size_t offset = bytes_.size();
    const std::size_t size = values.size() * sizeof(values[0]);
    bytes_.resize(offset + size);
    std::memcpy(bytes_.data() + offset, values.data(), size);
    return offset;
  };
  Axis axis;
  axis.first = append(table.first);
  axis.weights = append(table.weights);
  axis.taps = table.taps;
  axis.size = static_cast<std::int32_t>(table.first.size());
  return axis;
}

Ladder LadderTables::at(const std::byte* base) const {
  const auto axis = [&](const Axis& from) {
    return FilterAxis{reinterpret_cast<const std::int32_t*>(base + from.first),
                      reinterpret_cast<const float*>(base + from.weights), from.taps, from.size};
  };
  Ladder ladder;
  ladder.count = static_cast<std::int32_t>(axes_.size());
  const float from_most = static_cast<float>(largest_code(shape_.source_depth));
  const float to_most = static_cast<float>(largest_code(shape_.target_depth));
  const float shifted =
      static_cast<float>(1 << shape_.target_depth) / static_cast<float>(1 << shape_.source_depth);
  const bool full = shape_.range == Range::full;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    Rung& rung = ladder.rungs[i];
    rung.luma_across = axis(axes_[i].luma_across);
    rung.luma_down = axis(axes_[i].luma_down);
    rung.chroma_across = axis(axes_[i].chroma_across);
    rung.chroma_down = axis(axes_[i].chroma_down);
    rung.luma_gain = full ? to_most / from_most : shifted;
    rung.chroma_gain = rung.luma_gain;
    // In full range the neutral code, half of 2^depth, is no multiple of the largest code.
    rung.chroma_offset = static_cast<float>(1 << (shape_.target_depth - 1)) -
                         static_cast<float>(1 << (shape_.source_depth - 1)) * rung.chroma_gain;
  }
  return ladder;
}

}  // namespace millrace::kernels
