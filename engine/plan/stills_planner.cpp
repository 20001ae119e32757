#include "engine/plan/stills_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/job/json_text.h"
#include "engine/plan/text.h"

namespace millrace::engine {
namespace {

Status bad(const std::string& field, const std::string& sentence) {
  return refused(Code::invalid_argument, field, sentence);
}

// The other side of a picture of this shape, even.
std::int64_t following(int side, int of, int other) {
  const double exact = static_cast<double>(side) * other / std::max(of, 1);
  return std::max<std::int64_t>(2, std::llround(exact / 2) * 2);
}

Status check_size(const std::string& field, std::int64_t width, std::int64_t height) {
  if (width <= kLongestSheet && height <= kLongestSheet && width * height <= kMostSheetPixels) return {};
  return bad(field, fmt::format("the pictures would be {}x{}; at most {} pixels a side and {} million in all",
                                width, height, kLongestSheet, kMostSheetPixels / 1'000'000));
}

// Does a picture of this shape fill that size, to the pixel?
bool fills(PictureSize picture, int width, int height) {
  const double scale = std::min(static_cast<double>(width) / std::max(picture.width, 1),
                                static_cast<double>(height) / std::max(picture.height, 1));
  return std::lround(picture.width * scale) == width && std::lround(picture.height * scale) == height;
}

Status check_count(const PlannedStills& stills, double seconds, const std::string& field) {
  const std::int64_t count = count_of_stills(stills, seconds);
  if (count <= kMostStills) return {};
  const double least = std::ceil(seconds / static_cast<double>(kMostStills) * 10) / 10;
  return bad(field + ".every",
             fmt::format("{} would make {} pictures, at most {}; give {} or more", seconds_text(stills.every),
                         count, kMostStills, seconds_text(least)));
}

}  // namespace

std::int64_t count_of_stills(const PlannedStills& stills, double seconds) {
  if (!stills.at.empty()) return static_cast<std::int64_t>(stills.at.size());
  if (seconds <= 0 || stills.every <= 0) return 0;
  // A hair less, so that 60 s every 6 s are 10 also where the division gives a little more.
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(seconds / stills.every - 1e-9)));
}

std::int64_t sheet_rows(const PlannedStills& stills) {
  const std::int64_t row = std::int64_t{stills.columns} * stills.width * stills.height;
  if (row <= 0) return 1;
  return std::max<std::int64_t>(
      1, std::min(kLongestSheet / std::int64_t{stills.height}, kMostSheetPixels / row));
}

Result<PlannedStills> plan_thumbnails(const ThumbnailsOutput& output, PictureSize picture, double seconds,
                                      const std::string& field) {
  PlannedStills stills;
  stills.at = output.at;
  stills.every = output.at.empty() ? output.every : 0;
  stills.format = output.format;
  for (std::size_t i = 0; i < output.at.size(); ++i) {
    if (seconds > 0 && output.at[i] >= seconds)
      return bad(
          field_path(field + ".at", i),
          fmt::format("{} is past the end: there are {}", seconds_text(output.at[i]), seconds_text(seconds)));
  }
  std::sort(stills.at.begin(), stills.at.end());
  if (Status s = check_count(stills, seconds, field); !s.ok()) return s;

  std::int64_t width = output.width;
  std::int64_t height = output.height;
  if (width > 0 && height > 0) {
    stills.pad = !fills(picture, output.width, output.height);
  } else if (width > 0) {
    height = following(output.width, picture.width, picture.height);
  } else if (height > 0) {
    width = following(output.height, picture.height, picture.width);
  } else {
    width = picture.width;
    height = picture.height;
  }
  if (Status s = check_size(field + (output.width > 0 ? ".width" : ".height"), width, height); !s.ok())
    return s;
  stills.width = static_cast<int>(width);
  stills.height = static_cast<int>(height);
  return stills;
}

Result<PlannedStills> plan_sprites(const SpritesOutput& output, PictureSize picture, double seconds,
                                   const std::string& field) {
  PlannedStills stills;
  stills.every = output.every;
  stills.format = output.format;
  stills.width = std::max(2, output.width - output.width % 2);
  const std::int64_t height = following(stills.width, picture.width, picture.height);
  if (Status s = check_size(field + ".width", stills.width, height); !s.ok()) return s;
  stills.height = static_cast<int>(height);
  stills.columns = output.columns;
  if (Status s = check_count(stills, seconds, field); !s.ok()) return s;
  const std::int64_t count = count_of_stills(stills, seconds);
  if (count > 0) stills.columns = static_cast<int>(std::min<std::int64_t>(stills.columns, count));
  if (std::int64_t{stills.columns} * stills.width > kLongestSheet)
    return bad(field + ".columns",
               fmt::format("{} pictures of {} pixels make a sheet wider than {}; give at most {}",
                           output.columns, stills.width, kLongestSheet, kLongestSheet / stills.width));
  return stills;
}

}  // namespace millrace::engine
