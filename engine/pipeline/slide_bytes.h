// SlideBytes is a slide show as a file that exists nowhere: uncompressed pictures (YUV4MPEG2) that are drawn
// when they are read, so that all that reads files reads slide shows. Holds one picture. One thread at a
// time.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/job/slide_show.h"
#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

class SlideBytes final : public SourceBytes {
 public:
  // The show's width and height must be set.
  SlideBytes(SlideShow show, std::stop_token stop);

  // Fails as draw_slide does, with the slide's field ("input.slides[2]").
  Result<std::size_t> read(std::span<char> into) override;
  Status seek(std::int64_t position) override;
  bool can_seek() const override { return true; }
  std::int64_t size() const override { return header_bytes() + ends_.back() * frame_bytes(); }

 private:
  Status draw(std::size_t slide);
  std::int64_t header_bytes() const { return static_cast<std::int64_t>(header_.size()); }
  std::int64_t frame_bytes() const;

  const SlideShow show_;
  const std::stop_token stop_;
  const std::vector<std::int64_t> ends_;
  const std::string header_;
  std::string frame_;  // of the slide drawn last, as it stands in the file
  std::size_t drawn_;  // which that is; slides.size(): none
  std::int64_t position_ = 0;
};

}  // namespace millrace::engine
