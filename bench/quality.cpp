#include "bench/quality.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "hw/text_file.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;

// The number after "name" in the line that holds both `mark` and it; ffmpeg writes "inf" for equal pictures.
std::optional<double> number_after(std::string_view log, std::string_view mark, std::string_view name) {
  const std::size_t line = log.rfind(mark);
  if (line == std::string_view::npos) return std::nullopt;
  const std::string_view rest = log.substr(line, log.find('\n', line) - line);
  const std::size_t at = rest.find(name, mark.size());
  if (at == std::string_view::npos) return std::nullopt;
  const std::string text(rest.substr(at + name.size(), 24));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return end == text.c_str() ? std::nullopt : std::optional(value);
}

// N of "Input stream #FILE:0 (video): 10 packets read (1 bytes); N frames decoded"
std::optional<std::int64_t> frames_decoded(std::string_view log, int file) {
  const std::string mark = fmt::format("Input stream #{}:", file);
  for (const std::string_view line : hw::split(log, '\n')) {
    const std::size_t from = line.find(mark);
    const std::size_t end = line.find(" frames decoded");
    if (from == std::string_view::npos || end == std::string_view::npos) continue;
    if (line.find("(video)") == std::string_view::npos) continue;
    const std::size_t begin = line.rfind(' ', end - 1) + 1;
    return hw::parse_number<std::int64_t>(line.substr(begin, end - begin));
  }
  return std::nullopt;
}

}  // namespace

Command quality_command(const std::string& ffmpeg, const std::filesystem::path& rendition,
                        const LadderSource& source, engine::PictureSize size) {
  const std::string filters = fmt::format(
      "[0:v:0]settb=1/1000,setpts=N,split[a][b];"
      "[1:{}]scale={}:{}:flags=bicubic+accurate_rnd+full_chroma_int,settb=1/1000,setpts=N,split[c][d];"
      "[a][c]ssim[e];[b][d]psnr[f]",
      source.video_stream, size.width, size.height);
  return {ffmpeg,
          "-nostdin",
          "-hide_banner",
          "-nostats",
          "-loglevel",
          "verbose",
          "-i",
          "file:" + rendition.string(),
          "-i",
          "file:" + source.path.string(),
          "-filter_complex",
          filters,
          "-map",
          "[e]",
          "-map",
          "[f]",
          "-fps_mode",
          "passthrough",
          "-f",
          "null",
          "-"};
}

Result<Quality> quality_from_log(std::string_view log) {
  const auto ssim = number_after(log, "] SSIM Y:", "All:");
  const auto ssim_luma = number_after(log, "] SSIM ", "Y:");
  const auto psnr = number_after(log, "] PSNR y:", "average:");
  const auto psnr_luma = number_after(log, "] PSNR ", "y:");
  const auto frames = frames_decoded(log, 0);
  const auto source_frames = frames_decoded(log, 1);
  if (!ssim || !ssim_luma || !psnr || !psnr_luma || !frames || !source_frames)
    return Status(Code::internal, "ffmpeg's log has no SSIM, PSNR or frame counts where they are looked for");
  return Quality{*ssim, *ssim_luma, *psnr, *psnr_luma, *frames, *source_frames};
}

}  // namespace millrace::bench
