#include "engine/pipeline/burn_text.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "engine/pipeline/ass_script.h"
#include "engine/pipeline/subtitle_reader.h"
#include "engine/plan/job_times.h"
#include "engine/plan/normalise.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kTicksPerMillisecond = kTicksPerSecond / 1000;
// Bytes on show at one time: more fits on no picture.
constexpr std::size_t kMostText = 4096;

FramePtr rgba_frame(PictureSize size) {
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_RGBA;
  frame->width = size.width;
  frame->height = size.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int row = 0; row < size.height; ++row)
    std::fill_n(frame->data[0] + static_cast<std::ptrdiff_t>(row) * frame->linesize[0], 4 * size.width,
                std::uint8_t{0});
  return frame;
}

// The smallest part that holds all that is drawn; nothing where nothing is.
std::optional<SubtitlePicture::Part> drawn_part(const AVFrame& canvas) {
  int left = canvas.width;
  int right = 0;
  int top = canvas.height;
  int bottom = 0;
  for (int y = 0; y < canvas.height; ++y) {
    const std::uint8_t* row = canvas.data[0] + static_cast<std::ptrdiff_t>(y) * canvas.linesize[0];
    for (int x = 0; x < canvas.width; ++x) {
      if (row[4 * x + 3] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = y + 1;
    }
  }
  if (right <= left) return std::nullopt;
  SubtitlePicture::Part part;
  part.place = place_of_part(left, top, {right - left, bottom - top}, {canvas.width, canvas.height}, {});
  part.rgba = rgba_frame({right - left, bottom - top});
  for (int y = top; y < bottom; ++y) {
    const std::uint8_t* from =
        canvas.data[0] + static_cast<std::ptrdiff_t>(y) * canvas.linesize[0] + 4 * left;
    std::copy_n(from, 4 * (right - left),
                part.rgba->data[0] + static_cast<std::ptrdiff_t>(y - top) * part.rgba->linesize[0]);
  }
  return part;
}

// Null where nothing is to be seen of them.
Result<std::shared_ptr<const SubtitlePicture>> drawn(const std::vector<const Cue*>& cues, PictureSize size) {
  const auto canvas = draw_script(rgba_frame(size), script_of_cues(cues, size), true, "");
  if (!canvas.ok()) return canvas.status();
  auto part = drawn_part(**canvas);
  if (!part) return std::shared_ptr<const SubtitlePicture>();
  auto picture = std::make_shared<SubtitlePicture>();
  picture->parts.push_back(std::move(*part));
  return std::shared_ptr<const SubtitlePicture>(std::move(picture));
}

}  // namespace

BurnText::BurnText(std::vector<Cue> cues, PictureSize picture) : cues_(std::move(cues)), size_(picture) {
  for (const Cue& cue : cues_) changes_.insert(changes_.end(), {cue.start, cue.end});
  std::sort(changes_.begin(), changes_.end());
  changes_.erase(std::unique(changes_.begin(), changes_.end()), changes_.end());
}

Result<std::unique_ptr<BurnText>> BurnText::open(const Plan& plan, int stream, DamageLog& damage,
                                                 std::stop_token stop) {
  const VideoTrack* video = plan.source.main_video();
  if (video == nullptr)
    return Status(Code::invalid_argument, plan.source.url + ": it has no picture to burn subtitles into");
  const auto origin = [&](AVRational time_base) { return origin_pts(plan, from_av(time_base)); };
  auto read = read_text_stream(plan.source, stream, origin, plan.accept_damage, std::move(stop));
  if (!read.ok()) return read.status();
  for (const std::string& sentence : read->lost) damage.add(sentence);
  const Cue letter{0, 1, "", "X"};
  const auto shown = drawn({&letter}, {64, 64});
  if (!shown.ok()) return shown.status();
  if (!*shown)
    return Status(Code::unsupported, "no font of this machine can show subtitles; install fonts-dejavu-core");
  return std::make_unique<BurnText>(
      placed(std::move(read->cues), 0, std::llround(media_seconds(plan) * 1000)), shown_size(*video));
}

Result<std::shared_ptr<const SubtitlePicture>> BurnText::at(std::int64_t ticks) {
  // Containers round times to milliseconds: a picture this close to a cue's begins with it.
  const std::int64_t now = (ticks + kTicksPerMillisecond) / kTicksPerMillisecond;
  const auto interval =
      static_cast<std::size_t>(std::upper_bound(changes_.begin(), changes_.end(), now) - changes_.begin());
  if (interval_ == interval) return picture_;
  std::vector<const Cue*> on_show;
  std::size_t bytes = 0;
  for (const Cue& cue : cues_) {
    if (now < cue.start || now >= cue.end || bytes + cue.text.size() > kMostText) continue;
    bytes += cue.text.size();
    on_show.push_back(&cue);
  }
  picture_.reset();
  if (!on_show.empty()) {
    auto picture = drawn(on_show, size_);
    if (!picture.ok()) return picture.status();
    picture_ = std::move(*picture);
  }
  interval_ = interval;
  return picture_;
}

}  // namespace millrace::engine
