#include "engine/pipeline/sprites.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "engine/pipeline/still_encoder.h"
#include "engine/pipeline/webvtt.h"
#include "engine/plan/stills_planner.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

std::int64_t milliseconds(std::int64_t ticks) {
  return (ticks + kTicksPerSecond / 2000) * 1000 / kTicksPerSecond;
}

void copy_into(AVFrame& sheet, const AVFrame& cell, int x, int y) {
  const auto format = static_cast<AVPixelFormat>(cell.format);
  const AVPixFmtDescriptor& layout = *av_pix_fmt_desc_get(format);
  for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
    const bool chroma = plane == 1 || plane == 2;
    const int down = chroma ? layout.log2_chroma_h : 0;
    av_image_copy_plane(
        sheet.data[plane] + (y >> down) * sheet.linesize[plane] + av_image_get_linesize(format, x, plane),
        sheet.linesize[plane], cell.data[plane], cell.linesize[plane],
        av_image_get_linesize(format, cell.width, plane), -((-cell.height) >> down));
  }
}

}  // namespace

SpriteGrid sprite_grid(const PlannedStills& stills) {
  return {stills.width, stills.height, std::max(stills.columns, 1), static_cast<int>(sheet_rows(stills))};
}

Sprites::Sprites(const PlannedOutput& output, std::filesystem::path output_folder, TaskObserver& observer)
    : output_(output),
      grid_(sprite_grid(output.stills)),
      output_folder_(std::move(output_folder)),
      observer_(observer) {}

// "scrub.jpg", "scrub.2.jpg", ...: names of outputs hold no dot, so no other output has such a file.
std::string Sprites::sheet_file(std::int64_t sheet) const {
  if (sheet == 0) return output_.path;
  const std::size_t dot = output_.path.rfind('.');
  return fmt::format("{}.{}{}", output_.path.substr(0, dot), sheet + 1, output_.path.substr(dot));
}

Status Sprites::add(const Still& still, std::int64_t pts, FramePtr picture) {
  const std::lock_guard lock(mutex_);
  cells_[still.index] = {still.time, pts, std::move(picture)};
  const std::int64_t sheet = grid_.sheet_of(still.index);
  if (++arrived_[sheet] < grid_.on_a_sheet()) return {};
  arrived_.erase(sheet);
  return write_sheet(sheet, -1);
}

Status Sprites::finish(std::int64_t end) {
  const std::lock_guard lock(mutex_);
  if (cells_.empty())
    return Status(Code::invalid_argument, output_.path + ": the source has no picture for it");
  for (const auto& [sheet, count] : arrived_)
    if (Status status = write_sheet(sheet, end); !status.ok()) return status;
  arrived_.clear();
  return write_vtt(end);
}

Result<FramePtr> Sprites::draw(std::int64_t first, std::int64_t count) const {
  FramePtr sheet = make_frame();
  const AVFrame& cell = *cells_.at(first).picture;
  const auto format = static_cast<AVPixelFormat>(cell.format);
  if (av_frame_copy_props(sheet.get(), &cell) < 0) throw std::bad_alloc();
  sheet->format = cell.format;
  sheet->width = static_cast<int>(std::min<std::int64_t>(count, grid_.columns)) * grid_.width;
  sheet->height = static_cast<int>((count + grid_.columns - 1) / grid_.columns) * grid_.height;
  if (av_frame_get_buffer(sheet.get(), 0) < 0)
    return Status(Code::out_of_memory, fmt::format("{}: no memory for a sheet of {}x{}", output_.path,
                                                   sheet->width, sheet->height));
  std::ptrdiff_t lines[4] = {};
  std::copy_n(sheet->linesize, 4, lines);
  av_image_fill_black(sheet->data, lines, format, sheet->color_range, sheet->width, sheet->height);
  for (std::int64_t i = first; i < first + count; ++i)
    copy_into(*sheet, *cells_.at(i).picture, grid_.x_of(i), grid_.y_of(i));
  return sheet;
}

// `end` < 0: where the next sheet's first picture is on show is not known yet, nor needed.
Status Sprites::write_sheet(std::int64_t sheet, std::int64_t end) {
  const std::int64_t first = sheet * grid_.on_a_sheet();
  const auto begin = cells_.lower_bound(first);
  const auto past = cells_.lower_bound(first + grid_.on_a_sheet());
  const auto count = std::distance(begin, past);
  if (begin == past || begin->first != first || std::prev(past)->first != first + count - 1)
    return Status(Code::internal,
                  fmt::format("{}: a picture of sheet {} is missing", output_.path, sheet + 1));
  const Result<FramePtr> drawn = draw(first, count);
  if (!drawn.ok()) return drawn.status();
  FinishedSegment made;
  made.track = output_.path;
  made.index = sheet;
  made.file = sheet_file(sheet);
  made.start = begin->second.time;
  const Cell& last = std::prev(past)->second;
  made.duration = std::max(end, last.time) - made.start;
  made.last_pts = last.pts;
  made.frames_in = made.frames = count;
  const Result<std::string> bytes = encode_still(**drawn, output_.stills.format);
  if (!bytes.ok()) return bytes.status().under(made.file);
  if (Status status = write_and_tell(output_folder_, *bytes, made, observer_); !status.ok()) return status;
  ++files_;
  for (auto each = begin; each != past; ++each) each->second.picture.reset();
  return {};
}

Status Sprites::write_vtt(std::int64_t end) {
  std::vector<Cue> cues;
  for (auto each = cells_.begin(); each != cells_.end(); ++each) {
    const std::int64_t index = each->first;
    const auto next = std::next(each);
    const std::string file = sheet_file(grid_.sheet_of(index));
    Cue cue;
    cue.start = milliseconds(each->second.time);
    cue.end = milliseconds(next == cells_.end() ? std::max(end, each->second.time) : next->second.time);
    cue.text = fmt::format("{}#xywh={},{},{},{}", file.substr(file.rfind('/') + 1), grid_.x_of(index),
                           grid_.y_of(index), grid_.width, grid_.height);
    if (cue.end > cue.start) cues.push_back(std::move(cue));
  }
  FinishedSegment made;
  made.track = output_.path;
  made.index = files_;
  made.file = output_.path.substr(0, output_.path.rfind('.')) + ".vtt";
  made.duration = std::max(end, std::prev(cells_.end())->second.time);
  made.last_pts = std::prev(cells_.end())->second.time;
  made.frames_in = made.frames = static_cast<std::int64_t>(cues.size());
  if (Status status = write_and_tell(output_folder_, webvtt_file(cues), made, observer_); !status.ok())
    return status;
  ++files_;
  return {};
}

}  // namespace millrace::engine
