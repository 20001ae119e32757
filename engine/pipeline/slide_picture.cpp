#include "engine/pipeline/slide_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "engine/pipeline/ass_script.h"
#include "engine/pipeline/filter_stage.h"
#include "engine/pipeline/overlay_image.h"

namespace millrace::engine {
namespace {

constexpr const char* kSwscale = "flags=bicubic+accurate_rnd+full_chroma_int";
constexpr double kTextArea = 0.84;  // of each side
// Of a line's height: DejaVu Sans is narrower on average, and no letter of it is wider.
constexpr double kUsualLetter = 0.55;
constexpr double kWidestLetter = 0.9;
constexpr int kLinesOfLargest = 9;  // the largest letters: so many lines fill the frame
constexpr int kSmallestLine = 6;    // pixels

std::string to_picture() {
  return fmt::format(
      "scale=out_color_matrix=bt709:out_range=limited:{},format=yuv420p,"
      "setparams=range=limited:colorspace=bt709:color_primaries=bt709:color_trc=bt709,setsar=1",
      kSwscale);
}

struct Colour {
  int red, green, blue;
};

Colour background_of(const SlideShow& show) {
  const int value = colour_of(show.background);
  return {value >> 16 & 255, value >> 8 & 255, value & 255};
}

// BT.709's luma of the letters is far from the background's.
bool is_light(const Colour& colour) {
  return 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue >= 128;
}

// Lays the image over the background, in place; what comes out is opaque.
void flatten(AVFrame& rgba, const Colour& under) {
  const int colours[] = {under.red, under.green, under.blue};
  for (int y = 0; y < rgba.height; ++y) {
    std::uint8_t* pixel = rgba.data[0] + std::ptrdiff_t{y} * rgba.linesize[0];
    for (int x = 0; x < rgba.width; ++x, pixel += 4) {
      const int alpha = pixel[3];
      for (int c = 0; c < 3; ++c)
        pixel[c] = static_cast<std::uint8_t>((pixel[c] * alpha + colours[c] * (255 - alpha) + 127) / 255);
      pixel[3] = 255;
    }
  }
}

Result<FramePtr> draw_image(const SlideShow& show, const Slide& slide) {
  auto image = OverlayImage::load(slide.image);
  if (!image.ok()) return image.status();
  if (!slide.sha256.empty() && slide.sha256 != image->sha256)
    return Status(
        Code::corrupt_input,
        fmt::format("{}: the file has changed since it was inspected; submit the job again", slide.image));
  FramePtr rgba = std::move(image->rgba);
  if (av_frame_make_writable(rgba.get()) < 0) throw std::bad_alloc();
  flatten(*rgba, background_of(show));
  const double fit = std::min(static_cast<double>(show.width) / rgba->width,
                              static_cast<double>(show.height) / rgba->height);
  const int width = std::clamp(static_cast<int>(std::lround(rgba->width * fit)), 1, show.width);
  const int height = std::clamp(static_cast<int>(std::lround(rgba->height * fit)), 1, show.height);
  return filter_one(std::move(rgba),
                    fmt::format("scale={}:{}:{},format=rgb24,pad={}:{}:{}:{}:color=0x{},{}", width, height,
                                kSwscale, show.width, show.height, (show.width - width) / 2,
                                (show.height - height) / 2, show.background.substr(1), to_picture()));
}

// Letters, by the bytes that begin one in UTF-8.
int letters_in(std::string_view text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::string_view> parts_of(std::string_view text, char between) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(between);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool fits(const SlideShow& show, const std::vector<std::string_view>& lines, int line_height) {
  const double in_line = kTextArea * show.width / line_height;
  const int letters = std::max(static_cast<int>(in_line / kUsualLetter), 1);
  int count = 0;
  for (const std::string_view line : lines) {
    count += std::max((letters_in(line) + letters - 1) / letters, 1);
    for (const std::string_view word : parts_of(line, ' '))
      if (letters_in(word) * kWidestLetter > in_line) return false;  // words are not broken
  }
  return count * line_height <= kTextArea * show.height;
}

// The largest line height at which the text surely fits.
int line_height_of(const SlideShow& show, const std::string& text) {
  const std::vector<std::string_view> lines = parts_of(text, '\n');
  int height = std::max(std::min(show.width, show.height) / kLinesOfLargest, kSmallestLine);
  while (height > kSmallestLine && !fits(show, lines, height)) --height;
  return height;
}

std::string ass_script(const SlideShow& show, const std::string& text) {
  const std::string colour = is_light(background_of(show)) ? "&H00000000" : "&H00FFFFFF";
  const auto margin = [](int side) { return static_cast<int>(side * (1 - kTextArea) / 2); };
  return fmt::format(
      "[Script Info]\nScriptType: v4.00+\nPlayResX: {0}\nPlayResY: {1}\nWrapStyle: 0\n\n[V4+ Styles]\n"
      "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
      "Italic, "
      "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, "
      "MarginL, "
      "MarginR, MarginV, Encoding\n"
      "Style: Card,DejaVu Sans,{2},{3},{3},{3},{3},0,0,0,0,100,100,0,0,1,0,0,5,{4},{4},{5},1\n\n[Events]\n"
      "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
      "Dialogue: 0,0:00:00.00,9:00:00.00,Card,,0,0,0,,{6}\n",
      show.width, show.height, line_height_of(show, text), colour, margin(show.width), margin(show.height),
      as_ass_text(text));
}

FramePtr plain_frame(const SlideShow& show) {
  const Colour colour = background_of(show);
  FramePtr frame = make_frame();
  frame->format = AV_PIX_FMT_RGB24;
  frame->width = show.width;
  frame->height = show.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int y = 0; y < show.height; ++y) {
    std::uint8_t* pixel = frame->data[0] + std::ptrdiff_t{y} * frame->linesize[0];
    for (int x = 0; x < show.width; ++x, pixel += 3) {
      pixel[0] = static_cast<std::uint8_t>(colour.red);
      pixel[1] = static_cast<std::uint8_t>(colour.green);
      pixel[2] = static_cast<std::uint8_t>(colour.blue);
    }
  }
  return frame;
}

bool shows_something(const AVFrame& picture) {
  const std::uint8_t first = picture.data[0][0];
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* line = picture.data[0] + std::ptrdiff_t{y} * picture.linesize[0];
    if (std::any_of(line, line + picture.width, [&](std::uint8_t luma) { return luma != first; }))
      return true;
  }
  return false;
}

Result<FramePtr> draw_text(const SlideShow& show, const std::string& text) {
  auto picture = draw_script(plain_frame(show), ass_script(show, text), false, to_picture());
  if (!picture.ok()) return picture.status();
  if (!shows_something(**picture))
    return Status(Code::unsupported,
                  "no font of this machine can show a slide's text; install fonts-dejavu-core");
  return picture;
}

}  // namespace

Result<FramePtr> draw_slide(const SlideShow& show, const Slide& slide) {
  return slide.text.empty() ? draw_image(show, slide) : draw_text(show, slide.text);
}

}  // namespace millrace::engine
