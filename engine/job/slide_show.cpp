#include "engine/job/slide_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/job/json_archive.h"
#include "engine/job/json_text.h"
#include "engine/job/spec_check.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kMostSlides = 300;
constexpr std::size_t kLongestText = 1000;
constexpr std::ptrdiff_t kMostLines = 20;
constexpr double kShortest = 0.04;  // a frame
constexpr double kLongest = 3600;
constexpr double kLongestShow = 24 * 3600;
constexpr int kSmallestSide = 16;
constexpr int kLargestSide = 4096;
constexpr int kLongerSide = 1920;
constexpr int kShorterSide = 1080;
constexpr std::string_view kScheme = "slides:";

double seconds_of(const SlideShow& show, const Slide& slide) {
  return slide.seconds > 0 ? slide.seconds : show.seconds_each;
}

Status check_text(const std::string& field, const std::string& text) {
  std::string plain = text;
  std::erase(plain, '\n');
  if (Status s = check_plain_text(field, plain, kLongestText); !s.ok()) return s;
  if (std::count(text.begin(), text.end(), '\n') >= kMostLines)
    return bad(field, fmt::format("more than {} lines", kMostLines));
  if (plain.find_first_not_of(' ') == std::string::npos) return bad(field, "shows nothing; write some words");
  return {};
}

Status check_slide(const std::string& field, const Slide& slide) {
  if (slide.image.empty() == slide.text.empty())
    return bad(field, "a slide is either an image or a text; give one of them");
  if (slide.seconds != 0)
    if (Status s = check_number(field_path(field, "seconds"), slide.seconds, kShortest, kLongest); !s.ok())
      return s;
  return slide.text.empty() ? check_url(field_path(field, "image"), slide.image)
                            : check_text(field_path(field, "text"), slide.text);
}

Status check_frame(const std::string& field, const SlideShow& show) {
  if (show.width == 0 && show.height == 0) return {};
  for (const int side : {show.width, show.height})
    if (side < kSmallestSide || side > kLargestSide || side % 2 != 0)
      return bad(field, fmt::format("{}x{} does not do; allowed: even sides from {} to {}", show.width,
                                    show.height, kSmallestSide, kLargestSide));
  return {};
}

}  // namespace

template <class A, Is<Slide> T>
void fields(A& archive, T& slide) {
  archive("image", slide.image);
  archive("text", slide.text);
  archive("seconds", slide.seconds);
  archive("sha256", slide.sha256);
}

template <class A, Is<SlideShow> T>
void fields(A& archive, T& show) {
  archive("slides", show.slides);
  archive("seconds_each", show.seconds_each);
  archive("background", show.background);
  archive("width", show.width);
  archive("height", show.height);
  archive("audio", show.audio);
}

std::vector<std::int64_t> slide_ends(const SlideShow& show) {
  std::vector<std::int64_t> ends;
  double seconds = 0;
  for (const Slide& slide : show.slides) {
    seconds += seconds_of(show, slide);
    const std::int64_t least = (ends.empty() ? 0 : ends.back()) + 1;
    ends.push_back(std::max<std::int64_t>(std::llround(seconds * kSlideRate.as_double()), least));
  }
  return ends;
}

int colour_of(std::string_view text) {
  if (text.size() != 7 || text.front() != '#') return -1;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value, 16);
  return error == std::errc{} && end == text.data() + text.size() ? static_cast<int>(value) : -1;
}

void choose_frame(SlideShow& show, int largest_width, int largest_height) {
  const double width = largest_width;
  const double height = largest_height;
  const double shrink =
      std::min({1.0, kLongerSide / std::max(width, height), kShorterSide / std::min(width, height)});
  const auto even = [&](double side) {
    return std::max(kSmallestSide, static_cast<int>(std::lround(side * shrink / 2)) * 2);
  };
  show.width = even(width);
  show.height = even(height);
}

Status check_slides(const std::string& field, const SlideShow& show) {
  const std::string all = field_path(field, "slides");
  if (show.slides.empty()) return bad(all, "empty; give at least one slide");
  if (show.slides.size() > kMostSlides) return bad(all, fmt::format("more than {} slides", kMostSlides));
  if (Status s = check_number(field_path(field, "seconds_each"), show.seconds_each, kShortest, kLongest);
      !s.ok())
    return s;
  double seconds = 0;
  for (std::size_t i = 0; i < show.slides.size(); ++i) {
    if (Status s = check_slide(field_path(all, i), show.slides[i]); !s.ok()) return s;
    seconds += seconds_of(show, show.slides[i]);
  }
  if (seconds > kLongestShow)
    return bad(all, "longer than 24 hours in all; give fewer slides or fewer seconds");
  if (colour_of(show.background) < 0)
    return bad(
        field_path(field, "background"),
        fmt::format("{} is no colour; write it as #rrggbb, such as #203040", in_quotes(show.background)));
  if (Status s = check_frame(field_path(field, "size"), show); !s.ok()) return s;
  return show.audio.empty() ? Status() : check_url(field_path(field, "audio"), show.audio);
}

bool is_slides_url(std::string_view url) { return url.starts_with(kScheme); }

std::string slides_url(const SlideShow& show) {
  return std::string(kScheme) + JsonWriter::json_of(show).dump();
}

Result<SlideShow> slides_of_url(std::string_view url) {
  if (!is_slides_url(url)) return Status(Code::corrupt_input, "not a slide show");
  const Result<nlohmann::ordered_json> json = parse_strict_json(url.substr(kScheme.size()));
  if (!json.ok()) return json.status();
  SlideShow show;
  JsonReader reader(*json, "slides");
  if (reader.status().ok()) fields(reader, show);
  if (!reader.status().ok()) return reader.status();
  if (Status s = check_slides("slides", show); !s.ok()) return s;
  return show;
}

std::string source_name(const std::string& url) {
  if (!is_slides_url(url)) return url;
  const Result<SlideShow> show = slides_of_url(url);
  if (!show.ok()) return "slide show";
  const std::size_t count = show->slides.size();
  return fmt::format("slide show of {} slide{}", count, count == 1 ? "" : "s");
}

}  // namespace millrace::engine
