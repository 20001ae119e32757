// SubtitlePicture: what a subtitle track shows over the picture at one time. It travels with the frames that
// it lies over, so that every rendition lays it at its own resolution. Unchanged once made; any thread may
// read it.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/job/ladder.h"
#include "engine/pipeline/av.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

struct SubtitlePicture {
  struct Part {
    PlannedOverlay place;  // top_left, in shares of the picture
    FramePtr rgba;         // colours not multiplied by alpha
  };
  std::vector<Part> parts;  // the last one is on top
};

// Says what a track shows. One thread.
class SubtitleShow {
 public:
  virtual ~SubtitleShow() = default;
  // What is on show at these ticks of the job's clock, which rise from call to call; null: nothing.
  virtual Result<std::shared_ptr<const SubtitlePicture>> at(std::int64_t ticks) = 0;
};

// By the stream that they come from.
using SubtitlesOver = std::map<int, std::shared_ptr<const SubtitlePicture>>;

// The frame carries them through every stage that keeps a frame's properties. Its pixels are left alone.
void carry_subtitles(AVFrame& frame, std::shared_ptr<const SubtitlesOver> subtitles);
// Takes them off the frame again, and gives those of one stream; null when there are none.
std::shared_ptr<const SubtitlePicture> take_subtitles(AVFrame& frame, int stream);

// Where on the picture the lines of a subtitle's canvas lie, in shares of its height; its width is the
// picture's. A canvas of the coded picture's width has its lines, whatever was cut off above and below; one
// of standard definition, whose pixels are not square, covers the picture; another keeps its shape, in the
// middle.
struct CanvasPlace {
  double top = 0;
  double height = 1;
};
CanvasPlace canvas_on(PictureSize canvas, PictureSize coded, PictureSize shown);

// A part of the canvas on the picture. What would lie beyond an edge is moved inside.
PlannedOverlay place_of_part(int x, int y, PictureSize part, PictureSize canvas, const CanvasPlace& place);

}  // namespace millrace::engine
