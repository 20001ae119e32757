// Quality: how near a rendition is to its source, by ffmpeg's ssim and psnr filters. Pure functions; running
// is the caller's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "bench/command.h"
#include "bench/ladder_source.h"
#include "engine/base/status.h"
#include "engine/job/ladder.h"

namespace millrace::bench {

struct Quality {
  double ssim = 0;  // over all planes, 0..1
  double ssim_luma = 0;
  double psnr = 0;  // decibels, over all planes; infinity for equal pictures
  double psnr_luma = 0;
  std::int64_t frames = 0;         // decoded of the rendition
  std::int64_t source_frames = 0;  // decoded of the source
};

// Compares with the source scaled to the rendition's size (bicubic, accurate rounding). Frame n is held
// against frame n, so a lost or doubled frame shows as a fall in quality instead of being matched away.
Command quality_command(const std::string& ffmpeg, const std::filesystem::path& rendition,
                        const LadderSource& source, engine::PictureSize size);

// Reads what that command writes to its standard error.
engine::Result<Quality> quality_from_log(std::string_view log);

}  // namespace millrace::bench
