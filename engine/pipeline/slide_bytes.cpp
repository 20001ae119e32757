#include "engine/pipeline/slide_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "engine/job/json_text.h"
#include "engine/pipeline/slide_picture.h"

namespace millrace::engine {
namespace {

constexpr std::string_view kFrame = "FRAME\n";

void append_plane(const AVFrame& picture, int plane, int width, int height, std::string& bytes) {
  for (int y = 0; y < height; ++y)
    bytes.append(
        reinterpret_cast<const char*>(picture.data[plane] + std::ptrdiff_t{y} * picture.linesize[plane]),
        static_cast<std::size_t>(width));
}

}  // namespace

SlideBytes::SlideBytes(SlideShow show, std::stop_token stop)
    : show_(std::move(show)),
      stop_(std::move(stop)),
      ends_(slide_ends(show_)),
      header_(fmt::format("YUV4MPEG2 W{} H{} F{}:{} Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED\n", show_.width,
                          show_.height, kSlideRate.numerator, kSlideRate.denominator)),
      drawn_(show_.slides.size()) {}

std::int64_t SlideBytes::frame_bytes() const {
  return static_cast<std::int64_t>(kFrame.size()) + std::int64_t{show_.width} * show_.height * 3 / 2;
}

Status SlideBytes::draw(std::size_t slide) {
  if (slide == drawn_) return {};
  auto picture = draw_slide(show_, show_.slides[slide]);
  if (!picture.ok()) {
    Status status = picture.status();
    return status.field().empty() ? status.at_field(field_path("input.slides", slide)) : status;
  }
  frame_ = kFrame;
  frame_.reserve(static_cast<std::size_t>(frame_bytes()));
  append_plane(**picture, 0, show_.width, show_.height, frame_);
  append_plane(**picture, 1, show_.width / 2, show_.height / 2, frame_);
  append_plane(**picture, 2, show_.width / 2, show_.height / 2, frame_);
  drawn_ = slide;
  return {};
}

Result<std::size_t> SlideBytes::read(std::span<char> into) {
  if (stop_.stop_requested()) return Status(Code::cancelled, "stopped on request");
  if (position_ >= size()) return std::size_t{0};
  std::string_view from = header_;
  std::int64_t offset = position_;
  if (position_ >= header_bytes()) {
    const std::int64_t frame = (position_ - header_bytes()) / frame_bytes();
    const auto after = std::upper_bound(ends_.begin(), ends_.end(), frame);
    if (Status status = draw(static_cast<std::size_t>(after - ends_.begin())); !status.ok()) return status;
    from = frame_;
    offset = (position_ - header_bytes()) % frame_bytes();
  }
  from.remove_prefix(static_cast<std::size_t>(offset));
  const std::size_t given = std::min(from.size(), into.size());
  std::memcpy(into.data(), from.data(), given);
  position_ += static_cast<std::int64_t>(given);
  return given;
}

Status SlideBytes::seek(std::int64_t position) {
  if (position < 0) return {Code::invalid_argument, "a place before the beginning"};
  position_ = position;
  return {};
}

}  // namespace millrace::engine
