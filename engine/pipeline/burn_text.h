// BurnText shows a text track of a plan's source as pictures, drawn by libass at the picture's own size. One
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/subtitle_picture.h"
#include "engine/pipeline/webvtt.h"

namespace millrace::engine {

class BurnText final : public SubtitleShow {
 public:
  // Reads the whole track, as read_text_stream() does and fails. unsupported where no font is to be had.
  static Result<std::unique_ptr<BurnText>> open(const Plan& plan, int stream, DamageLog& damage,
                                                std::stop_token stop);
  // Cues on the job's clock, in the order of their starts, without open ends.
  BurnText(std::vector<Cue> cues, PictureSize picture);

  Result<std::shared_ptr<const SubtitlePicture>> at(std::int64_t ticks) override;

 private:
  const std::vector<Cue> cues_;
  const PictureSize size_;
  std::vector<std::int64_t> changes_;    // milliseconds at which something begins or ends, ascending
  std::optional<std::size_t> interval_;  // between changes, of the picture
  std::shared_ptr<const SubtitlePicture> picture_;
};

}  // namespace millrace::engine
