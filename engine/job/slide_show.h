// SlideShow: still pictures and text cards as a job's source. Plain data, and pure functions on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"

namespace millrace::engine {

struct Slide {
  std::string image;   // an image's URL; or
  std::string text;    // a card with these lines
  double seconds = 0;  // 0: the show's seconds_each
  std::string sha256;  // of the image's file when it was looked at; empty: not yet
};

struct SlideShow {
  std::vector<Slide> slides;
  double seconds_each = 3;
  std::string background = "#000000";  // what images do not cover, and under text
  int width = 0;                       // both 0: of the largest image, within 1920x1080 or 1080x1920
  int height = 0;
  std::string audio;  // a sound track's URL; empty: none
};

constexpr Rational kSlideRate{25, 1};  // frames per second

// Where each slide ends, in frames from the beginning: whole frames, of which no slide has none, and no drift
// over many slides.
std::vector<std::int64_t> slide_ends(const SlideShow& show);

// "#rrggbb" as 0xRRGGBB; -1 for anything else.
int colour_of(std::string_view text);

// The frame that holds pictures of the largest one's shape: its own size, at most 1920x1080 (1080x1920 where
// it is higher than wide), even.
void choose_frame(SlideShow& show, int largest_width, int largest_height);

// What can be said of a show without its files; the first mistake, with its field below `field` ("input").
Status check_slides(const std::string& field, const SlideShow& show);

// A show as one source URL, by value: "slides:" and JSON. Only we make such URLs: from clients they are
// refused as an unknown scheme. slides_of_url: corrupt_input for what is none.
bool is_slides_url(std::string_view url);
std::string slides_url(const SlideShow& show);
Result<SlideShow> slides_of_url(std::string_view url);

// "slide show of 3 slides" for such a URL, others as they are: for people.
std::string source_name(const std::string& url);

}  // namespace millrace::engine
