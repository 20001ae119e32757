// Sprites: small pictures side by side on sheets, NAME.jpg (then NAME.2.jpg and so on), and NAME.vtt that
// says which part of which sheet shows which time, as players' scrub bars read it. Safe to call from any
// thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/pipeline/still_writer.h"

namespace millrace::engine {

// Where small pictures lie; sheet_rows() of the plan says how high a sheet may be. Pure.
struct SpriteGrid {
  int width = 0;  // of one picture
  int height = 0;
  int columns = 1;
  int rows = 1;  // of a full sheet

  std::int64_t on_a_sheet() const { return static_cast<std::int64_t>(columns) * rows; }
  std::int64_t sheet_of(std::int64_t index) const { return index / on_a_sheet(); }
  int x_of(std::int64_t index) const { return static_cast<int>(index % columns) * width; }
  int y_of(std::int64_t index) const { return static_cast<int>(index % on_a_sheet() / columns) * height; }
};
SpriteGrid sprite_grid(const PlannedStills& stills);

class Sprites final : public StillWriter {
 public:
  Sprites(const PlannedOutput& output, std::filesystem::path output_folder, TaskObserver& observer);

  Status add(const Still& still, std::int64_t pts, FramePtr picture) override;
  // invalid_argument when no still came.
  Status finish(std::int64_t end) override;
  std::int64_t files() const override { return files_; }

 private:
  struct Cell {
    std::int64_t time = 0;
    std::int64_t pts = 0;
    FramePtr picture;  // until its sheet is written
  };
  std::string sheet_file(std::int64_t sheet) const;  // below the output folder
  Status write_sheet(std::int64_t sheet, std::int64_t end);
  Result<FramePtr> draw(std::int64_t first, std::int64_t count) const;
  Status write_vtt(std::int64_t end);

  const PlannedOutput& output_;
  const SpriteGrid grid_;
  const std::filesystem::path output_folder_;
  TaskObserver& observer_;
  std::mutex mutex_;
  std::map<std::int64_t, Cell> cells_;
  std::map<std::int64_t, std::int64_t> arrived_;  // pictures of each sheet that is not written
  std::int64_t files_ = 0;
};

}  // namespace millrace::engine
